"""The work application."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """Where a line waits, who has it and why; tasks, checklists, mentions."""

    name = "openum.work"
    label = "work"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Contribute to the case page."""
        from openum.work.sections import register_sections

        register_sections()
