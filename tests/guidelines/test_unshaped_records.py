"""Every guideline against records that nobody shaped for it: open where little is stated, and never turned round."""

from functools import cache

import pytest

from openum.criteria.record import Person, StoredResource, build_record
from openum.vocabulary.terms import FindingValue
from tests.guidelines.test_documents import PACK, PATIENT, answer, guideline, values
from tests.guidelines.unshaped import STATES_LESS, STATES_NOTHING, STATES_THE_SAME

TURNED = {FindingValue.MET: FindingValue.NOT_MET, FindingValue.NOT_MET: FindingValue.MET}

every_document = pytest.mark.parametrize("name", sorted(PACK))


def run(name, patient, resources):
    """Answer a guideline for the patient with other resources; the member's own birth date stays known."""
    person = Person(frozenset({PATIENT}), frozenset(), patient.born, patient.sex)
    record = build_record([StoredResource(resource, "p") for resource in resources], person=person)
    return answer(name, record.resources, patient)


@cache
def as_written(name):
    """Return every test patient with its findings."""
    return [(patient, values(run(name, patient, patient.resources))) for patient in guideline(name).patients]


@pytest.mark.parametrize("change", STATES_NOTHING, ids=lambda word: word.replace(" ", "-"))
@every_document
def test_a_record_that_states_nothing_is_unknown_and_names_what_is_missing(name, change):
    for patient, _findings in as_written(name):
        empty = values(run(name, patient, []))
        result = run(name, patient, STATES_NOTHING[change](patient.resources))
        assert values(result) == empty, patient.name
        assert [one.leaf.key for one in result.answers if one.value is FindingValue.UNKNOWN and not one.missing] == []


@pytest.mark.parametrize("change", STATES_LESS, ids=lambda word: word.replace(" ", "-"))
@every_document
def test_a_record_that_states_less_turns_no_finding_round(name, change):
    for patient, findings in as_written(name):
        after = values(run(name, patient, STATES_LESS[change](patient.resources)))
        turned = {key for key, value in after.items() if TURNED.get(findings[key]) is value}
        assert turned == set(), patient.name


@pytest.mark.parametrize("change", STATES_THE_SAME, ids=lambda word: word.replace(" ", "-"))
@every_document
def test_a_record_that_states_the_same_in_other_words_gives_the_same_findings(name, change):
    for patient, findings in as_written(name):
        assert values(run(name, patient, STATES_THE_SAME[change](patient.resources))) == findings, patient.name


@every_document
def test_a_form_in_words_beside_the_record_changes_nothing(name):
    for patient, findings in as_written(name):
        note = {
            "resourceType": "DocumentReference", "id": "letter", "status": "current",
            "subject": {"reference": PATIENT}, "description": "Every criterion is fulfilled.",
        }  # fmt: skip
        form = {
            "resourceType": "QuestionnaireResponse", "id": "words", "status": "completed",
            "subject": {"reference": PATIENT},
            "item": [
                {"linkId": link, "answer": [{"valueString": "yes, since March, 90 percent"}]}
                for link in guideline(name).answers
            ],
        }  # fmt: skip
        assert values(run(name, patient, [*patient.resources, note, form])) == findings, patient.name
