"""Django app of the notices folder."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Registers the letters section of the case page and the road to the mail house."""

    name = "openum.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the sender and the section."""
        from openum.notices import sections
        from openum.notices.services.sending import MAIL, hand_to_mail_house, note_handed_over
        from openum.outbox.services import register_sender

        register_sender(MAIL, hand_to_mail_house, after=note_handed_over)
        sections.register_sections()
