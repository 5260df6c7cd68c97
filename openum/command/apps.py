"""The command application."""

from django.apps import AppConfig


class CommandConfig(AppConfig):
    """The director's page. It keeps nothing of its own."""

    name = "openum.command"
    label = "command"
    default_auto_field = "django.db.models.BigAutoField"
