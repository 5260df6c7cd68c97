"""The determination application."""

from django.apps import AppConfig


class DeterminationConfig(AppConfig):
    """The decision on each line, its rationale, the authorization and its use."""

    name = "openum.determination"
    label = "determination"
    default_auto_field = "django.db.models.BigAutoField"
