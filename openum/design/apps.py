"""The Django application that carries templates, theme, catalogue and template tags."""

from django.apps import AppConfig


class DesignConfig(AppConfig):
    """Put this before the Bootstrap package: both have a `base.html`."""

    name = "openum.design"
    label = "design"
