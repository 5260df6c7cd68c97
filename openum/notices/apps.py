"""Django app of the notices folder."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Registers the letters section of the case page and the roads that leave the building."""

    name = "openum.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the sender and the section."""
        from openum.notices import sections
        from openum.notices.services.faxing import look_later, place
        from openum.notices.services.sending import FAX, MAIL, hand_to_mail_house, note_handed_over
        from openum.outbox.services import register_sender

        register_sender(MAIL, hand_to_mail_house, after=note_handed_over)
        register_sender(FAX, place, after=look_later)
        sections.register_sections()
