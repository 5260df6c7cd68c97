"""The submission application."""

from django.apps import AppConfig


class SubmissionConfig(AppConfig):
    """One door for every request, whatever its channel."""

    name = "openum.submission"
    label = "submission"
    default_auto_field = "django.db.models.BigAutoField"
