"""Leaving facts out never proves anything: from a record that speaks for a request, no part says not met."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    values,
)

LUMBAR = [
    condition(ICD10, "M54.16", onsetDateTime=before(70)),
    condition(SNOMED, "23056005", identity="s", recordedDate=before(3)),
    *procedures(CPT, "97110", [before(60 - 6 * number) for number in range(8)]),
    {"resourceType": "Observation", "id": "slr", "status": "final", "code": concept(SNOMED, "279372000"),
     "effectiveDateTime": before(4)},
    {"resourceType": "DiagnosticReport", "id": "old", "status": "final", "code": concept(CPT, "72148"),
     "effectiveDateTime": before(900)},
    *[answers(identity=f"q{number}", **{link: value}) for number, (link, value) in enumerate({
        "lbp__pain_radiates": True, "lbp__pain_onset": before(70), "lbp__care_start": before(60),
        "lbp__care_end": before(10), "lbp__red_flag": True, "lbp__exam_date": before(4),
        "lbp__mri_last_12_months": False, "lbp__changed_since_mri": True, "lbp__planned_step": coded("injection"),
    }.items())],
]  # fmt: skip

KNEE = [
    condition(ICD10, "M17.11", onsetDateTime=before(400)),
    condition(ICD10, "R26.2", identity="f"),
    condition(ICD10, "Z68.34", identity="z"),
    *procedures(CPT, "97110", [before(120 - 14 * number) for number in range(7)]),
    {"resourceType": "Observation", "id": "a1c", "status": "final", "code": concept(LOINC, "4548-4"),
     "effectiveDateTime": before(9), "valueQuantity": {"value": 6.9, "unit": "%"}},
    *[answers(identity=f"q{number}", **{link: value}) for number, (link, value) in enumerate({
        "knee__side": coded("right"), "knee__pain_onset": before(400), "knee__limits_function": True,
        "knee__kl_grade": coded("4"), "knee__film_date": before(30), "knee__film_weight_bearing": True,
        "knee__therapy_not_possible": True, "knee__active_infection": False, "knee__bmi": 34.2, "knee__diabetes": False,
    }.items())],
]  # fmt: skip

SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SOME
@given(st.lists(st.sampled_from(range(len(LUMBAR))), unique=True))
def test_no_part_of_a_supporting_record_answers_not_met_for_the_lumbar_mri(chosen):
    result = run("LBP-MRI/v2026.2.md", *[LUMBAR[number] for number in chosen])
    assert "not_met" not in values(result).values()


@SOME
@given(st.lists(st.sampled_from(range(len(KNEE))), unique=True))
def test_no_part_of_a_supporting_record_answers_not_met_for_the_knee(chosen):
    result = run("KNEE-ARTH/v2026.2.md", *[KNEE[number] for number in chosen], side="right", code="27447")
    assert "not_met" not in values(result).values()


def test_the_whole_of_each_record_meets_its_guideline():
    assert run("LBP-MRI/v2026.2.md", *LUMBAR).value.value == "met"
    assert run("KNEE-ARTH/v2026.2.md", *KNEE, side="right", code="27447").value.value == "met"
