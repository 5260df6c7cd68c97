"""Questions of a form that are answered from the record: from nothing else, and never with a guess."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from openum import cql
from openum.cql.values.temporal import Date
from openum.criteria.program import parameters_for
from openum.criteria.record import Person, build_record
from tests.guidelines.test_documents import PACK, guideline, program, record_of

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
FILLED = [name for name in sorted(PACK) if any(answer.prefill for answer in guideline(name).answers.values())]
KINDS = {"yes-no": bool, "number": (int, Decimal), "date": Date, "choice": str, "text": str}


def filled(name, patient, record):
    """Return what the record answers, by link."""
    wanted = {answer.link: answer.prefill for answer in guideline(name).answers.values() if answer.prefill}
    made = program(name)
    given = parameters_for(request_date=patient.request_date, code=patient.service[1], side=patient.side)
    answers = made.library.evaluate(
        cql.CaseData.from_resources(record),
        now=NOW,
        parameters={key: value for key, value in given.items() if key in made.parameters},
        value_sets=made.value_sets,
        only=tuple(wanted.values()),
    )
    assert [one.error for one in answers.values() if one.error] == []
    return {link: answers[definition].value for link, definition in wanted.items()}


@pytest.mark.parametrize("name", FILLED)
def test_an_empty_record_fills_nothing_in(name):
    for patient in guideline(name).patients:
        nobody = build_record([], person=Person(frozenset(), frozenset())).resources
        assert set(filled(name, patient, nobody).values()) == {None}


@pytest.mark.parametrize("name", FILLED)
def test_the_form_does_not_fill_itself(name):
    for patient in guideline(name).patients:
        without_form = [one for one in patient.resources if one["resourceType"] != "QuestionnaireResponse"]
        whole = filled(name, patient, record_of(patient.resources, patient))
        assert whole == filled(name, patient, record_of(without_form, patient))


@pytest.mark.parametrize("name", FILLED)
def test_what_is_filled_in_fits_the_question_and_is_never_a_no(name):
    seen = set()
    for patient in guideline(name).patients:
        for link, value in filled(name, patient, record_of(patient.resources, patient)).items():
            if value is not None:
                seen.add(link)
                kind = guideline(name).answers[link].kind
                assert isinstance(value, KINDS[kind]), (link, value)
                assert value is not False, link
    assert seen, "No test patient shows an answer that the record gives."


def cpap(patient_name):
    name = "CPAP/v2026.1.md"
    patient = next(one for one in guideline(name).patients if one.name == patient_name)
    return filled(name, patient, record_of(patient.resources, patient))


def test_index_and_day_of_a_sleep_test_are_read_from_the_record():
    answers = cpap("A coded record with a laboratory night of 34 stops an hour")
    assert answers["cpap.index"] == Decimal(34)
    assert answers["cpap.test-date"] == Date.of(2026, 5, 2)
    assert answers["cpap.apnea-diagnosed"] is True


def test_two_values_of_one_day_fill_nothing_in():
    assert cpap("Two results of the same night that contradict each other")["cpap.index"] is None
