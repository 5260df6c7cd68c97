"""The forms application."""

from django.apps import AppConfig


class FormsConfig(AppConfig):
    """Forms as FHIR Questionnaires: stored, handed out, filled in."""

    name = "openum.forms"
    label = "forms"
    default_auto_field = "django.db.models.BigAutoField"
