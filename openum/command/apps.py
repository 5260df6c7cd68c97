"""The command application."""

from django.apps import AppConfig


class CommandConfig(AppConfig):
    """The director's page. It keeps nothing of its own."""

    name = "openum.command"
    label = "command"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Contribute the rows of people and of goals."""
        from openum.command.people import register_rows

        register_rows()
