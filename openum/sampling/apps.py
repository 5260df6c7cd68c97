"""The sampling application."""

from django.apps import AppConfig


class SamplingConfig(AppConfig):
    """Samples of files that auditors from outside read, and nothing else."""

    name = "openum.sampling"
    label = "sampling"
    default_auto_field = "django.db.models.BigAutoField"
