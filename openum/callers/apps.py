"""The callers application."""

from django.apps import AppConfig


class CallersConfig(AppConfig):
    """Calls of members and of those who act for them."""

    name = "openum.callers"
    label = "callers"
    default_auto_field = "django.db.models.BigAutoField"
