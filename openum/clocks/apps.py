from django.apps import AppConfig


class ClocksConfig(AppConfig):
    name = "openum.clocks"
    label = "clocks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Contribute the clocks to the case page."""
        from openum.clocks.sections import register_sections

        register_sections()
