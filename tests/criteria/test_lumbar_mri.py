"""The lumbar MRI guideline against records that nobody shaped for it."""

import random

import pytest

from openum.vocabulary.terms import FindingValue
from tests.criteria.shapes import (
    CPT,
    ICD10,
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

LBP = "LBP-MRI/v2026.2.md"
MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"

FORM = {
    "lbp__pain_radiates": True,
    "lbp__pain_onset": before(70),
    "lbp__care_start": before(53),
    "lbp__care_end": before(11),
    "lbp__red_flag": False,
    "lbp__exam_date": before(0),
    "lbp__mri_last_12_months": False,
    "lbp__planned_step": coded("injection"),
}


def lbp(*resources, **options):
    return run(LBP, *resources, **options)


def found(key, *resources, **options):
    return lbp(*resources, **options).answer(key).value.value


def visits(count, *, start=53, step=6):
    return [before(start - step * number) for number in range(count)]


# ---- The whole


def test_a_complete_form_meets_every_criterion():
    result = lbp(condition(ICD10, "M54.16"), answers(**FORM))
    assert values(result) == {"1": MET, "2a": MET, "2b": NOT_MET, "3": MET, "4a": MET, "4b": UNKNOWN, "5": MET}
    assert result.value is FindingValue.MET


def test_the_form_may_be_nested_in_groups_and_pages():
    assert lbp(answers(nested=True, **FORM)).value is FindingValue.MET


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_facts_and_answers_does_not_matter(seed):
    form = answers(**FORM)
    resources = [condition(ICD10, "M54.16", onsetDateTime=before(70)), form, *procedures(CPT, "97110", visits(8))]
    shuffled = random.Random(seed)
    shuffled.shuffle(resources)
    shuffled.shuffle(form["item"])
    assert lbp(*resources).value is FindingValue.MET


def test_an_empty_record_is_unknown_everywhere_and_names_each_element():
    result = lbp()
    assert set(values(result).values()) == {UNKNOWN}
    assert result.value is FindingValue.UNKNOWN
    assert [answer.missing[0]["element"] for answer in result.answers] == [
        "Condition.code", "Procedure.performed", "Condition.code", "Observation.effective", "QuestionnaireResponse.item",
        "QuestionnaireResponse.item", "QuestionnaireResponse.item",
    ]  # fmt: skip


def test_a_form_in_progress_is_no_statement():
    assert set(values(lbp(answers(status="in-progress", **FORM))).values()) == {UNKNOWN}


def test_words_only_are_unknown():
    form = {link: words("yes, since September") for link in FORM}
    note = {"resourceType": "DocumentReference", "id": "d", "status": "current", "description": "eight therapy visits"}
    text_only = {
        "resourceType": "Condition",
        "id": "t",
        "code": {"text": "Lumbar radiculopathy"},
        "onsetString": "fall",
    }
    assert set(values(lbp(answers(**form), note, text_only)).values()) == {UNKNOWN}


def test_facts_about_another_person_do_not_count():
    other = condition(ICD10, "M54.16", onsetDateTime=before(70), subject={"reference": "Patient/other"})
    form = answers(**FORM) | {"subject": {"reference": "Patient/other"}}
    assert set(values(lbp(other, form)).values()) == {UNKNOWN}


def test_resources_of_the_wrong_shape_answer_unknown_and_never_not_met():
    wrong = [
        {"resourceType": "Condition", "id": "x", "code": "M54.16"},
        {
            "resourceType": "Condition",
            "id": "y",
            "code": {"coding": [None, {"code": 5}]},
            "onsetDateTime": "2026-02-30",
        },
        {"resourceType": "QuestionnaireResponse", "id": "z", "status": "completed", "item": "none"},
        {"resourceType": "Procedure", "id": "w", "status": "completed", "code": {"coding": {"code": "97110"}}},
    ]
    for resource in wrong:
        assert NOT_MET not in values(lbp(resource)).values()


# ---- 1 Pain


@pytest.mark.parametrize("system", [ICD10, ICD10.removesuffix("-cm"), "urn:oid:2.16.840.1.113883.6.90"])
@pytest.mark.parametrize("code", ["M54.16", "M5416", "M54.41"])
def test_pain_is_recognised_in_every_spelling_of_icd_10(system, code):
    assert found("1", condition(system, code, onsetDateTime=before(60))) == MET


def test_pain_is_recognised_in_snomed():
    assert found("1", condition(SNOMED, "23056005", onsetDateTime=before(60))) == MET


def test_one_of_several_codings_is_enough():
    row = condition("urn:local", "back") | {
        "code": {"coding": [{"system": "urn:local", "code": "x"}, {"system": SNOMED, "code": "128196005"}]}
    }
    assert found("1", row | {"onsetDateTime": before(60)}) == MET


def test_a_code_of_another_disease_says_nothing():
    assert found("1", condition(ICD10, "M54.2", onsetDateTime=before(90))) == UNKNOWN


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"onsetDateTime": before(42)}, MET),
        ({"onsetDateTime": before(41)}, NOT_MET),
        ({"onsetDateTime": before(90) + "T08:00:00-05:00"}, MET),
        ({"onsetPeriod": {"start": before(90)}}, MET),
        ({"onsetPeriod": {"start": before(20)}}, NOT_MET),
        ({"onsetDateTime": "2026"}, UNKNOWN),
        ({"onsetDateTime": "2026-10"}, UNKNOWN),
        ({"onsetDateTime": "2026-09"}, MET),
        ({"onsetDateTime": "2026-11"}, NOT_MET),
        ({"onsetDateTime": "2025"}, MET),
        ({"recordedDate": before(60)}, MET),
        ({"recordedDate": before(10)}, UNKNOWN),
        ({"onsetString": "some weeks ago", "recordedDate": before(60)}, MET),
        ({"onsetString": "some weeks ago", "recordedDate": before(6)}, UNKNOWN),
        ({"onsetAge": {"value": 68, "unit": "a"}}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_the_beginning_is_read_from_what_there_is(elements, expected):
    assert found("1", condition(ICD10, "M54.16", **elements)) == expected


def test_of_several_conditions_the_earliest_beginning_counts():
    late = condition(ICD10, "M54.16", identity="late", onsetDateTime=before(5))
    early = condition(SNOMED, "23056005", identity="early", onsetDateTime=before(80))
    assert found("1", late, early) == found("1", early, late) == MET


@pytest.mark.parametrize("word", ["refuted", "entered-in-error", "unconfirmed", "provisional", "differential"])
def test_an_unbelieved_diagnosis_says_nothing(word):
    row = condition(ICD10, "M54.16", onsetDateTime=before(90), verificationStatus=verified(word))
    assert found("1", row) == UNKNOWN


def test_pain_that_is_over_says_nothing():
    assert (
        found("1", condition(ICD10, "M54.16", onsetDateTime=before(90), clinicalStatus=status("resolved"))) == UNKNOWN
    )
    assert found("1", condition(ICD10, "M54.16", onsetDateTime=before(90), abatementDateTime=before(9))) == UNKNOWN


def test_form_and_record_that_contradict_each_other_leave_it_open():
    row = condition(ICD10, "M54.16", onsetDateTime=before(90))
    assert found("1", row, answers(lbp__pain_onset=before(5))) == UNKNOWN
    assert found("1", row, answers(lbp__pain_radiates=False)) == UNKNOWN
    assert found("1", answers(lbp__pain_radiates=True, lbp__pain_onset=before(90)),
                 answers(identity="q2", lbp__pain_onset=before(5))) == UNKNOWN  # fmt: skip


def test_a_plain_no_is_not_met():
    assert found("1", answers(lbp__pain_radiates=False, lbp__pain_onset=before(90))) == NOT_MET


def test_only_the_open_part_is_named_as_missing():
    missing = lbp(condition(ICD10, "M54.16")).answer("1").missing
    assert [(item["element"], item["record"]) for item in missing] == [
        ("Condition.onset", "onset is empty in Condition/c")
    ]


@pytest.mark.parametrize(
    "yes", [{"valueBoolean": True}, coded("Y"), coded("373066001", SNOMED), coded("LA33-6", "http://loinc.org")]
)
def test_yes_is_understood_in_every_coding(yes):
    assert found("1", answers(lbp__pain_radiates=yes, lbp__pain_onset=before(90))) == MET


def test_an_instant_is_accepted_as_a_date_answer():
    onset = {"valueDateTime": before(90) + "T10:00:00Z"}
    assert found("1", answers(lbp__pain_radiates=True, lbp__pain_onset=onset)) == MET


# ---- 2a Care


def test_eight_visits_over_six_weeks_are_care():
    result = lbp(*procedures(CPT, "97110", visits(8)))
    assert result.answer("2a").value is FindingValue.MET
    assert result.answer("2a").note == f"Dated visits: 8, {before(53)} to {before(11)}; courses of treatment: 0"
    assert "Procedure/p0" in result.answer("2a").evidence


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (visits(3, step=21), UNKNOWN),
        (visits(4, step=14), MET),
        (visits(8, step=5), UNKNOWN),
        ([before(50)] * 8, UNKNOWN),
        (visits(8, start=300), UNKNOWN),
        ([*visits(3, step=2), before(-30)], UNKNOWN),
        (["2026-10", "2026-10", "2026-11", "2026-11"], UNKNOWN),
    ],
)
def test_too_few_short_old_future_or_coarse_visits_leave_it_open(days, expected):
    assert found("2a", *procedures(CPT, "97110", days)) == expected


def test_care_is_recognised_as_encounters():
    rows = [
        {"resourceType": "Encounter", "id": f"e{n}", "status": "finished", "subject": {"reference": "Patient/p"},
         "type": [concept(SNOMED, "91251008")], "period": {"start": day + "T09:00:00Z"}}
        for n, day in enumerate(visits(8))
    ]  # fmt: skip
    assert found("2a", *rows) == MET
    assert found("2a", *[row | {"status": "cancelled"} for row in rows]) == UNKNOWN


def test_care_is_recognised_as_orders_carried_out_but_not_as_orders():
    row = {"resourceType": "ServiceRequest", "id": "s", "status": "completed", "intent": "order",
           "subject": {"reference": "Patient/p"}, "code": concept(CPT, "97110"),
           "occurrencePeriod": {"start": before(60), "end": before(10)}}  # fmt: skip
    assert found("2a", row) == MET
    assert found("2a", row | {"status": "active"}) == UNKNOWN


@pytest.mark.parametrize("kind", ["Claim", "ExplanationOfBenefit"])
def test_care_is_recognised_in_earlier_claims(kind):
    rows = [
        {"resourceType": kind, "id": f"k{n}", "status": "active", "use": "claim", "patient": {"reference": "Patient/p"},
         "item": [{"sequence": 1, "productOrService": concept(CPT, "97140"), "servicedDate": day}]}
        for n, day in enumerate(visits(8))
    ]  # fmt: skip
    assert found("2a", *rows) == MET


@pytest.mark.parametrize(
    ("period", "word", "expected"),
    [
        ({"start": before(60), "end": before(10)}, "completed", MET),
        ({"start": before(60)}, "in-progress", MET),
        ({"start": before(60)}, "completed", UNKNOWN),
        ({"start": before(40)}, "in-progress", UNKNOWN),
        ({"start": before(700), "end": before(160)}, "completed", UNKNOWN),
        ({"start": before(700), "end": before(60)}, "completed", MET),
    ],
)
def test_a_course_counts_inside_six_months(period, word, expected):
    row = {"resourceType": "Procedure", "id": "p", "status": word, "subject": {"reference": "Patient/p"},
           "code": concept(SNOMED, "91251008"), "performedPeriod": period}  # fmt: skip
    assert found("2a", row) == expected


def test_medicine_taken_for_six_weeks_is_care():
    row = {"resourceType": "MedicationStatement", "id": "m", "status": "completed", "subject": {"reference": "Patient/p"},
           "medicationCodeableConcept": concept(RXNORM, "7258"),
           "effectivePeriod": {"start": before(60), "end": before(18)}}  # fmt: skip
    assert found("2a", row) == MET
    reference = {key: value for key, value in row.items() if key != "medicationCodeableConcept"} | {
        "medicationReference": {"reference": "#med"},
        "contained": [{"resourceType": "Medication", "id": "med", "code": concept(RXNORM, "7258")}],
    }
    assert found("2a", reference) == MET
    assert found("2a", row | {"medicationCodeableConcept": {"text": "naproxen"}}) == UNKNOWN


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"dispenseRequest": {"validityPeriod": {"start": before(60), "end": before(18)}}}, MET),
        (
            {"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": {"start": before(60), "end": before(18)}}}}]},
            MET,
        ),
        ({"dosageInstruction": [{"text": "twice daily for six weeks"}]}, UNKNOWN),
        ({"authoredOn": before(50), "dispenseRequest": {"expectedSupplyDuration": {"value": 42, "code": "d"}}}, MET),
        (
            {"authoredOn": before(50), "dispenseRequest": {"expectedSupplyDuration": {"value": 30, "code": "d"}}},
            UNKNOWN,
        ),
        ({"authoredOn": before(50), "dispenseRequest": {"expectedSupplyDuration": {"value": 42}}}, UNKNOWN),
        ({"authoredOn": before(50)}, UNKNOWN),
    ],
)
def test_a_prescription_shows_care_for_as_long_as_it_says(elements, expected):
    row = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
           "subject": {"reference": "Patient/p"}, "medicationCodeableConcept": concept(RXNORM, "7258")}  # fmt: skip
    assert found("2a", row | elements) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"lbp__care_weeks": 6}, MET),
        ({"lbp__care_weeks": 6.5}, MET),
        ({"lbp__care_weeks": {"valueQuantity": {"value": 8, "unit": "wk"}}}, MET),
        ({"lbp__care_weeks": 5}, NOT_MET),
        ({"lbp__care_start": before(42), "lbp__care_end": before(0)}, MET),
        ({"lbp__care_start": before(40), "lbp__care_end": before(5)}, NOT_MET),
        ({"lbp__care_start": before(60)}, UNKNOWN),
        ({"lbp__care_start": "2026-09", "lbp__care_end": "2026-11"}, UNKNOWN),
    ],
)
def test_care_as_said_in_the_form(said, expected):
    assert found("2a", answers(**said)) == expected


def test_care_on_record_against_a_form_that_says_less_leaves_it_open():
    assert found("2a", *procedures(CPT, "97110", visits(8)), answers(lbp__care_weeks=2)) == UNKNOWN


# ---- 2b Warning sign


def test_a_warning_sign_takes_the_place_of_care():
    cauda = condition(ICD10, "G83.4", clinicalStatus=status("active"))
    result = lbp(
        cauda, answers(**FORM | {"lbp__care_start": before(9), "lbp__care_end": before(2), "lbp__red_flag": True})
    )
    assert (result.answer("2a").value, result.answer("2b").value) == (FindingValue.NOT_MET, FindingValue.MET)
    assert result.value is FindingValue.MET


def test_no_warning_sign_on_record_proves_nothing():
    assert found("2b", condition(ICD10, "M54.16")) == UNKNOWN
    assert found("2b", answers(lbp__red_flag=False)) == NOT_MET
    assert found("2b", answers(lbp__red_flag=False), condition(ICD10, "G83.4")) == UNKNOWN


# ---- 3 Examination


@pytest.mark.parametrize(
    ("day", "expected"),
    [(before(60), MET), (before(61), UNKNOWN), ("2026-11", MET), (before(-3), UNKNOWN), ("2026", UNKNOWN)],
)
def test_an_examination_counts_for_sixty_days(day, expected):
    row = {"resourceType": "Observation", "id": "o", "status": "final", "subject": {"reference": "Patient/p"},
           "code": concept(SNOMED, "279372000"), "effectiveDateTime": day}  # fmt: skip
    assert found("3", row) == expected


def test_an_examination_is_recognised_by_category_and_body_site():
    row = {"resourceType": "Observation", "id": "o", "status": "final", "subject": {"reference": "Patient/p"},
           "code": {"text": "straight-leg raise"}, "effectiveDateTime": before(5),
           "category": [concept("http://terminology.hl7.org/CodeSystem/observation-category", "exam")],
           "bodySite": concept(SNOMED, "61685007")}  # fmt: skip
    assert found("3", row) == MET
    assert found("3", row | {"bodySite": concept(SNOMED, "81745001")}) == UNKNOWN


def test_an_examination_said_to_be_old_is_not_met():
    assert found("3", answers(lbp__exam_date=before(61))) == NOT_MET
    assert found("3", answers(lbp__exam_date=before(60))) == MET


def test_an_examination_of_something_else_or_a_draft_says_nothing():
    row = {"resourceType": "Observation", "id": "o", "status": "final", "code": concept(SNOMED, "36228007"),
           "effectiveDateTime": before(5)}  # fmt: skip
    assert found("3", row) == UNKNOWN
    assert found("3", row | {"code": concept(SNOMED, "279372000"), "status": "preliminary"}) == UNKNOWN


# ---- 4 Earlier study


NO_MRI = answers(lbp__mri_last_12_months=False)


def test_the_absence_of_a_study_is_never_proven_by_an_empty_record():
    assert found("4a") == UNKNOWN
    assert found("4a", NO_MRI) == MET
    assert found("4a", answers(lbp__mri_last_12_months=True)) == NOT_MET


def study(day, **elements):
    return {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "subject": {"reference": "Patient/p"},
            "code": concept(CPT, "72148"), "effectiveDateTime": day} | elements  # fmt: skip


@pytest.mark.parametrize(
    ("day", "alone", "with_statement"),
    [
        (before(100), NOT_MET, UNKNOWN),
        (before(400), UNKNOWN, MET),
        ("2025-11", UNKNOWN, UNKNOWN),
        ("2026", UNKNOWN, UNKNOWN),
        ("2024", UNKNOWN, MET),
    ],
)
def test_a_study_on_record_is_held_against_the_statement(day, alone, with_statement):
    assert found("4a", study(day)) == alone
    assert found("4a", study(day), NO_MRI) == with_statement


def test_a_study_is_recognised_as_procedure_imaging_study_and_claim():
    rows = [
        *procedures(CPT, "72149", [before(30)]),
        {"resourceType": "ImagingStudy", "id": "i", "status": "available", "subject": {"reference": "Patient/p"},
         "started": before(30) + "T10:00:00Z", "procedureCode": [concept(CPT, "72148")]},
        {"resourceType": "Claim", "id": "k", "status": "active", "use": "claim", "patient": {"reference": "Patient/p"},
         "item": [{"sequence": 1, "productOrService": concept(CPT, "72158"), "servicedPeriod": {"start": before(30)}}]},
    ]  # fmt: skip
    for row in rows:
        assert found("4a", row) == NOT_MET


def test_a_study_told_in_words_keeps_a_machine_from_approving():
    told = study(before(30), code={"text": "MRI lumbar spine without contrast"})
    assert found("4a", told, NO_MRI) == UNKNOWN


def test_a_change_since_the_last_study_is_enough():
    result = lbp(
        study(before(100)), answers(**FORM | {"lbp__mri_last_12_months": True, "lbp__changed_since_mri": True})
    )
    assert (result.answer("4a").value, result.answer("4b").value) == (FindingValue.NOT_MET, FindingValue.MET)
    assert result.value is FindingValue.MET


# ---- 5 Would change care


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"lbp__changes_management": True}, MET),
        ({"lbp__changes_management": False}, NOT_MET),
        ({"lbp__planned_step": coded("injection")}, MET),
        ({"lbp__planned_step": coded("none")}, NOT_MET),
        ({"lbp__planned_step": words("injection planned")}, UNKNOWN),
        ({"lbp__changes_management": True, "lbp__planned_step": coded("none")}, UNKNOWN),
    ],
)
def test_the_next_step_is_said_by_the_clinician(said, expected):
    assert found("5", answers(**said)) == expected


def test_an_order_for_the_next_step_is_a_plan():
    row = {"resourceType": "ServiceRequest", "id": "s", "status": "active", "intent": "plan",
           "subject": {"reference": "Patient/p"}, "code": concept(CPT, "64483")}  # fmt: skip
    assert found("5", row) == MET
    assert found("5", row | {"status": "revoked"}) == UNKNOWN
