from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "openum.adapters.sandbox"
    label = "sandbox"
    default_auto_field = "django.db.models.BigAutoField"
