"""The review application."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Nurse and physician review, evidence opened, peer-to-peer."""

    name = "openum.review"
    label = "review"
    default_auto_field = "django.db.models.BigAutoField"
