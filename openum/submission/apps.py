"""The submission application."""

from django.apps import AppConfig


class SubmissionConfig(AppConfig):
    """One door for every request, whatever its channel."""

    name = "openum.submission"
    label = "submission"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the page of connections what became of messages."""
        from openum.accounts.connections.traffic import register
        from openum.submission.traffic import read_traffic

        register(read_traffic)
