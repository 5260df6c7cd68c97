"""The attention application."""

from django.apps import AppConfig


class AttentionConfig(AppConfig):
    """Whom models suggest to offer help, and what people did."""

    name = "openum.attention"
    label = "attention"
    default_auto_field = "django.db.models.BigAutoField"
