"""The utilization application."""

from django.apps import AppConfig


class UtilizationConfig(AppConfig):
    """The metrics of a plan's claims on pages: statements, charts, and the rows behind each number."""

    name = "openum.utilization"
    label = "utilization"
    default_auto_field = "django.db.models.BigAutoField"
