"""The retrospective review application."""

from django.apps import AppConfig


class RetrospectiveConfig(AppConfig):
    """Review after the service: leads, claims beside their records, findings and the providers' answers."""

    name = "openum.retrospective"
    label = "retrospective"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Guard decisions about claims, and contribute to the case page."""
        from openum.determination.conditions import register
        from openum.retrospective.queries import check_decision
        from openum.retrospective.sections import register_sections

        register(check_decision)
        register_sections()
