"""The knee replacement guideline against records that nobody shaped for it."""

import random

import pytest

from openum.vocabulary.terms import FindingValue
from tests.criteria.shapes import (
    CPT,
    ICD10,
    LOINC,
    RXNORM,
    SNOMED,
    answers,
    before,
    coded,
    concept,
    condition,
    procedures,
    run,
    status,
    values,
    verified,
    words,
)

KNEE = "KNEE-ARTH/v2026.2.md"
MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"
RIGHT, LEFT = concept(SNOMED, "6757004"), concept(SNOMED, "82169009")

FORM = {
    "knee__side": coded("right"),
    "knee__pain_onset": before(300),
    "knee__limits_function": True,
    "knee__kl_grade": coded("4"),
    "knee__film_date": before(30),
    "knee__film_weight_bearing": True,
    "knee__care_start": before(120),
    "knee__care_end": before(30),
    "knee__active_infection": False,
    "knee__bmi": 34.2,
    "knee__hba1c": 6.9,
}


def knee(*resources, side="right", **options):
    return run(KNEE, *resources, side=side, code="27447", **options)


def found(key, *resources, **options):
    return knee(*resources, **options).answer(key).value.value


def measured(code, value, unit, day, *, identity="o", **elements):
    return {"resourceType": "Observation", "id": identity, "status": "final", "subject": {"reference": "Patient/p"},
            "code": concept(LOINC, code), "effectiveDateTime": day,
            "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}} | elements  # fmt: skip


# ---- The whole


def test_a_complete_form_meets_every_criterion():
    result = knee(answers(**FORM))
    assert values(result) == {"1": MET, "2": MET, "3a": MET, "3b": UNKNOWN, "4": MET, "5": MET}
    assert result.value is FindingValue.MET


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_facts_does_not_matter(seed):
    resources = [
        answers(**FORM),
        condition(ICD10, "M17.11", onsetDateTime=before(400)),
        condition(ICD10, "Z68.34", identity="z"),
    ]
    random.Random(seed).shuffle(resources)
    assert knee(*resources).value is FindingValue.MET


def test_an_empty_record_is_unknown_everywhere_and_names_each_element():
    result = knee()
    assert set(values(result).values()) == {UNKNOWN}
    assert [answer.missing[0]["element"] for answer in result.answers] == [
        "Condition.onset", "Observation.value", "Procedure.performed", "Procedure.statusReason",
        "QuestionnaireResponse.item", "Observation.value",
    ]  # fmt: skip


def test_diagnoses_alone_leave_the_request_open():
    result = knee(condition(ICD10, "M17.11"), condition(ICD10, "Z68.34", identity="z"))
    assert set(values(result).values()) == {UNKNOWN}
    assert [item["note"].split(",")[0] for item in result.answer("5").missing] == [
        "HbA1c of the last six months",
        "where a value is too high",
    ]


def test_words_only_are_unknown():
    form = {link: words("see note") for link in FORM}
    report = {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": {"text": "X-ray knee"},
              "conclusion": "Kellgren-Lawrence grade 4, weight bearing"}  # fmt: skip
    assert set(values(knee(answers(**form), report)).values()) == {UNKNOWN}


def test_therapy_that_is_too_short_but_had_to_stop_is_met():
    form = FORM | {"knee__care_start": before(90), "knee__care_end": before(41), "knee__therapy_not_possible": True}
    result = knee(answers(**form))
    assert (result.answer("3a").value, result.answer("3b").value) == (FindingValue.NOT_MET, FindingValue.MET)
    assert result.value is FindingValue.MET


# ---- 1 Pain and function


def one(*resources, **options):
    return found("1", *resources, answers(knee__limits_function=True), **options)


@pytest.mark.parametrize(
    ("code", "side", "expected"),
    [
        ("M17.11", "right", MET),
        ("M17.11", "left", UNKNOWN),
        ("M17.12", "left", MET),
        ("M17.0", "right", MET),
        ("M17.0", "both", MET),
        ("M1711", "right", MET),
        ("M17.9", "right", UNKNOWN),
        ("M17.11", None, UNKNOWN),
        ("M16.11", "right", UNKNOWN),
    ],
)
def test_only_the_knee_that_is_asked_for_counts(code, side, expected):
    assert one(condition(ICD10, code, onsetDateTime=before(200)), side=side) == expected


@pytest.mark.parametrize(("body_site", "expected"), [([RIGHT], MET), ([LEFT], UNKNOWN), ([], UNKNOWN)])
def test_a_snomed_diagnosis_needs_the_side_of_the_body(body_site, expected):
    assert one(condition(SNOMED, "239873007", onsetDateTime=before(200), bodySite=body_site)) == expected


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"onsetDateTime": "2026-08-23"}, MET),
        ({"onsetDateTime": "2026-08-24"}, NOT_MET),
        ({"onsetDateTime": "2026-08"}, UNKNOWN),
        ({"onsetDateTime": "2026-07"}, MET),
        ({"recordedDate": before(200)}, MET),
        ({"recordedDate": before(20)}, UNKNOWN),
        ({"onsetString": "for years"}, UNKNOWN),
        ({"onsetDateTime": before(200), "verificationStatus": verified("refuted")}, UNKNOWN),
        ({"onsetDateTime": before(200), "clinicalStatus": status("resolved")}, UNKNOWN),
    ],
)
def test_the_length_of_pain_is_read_from_what_there_is(elements, expected):
    assert one(condition(ICD10, "M17.11", **elements)) == expected


def test_pain_without_a_word_on_function_is_unknown():
    assert found("1", condition(ICD10, "M17.11", onsetDateTime=before(200))) == UNKNOWN
    assert (
        found("1", condition(ICD10, "M17.11", onsetDateTime=before(200)), condition(ICD10, "R26.2", identity="f"))
        == MET
    )
    assert (
        found("1", condition(ICD10, "M17.11", onsetDateTime=before(200)), answers(knee__limits_function=False))
        == NOT_MET
    )


def test_a_form_about_the_other_knee_says_nothing():
    result = knee(answers(**FORM | {"knee__side": coded("left")}))
    assert (result.answer("1").value, result.answer("2").value) == (FindingValue.UNKNOWN, FindingValue.UNKNOWN)


# ---- 2 Film


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, MET),
        ({"knee__kl_grade": 3}, MET),
        ({"knee__kl_grade": coded("3")}, MET),
        ({"knee__kl_grade": coded("2")}, NOT_MET),
        ({"knee__kl_grade": words("four")}, UNKNOWN),
        ({"knee__film_date": "2025-11-23"}, MET),
        ({"knee__film_date": "2025-11-22"}, NOT_MET),
        ({"knee__film_date": "2025-11"}, UNKNOWN),
        ({"knee__film_date": "2026"}, MET),
        ({"knee__film_weight_bearing": False}, NOT_MET),
        ({"knee__film_weight_bearing": words("yes")}, UNKNOWN),
    ],
)
def test_the_film_as_said_in_the_form(changes, expected):
    keys = ("knee__kl_grade", "knee__film_date", "knee__film_weight_bearing")
    form = {key: FORM[key] for key in keys} | changes
    assert found("2", answers(**form)) == expected


def graded(value, day, **elements):
    return {"resourceType": "Observation", "id": "kl", "status": "final", "subject": {"reference": "Patient/p"},
            "code": concept("urn:openum:codes", "kellgren-lawrence-grade"), "effectiveDateTime": day, "valueInteger": value,
            "bodySite": RIGHT, "method": concept(SNOMED, "10904000")} | elements  # fmt: skip


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({}, MET),
        ({"valueInteger": 2}, NOT_MET),
        ({"bodySite": LEFT}, UNKNOWN),
        ({"effectiveDateTime": before(500)}, UNKNOWN),
        ({"method": concept(SNOMED, "102538003")}, UNKNOWN),
        ({"status": "preliminary"}, UNKNOWN),
    ],
)
def test_the_film_as_an_observation(elements, expected):
    assert found("2", graded(4, before(30), **elements)) == expected


def test_a_standing_film_of_the_same_day_shows_that_the_grade_was_taken_standing():
    row = graded(4, before(30)) | {"method": concept(SNOMED, "102538003")}
    film = {"resourceType": "ImagingStudy", "id": "i", "status": "available", "subject": {"reference": "Patient/p"},
            "started": before(30) + "T09:00:00-05:00", "procedureCode": [concept(CPT, "73565")]}  # fmt: skip
    assert found("2", row, film) == MET
    assert found("2", row, film | {"started": before(90) + "T09:00:00-05:00"}) == UNKNOWN


def test_film_and_form_that_contradict_each_other_leave_it_open():
    form = answers(knee__kl_grade=coded("2"), knee__film_date=before(30), knee__film_weight_bearing=True)
    assert found("2", graded(4, before(30)), form) == UNKNOWN


# ---- 3 Care


def weekly(count, *, start=120, step=14):
    return [before(start - step * number) for number in range(count)]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (weekly(7), MET),
        (weekly(6, step=17), MET),
        (weekly(5, step=21), UNKNOWN),
        (weekly(8, start=76, step=7), UNKNOWN),
        (weekly(7, start=800), UNKNOWN),
    ],
)
def test_visits_over_twelve_weeks_are_care(days, expected):
    assert found("3a", *procedures(CPT, "97110", days)) == expected


def test_eight_visits_over_seven_weeks_say_what_is_on_file():
    answer = knee(*procedures(CPT, "97110", weekly(8, start=76, step=7))).answer("3a")
    assert (answer.value, answer.missing[0]["element"]) == (FindingValue.UNKNOWN, "Procedure.performed")
    assert answer.note == f"Dated visits: 8, {before(76)} to {before(27)}; courses of treatment: 0"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"knee__care_weeks": 12}, MET),
        ({"knee__care_weeks": 7}, NOT_MET),
        ({"knee__care_start": before(100), "knee__care_end": before(16)}, MET),
        ({"knee__care_start": before(90), "knee__care_end": before(41)}, NOT_MET),
        ({"knee__care_end": before(41)}, UNKNOWN),
    ],
)
def test_care_as_said_in_the_form(said, expected):
    assert found("3a", answers(**said)) == expected


def test_medicine_taken_for_twelve_weeks_is_care():
    row = {"resourceType": "MedicationRequest", "id": "m", "status": "completed", "intent": "order",
           "subject": {"reference": "Patient/p"}, "medicationCodeableConcept": concept(RXNORM, "5640"),
           "dispenseRequest": {"validityPeriod": {"start": before(120), "end": before(20)}}}  # fmt: skip
    assert found("3a", row) == MET
    assert found("3a", row | {"status": "cancelled"}) == UNKNOWN


@pytest.mark.parametrize(
    ("reason", "word", "expected"),
    [
        (concept(SNOMED, "407563006"), "stopped", MET),
        (concept(SNOMED, "183932001"), "not-done", MET),
        (concept(SNOMED, "407563006"), "completed", UNKNOWN),
        ({"text": "recurring effusion"}, "stopped", UNKNOWN),
        (concept(SNOMED, "105480006"), "not-done", UNKNOWN),
    ],
)
def test_therapy_that_was_stopped_for_a_medical_reason(reason, word, expected):
    row = {"resourceType": "Procedure", "id": "p", "status": word, "subject": {"reference": "Patient/p"},
           "code": concept(CPT, "97110"), "statusReason": reason, "performedDateTime": before(50)}  # fmt: skip
    result = knee(row)
    assert result.answer("3b").value.value == expected
    if expected == UNKNOWN:
        assert result.answer("3b").missing[0]["element"] == "Procedure.statusReason"


def test_a_plain_answer_about_therapy():
    assert found("3b", answers(knee__therapy_not_possible=True)) == MET
    assert found("3b", answers(knee__therapy_not_possible=False)) == NOT_MET


# ---- 4 Infection


def test_the_absence_of_infection_is_never_proven_by_an_empty_record():
    cellulitis = condition(ICD10, "L03.115", clinicalStatus=status("active"))
    assert found("4") == UNKNOWN
    assert found("4", answers(knee__active_infection=False)) == MET
    assert found("4", answers(knee__active_infection=True)) == NOT_MET
    assert found("4", cellulitis) == NOT_MET
    assert found("4", cellulitis, answers(knee__active_infection=False)) == UNKNOWN
    assert found("4", cellulitis | {"clinicalStatus": status("resolved")}, answers(knee__active_infection=False)) == MET


# ---- 5 Weight and blood sugar


A_MONTH_AGO = before(30)


def bmi(value=34.2, day=A_MONTH_AGO, unit="kg/m2", **elements):
    return measured("39156-5", value, unit, day, identity="bmi", **elements)


def hba1c(value=6.9, day=A_MONTH_AGO, unit="%", code="4548-4", **elements):
    return measured(code, value, unit, day, identity="a1c", **elements)


NO_PLAN = answers(identity="plan", knee__improvement_plan=False)


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([bmi(), hba1c()], MET),
        ([bmi(40), hba1c()], UNKNOWN),
        ([bmi(40), hba1c(), NO_PLAN], NOT_MET),
        ([bmi(39.9), hba1c(), NO_PLAN], MET),
        ([bmi(), hba1c(8.0), NO_PLAN], NOT_MET),
        ([bmi(), hba1c(52, unit="mmol/mol", code="59261-8")], MET),
        ([bmi(), hba1c(64, unit="mmol/mol", code="59261-8"), NO_PLAN], NOT_MET),
        ([bmi()], UNKNOWN),
        ([hba1c()], UNKNOWN),
        ([bmi(), answers(knee__diabetes=False)], MET),
        ([bmi(), answers(knee__diabetes=True)], UNKNOWN),
        ([bmi(day=before(300)), hba1c()], UNKNOWN),
        ([bmi(status="entered-in-error"), hba1c()], UNKNOWN),
        ([bmi(), hba1c(6.9, unit="")], UNKNOWN),
        ([bmi(unit="stones"), hba1c()], UNKNOWN),
        ([condition(ICD10, "Z68.34"), hba1c()], MET),
        ([condition(ICD10, "Z6841"), hba1c(), NO_PLAN], NOT_MET),
        ([condition(ICD10, "Z68.34"), bmi(43), hba1c()], UNKNOWN),
        ([bmi(43), hba1c(), answers(knee__improvement_plan=True)], MET),
        ([answers(knee__improvement_plan=True)], MET),
        ([answers(knee__bmi=34.2, knee__hba1c=6.9)], MET),
        ([answers(knee__bmi={"valueQuantity": {"value": 34.2, "unit": "kg/m2"}}, knee__diabetes=False)], MET),
        ([answers(knee__bmi=41, knee__hba1c=6.9)], UNKNOWN),
        ([answers(knee__bmi=41, knee__hba1c=6.9), NO_PLAN], NOT_MET),
    ],
)
def test_weight_and_blood_sugar(resources, expected):
    assert found("5", *resources) == expected


def test_the_latest_measurement_counts_in_any_order():
    old, new = bmi(43, before(150)), bmi(34.2, before(5)) | {"id": "bmi2"}
    assert found("5", old, new, hba1c(), NO_PLAN) == found("5", new, old, hba1c(), NO_PLAN) == MET
    assert (
        found("5", old | {"effectiveDateTime": before(5)}, new | {"effectiveDateTime": before(150)}, hba1c(), NO_PLAN)
        == NOT_MET
    )
    assert found("5", old | {"effectiveDateTime": before(5)}, new, hba1c()) == UNKNOWN
