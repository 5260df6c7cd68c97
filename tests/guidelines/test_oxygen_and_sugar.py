"""Home oxygen and the glucose monitor: air, state, units, days, and medicines that were stopped."""

import pytest

from tests.criteria.shapes import (
    ICD10,
    LOINC,
    RXNORM,
    SNOMED,
    answers,
    before,
    coded,
    concept,
    condition,
    run,
)

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"
HCPCS = "https://bluebutton.cms.gov/resources/codesystem/hcpcs"
AIR = concept(SNOMED, "722742002")


def oxygen(key, *resources):
    return run("HOME-OXYGEN/v2026.1.md", *resources, code="E1390").answer(key).value.value


def sugar(key, *resources):
    return run("CGM/v2026.1.md", *resources, code="E2103").answer(key).value.value


def measured(value, unit="%", *, code="59417-6", days=5, identity="o", **elements):
    return {"resourceType": "Observation", "id": identity, "status": "final", "subject": {"reference": "Patient/p"},
            "code": concept(LOINC, code), "effectiveDateTime": before(days),
            "valueQuantity": {"value": value, "unit": unit}, "method": AIR} | elements  # fmt: skip


def part(code, value, unit=""):
    return {"code": concept(LOINC, code), "valueQuantity": {"value": value, "unit": unit}}


def state(code):
    return {"code": {"text": "state"}, "valueCodeableConcept": concept(SNOMED, code)}


# ---- Oxygen


@pytest.mark.parametrize(
    ("value", "low", "borderline"),
    [(88, MET, NOT_MET), (88.4, NOT_MET, MET), (89, NOT_MET, MET), (90, NOT_MET, NOT_MET), (70, MET, NOT_MET)],
)
def test_the_limits_of_saturation(value, low, borderline):
    assert (oxygen("3a", measured(value)), oxygen("3d1", measured(value))) == (low, borderline)
    assert oxygen("3a", answers(oxygen__rest_saturation=value)) == low
    assert oxygen("3d1", answers(oxygen__rest_saturation=value)) == borderline


@pytest.mark.parametrize(
    ("value", "low", "borderline"), [(55, MET, NOT_MET), (56, NOT_MET, MET), (59, NOT_MET, MET), (60, NOT_MET, NOT_MET)]
)
def test_the_limits_of_arterial_pressure(value, low, borderline):
    blood = measured(value, "mm[Hg]", code="2703-7")
    assert (oxygen("3a", blood), oxygen("3d1", blood)) == (low, borderline)


@pytest.mark.parametrize(
    "elements",
    [
        {"method": None, "component": [part("3151-8", 0, "L/min")]},
        {"method": None, "component": [part("3150-0", 21, "%")]},
        {"method": None, "component": [{"code": {"text": "air"}, "valueCodeableConcept": AIR}]},
    ],
)
def test_room_air_is_recognised_in_every_shape(elements):
    kept = {key: value for key, value in (measured(84) | elements).items() if value is not None}
    assert oxygen("3a", kept) == MET


@pytest.mark.parametrize(
    "elements",
    [
        {"method": None},
        {"method": None, "component": [part("3151-8", 2, "L/min")]},
        {"method": None, "component": [part("3150-0", 28, "%")]},
        {"component": [part("3151-8", 2, "L/min")]},
        {"valueQuantity": {"value": 0.84, "unit": "1"}},
        {"valueQuantity": {"value": 84}},
        {"status": "preliminary"},
        {"code": concept(LOINC, "59408-5")},
        {"effectiveDateTime": before(-3)},
        {"effectiveDateTime": "2026"},
        {"code": {"text": "SpO2 at rest"}},
    ],
)
def test_a_value_that_may_not_be_at_rest_on_room_air_proves_nothing(elements):
    kept = {key: value for key, value in (measured(84) | elements).items() if value is not None}
    assert oxygen("3a", kept) == UNKNOWN


def test_sleep_and_exercise_are_states_of_their_own():
    asleep = measured(84, code="59408-5", component=[state("248220008")])
    walking = measured(84, code="59408-5", component=[state("309604004")])
    assert [oxygen(key, asleep) for key in ("3a", "3b", "3c")] == [UNKNOWN, MET, UNKNOWN]
    assert [oxygen(key, walking) for key in ("3a", "3b", "3c")] == [UNKNOWN, UNKNOWN, UNKNOWN]
    better = answers(oxygen__better_with_oxygen=True)
    assert oxygen("3c", walking, better) == MET
    assert oxygen("3c", walking, answers(oxygen__better_with_oxygen=False)) == NOT_MET


def test_the_latest_value_counts_and_two_kinds_of_test_must_agree():
    assert oxygen("3a", measured(84, days=90, identity="a"), measured(93, days=2, identity="b")) == NOT_MET
    assert oxygen("3a", measured(84, days=2), measured(63, "mm[Hg]", code="2703-7", days=2, identity="b")) == UNKNOWN
    assert oxygen("3a", measured(84), answers(oxygen__rest_saturation=93)) == UNKNOWN


@pytest.mark.parametrize(("days", "expected"), [(30, MET), (31, UNKNOWN), (0, MET), (-1, UNKNOWN)])
def test_a_test_within_thirty_days_is_at_the_time_of_need(days, expected):
    assert oxygen("1", measured(84, days=days)) == expected
    assert oxygen("1", measured(84, days=days), answers(oxygen__needed_now=False)) != MET


def test_swelling_alone_does_not_suggest_heart_failure():
    swelling, failure = condition(ICD10, "R60.0"), condition(ICD10, "I50.9", identity="f")
    assert oxygen("3d3", swelling) == UNKNOWN
    assert oxygen("3d3", swelling, failure) == MET
    assert oxygen("3d4", condition(SNOMED, "83291003")) == MET


@pytest.mark.parametrize(("value", "unit", "expected"), [(56, "%", NOT_MET), (56.1, "%", MET), (0.58, "L/L", UNKNOWN)])
def test_thick_blood_is_a_hematocrit_above_56_percent(value, unit, expected):
    assert oxygen("3d5", measured(value, unit, code="4544-3")) == expected


def test_the_reason_is_said_by_the_clinician():
    assert oxygen("4a", answers(oxygen__only_other_reason=coded("angina"))) == MET
    assert oxygen("4a", answers(oxygen__only_other_reason=coded("low-oxygen"))) == NOT_MET
    assert oxygen("4a", condition(ICD10, "I20.9")) == UNKNOWN


# ---- Sugar


def medicine(kind="MedicationRequest", *, code="274783", **elements):
    row = {"resourceType": kind, "id": "m", "status": "active", "subject": {"reference": "Patient/p"},
           "medicationCodeableConcept": concept(RXNORM, code)}  # fmt: skip
    return row | ({"intent": "order"} if kind == "MedicationRequest" else {}) | elements


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (medicine(), MET),
        (medicine(authoredOn=before(900)), MET),
        (medicine(authoredOn=before(-30)), UNKNOWN),
        (medicine(intent="plan"), UNKNOWN),
        (medicine(doNotPerform=True), UNKNOWN),
        (medicine(status="completed"), UNKNOWN),
        (medicine(status="stopped"), UNKNOWN),
        (medicine(code="4821"), UNKNOWN),
        (medicine(medicationCodeableConcept={"text": "insulin glargine"}), UNKNOWN),
        (medicine("MedicationStatement"), MET),
        (medicine("MedicationStatement", effectivePeriod={"start": before(-30)}), UNKNOWN),
        (medicine("MedicationStatement", status="not-taken"), UNKNOWN),
        (medicine("MedicationDispense", status="completed", whenHandedOver=before(60)), MET),
        (medicine("MedicationDispense", status="completed", whenHandedOver=before(300)), UNKNOWN),
        (condition(ICD10, "Z79.4"), MET),
        (condition(ICD10, "Z79.84"), UNKNOWN),
        (condition(ICD10, "E10.9"), UNKNOWN),
    ],
)
def test_insulin_is_recognised_where_it_is_taken_now(resource, expected):
    assert sugar("2a", resource) == expected


def test_insulin_may_stand_in_a_contained_medication():
    row = medicine() | {
        "medicationReference": {"reference": "#med"},
        "contained": [{"resourceType": "Medication", "id": "med", "code": concept(RXNORM, "51428")}],
    }
    assert sugar("2a", {key: value for key, value in row.items() if key != "medicationCodeableConcept"}) == MET


def test_insulin_said_and_denied_stays_open():
    assert sugar("2a", medicine(), answers(cgm__insulin=False)) == UNKNOWN
    assert sugar("2a", answers(cgm__insulin=False)) == NOT_MET


def glucose(value, unit, days, code="2339-0"):
    return measured(value, unit, code=code, days=days, identity=f"g{days}{value}")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([glucose(53, "mg/dL", 20), glucose(50, "mg/dL", 60)], MET),
        ([glucose(53, "mg/dL", 20), glucose(50, "mg/dL", 20)], UNKNOWN),
        ([glucose(54, "mg/dL", 20), glucose(50, "mg/dL", 60)], UNKNOWN),
        ([glucose(2.9, "mmol/L", 20, "14749-6"), glucose(2.4, "mmol/L", 60, "14749-6")], MET),
        ([glucose(2.9, "mg/dL", 20), glucose(2.4, "", 60)], UNKNOWN),
        ([glucose(53, "mg/dL", 20), glucose(50, "mg/dL", 300)], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_low_sugar_counts_on_two_days_in_its_unit(values, expected):
    assert sugar("2b", *values, answers(cgm__changes_tried=2)) == expected


def test_low_sugar_needs_two_changes_of_the_plan():
    assert sugar("2b", answers(cgm__low_sugar_events=3, cgm__changes_tried=1)) == NOT_MET
    assert sugar("2b", answers(cgm__low_sugar_events=3)) == UNKNOWN
    assert sugar("2b", answers(cgm__low_sugar_events=1)) == NOT_MET


def test_low_sugar_with_coma_needed_help():
    assert sugar("2c", condition(ICD10, "E11.641")) == MET
    assert sugar("2c", condition(ICD10, "E11.649")) == UNKNOWN


def test_the_order_of_the_treating_practitioner_shows_the_training():
    order = {"resourceType": "DeviceRequest", "id": "d", "status": "active", "intent": "order",
             "subject": {"reference": "Patient/p"}, "codeCodeableConcept": concept(HCPCS, "E2103")}  # fmt: skip
    assert sugar("3", order) == MET
    assert sugar("3", order | {"intent": "proposal"}) == UNKNOWN
    assert sugar("3", order | {"status": "revoked"}) == UNKNOWN
    assert sugar("3", order, answers(cgm__trained=False)) == UNKNOWN


@pytest.mark.parametrize(("days", "expected"), [(180, MET), (200, UNKNOWN), (-2, UNKNOWN)])
def test_a_visit_counts_for_six_months(days, expected):
    visit = {"resourceType": "Encounter", "id": "v", "status": "finished", "class": {"code": "VR"},
             "subject": {"reference": "Patient/p"}, "reasonCode": [concept(SNOMED, "44054006")],
             "period": {"start": before(days)}}  # fmt: skip
    assert sugar("5", visit) == expected
    assert sugar("5", visit | {"class": {"code": "IMP"}}) == UNKNOWN
