"""The utilization application."""

from django.apps import AppConfig


class UtilizationConfig(AppConfig):
    """The metrics of a plan's claims on pages: statements, charts, and the rows behind each number."""

    name = "openum.utilization"
    label = "utilization"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Contribute to the director's page."""
        from openum.utilization.rows import register_rows

        register_rows()
