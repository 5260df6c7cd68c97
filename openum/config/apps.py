import sys
from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps


class ConfigConfig(AppConfig):
    """Last of the applications: links the folders once all of them are loaded."""

    name = "openum.config"
    label = "config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import every folder's events and tasks, then the lifecycle table, and refuse to start with a gap in it."""
        from openum.audit import catalogue

        for app in apps.get_app_configs():
            if app.name.startswith("openum."):
                for part in ("events", "tasks"):
                    if find_spec(f"{app.name}.{part}"):
                        import_module(f"{app.name}.{part}")
        if find_spec("openum.lifecycle"):
            import_module("openum.lifecycle")
            if "makemigrations" not in sys.argv:
                catalogue.check_complete()
