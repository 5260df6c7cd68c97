"""Django app of the notices folder."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Registers the letters panel of the case page and the senders."""

    name = "openum.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"
