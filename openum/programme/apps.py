"""The programme application."""

from django.apps import AppConfig


class ProgrammeConfig(AppConfig):
    """What is published about utilization management, and how its work goes."""

    name = "openum.programme"
    label = "programme"
    default_auto_field = "django.db.models.BigAutoField"
