"""The agreement application."""

from django.apps import AppConfig


class AgreementConfig(AppConfig):
    """Whether people who read the same case by the same criteria answer alike."""

    name = "openum.agreement"
    label = "agreement"
    default_auto_field = "django.db.models.BigAutoField"
