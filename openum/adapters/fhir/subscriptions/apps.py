from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    name = "openum.adapters.fhir.subscriptions"
    label = "fhir_subscriptions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from openum.adapters.fhir.subscriptions import tasks  # noqa: F401 - registers its jobs
