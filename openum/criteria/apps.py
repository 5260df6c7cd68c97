"""The criteria application."""

from django.apps import AppConfig


class CriteriaConfig(AppConfig):
    """Guidelines, findings and evidence maps."""

    name = "openum.criteria"
    label = "criteria"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Contribute the evidence map to the case page."""
        from openum.criteria.sections import register_sections

        register_sections()
