"""The cases application."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The file everyone opens: case, requests, lines, parties, attachments, notes."""

    name = "openum.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
