"""Stays, visits, orders, weights and histories as different systems write them, in the guidelines on Medicare's rules."""

import pytest

from tests.criteria.shapes import (
    CPT,
    ICD10,
    LOINC,
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
HCPCS = "https://bluebutton.cms.gov/resources/codesystem/hcpcs"
REVENUE = "https://www.nubc.org/CodeSystem/RevenueCodes"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def found(guideline, key, *resources, code=""):
    return run(f"{guideline}/v2026.1.md", *resources, code=code).answer(key).value.value


def encounter(kind, *, status="finished", identity="e", **elements):
    return {
        "resourceType": "Encounter", "id": identity, "status": status, "class": {"system": ACT, "code": kind},
        "subject": {"reference": "Patient/p"}, **elements,
    }  # fmt: skip


def order(system, code, *, identity="s", **elements):
    return {
        "resourceType": "ServiceRequest", "id": identity, "status": "active", "intent": "order",
        "subject": {"reference": "Patient/p"}, "code": concept(system, code), **elements,
    }  # fmt: skip


def observation(code, *, identity="o", system=LOINC, **elements):
    return {
        "resourceType": "Observation", "id": identity, "status": "final", "subject": {"reference": "Patient/p"},
        "code": concept(system, code), "effectiveDateTime": before(5), **elements,
    }  # fmt: skip


def quantity(value, unit=None, **elements):
    return {"valueQuantity": {"value": value} | ({"unit": unit, "code": unit} if unit else {}) | elements}


# ---- Hospital stays


@pytest.mark.parametrize(
    ("stay", "expected"),
    [
        ({"period": {"start": before(8), "end": before(5)}}, MET),
        ({"period": {"start": before(7), "end": before(5)}}, UNKNOWN),
        ({"period": {"start": before(8) + "T23:30:00-05:00", "end": before(5) + "T00:30:00-05:00"}}, MET),
        ({"period": {"start": before(4)}, "status": "in-progress"}, MET),
        ({"period": {"start": before(2)}, "status": "in-progress"}, UNKNOWN),
        ({"period": {"start": before(9)}}, UNKNOWN),
        ({"period": {"start": before(40), "end": before(30)}}, MET),
        ({"period": {"start": before(40), "end": before(31)}}, UNKNOWN),
        ({"period": {"start": "2026-11", "end": before(5)}}, UNKNOWN),
        ({"period": {"start": before(8), "end": before(5)}, "status": "cancelled"}, UNKNOWN),
        ({"period": {"start": before(8), "end": before(5)}, "status": "planned"}, UNKNOWN),
        ({"period": {"start": before(8), "end": before(5)}, "class": {"code": "NONAC"}}, UNKNOWN),
        ({"period": {"start": before(8), "end": before(5)}, "class": {"code": "EMER"}}, UNKNOWN),
        ({"period": "last week"}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_a_hospital_stay_is_counted_in_midnights(stay, expected):
    said = answers(snf__same_condition=True)
    assert found("SNF-ADMIT", "3a", encounter("IMP") | stay, said) == expected


@pytest.mark.parametrize("kind", ["Claim", "ExplanationOfBenefit"])
@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({}, MET),
        ({"use": "preauthorization"}, UNKNOWN),
        ({"status": "cancelled"}, UNKNOWN),
        ({"subType": concept("urn:kinds", "outpatient")}, UNKNOWN),
    ],
)
def test_a_hospital_stay_is_read_from_institutional_claims(kind, elements, expected):
    row = {
        "resourceType": kind, "id": "k", "status": "active", "use": "claim", "patient": {"reference": "Patient/p"},
        "subType": concept("urn:kinds", "inpatient"), "billablePeriod": {"start": before(12), "end": before(6)},
    }  # fmt: skip
    assert found("SNF-ADMIT", "3a", row | elements, answers(snf__same_condition=True)) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([encounter("OBSENC", status="in-progress", period={"start": before(2)})], MET),
        ([encounter("OBSENC", status="in-progress", period={"start": before(1)})], UNKNOWN),
        ([encounter("EMER", period={"start": before(2), "end": before(1)}, identity="a"),
          encounter("IMP", status="in-progress", period={"start": before(1)}, identity="b")], MET),
        ([encounter("EMER", period={"start": before(9), "end": before(9)}, identity="a"),
          encounter("IMP", status="in-progress", period={"start": before(1)}, identity="b")], UNKNOWN),
        ([encounter("AMB", status="in-progress", period={"start": before(5)})], UNKNOWN),
        ([encounter("IMP", period={"start": before(9), "end": before(3)})], UNKNOWN),
    ],
)  # fmt: skip
def test_midnights_in_the_hospital_count_while_the_care_goes_on(rows, expected):
    assert found("INPT-ADMIT", "2a1a", *rows) == expected


# ---- Orders


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({}, MET),
        ({"status": "completed"}, MET),
        ({"status": "draft"}, UNKNOWN),
        ({"status": "revoked"}, UNKNOWN),
        ({"status": "entered-in-error"}, UNKNOWN),
        ({"intent": "proposal"}, UNKNOWN),
        ({"intent": "plan"}, UNKNOWN),
        ({"intent": "original-order"}, MET),
        ({"doNotPerform": True}, UNKNOWN),
        ({"doNotPerform": False}, MET),
        ({"code": {"text": "home physical therapy"}}, UNKNOWN),
        ({"code": {"coding": [{"system": "urn:local", "code": "PT"}, {"system": HCPCS, "code": "G0151"}]}}, MET),
        ({"code": concept(REVENUE, "0421")}, MET),
    ],
)
def test_an_order_counts_when_it_is_one_and_stands(elements, expected):
    assert found("HOME-HEALTH", "2b", order(HCPCS, "G0151") | elements) == expected


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"occurrenceDateTime": before(0)}, MET),
        ({"occurrencePeriod": {"start": before(-2)}}, MET),
        ({"occurrencePeriod": {"start": before(3)}}, UNKNOWN),
        ({"occurrenceDateTime": "2026"}, UNKNOWN),
        ({"occurrenceTiming": {"repeat": {"frequency": 1}}}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_therapy_for_the_time_ahead_is_told_from_the_therapy_of_the_stay_before(elements, expected):
    assert found("IRF-ADMIT", "1a", order(CPT, "97116") | elements) == expected


# ---- Visits face to face


WOUND = [concept(ICD10, "L89.154")]


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        (encounter("AMB", type=[concept(CPT, "99213")], reasonCode=WOUND, period={"start": before(60)}), MET),
        (encounter("VR", type=[concept(CPT, "99213")], reasonCode=WOUND, period={"start": before(60)}), MET),
        (encounter("EMER", reasonCode=WOUND, period={"start": before(90)}), MET),
        (encounter("EMER", reasonCode=WOUND, period={"start": before(91)}), UNKNOWN),
        (encounter("AMB", type=[{"text": "office visit"}], reasonCode=WOUND, period={"start": before(60)}), UNKNOWN),
        (encounter("AMB", type=[concept(CPT, "99211")], reasonCode=WOUND, period={"start": before(60)}), UNKNOWN),
        (encounter("AMB", type=[concept(CPT, "99213")], reasonCode=[{"text": "sore"}], period={"start": before(60)}), UNKNOWN),
        (encounter("AMB", type=[concept(CPT, "99213")], period={"start": before(60)}), UNKNOWN),
        (encounter("AMB", type=[concept(CPT, "99213")], reasonCode=WOUND), UNKNOWN),
        (encounter("AMB", type=[concept(CPT, "99213")], reasonCode=WOUND, period={"start": before(-5)}), UNKNOWN),
        (encounter("AMB", status="planned", type=[concept(CPT, "99213")], reasonCode=WOUND, period={"start": before(9)}), UNKNOWN),
    ],
)  # fmt: skip
def test_a_visit_face_to_face_is_a_practitioners_about_the_reason_of_the_order(visit, expected):
    ordered = order(HCPCS, "G0299", reasonCode=WOUND)
    assert found("HOME-HEALTH", "4", ordered, visit) == expected


def test_the_examination_for_a_chair_is_found_by_the_reason_of_the_device_order():
    chair = {
        "resourceType": "DeviceRequest", "id": "d", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/p"}, "codeCodeableConcept": concept(HCPCS, "K0823"),
        "authoredOn": before(3), "reasonCode": [concept(ICD10, "G12.21")],
    }  # fmt: skip
    visit = encounter(
        "AMB", type=[concept(CPT, "99214")], reasonCode=[concept(ICD10, "G12.21")], period={"start": before(100)}
    )
    assert found("PWR-CHAIR", "8", chair, visit, code="K0823") == MET
    assert found("PWR-CHAIR", "8", chair | {"status": "revoked"}, visit, code="K0823") == UNKNOWN
    assert found("PWR-CHAIR", "8", chair | {"authoredOn": before(300)}, visit, code="K0823") == UNKNOWN
    later = chair | {"id": "d2", "authoredOn": before(30)}
    assert found("PWR-CHAIR", "8", chair, later, visit, code="K0823") == UNKNOWN


def test_two_days_known_only_by_their_month_or_year_prove_nothing_together():
    year, month = {"valueDate": "2026"}, {"valueDate": "2026-11"}
    visit = {"hh__visit_date": year, "hh__visit_same_reason": True, "hh__start_of_care": year}
    assert found("HOME-HEALTH", "4", answers(**visit)) == UNKNOWN
    exam = {"pwc__exam_date": month, "pwc__exam_about_mobility": True, "pwc__order_date": month}
    assert found("PWR-CHAIR", "8", answers(**exam), code="K0823") == UNKNOWN
    screening = {"irf__admission_date": month, "irf__screening_date": month, "irf__physician_agrees": True}
    assert found("IRF-ADMIT", "6", answers(**screening)) == UNKNOWN
    care = [
        encounter("EMER", period={"start": "2025", "end": "2026"}, identity="a"),
        encounter("IMP", status="in-progress", period={"start": "2026"}, identity="b"),
    ]
    assert found("INPT-ADMIT", "2a1a", *care) == UNKNOWN


# ---- Weight and body mass


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        (quantity(81, "kg"), MET),
        (quantity(81000, "g"), MET),
        (quantity(178.5, "[lb_av]"), MET),
        ({"valueQuantity": {"value": 178.5, "unit": "lbs"}}, MET),
        (quantity(300, "[lb_av]"), MET),
        (quantity(301, "[lb_av]"), NOT_MET),
        (quantity(137, "kg"), NOT_MET),
        (quantity(81), UNKNOWN),
        (quantity(81, "stone"), UNKNOWN),
        (quantity(81, "kg", comparator="<"), UNKNOWN),
        (quantity(8.1, "kg"), UNKNOWN),
        (quantity(8100, "kg"), UNKNOWN),
        ({"valueString": "81 kg"}, UNKNOWN),
        (quantity(81, "kg") | {"status": "entered-in-error"}, UNKNOWN),
        (quantity(81, "kg") | {"effectiveDateTime": before(400)}, UNKNOWN),
        (quantity(81, "kg") | {"effectiveDateTime": before(-4)}, UNKNOWN),
        (quantity(81, "kg") | {"effectiveDateTime": "2026"}, UNKNOWN),
    ],
)
def test_weight_is_read_with_its_unit_and_its_day(elements, expected):
    assert found("PWR-CHAIR", "9", observation("29463-7", **elements), code="K0823") == expected


def test_two_weights_of_one_day_on_both_sides_of_the_limit_leave_it_open():
    rows = [observation("29463-7", **quantity(130, "kg")), observation("29463-7", identity="x", **quantity(140, "kg"))]
    assert found("PWR-CHAIR", "9", *rows, code="K0823") == UNKNOWN
    assert found("PWR-CHAIR", "9", *rows, code="") == UNKNOWN


@pytest.mark.parametrize(
    ("code", "pounds", "expected"),
    [("K0823", 299, MET), ("K0824", 284, NOT_MET), ("K0824", 285, MET), ("K0825", 450, MET), ("K0825", 451, NOT_MET),
     ("K0826", 427, NOT_MET), ("K0826", 428, MET), ("K0827", 601, NOT_MET), ("K0828", 569, NOT_MET), ("K0829", 570, MET),
     ("K0848", 200, UNKNOWN)],
)  # fmt: skip
def test_each_weight_class_has_its_limits(code, pounds, expected):
    assert found("PWR-CHAIR", "9", answers(pwc__weight=pounds), code=code) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([observation("39156-5", **quantity(35, "kg/m2"))], MET),
        ([observation("39156-5", **quantity(34.9, "kg/m2"))], NOT_MET),
        ([observation("39156-5", **quantity(35))], UNKNOWN),
        ([observation("39156-5", **quantity(384, "kg/m2"))], UNKNOWN),
        ([observation("39156-5", **quantity(36, "kg/m2"), effectiveDateTime=before(370))], UNKNOWN),
        ([observation("29463-7", **quantity(110, "kg")), observation("8302-2", identity="h", **quantity(170, "cm"))], MET),
        ([observation("29463-7", **quantity(100, "kg")), observation("8302-2", identity="h", **quantity(1.7, "m"))], NOT_MET),
        ([observation("29463-7", **quantity(110, "kg")), observation("8302-2", identity="h", **quantity(170))], UNKNOWN),
        ([observation("29463-7", **quantity(110, "kg"))], UNKNOWN),
        ([observation("39156-5", **quantity(36, "kg/m2")),
          observation("39156-5", identity="x", **quantity(34, "kg/m2"), effectiveDateTime=before(50))], MET),
        ([observation("39156-5", **quantity(36, "kg/m2")),
          observation("39156-5", identity="x", **quantity(34, "kg/m2"))], UNKNOWN),
        ([condition(ICD10, "Z6841", recordedDate=before(30))], MET),
        ([condition(ICD10, "Z68.30", recordedDate=before(30))], NOT_MET),
        ([condition(ICD10, "Z68.41")], UNKNOWN),
        ([condition(ICD10, "E66.01")], UNKNOWN),
    ],
)  # fmt: skip
def test_the_body_mass_index_is_measured_worked_out_or_coded(rows, expected):
    assert found("BARIATRIC", "1", *rows, code="43644") == expected


# ---- Heart


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"onsetDateTime": before(300)}, MET),
        ({"onsetDateTime": before(300) + "T04:00:00Z", "clinicalStatus": concept("", "resolved")}, MET),
        ({"onsetPeriod": {"start": before(20), "end": before(15)}}, MET),
        ({"onsetDateTime": before(400)}, UNKNOWN),
        ({"onsetDateTime": "2026-06"}, MET),
        ({"onsetDateTime": "2025"}, UNKNOWN),
        ({"onsetDateTime": before(-9)}, UNKNOWN),
        ({"onsetString": "last spring"}, UNKNOWN),
        ({"recordedDate": before(20)}, UNKNOWN),
        ({"recordedDate": before(20), "category": [concept("", "encounter-diagnosis")]}, MET),
        ({"onsetDateTime": before(30), "verificationStatus": verified("refuted")}, UNKNOWN),
    ],
)
@pytest.mark.parametrize(("system", "code"), [(ICD10, "I21.4"), (ICD10, "I214"), (SNOMED, "401314000")])
def test_a_heart_attack_counts_for_twelve_months(system, code, elements, expected):
    assert found("CARD-REHAB", "1a", condition(system, code, **elements), code="93798") == expected


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        (quantity(35, "%"), MET),
        (quantity(36, "%"), NOT_MET),
        (quantity(35, "%", comparator="<"), MET),
        (quantity(40, "%", comparator=">"), NOT_MET),
        (quantity(30, "%", comparator=">"), UNKNOWN),
        (quantity(0.3), UNKNOWN),
        (quantity(0.3, "1"), UNKNOWN),
        ({"valueRange": {"low": {"value": 25, "code": "%"}, "high": {"value": 30, "code": "%"}}}, MET),
        ({"valueRange": {"low": {"value": 35, "code": "%"}, "high": {"value": 40, "code": "%"}}}, UNKNOWN),
        ({"valueRange": {"low": {"value": 55, "code": "%"}, "high": {"value": 60, "code": "%"}}}, NOT_MET),
        ({"valueString": "severely reduced"}, UNKNOWN),
        ({"code": {"text": "echo"}, "component": [{"code": concept(LOINC, "8806-2"), **quantity(28, "%")}]}, MET),
        (quantity(28, "%") | {"status": "preliminary"}, UNKNOWN),
    ],
)
def test_the_ejection_fraction_is_read_as_percent_range_or_component(elements, expected):
    assert found("CARD-REHAB", "1g1", observation("10230-1") | elements, code="93798") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (concept(SNOMED, "421704003"), MET),
        (concept(LOINC, "LA28407-7"), MET),
        (concept(SNOMED, "420300004"), NOT_MET),
        ({"text": "NYHA III"}, UNKNOWN),
    ],
)
def test_the_class_of_symptoms_is_read_from_codes(value, expected):
    row = observation("88020-3", valueCodeableConcept=value)
    assert found("CARD-REHAB", "1g2", row, code="93798") == expected


def test_an_operation_of_any_day_counts_and_one_that_lies_ahead_does_not():
    assert found("CARD-REHAB", "1b", *procedures(CPT, "33533", ["2009-05"]), code="93798") == MET
    assert found("CARD-REHAB", "1b", *procedures(CPT, "33533", [before(-20)]), code="93798") == UNKNOWN
    assert found("CARD-REHAB", "1b", *procedures(CPT, "33533", [before(9)], status="stopped"), code="93798") == UNKNOWN
    assert found("CARD-REHAB", "1b", condition(ICD10, "Z951"), code="93798") == MET


def test_no_major_event_of_the_heart_is_never_proven_by_an_empty_record():
    no = answers(card__recent_or_planned_event=False)
    undated = {"resourceType": "Procedure", "id": "u", "status": "completed", "code": concept(CPT, "92928")}
    stay = encounter("IMP", reasonCode=[concept(ICD10, "I50.23")], period={"start": before(20), "end": before(15)})
    assert found("CARD-REHAB", "1g4", code="93798") == UNKNOWN
    assert found("CARD-REHAB", "1g4", no, code="93798") == MET
    assert found("CARD-REHAB", "1g4", no, undated, code="93798") == UNKNOWN
    assert found("CARD-REHAB", "1g4", stay, code="93798") == NOT_MET
    assert found("CARD-REHAB", "1g4", no, stay, code="93798") == UNKNOWN
    assert found("CARD-REHAB", "1g4", no, stay | {"reasonCode": [concept(ICD10, "S72.001A")]}, code="93798") == MET


def test_sessions_on_file_are_held_against_the_number_in_the_form():
    days = [before(n) for n in range(1, 37)]
    done = procedures(CPT, "93798", days)
    assert found("CARD-REHAB", "3", *done, code="93798") == NOT_MET
    assert found("CARD-REHAB", "3", *done, answers(card__sessions_done=4), code="93798") == UNKNOWN
    assert found("CARD-REHAB", "3", *done[:35], answers(card__sessions_done=35), code="93798") == MET
    assert found("CARD-REHAB", "3", *done, answers(card__sessions_done=36), code="G0422") == MET


# ---- The form


def test_a_choice_is_understood_and_several_choices_are_held_against_each_other():
    assert found("HOME-HEALTH", "2a", answers(hh__nursing_task=coded("infusion"), hh__nursing_part_time=True)) == MET
    assert found("HOME-HEALTH", "2a", answers(hh__nursing_task=coded("none"))) == NOT_MET
    both = answers(snf__nursing_task=coded("infusion")), answers(identity="b", snf__nursing_task=coded("none"))
    assert found("SNF-ADMIT", "2a1", *both) == UNKNOWN
    assert found("SNF-ADMIT", "2a1", answers(snf__nursing_task=coded("gardening"))) == UNKNOWN


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"irf__hours_per_day": 3, "irf__days_per_week": 5}, MET),
        ({"irf__hours_per_day": {"valueQuantity": {"value": 3, "unit": "h"}}, "irf__days_per_week": 6}, MET),
        ({"irf__hours_per_day": {"valueQuantity": {"value": 180, "unit": "min"}}, "irf__days_per_week": 6}, UNKNOWN),
        ({"irf__hours_per_day": 2.9, "irf__days_per_week": 5}, NOT_MET),
        ({"irf__hours_per_day": 3, "irf__days_per_week": 15}, UNKNOWN),
        ({"irf__hours_per_day": 180, "irf__days_per_week": 5}, UNKNOWN),
        ({"irf__hours_per_day": -3, "irf__days_per_week": 5}, UNKNOWN),
    ],
)
def test_hours_and_days_of_therapy_are_read_with_their_units_and_slips_say_nothing(said, expected):
    assert found("IRF-ADMIT", "2a", answers(**said)) == expected
