"""The Django application that carries templates, theme, catalogue and template tags."""

from django.apps import AppConfig


class DesignConfig(AppConfig):
    """Put this before the Bootstrap package: both have a `base.html`."""

    name = "openum.design"
    label = "design"

    def ready(self) -> None:
        """Tell refusals in the reader's language."""
        from openum.design.telling import told
        from openum.vocabulary.errors import OpenUMError

        OpenUMError.told = staticmethod(told)
