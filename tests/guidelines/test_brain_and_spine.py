"""MRI of the brain and fusion of the lower spine: what is new, what warns, what was tried."""

from datetime import date

import pytest

from openum.criteria.program import parameters_for
from openum.criteria.record import Person, StoredResource, build_record
from tests.criteria.documents import program
from tests.criteria.shapes import (
    CPT,
    DAY,
    ICD10,
    LOINC,
    NOW,
    SNOMED,
    answers,
    before,
    coded,
    concept,
    condition,
    procedures,
    run,
    verified,
)

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"


def brain(key, *resources, born=None):
    record = build_record(
        [StoredResource(resource, str(number)) for number, resource in enumerate(resources)],
        person=Person(frozenset({"Patient/p"}), frozenset(), born),
    )
    parameters = parameters_for(request_date=DAY, code="70551", side=None)
    result = program("BRAIN-MRI/v2026.1.md").run(record.resources, parameters=parameters, now=NOW)
    return result.answer(key).value.value


def fusion(key, *resources):
    return run("LUMBAR-FUSION/v2026.1.md", *resources, code="22633").answer(key).value.value


# ---- Brain


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"onsetDateTime": before(30)}, MET),
        ({"onsetDateTime": before(400)}, UNKNOWN),
        ({"onsetDateTime": before(-30)}, UNKNOWN),
        ({"onsetPeriod": {"start": before(30)}}, MET),
        ({"onsetString": "last month"}, UNKNOWN),
        ({"onsetDateTime": "2026"}, UNKNOWN),
        ({"recordedDate": before(30)}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_a_loss_is_new_when_the_record_says_since_when(elements, expected):
    assert brain("1a", condition(ICD10, "G81.91", **elements)) == expected
    assert brain("1c", condition(ICD10, "R56.9", **elements)) == expected


@pytest.mark.parametrize(
    ("beside", "born", "expected"),
    [
        ((), date(1990, 1, 1), UNKNOWN),
        ((), date(1970, 1, 1), MET),
        ((), None, UNKNOWN),
        ((condition(ICD10, "C50.911", identity="x"),), date(1990, 1, 1), MET),
        ((condition(ICD10, "Z33.1", identity="x"),), date(1990, 1, 1), MET),
        ((condition(ICD10, "B20", identity="x"),), None, MET),
        ((condition(ICD10, "H47.10", identity="x"),), None, MET),
        ((condition(ICD10, "C50.911", identity="x", verificationStatus=verified("refuted")),), None, UNKNOWN),
        ((condition(ICD10, "S06.0X0A", identity="x", onsetDateTime=before(900)),), None, UNKNOWN),
    ],
)
def test_a_new_headache_warns_by_age_and_by_what_stands_beside_it(beside, born, expected):
    assert brain("1b", condition(ICD10, "R51.9", onsetDateTime=before(20)), *beside, born=born) == expected


def test_an_old_headache_or_a_migraine_does_not_warn():
    old = condition(ICD10, "R51.9", onsetDateTime=before(2000))
    migraine = condition(ICD10, "G43.909", onsetDateTime=before(20))
    assert brain("1b", old, born=date(1950, 1, 1)) == UNKNOWN
    assert brain("1b", migraine, born=date(1950, 1, 1)) == UNKNOWN
    assert brain("1b", answers(brain__headache_warning=False)) == NOT_MET


def test_a_suspected_tumor_is_a_reason_and_an_old_stroke_is_none():
    assert brain("1d", condition(ICD10, "D49.6", verificationStatus=verified("provisional"))) == MET
    assert brain("1d", condition(ICD10, "D49.6", verificationStatus=verified("entered-in-error"))) == UNKNOWN
    assert brain("1d", condition(ICD10, "I63.9", onsetDateTime=before(4000))) == UNKNOWN
    assert brain("1d", condition(ICD10, "I63.9", onsetDateTime=before(90))) == MET


NO_MRI = answers(brain__mri_last_12_months=False)


def scan(**elements):
    return {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": concept(CPT, "70553"),
            "subject": {"reference": "Patient/p"}} | elements  # fmt: skip


@pytest.mark.parametrize(
    ("elements", "alone", "denied"),
    [
        ({"effectiveDateTime": before(100)}, NOT_MET, UNKNOWN),
        ({"effectiveDateTime": before(500)}, UNKNOWN, MET),
        ({"issued": before(100) + "T10:00:00Z"}, NOT_MET, UNKNOWN),
        ({"effectiveDateTime": "2026"}, UNKNOWN, UNKNOWN),
        ({"effectiveDateTime": "2024"}, UNKNOWN, MET),
        ({}, UNKNOWN, UNKNOWN),
        ({"status": "cancelled"}, UNKNOWN, MET),
        ({"code": {"text": "MRI brain w/wo"}, "effectiveDateTime": before(100)}, UNKNOWN, UNKNOWN),
    ],
)
def test_an_earlier_scan_is_held_against_the_statement(elements, alone, denied):
    assert brain("3a", scan(**elements)) == alone
    assert brain("3a", scan(**elements), NO_MRI) == denied


def test_an_undated_claim_or_procedure_keeps_it_open():
    claim = {"resourceType": "Claim", "id": "k", "status": "active", "use": "claim",
             "item": [{"sequence": 1, "productOrService": concept(CPT, "70551")}]}  # fmt: skip
    assert brain("3a", claim, NO_MRI) == UNKNOWN
    assert brain("3a", claim | {"use": "preauthorization"}, NO_MRI) == MET
    undated = {key: value for key, value in procedures(CPT, "70551", [""])[0].items() if key != "performedDateTime"}
    assert brain("3a", undated, NO_MRI) == UNKNOWN


# ---- Spine


@pytest.mark.parametrize(
    ("value", "unit", "expected"), [(2, "mm", NOT_MET), (2.1, "mm", MET), (0.3, "cm", UNKNOWN), (3, "", UNKNOWN)]
)
def test_movement_counts_above_two_millimeters(value, unit, expected):
    film = {"resourceType": "Observation", "id": "o", "status": "final", "subject": {"reference": "Patient/p"},
            "code": concept("urn:openum:codes", "lumbar-translation"), "effectiveDateTime": before(20),
            "valueQuantity": {"value": value, "unit": unit}}  # fmt: skip
    assert fusion("2a2", film) == expected


def test_a_slip_of_the_neck_is_none_of_the_lower_spine():
    assert fusion("2a1", condition(ICD10, "M43.16")) == MET
    assert fusion("2a1", condition(ICD10, "M4316")) == MET
    assert fusion("2a1", condition(ICD10, "M43.12")) == UNKNOWN


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"fusion__symptom_onset": before(100), "fusion__limits_function": True}, MET),
        ({"fusion__symptom_onset": before(60), "fusion__limits_function": True}, NOT_MET),
        ({"fusion__symptom_onset": before(-60), "fusion__limits_function": True}, UNKNOWN),
        ({"fusion__symptom_onset": before(100), "fusion__limits_function": False}, NOT_MET),
        ({"fusion__symptom_onset": before(100)}, UNKNOWN),
        ({"fusion__symptom_onset": "2026", "fusion__limits_function": True}, UNKNOWN),
    ],
)
def test_symptoms_last_three_months_and_limit_life(said, expected):
    assert fusion("2b", answers(**said)) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"fusion__care_weeks": 12}, MET),
        ({"fusion__care_weeks": 11}, NOT_MET),
        ({"fusion__care_weeks": {"valueQuantity": {"value": 40, "unit": "d"}}}, UNKNOWN),
        ({"fusion__care_weeks": -3}, UNKNOWN),
        ({"fusion__care_start": before(120), "fusion__care_end": before(20)}, MET),
        ({"fusion__care_start": before(60), "fusion__care_end": before(20)}, NOT_MET),
        ({"fusion__care_start": before(20), "fusion__care_end": before(60)}, UNKNOWN),
        ({"fusion__care_start": before(-20), "fusion__care_end": before(-60)}, UNKNOWN),
        ({"fusion__care_start": before(120)}, UNKNOWN),
    ],
)
def test_care_as_said(said, expected):
    assert fusion("2c", answers(**said)) == expected


def test_care_on_record_needs_six_visits_over_twelve_weeks():
    days = [before(20 + 17 * number) for number in range(6)]
    assert fusion("2c", *procedures(CPT, "97110", days)) == MET
    assert fusion("2c", *procedures(CPT, "97110", days[:5])) == UNKNOWN
    assert fusion("2c", *procedures(CPT, "97110", days), answers(fusion__care_weeks=2)) == UNKNOWN


def test_a_picture_must_be_recent_and_fit():
    film = procedures(CPT, "72114", [before(40)])
    assert fusion("2d", *film) == UNKNOWN
    assert fusion("2d", *film, answers(fusion__picture_fits=True)) == MET
    assert fusion("2d", *film, answers(fusion__picture_fits=False)) == NOT_MET
    assert fusion("2d", answers(fusion__picture_fits=True, fusion__picture_date=before(400))) == NOT_MET


@pytest.mark.parametrize(
    ("smoking", "said", "expected"),
    [
        ("266919005", None, MET),
        ("449868002", None, UNKNOWN),
        ("8517006", None, UNKNOWN),
        ("449868002", "counselled", MET),
        ("449868002", "never", UNKNOWN),
        (None, "stopped", MET),
        (None, "uses", NOT_MET),
        (None, None, UNKNOWN),
    ],
)
def test_tobacco(smoking, said, expected):
    rows = []
    if smoking:
        rows.append({"resourceType": "Observation", "id": "s", "status": "final", "code": concept(LOINC, "72166-2"),
                     "effectiveDateTime": before(30), "valueCodeableConcept": concept(SNOMED, smoking)})  # fmt: skip
    if said:
        rows.append(answers(fusion__nicotine=coded(said)))
    assert fusion("2e", *rows) == expected


def test_nobody_waits_with_an_urgent_reason():
    result = run("LUMBAR-FUSION/v2026.1.md", condition(ICD10, "G83.4"), code="22612")
    assert result.value.value == MET
    assert fusion("1", condition(ICD10, "G83.4", verificationStatus=verified("differential"))) == UNKNOWN
