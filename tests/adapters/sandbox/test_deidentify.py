"""Taking messages out without member data: nothing that may identify anybody is left, and the form still is."""

from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openum.adapters.sandbox.deidentify import Mask, masked_address
from openum.adapters.sandbox.exporting import fresh_mask
from tests.adapters.kit import message
from tests.adapters.sandbox.test_recorder import browser, integrator  # noqa: F401 - a fixture

MASK = Mask(key=b"k" * 32, days=-40, today=date(2026, 11, 16))
SECRETS = (
    "Quillfeather", "Zebediah", "17 Marsh Lane", "quill@mail.example", "555-7788", "MBR-4471-9", "1931-02-07",
    "http://ehr.quill.example/fhir", "complains of a quill", "9000009911",
)  # fmt: skip
PATIENT = {
    "resourceType": "Patient",
    "id": "quillfeather-1",
    "text": {"status": "generated", "div": "<div>Zebediah Quillfeather</div>"},
    "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "9000009911"}, {"value": "MBR-4471-9"}],
    "name": [{"family": "Quillfeather", "given": ["Zebediah"], "text": "Zebediah Quillfeather"}],
    "telecom": [{"system": "phone", "value": "555-7788"}, {"system": "email", "value": "quill@mail.example"}],
    "address": [{"line": ["17 Marsh Lane"], "city": "Marsh", "postalCode": "01234"}],
    "gender": "male",
    "birthDate": "1931-02-07",
}
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"fullUrl": "http://ehr.quill.example/fhir/Patient/quillfeather-1", "resource": PATIENT},
        {
            "fullUrl": "http://ehr.quill.example/fhir/Observation/o1",
            "resource": {
                "resourceType": "Observation",
                "id": "o1",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": "2708-6", "display": "Quillfeather"}]},
                "subject": {"reference": "Patient/quillfeather-1", "display": "Zebediah Quillfeather"},
                "effectiveDateTime": "2026-11-12T09:30:00-05:00",
                "valueQuantity": {"value": 86, "unit": "percent", "system": "http://unitsofmeasure.org", "code": "%"},
                "note": [{"text": "complains of a quill"}],
                "extension": [{"url": "http://hl7.org/fhir/x", "valueString": "complains of a quill"}],
                "Quillfeather was here": True,
            },
        },
    ],
}


def test_nothing_of_a_person_is_left():
    masked = orjson.dumps(MASK.apply(BUNDLE)).decode()
    for secret in (*SECRETS, "quillfeather", "Marsh", "01234", "generated"):
        assert secret not in masked


def test_codes_units_status_and_form_stay():
    patient, observation = (entry["resource"] for entry in MASK.apply(BUNDLE)["entry"])
    assert observation["code"]["coding"][0] == {"system": "http://loinc.org", "code": "2708-6", "display": "removed"}
    assert observation["valueQuantity"]["value"] == 86
    assert (observation["status"], patient["gender"]) == ("final", "male")
    assert list(patient) == list(PATIENT)


def test_references_still_lead_to_the_same_person():
    masked = MASK.apply(BUNDLE)
    patient, observation = (entry["resource"] for entry in masked["entry"])
    assert observation["subject"]["reference"] == f"Patient/{patient['id']}" == masked["entry"][0]["fullUrl"]


def test_days_move_together_and_a_birth_date_keeps_a_year():
    patient, observation = (entry["resource"] for entry in MASK.apply(BUNDLE)["entry"])
    assert observation["effectiveDateTime"] == "2026-10-03T09:30:00-05:00"
    assert patient["birthDate"] == "1936"
    assert MASK.apply({"birthDate": "1980-05-05"}) == {"birthDate": "1980"}
    assert MASK.apply({"period": {"start": "2026-11-16", "end": "2027-02"}}) == {
        "period": {"start": "2026-10-07", "end": "2027-01"}
    }
    assert MASK.apply({"valueQuantity": {"value": 97, "code": "a"}})["valueQuantity"]["value"] == 90


@pytest.mark.parametrize(
    "content",
    [
        {"code": "LHM-1000452"}, {"coding": [{"system": "urn:private", "code": "MBR44719"}]}, {"birthDate": "born early"},
        {"identifier": {"value": 4471}}, {"identifier": "MBR-4471-9"}, {"start": "9999-99-99"}, {"date": "2026-02-30"},
        {"reference": "#quill"}, {"url": "http://ehr.quill.example/fhir"}, {"system": "http://quill.example/mrn"},
        {"prefetch": {"patient": PATIENT}}, {"at": "0001-01-01"}, {"hookInstance": "MBR-4471-9"},
        {"parameter": [{"name": "Quillfeather", "valueString": "x"}]},
    ],
)  # fmt: skip
def test_unusual_places_hide_as_well(content):
    masked = orjson.dumps(MASK.apply(content)).decode()
    for secret in (*SECRETS, "LHM-1000452", "MBR44719", "4471", "born early", "#quill", "quill.example"):
        assert secret not in masked


def test_names_of_parameters_stay():
    assert MASK.apply({"name": "questionnaire", "valueCanonical": "http://hl7.org/q"})["name"] == "questionnaire"


def test_an_address_hides_its_identifiers():
    path = "/fhir/2.2/ClaimResponse/0199-quill"
    assert masked_address(MASK, path).startswith("/fhir/2.2/ClaimResponse/")
    assert "quill" not in masked_address(MASK, path)
    assert masked_address(MASK, "/fhir/2.0/Claim/$submit") == "/fhir/2.0/Claim/$submit"
    assert masked_address(MASK, "http://listener.example/x") == "removed"


def test_two_exports_cannot_be_compared():
    first, second = fresh_mask(date(2026, 11, 16)), fresh_mask(date(2026, 11, 16))
    assert first.stand_in("MBR-4471-9") != second.stand_in("MBR-4471-9")
    assert -366 <= first.days < 0


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=30),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["name", "note", "valueString", "display", "text", "identifier", "value", "id", "reference"]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_any_text_in_these_elements_is_replaced(content):
    secret = "Quillfeather 1931"
    masked = orjson.dumps(MASK.apply({"note": content, "text": secret, "display": secret, "id": secret})).decode()
    assert secret not in masked


@pytest.mark.django_db
def test_the_file_that_is_handed_out_holds_no_member_data(door, integrator):  # noqa: F811
    data = message("home-care")
    door.post(data, base="2.2")
    answer = browser(integrator).post("/sandbox/messages/export/")
    assert answer.headers["Content-Disposition"].endswith('"sandbox-messages.json"')
    content = orjson.loads(answer.content)["messages"][0]
    assert (content["address"], content["status"]) == ("/fhir/2.2/Claim/$submit", 200)
    texts = [one for one in _texts(content) if not one.startswith(("http://", "https://"))]
    for secret in set(_particulars(data)):
        assert not [one for one in texts if secret in one], secret


def _texts(node):
    """Yield every text of a JSON value."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for one in node.values() if isinstance(node, dict) else node:
            yield from _texts(one)


def _particulars(node, name=""):
    """Yield names, numbers of identifiers, birth dates and words of a message."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {
                "family",
                "birthDate",
                "city",
                "postalCode",
                "display",
                "text",
                "div",
                "valueString",
            } and isinstance(value, str):
                yield value
            elif key in {"given", "line"}:
                yield from (one for one in value if len(one) > 2)
            elif key == "identifier":
                held = value if isinstance(value, list) else [value]
                yield from (one["value"] for one in held if len(str(one.get("value", ""))) > 3)
            else:
                yield from _particulars(value, key)
    elif isinstance(node, list):
        for one in node:
            yield from _particulars(one, name)
