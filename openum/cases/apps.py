"""The cases application."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The file everyone opens: case, requests, lines, parties, attachments, notes."""

    name = "openum.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Contribute the file's own sections to the case page."""
        from openum.cases.sections import register_sections

        register_sections()
