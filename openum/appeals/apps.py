"""The appeals application."""

from django.apps import AppConfig


class AppealsConfig(AppConfig):
    """Appeals at every level, the packet, the independent reviewer, and what a reversal carries out and teaches."""

    name = "openum.appeals"
    label = "appeals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Contribute to the case page and the portals; hand packets to the mail house; tell of declared interests."""
        from openum.appeals.queries import declared_interests
        from openum.appeals.sections import register_sections
        from openum.appeals.services.sending import register_packets
        from openum.determination import interests

        register_sections()
        register_packets()
        interests.register(declared_interests)
