"""What language a request is answered in does not depend on the request that its thread served before."""

from django.conf import settings
from django.utils import translation


def test_a_call_of_another_system_is_answered_in_the_default_language(client, db):
    client.get("/policies/", headers={"Accept-Language": "es"})
    assert translation.get_language() == "es"
    client.get("/fhir/2.0/metadata", headers={"Accept-Language": "es"})
    assert translation.get_language() == settings.LANGUAGE_CODE
