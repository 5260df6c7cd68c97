from django.apps import AppConfig


class FhirConfig(AppConfig):
    name = "openum.adapters.fhir"
    label = "fhir"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from openum.adapters.fhir.pas.attaching import read_attachment_again
        from openum.adapters.fhir.pas.reread import read_again
        from openum.submission import attachment_readers, readers
        from openum.vocabulary.terms import Channel

        attachment_readers.register(Channel.FHIR, read_attachment_again)
        readers.register(Channel.FHIR, read_again)
