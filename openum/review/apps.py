"""The review application."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Nurse and physician review, evidence opened, peer-to-peer."""

    name = "openum.review"
    label = "review"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Contribute to the case page; carry calendar files."""
        from openum.review.queries import lines_in_review
        from openum.review.sections import register_sections
        from openum.review.services.invitations import register_calendar_files
        from openum.review.services.messages import register_word_of_messages
        from openum.review.views.messages import register_panels
        from openum.review.views.papers import register_panel
        from openum.work.in_hand import register as register_in_hand

        register_sections()
        register_panel()
        register_panels()
        register_calendar_files()
        register_word_of_messages()
        register_in_hand(lines_in_review)
