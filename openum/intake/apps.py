"""The intake application."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Completeness, duplicates, eligibility, document checklist, triage; the intake list."""

    name = "openum.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Contribute to the case page."""
        from openum.cases.holdings import declare
        from openum.intake.correcting.views import register_panel
        from openum.intake.models import PaperMark
        from openum.intake.moving.views import register_panel as register_moving
        from openum.intake.refiling.views import register_panel as register_refiling

        declare((PaperMark,), "line__case")

        register_panel()
        register_moving()
        register_refiling()
