"""The loading application."""

from django.apps import AppConfig


class LoadingConfig(AppConfig):
    """Claims files on their way into a plan's store."""

    name = "openum.loading"
    label = "loading"
    default_auto_field = "django.db.models.BigAutoField"
