"""Realistic criteria over FHIR records: met, not met, unknown; partial, foreign and contradictory data."""

from __future__ import annotations

import random
from datetime import UTC

import pytest

from openum.cql import MissingElement
from tests.cql.kit import answer, answers, concept, condition, mass, patient, value, visit

CRITERIA = """
define "Pain": [Condition: "Leg Pain"]
define "Pain Known Since": Min("Pain" C return start of (C.onset.toPeriod()))
define fluent function toPeriod(choice Choice<FHIR.dateTime, FHIR.Period, FHIR.Age, FHIR.Range, FHIR.string>):
  case
    when choice is FHIR.dateTime then Interval[choice as FHIR.dateTime, choice as FHIR.dateTime]
    when choice is FHIR.Period then choice as FHIR.Period
    else null as Interval<DateTime>
  end
define "Six Weeks of Pain":
  if not exists "Pain" then null
  else exists ("Pain" C where C.onset 6 weeks or more on or before day of Now())
define "Therapy Visits":
  [Procedure: "Therapy"] P where P.status = 'completed' and P.performed during day of Interval[Today() - 6 months, Today()]
define "Eight Visits": if not exists [Procedure: "Therapy"] then null else Count("Therapy Visits") >= 8
define "Latest Mass":
  Last([Observation: "Body Mass"] O where O.status in { 'final', 'amended' } and O.value is not null sort by effective)
define "Mass Below Forty": ("Latest Mass".value as Quantity) < 40 'kg/m2'
define "Adult": AgeInYearsAt(Today()) >= 18
define "All Met": "Six Weeks of Pain" and "Eight Visits" and "Mass Below Forty" and "Adult"
"""

VISITS = [visit(f"t{n}", f"2026-10-{n + 1:02d}") for n in range(8)]
MET = [patient(), condition("c1", "2026-09-14"), *VISITS, mass("o1", 34.2)]


def findings(resources, **options):
    return {
        name: a.value for name, a in answers(CRITERIA, resources, **options).items() if not isinstance(a.value, list)
    }


def test_a_complete_record_meets_every_criterion():
    found = findings(MET)
    assert [found[n] for n in ("Six Weeks of Pain", "Eight Visits", "Mass Below Forty", "Adult", "All Met")] == [
        True
    ] * 5


def test_the_order_of_the_record_does_not_matter():
    shuffled = list(MET)
    random.Random(7).shuffle(shuffled)
    assert findings(shuffled)["All Met"] is True


def test_pain_of_five_weeks_is_not_met():
    assert findings([patient(), condition("c1", "2026-10-20")])["Six Weeks of Pain"] is False


def test_exactly_six_weeks_are_met():
    assert findings([patient(), condition("c1", "2026-10-12")])["Six Weeks of Pain"] is True


def test_an_empty_record_is_unknown_and_names_what_is_missing():
    found = answers(CRITERIA, [])
    assert found["Six Weeks of Pain"].value is None
    assert found["Six Weeks of Pain"].missing == (
        MissingElement("Condition", "", "no Condition of “Leg Pain” in the record"),
    )
    assert found["Eight Visits"].missing == (
        MissingElement("Procedure", "", "no Procedure of “Therapy” in the record"),
    )
    assert found["Mass Below Forty"].missing == (
        MissingElement("Observation", "", "no Observation of “Body Mass” in the record"),
    )
    assert found["Adult"].missing == (MissingElement("Patient", "birthDate", "there is no Patient"),)
    assert {m.resource_type for m in found["All Met"].missing} == {"Condition", "Procedure", "Observation", "Patient"}


def test_a_known_false_makes_the_whole_false_even_when_the_rest_is_unknown():
    found = answers(CRITERIA, [condition("c1", "2026-11-20")])
    assert found["Six Weeks of Pain"].value is False
    assert found["All Met"].value is False


def test_only_the_part_without_an_answer_is_named_as_missing():
    found = answers(CRITERIA, [patient(), condition("c1", "2026-09-14"), *VISITS])["All Met"]
    assert found.value is None
    assert [m.resource_type for m in found.missing] == ["Observation"]


def test_other_codings_of_the_same_fact_are_not_guessed():
    foreign = condition("c1", "2026-09-14", code="M54.16")
    assert findings([patient(), foreign])["Six Weeks of Pain"] is None


def test_a_second_coding_of_the_same_concept_counts():
    both = condition("c1", "2026-09-14")
    both["code"] = {"coding": [{"system": "urn:other", "code": "X1"}, {"system": "urn:own", "code": "leg-pain"}]}
    assert findings([both])["Six Weeks of Pain"] is True


def test_the_same_code_of_another_system_does_not_count():
    assert (
        findings([condition("c1", "2026-09-14") | {"code": concept("leg-pain", "urn:other")}])["Six Weeks of Pain"]
        is None
    )


def test_free_text_without_a_code_is_unknown():
    record = condition("c1", "2026-09-14") | {"code": {"text": "pain in the leg"}}
    assert findings([record])["Six Weeks of Pain"] is None


def test_a_period_serves_as_well_as_a_date_time():
    record = condition("c1", None, onsetPeriod={"start": "2026-09-01", "end": "2026-09-10"})
    assert findings([record])["Six Weeks of Pain"] is True


def test_a_month_that_lies_wholly_before_the_limit_is_enough():
    assert findings([condition("c1", "2026-09")])["Six Weeks of Pain"] is True


def test_a_month_that_holds_the_limit_is_not_enough_to_know():
    found = answer(
        '[Condition: "Leg Pain"] C return C.onset 6 weeks or more on or before day of Now()',
        [condition("c1", "2026-10")],
    )
    assert found.value == [None]


def test_a_year_of_onset_is_compared_as_far_as_it_goes():
    assert findings([condition("c1", "2025")])["Six Weeks of Pain"] is True


def test_the_latest_of_contradictory_measurements_counts():
    record = [mass("old", 44.1, "2025-10-14"), mass("new", 34.2, "2026-10-14")]
    found = answers(CRITERIA, record)["Mass Below Forty"]
    assert found.value is True
    assert found.evidence == ("Observation/new",)


def test_a_cancelled_measurement_does_not_count():
    record = [mass("old", 34.2, "2025-10-14"), mass("new", 44.1, "2026-10-14", status="entered-in-error")]
    assert answers(CRITERIA, record)["Mass Below Forty"].evidence == ("Observation/old",)


def test_a_measurement_without_a_value_is_unknown_and_the_reason_is_named():
    found = answers(CRITERIA, [mass("o1", None)])["Mass Below Forty"]
    assert found.value is None
    assert MissingElement("Observation", "value", "value is empty in Observation/o1") in found.missing


def test_a_measurement_with_a_comparator_is_no_number():
    record = mass("o1", 34.2)
    record["valueQuantity"]["comparator"] = "<"
    assert answers(CRITERIA, [record])["Mass Below Forty"].value is None


def test_a_measurement_in_another_unit_is_converted():
    record = mass("o1", 0.00342)
    record["valueQuantity"] |= {"code": "kg/cm2", "unit": "kg/cm2"}
    assert answers(CRITERIA, [record])["Mass Below Forty"].value is True


def test_a_unit_that_measures_something_else_is_unknown():
    record = mass("o1", 34.2)
    record["valueQuantity"] |= {"code": "mm[Hg]", "unit": "mmHg"}
    assert answers(CRITERIA, [record])["Mass Below Forty"].value is None


def test_an_impossible_date_is_unknown_never_false():
    found = answer("AgeInYears() >= 18", [patient("2026-02-30")])
    assert found.value is None
    assert found.missing == (MissingElement("Patient", "birthDate", "no readable birth date"),)


def test_a_birth_year_alone_settles_the_age_when_it_can():
    assert value("AgeInYears() >= 18", [patient("1958")]) is True
    assert value("AgeInYears() >= 18", [patient("2008")]) is None


def test_a_value_set_that_was_not_supplied_is_an_error_and_no_answer():
    found = answer('exists [Condition: "Leg Pain"]', [condition("c1", "2026-09-14")], value_sets={})
    assert found.value is None
    assert found.error == "The value set “Leg Pain” was not supplied."


@pytest.mark.parametrize("shape", [7, "text", [1], {"coding": "x"}, {"coding": [3]}])
def test_a_record_of_the_wrong_shape_is_never_met(shape):
    broken = condition("c1", "2026-09-14") | {"code": shape}
    found = answers(CRITERIA, [broken])["Six Weeks of Pain"]
    assert found.value is None


@pytest.mark.parametrize("shape", [7, [1], {"value": "a lot"}, {"value": None}, "34"])
def test_a_value_of_the_wrong_shape_is_unknown(shape):
    found = answers(CRITERIA, [mass("o1", None) | {"valueQuantity": shape}])["Mass Below Forty"]
    assert found.value is None


def test_evidence_names_the_records_a_finding_rests_on():
    found = answers(CRITERIA, MET)
    assert found["Six Weeks of Pain"].evidence == ("Condition/c1",)
    assert set(found["Eight Visits"].evidence) == {f"Procedure/t{n}" for n in range(8)}
    assert found["Adult"].evidence == ("Patient/p1",)
    assert set(found["All Met"].evidence) == {"Condition/c1", "Observation/o1", "Patient/p1"} | {
        f"Procedure/t{n}" for n in range(8)
    }


def test_a_record_that_does_not_fit_is_no_evidence():
    record = [condition("fits", "2026-09-14"), condition("other", "2026-09-14", code="headache")]
    assert answers(CRITERIA, record)["Six Weeks of Pain"].evidence == ("Condition/fits",)


def test_explicit_nulls_in_every_form_mean_unknown():
    assert answer("if exists [Condition] then true else null").value is None
    assert answer("case when exists [Condition] then true else null end").value is None
    assert answer("null as Boolean").value is None
    assert answer("exists [Condition]").value is False


def test_the_clock_is_the_callers():
    assert value("Today()").text() == "2026-11-23"
    assert value("Now()").text() == "2026-11-23T09:12:04.000+00:00"


def test_parameters_may_be_python_values():
    from datetime import datetime

    at = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
    assert value('"Ordered" before Now()', parameters={"Ordered": at}) is True
    assert value('"Ordered" is null') is True


def test_records_that_fail_every_condition_are_named_apart_from_records_that_are_absent():
    found = answer(
        'First([Observation: "Body Mass"] O where O.effective during day of Interval[Today() - 1 year, Today()]).value',
        [mass("old", 31.0, "2020-01-01")],
    )
    assert found.value is None
    assert found.missing == (MissingElement("Observation", "", "no Observation of “Body Mass” meets the conditions"),)


def test_a_whole_code_system_may_be_retrieved_but_a_coding_without_a_code_is_not_one():
    record = [condition("c1", "2026-01-01"), condition("c2", "2026-01-01") | {"code": concept("x", "urn:other")}]
    assert value('[Condition: "Own"] C return C.id', record) == ["c1"]
    bare = {"resourceType": "Observation", "id": "b", "code": {"coding": [{"system": "urn:own"}]}}
    assert value("[Condition: code in First([Observation]).code] C return C.id", [*record, bare]) == []


FORM = {
    "resourceType": "QuestionnaireResponse",
    "id": "form",
    "item": [
        {"linkId": "pain", "answer": [{"valueBoolean": True}]},
        {"linkId": "care", "item": [{"linkId": "weeks", "answer": [{"valueInteger": 8}]}]},
    ],
}
ANSWERS = """
define "Items": flatten { flatten ([QuestionnaireResponse] Q return Q.item), [QuestionnaireResponse].item.item }
define function Answers(link String): flatten ("Items" I where I.linkId = link return I.answer)
define "Pain": First(Answers('pain')).value as FHIR.boolean
define "Weeks": exists (Answers('weeks') A where (A.value as FHIR.integer) >= 6)
define "Nothing": First(Answers('other')).value as FHIR.boolean
"""


def test_a_part_of_a_record_is_evidence_of_its_record_only_when_it_is_the_part_asked_for():
    found = answers(ANSWERS, [FORM, patient()])
    assert (found["Pain"].value, found["Pain"].evidence) == (True, ("QuestionnaireResponse/form",))
    assert (found["Weeks"].value, found["Weeks"].evidence) == (True, ("QuestionnaireResponse/form",))
    assert (found["Nothing"].value, found["Nothing"].evidence) == (None, ())


def test_an_element_that_was_only_asked_whether_it_is_there_is_not_missing():
    found = answer(
        "First([Condition] C where C.abatement is null and C.recordedDate before Today()).severity",
        [condition("old", "2026-01-01", recordedDate="2026-01-02"), condition("none", "2026-01-01")],
    )
    assert found.value is None
    assert {m.note for m in found.missing} == {
        "severity is empty in Condition/old",
        "recordedDate is empty in Condition/none",
    }


def test_a_row_that_fails_for_a_known_reason_leaves_nothing_missing():
    found = answer(
        "First([Observation] O where O.status = 'final' and O.issued before Today()).value",
        [mass("o1", 34.2, status="preliminary")],
    )
    assert [m.note for m in found.missing] == ["no Observation meets the conditions"]


def test_another_form_of_a_choice_element_is_not_called_missing():
    found = answer("First([Observation]).value as CodeableConcept", [mass("o1", 34.2)])
    assert (found.value, found.missing) == (None, ())
