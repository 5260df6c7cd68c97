"""The grievances application."""

from django.apps import AppConfig


class GrievancesConfig(AppConfig):
    """Complaints of members, and disputes of providers kept apart from them."""

    name = "openum.grievances"
    label = "grievances"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Contribute to the pages of members and staff."""
        from openum.grievances.sections import register_sections

        register_sections()
