from django.apps import AppConfig


class FhirConfig(AppConfig):
    name = "openum.adapters.fhir"
    label = "fhir"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from openum.adapters.fhir.pas.reread import read_again
        from openum.submission import readers
        from openum.vocabulary.terms import Channel

        readers.register(Channel.FHIR, read_again)
