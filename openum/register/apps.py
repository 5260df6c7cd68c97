"""The register application."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    """What rests on which law: policies, running clocks, letters."""

    name = "openum.register"
    label = "register"
