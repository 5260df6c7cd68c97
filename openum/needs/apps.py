"""The needs application."""

from django.apps import AppConfig


class NeedsConfig(AppConfig):
    """Is authorization required, and which documents; what was answered, and who built on it."""

    name = "openum.needs"
    label = "needs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Contribute to the case page what was said before the request."""
        from openum.needs.sections import register_sections

        register_sections()
