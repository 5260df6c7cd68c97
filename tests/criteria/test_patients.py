"""Test patients: short forms become FHIR resources, one patient builds on another, faults are told with their line."""

from datetime import date

import pytest

from openum.criteria.document import assemble, parse_guideline
from openum.criteria.facts import resources_of, response_of
from openum.criteria.facts.parts import NotAFact
from openum.criteria.faults import DocumentInvalid
from openum.criteria.patients import PatientBlock, patients_of
from openum.vocabulary.terms import FindingValue, LineOfBusiness
from tests.criteria.documents import LIBRARIES, SMALL

CPT = "http://www.ama-assn.org/go/cpt"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
SUBJECT = {"reference": "Patient/p"}


def one(**fact):
    (resource,) = resources_of(fact, identity="x", subject="Patient/p")
    return resource


def read(text):
    return patients_of((PatientBlock("walk.md", 10, text),), (("HCPCS", "E0100"),))


def faults(text):
    with pytest.raises(DocumentInvalid) as caught:
        read(text)
    return [str(fault) for fault in caught.value.faults]


# ---- Short forms


def test_a_condition_carries_its_dates_and_statuses():
    assert one(
        condition="ICD10|M54.16", onset=date(2030, 3, 1), status="active", verification="confirmed", recorded="2030-03"
    ) == {
        "resourceType": "Condition",
        "id": "x",
        "subject": SUBJECT,
        "code": {"coding": [{"system": ICD10, "code": "M54.16"}]},
        "clinicalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
        },
        "verificationStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "confirmed"}]
        },
        "onsetDateTime": "2030-03-01",
        "recordedDate": "2030-03",
    }


def test_a_procedure_on_several_days_is_one_resource_a_day():
    found = resources_of(
        {"procedure": "CPT|97110", "on": [date(2030, 3, 5), date(2030, 3, 12)]}, identity="care", subject="Patient/p"
    )
    assert [(item["id"], item["performedDateTime"], item["status"]) for item in found] == [
        ("care-1", "2030-03-05", "completed"),
        ("care-2", "2030-03-12", "completed"),
    ]


def test_a_period_has_its_ends():
    course = one(procedure="CPT|97110", **{"from": date(2030, 3, 1)}, status="in-progress")
    assert course["performedPeriod"] == {"start": "2030-03-01"}
    order = one(order="HCPCS|E0601", **{"from": date(2030, 3, 1), "to": date(2030, 6, 1)})
    assert order["occurrencePeriod"] == {"start": "2030-03-01", "end": "2030-06-01"}


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        (
            {"value": 87, "unit": "%"},
            {"valueQuantity": {"value": 87, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}},
        ),
        ({"value": 4}, {"valueInteger": 4}),
        ({"value": 7.1}, {"valueQuantity": {"value": 7.1}}),
        ({"value": True}, {"valueBoolean": True}),
        (
            {"coded": "SNOMED|1"},
            {"valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}},
        ),
        ({"says": "weak"}, {"valueString": "weak"}),
        ({"text": "weak"}, {"valueString": "weak"}),
    ],
)
def test_an_observation_carries_its_value_as_it_was_written(fact, value):
    found = one(observation="LOINC|59408-5", **fact)
    assert {name: found[name] for name in found if name.startswith("value")} == value
    assert found["code"] == {"coding": [{"system": LOINC, "code": "59408-5"}]}


def test_words_without_a_code_are_words():
    assert one(condition=None, text="sciatica")["code"] == {"text": "sciatica"}
    assert one(observation=None, text="Saturation", value=87, unit="%")["code"] == {"text": "Saturation"}


def test_components_medicines_claims_and_devices_keep_their_shape():
    pressure = one(observation="LOINC|85354-9", components=[{"code": "LOINC|8480-6", "value": 120, "unit": "mm[Hg]"}])
    assert pressure["component"][0]["valueQuantity"]["value"] == 120
    request = one(medication="RXNORM|5640", on=date(2030, 1, 1), days=30)
    assert (request["resourceType"], request["authoredOn"]) == ("MedicationRequest", "2030-01-01")
    assert request["dispenseRequest"]["expectedSupplyDuration"]["value"] == 30
    assert one(medication="RXNORM|5640", kind="dispense", on=date(2030, 1, 1))["whenHandedOver"] == "2030-01-01"
    claim = one(claim="HCPCS|E0601", on=date(2030, 1, 1))
    assert (claim["use"], claim["item"][0]["servicedDate"], claim["patient"]) == ("claim", "2030-01-01", SUBJECT)
    device, use = resources_of({"device_use": "HCPCS|E1390"}, identity="d", subject="Patient/p")
    assert use["device"] == {"reference": f"Device/{device['id']}"}


def test_a_resource_stands_as_it_is_written():
    raw = {"resourceType": "Observation", "effectiveDateTime": date(2030, 1, 1)}
    assert one(resource=raw) == {"resourceType": "Observation", "id": "x", "effectiveDateTime": "2030-01-01"}


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        ({"illness": "ICD10|A"}, "exactly one of: condition, procedure"),
        ({"condition": "ICD10|A", "onsett": 1}, "“condition” has no “onsett”"),
        ({"condition": "A00"}, "must read SYSTEM|code"),
        ({"condition": None}, "needs a code"),
        ({"medication": "RXNORM|1", "kind": "gift"}, "is none of: request, statement, dispense"),
        ({"resource": {"type": "x"}}, "with “resourceType”"),
    ],
)
def test_a_short_form_that_cannot_be_read_says_why(fact, sentence):
    with pytest.raises(NotAFact, match=sentence.replace("|", r"\|")):
        resources_of(fact, identity="x", subject="Patient/p")


def test_answers_keep_their_kind():
    response = response_of(
        {"a.yes": True, "a.day": date(2030, 1, 1), "a.weeks": 7, "a.bmi": 39.9, "a.step": "injection",
         "a.free": {"words": "long"}, "a.two": [1, 2]}
    )  # fmt: skip
    assert [item["answer"] for item in response["item"]] == [
        [{"valueBoolean": True}],
        [{"valueDate": "2030-01-01"}],
        [{"valueInteger": 7}],
        [{"valueDecimal": 39.9}],
        [{"valueCoding": {"system": "urn:openum:codes", "code": "injection"}}],
        [{"valueString": "long"}],
        [{"valueInteger": 1}, {"valueInteger": 2}],
    ]


# ---- Patients

BASE = """
- name: First
  request_date: 2030-05-01
  side: right
  born: 1950-02-03
  line_of_business: medicare_advantage
  record:
    - {id: fall, condition: ICD10|R29.6}
    - {procedure: CPT|97110, on: 2030-03-05}
  answers: {walk.needs-help: yes, walk.weeks: 4}
  expect: {overall: met, 1: met, 2a: unknown}
  names: {2a: Condition.code}
"""


def test_a_patient_is_read_with_all_it_says():
    (patient,) = read(BASE)
    assert (patient.name, patient.line, patient.file) == ("First", 11, "walk.md")
    assert (patient.service, patient.side, patient.sex) == (("HCPCS", "E0100"), "right", "female")
    assert (patient.born, patient.line_of_business) == (date(1950, 2, 3), LineOfBusiness.MEDICARE_ADVANTAGE)
    assert patient.expected == {"1": FindingValue.MET, "2a": FindingValue.UNKNOWN}
    assert (patient.overall, patient.names) == (FindingValue.MET, {"2a": "Condition.code"})
    assert [item["resourceType"] for item in patient.record().resources] == [
        "Condition", "Procedure", "QuestionnaireResponse", "Patient",
    ]  # fmt: skip
    assert patient.record().resources[-1] == {
        "resourceType": "Patient", "id": "member", "birthDate": "1950-02-03", "gender": "female",
    }  # fmt: skip


def test_a_patient_like_another_says_only_what_differs():
    _, other = read(
        BASE
        + """
- name: Second
  like: First
  without: [fall]
  record: [{claim: HCPCS|E0100, on: 2030-01-01}]
  answers: {walk.needs-help: ~, walk.weeks: 9}
  expect: {1: not_met}
"""
    )
    assert [item["resourceType"] for item in other.resources] == ["Procedure", "Claim", "QuestionnaireResponse"]
    assert other.answers == {"walk.weeks": 9}
    assert other.expected == {"1": FindingValue.NOT_MET, "2a": FindingValue.UNKNOWN}
    assert (other.overall, other.side, other.request_date) == (FindingValue.MET, "right", date(2030, 5, 1))


def test_an_entry_of_the_same_id_replaces_the_others():
    _, other = read(BASE + "- {name: B, like: First, record: [{id: fall, condition: ICD10|W19}], expect: {}}\n")
    assert [item["code"]["coding"][0]["code"] for item in other.resources if item["id"] == "fall"] == ["W19"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("name: First", "nam: First", "A test patient needs “name”."),
        ("  request_date: 2030-05-01\n", "", "needs “request_date”"),
        ("request_date: 2030-05-01", "request_date: soon", "“request_date” of the patient “First” must be a date"),
        ("side: right", "side: up", "“up” is none of: right, left, both"),
        ("medicare_advantage", "medicare", "“medicare” is none of:"),
        ("2a: unknown", "2a: maybe", "“maybe” for 2a is none of: met, not_met, unknown"),
        ("overall: met, ", "", "needs “overall”"),
        ("condition: ICD10|R29.6", "condition: R29.6", "A record of the patient “First” cannot be read"),
        ("walk.weeks: 4", "walk.weeks: {many: 4}", "An answer of the patient “First” cannot be read"),
        ("  side: right", "  without: [fall]", "leaves out what another patient has; add “like”"),
        ("  side: right", "  like: Nobody", "There is no patient “Nobody” before"),
        ("  side: right", "  service: E0100", "must read SYSTEM|code"),
        ("  side: right", "  colour: red", "has no “colour”"),
    ],
)
def test_faults_of_a_patient_are_told(old, new, sentence):
    assert old in BASE
    found = faults(BASE.replace(old, new))
    assert any(sentence in fault for fault in found), found
    assert all(fault.startswith("walk.md:") for fault in found)


def test_a_fault_names_the_line_of_the_file():
    assert faults(BASE.replace("side: right", "side: up")) == ["walk.md:13: “up” is none of: right, left, both."]
    assert faults(BASE + "- {name: First, request_date: 2030-01-01, expect: {overall: met}}\n") == [
        "walk.md:22: There are two patients of the name “First”; give each its own."
    ]
    assert "This is not valid YAML" in faults("- [")[0]
    assert "must be a list" in faults("name: x")[0]


# ---- The sibling file


SIBLING = """# More patients

```patients
- name: From the other file
  request_date: 2030-05-01
  answers: {walk.needs-help: no}
  expect: {overall: unknown, "1": not_met, "2": unknown}
```
"""


def test_the_sibling_file_travels_in_the_published_document():
    beside = parse_guideline(SMALL, file="v1.md", libraries=LIBRARIES, patients=SIBLING)
    assert beside.patients[-1].name == "From the other file"
    assert (beside.patients[-1].file, beside.patients[-1].line) == ("v1.patients.md", 4)
    body = assemble(SMALL, libraries=LIBRARIES, file="v1.md", patients=SIBLING)
    published = parse_guideline(body, file="published")
    assert [patient.name for patient in published.patients] == [patient.name for patient in beside.patients]
    assert published.prose == beside.prose
    assert set(published.libraries) == {"Record"}


def test_a_block_without_an_end_is_told():
    text = SMALL.rstrip().removesuffix("```")
    with pytest.raises(DocumentInvalid, match="The ```patients block has no end"):
        parse_guideline(text, file="v1.md", libraries=LIBRARIES)
