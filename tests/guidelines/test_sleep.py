"""CPAP, sleep studies and the nerve stimulator: limits, units and shapes of sleep tests."""

import pytest

from tests.criteria.shapes import (
    CPT,
    DAY,
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
    status,
    verified,
)

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"
OURS = "urn:openum:codes"


def cpap(key, *resources):
    return run("CPAP/v2026.1.md", *resources, code="E0601").answer(key).value.value


def hns(key, *resources):
    return run("HNS/v2026.1.md", *resources, code="64582").answer(key).value.value


def study(key, *resources, code="95810"):
    return run("SLEEP-STUDY/v2026.1.md", *resources, code=code).answer(key).value.value


def result(value, *, days=20, system=LOINC, code="69990-0", identity="o", **elements):
    return {"resourceType": "Observation", "id": identity, "status": "final", "subject": {"reference": "Patient/p"},
            "code": concept(system, code), "effectiveDateTime": before(days), **value, **elements}  # fmt: skip


def quantity(value, unit="/h", **more):
    return {"valueQuantity": {"value": value, "unit": unit, **more}}


def hours(value, unit="h"):
    return result(quantity(value, unit), system=OURS, code="sleep-test-hours", identity="h")


# ---- CPAP: the index


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (quantity(15), MET),
        (quantity(14.9), NOT_MET),
        (quantity(15, "events/hour"), MET),
        (quantity(15, "events per hour", code="{events}/h"), MET),
        (quantity(15, ""), MET),
        (quantity(15, "/min"), UNKNOWN),
        (quantity(15, "%"), UNKNOWN),
        ({"valueInteger": 34}, MET),
        (quantity(15, comparator=">="), MET),
        (quantity(20, comparator=">"), MET),
        (quantity(5, comparator="<"), NOT_MET),
        (quantity(20, comparator="<"), UNKNOWN),
        ({"valueRange": {"low": {"value": 16, "unit": "/h"}, "high": {"value": 22, "unit": "/h"}}}, MET),
        ({"valueRange": {"low": {"value": 12, "unit": "/h"}, "high": {"value": 22, "unit": "/h"}}}, UNKNOWN),
        ({"valueString": "34 per hour"}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_the_index_is_read_in_every_shape(value, expected):
    assert cpap("4a", result(value), hours(6)) == expected


def test_the_index_may_be_a_part_of_a_larger_result():
    panel = {"resourceType": "Observation", "id": "p", "status": "final", "code": concept(SNOMED, "60554003"),
             "effectivePeriod": {"start": before(20) + "T22:00:00Z", "end": before(19) + "T06:00:00Z"},
             "component": [{"code": concept(OURS, "apnea-hypopnea-index"), **quantity(31)},
                           {"code": concept(OURS, "sleep-test-hours"), **quantity(6, "h")}]}  # fmt: skip
    assert cpap("4a", panel, hours(6)) == MET
    assert cpap("4a", panel | {"status": "preliminary"}, hours(6)) == UNKNOWN


def test_of_several_tests_the_latest_counts():
    old, new = result(quantity(3), days=400, identity="a"), result(quantity(30), days=20, identity="b")
    assert cpap("4a", old, new, hours(6)) == cpap("4a", new, old, hours(6)) == MET
    assert (
        cpap("4a", result(quantity(30), days=400, identity="a"), result(quantity(3), identity="b"), hours(6)) == NOT_MET
    )
    undated = {key: value for key, value in result(quantity(3), identity="c").items() if key != "effectiveDateTime"}
    assert cpap("4a", new, undated, hours(6)) == UNKNOWN


@pytest.mark.parametrize(
    ("events", "recorded", "expected"),
    [(30, None, MET), (29, None, NOT_MET), (None, 2, MET), (None, 1.9, UNKNOWN), (40, 1.5, MET), (29, 6, NOT_MET),
     (None, None, UNKNOWN)],
)  # fmt: skip
def test_a_rate_counts_only_with_enough_events(events, recorded, expected):
    form = {"cpap__index": 22}
    if events is not None:
        form["cpap__events"] = events
    if recorded is not None:
        form["cpap__hours"] = recorded
    assert cpap("4a", answers(**form)) == expected


def test_a_number_of_the_form_in_another_unit_says_nothing():
    per_night = {"valueQuantity": {"value": 140, "unit": "events/night"}}
    assert cpap("4a", answers(cpap__index=per_night, cpap__events=140)) == UNKNOWN
    per_hour = {"valueQuantity": {"value": 20, "code": "/h"}}
    assert cpap("4a", answers(cpap__index=per_hour, cpap__events=140)) == MET
    assert cpap("4a", answers(cpap__index=-20, cpap__events=140)) == UNKNOWN


# ---- CPAP: the visit and the diagnosis


def visit(days, **elements):
    return {"resourceType": "Encounter", "id": "v", "status": "finished", "class": {"code": "AMB"},
            "subject": {"reference": "Patient/p"}, "reasonCode": [concept(ICD10, "R06.83")],
            "period": {"start": before(days) + "T09:00:00Z"}} | elements  # fmt: skip


def night(days, code="95810"):
    return procedures(CPT, code, [before(days)])[0]


def test_a_visit_counts_when_it_came_before_the_test():
    assert cpap("2", visit(40), night(20)) == MET
    assert cpap("2", visit(20), night(20)) == MET
    assert cpap("2", visit(10), night(20)) == UNKNOWN
    assert cpap("2", visit(40)) == UNKNOWN
    assert cpap("2", visit(40, reasonCode=[concept(ICD10, "M54.5")]), night(20)) == UNKNOWN
    assert cpap("2", visit(40, status="cancelled"), night(20)) == UNKNOWN
    assert cpap("2", answers(cpap__visit_date=before(10), cpap__test_date=before(20))) == NOT_MET
    assert cpap("2", answers(cpap__visit_date=before(-400), cpap__test_date=before(20))) == UNKNOWN
    assert cpap("2", answers(cpap__visit_date="2026", cpap__test_date="2026")) == UNKNOWN
    assert cpap("2", answers(cpap__seen_before_test=True, cpap__visit_date=before(10)), night(20)) == UNKNOWN


@pytest.mark.parametrize("code", ["95800", "95806", "95811"])
def test_a_test_is_recognised_by_its_code_and_not_by_an_order(code):
    assert cpap("3", night(20, code)) == MET
    order = {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "active",
        "intent": "order",
        "code": concept(CPT, code),
    }
    assert cpap("3", order) == UNKNOWN
    approval = {"resourceType": "Claim", "id": "k", "status": "active", "use": "preauthorization",
                "item": [{"sequence": 1, "productOrService": concept(CPT, code), "servicedDate": before(20)}]}  # fmt: skip
    assert cpap("3", approval) == UNKNOWN
    assert cpap("3", approval | {"use": "claim"}) == MET
    assert cpap("3", night(-20, code)) == UNKNOWN


def test_a_past_stroke_counts_even_when_it_is_over():
    assert cpap("4b2", condition(ICD10, "I63.9", clinicalStatus=status("resolved"))) == MET
    assert cpap("4b2", condition(ICD10, "I10", clinicalStatus=status("resolved"))) == UNKNOWN
    assert cpap("4b2", condition(ICD10, "I10", verificationStatus=verified("refuted"))) == UNKNOWN
    assert cpap("4b2", condition(ICD10, "I10", onsetDateTime=before(-900))) == UNKNOWN
    assert cpap("4b2", condition(ICD10, "I10"), answers(cpap__symptom_or_illness=False)) == UNKNOWN


# ---- The nerve stimulator


@pytest.mark.parametrize(
    ("value", "expected"), [(34.9, MET), (35, UNKNOWN), (35.1, NOT_MET), (36.1, NOT_MET), (22, MET)]
)
def test_body_mass_of_exactly_35_is_for_a_person(value, expected):
    assert hns("2", answers(hns__bmi=value)) == expected
    assert hns("2", result(quantity(value, "kg/m2"), code="39156-5", days=30)) == expected


def test_body_mass_counts_for_six_months_and_in_its_own_unit():
    assert hns("2", result(quantity(30, "kg/m2"), code="39156-5", days=300)) == UNKNOWN
    assert hns("2", result(quantity(30, "kg"), code="39156-5", days=30)) == UNKNOWN
    assert hns("2", answers(hns__bmi={"valueQuantity": {"value": 30, "unit": "lb"}})) == UNKNOWN
    assert hns("2", condition(ICD10, "Z68.36")) == NOT_MET
    assert hns("2", condition(ICD10, "Z68.35")) == UNKNOWN
    assert hns("2", condition(ICD10, "Z68.31")) == MET


@pytest.mark.parametrize(("value", "expected"), [(14.9, NOT_MET), (15, MET), (65, MET), (65.1, NOT_MET)])
def test_the_index_of_a_laboratory_night_has_two_limits(value, expected):
    assert hns("3", result(quantity(value), days=30), night(30)) == expected
    assert hns("3", result(quantity(value), days=30), night(30, "95806")) == UNKNOWN
    assert hns("3", answers(hns__index=value, hns__test_date=before(30))) == expected


def test_a_laboratory_night_counts_for_two_years():
    assert hns("3", result(quantity(30), days=740), night(740)) == UNKNOWN
    assert hns("3", answers(hns__index=30, hns__test_date=before(740))) == NOT_MET
    assert hns("3", answers(hns__index=30)) == UNKNOWN


def test_pressure_was_tried_long_enough_and_used_too_little():
    assert hns("5a", answers(hns__cpap_hours=1.9, hns__cpap_months=6)) == MET
    assert hns("5a", answers(hns__cpap_hours=4, hns__cpap_months=6)) == NOT_MET
    assert hns("5a", answers(hns__cpap_hours=1.9)) == UNKNOWN
    use = result(quantity(1.9, "h"), system=OURS, code="cpap-hours-per-night")
    assert hns("5a", use) == UNKNOWN
    del use["effectiveDateTime"]
    assert hns("5a", use | {"effectivePeriod": {"start": before(200), "end": before(20)}}) == MET


def test_a_heart_attack_speaks_against_it_for_six_months():
    assert hns("9a", condition(ICD10, "I21.9", onsetDateTime=before(60))) == MET
    assert hns("9a", condition(ICD10, "I21.9", onsetDateTime=before(400))) == UNKNOWN
    assert hns("9a", condition(ICD10, "I21.9")) == UNKNOWN


# ---- Sleep studies


def test_a_home_test_fits_only_when_somebody_says_that_no_illness_is_in_its_way():
    assert study("2a7", code="95806") == UNKNOWN
    assert study("2a7", answers(sleep__complicating_illness=False), code="95806") == MET
    assert study("2a7", condition(ICD10, "I50.22"), code="95806") == NOT_MET
    assert study("2a7", condition(ICD10, "I50.22"), answers(sleep__complicating_illness=False), code="95806") == UNKNOWN
    assert study("2a7", answers(sleep__complicating_illness=False)) == NOT_MET


@pytest.mark.parametrize(("score", "expected"), [(11, MET), (10, NOT_MET)])
def test_sleepiness_is_a_score_above_ten(score, expected):
    assert study("2a1", result({"valueInteger": score}, system=OURS, code="epworth-sleepiness-score")) == expected
    assert study("2a1", answers(sleep__epworth=score)) == expected
    assert study("2a1", answers(sleep__epworth=score, sleep__sleepy_by_day=expected != MET)) == UNKNOWN


def test_a_suspected_disorder_is_enough_for_a_laboratory():
    assert study("2b", condition(ICD10, "G47.411", verificationStatus=verified("differential"))) == MET
    assert study("2b", condition(ICD10, "G47.411", verificationStatus=verified("refuted"))) == UNKNOWN


@pytest.mark.parametrize(
    ("said", "expected"), [("failed", MET), ("negative", MET), ("positive", NOT_MET), ("none", NOT_MET)]
)
def test_a_home_test_without_an_answer_opens_the_laboratory(said, expected):
    assert study("2a9", answers(sleep__home_test_result=coded(said))) == expected


def test_the_day_of_the_request_is_the_last_that_counts():
    assert study("1", answers(sleep__visit_date=DAY.isoformat())) == MET
    assert study("1", answers(sleep__visit_date=before(-1))) == UNKNOWN
    assert study("1", answers(sleep__visit_date=before(200))) == NOT_MET
