"""Whom the law protects from a no: every row of the published table, its edges, its days, and what it lets through."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from openum.determination.protecting import _rows_of
from openum.determination.protections import (
    ApprovedBefore,
    Birth,
    CourtOrderStands,
    Law,
    LegalReason,
    No,
    ProofMissing,
    Protected,
    Subject,
    check_may_refuse,
    is_child,
    protected_until,
    rows_in_force,
    statement_guard,
    statements_asked,
    takes_back,
)
from openum.vocabulary.terms import LineOfBusiness, ReasonClass

PACK = settings.OPENUM_POLICIES / "deciders" / "protections.yaml"
ROWS = _rows_of("the pack", PACK.read_text(encoding="utf-8"))
AT = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
TODAY = AT.date()
ADULT = Subject(
    age=50, is_integrated=False, has_court_order=False, is_emergency=False, birth=None,
    service_class="medical_surgical", network_status="in_network", stay_from=None, asked_units=Decimal(10),
)  # fmt: skip
NOTHING = No(reason_class=ReasonClass.NOT_MEDICALLY_NECESSARY, units=Decimal(0), at=AT, on=TODAY)
PROOF = LegalReason(
    ground="fraud_or_similar_fault", document="a-document", words="The record was altered after the visit."
)


def rows(line_of_business="commercial_state", state="", on=TODAY):
    return rows_in_force(ROWS, line_of_business=line_of_business, state=state, on=on)


def test_every_law_has_a_row_and_every_row_its_citation_and_own_source_state():
    assert {row.law for row in ROWS} == set(Law)
    assert len({row.key for row in ROWS}) == len(ROWS)
    assert all(row.citation and isinstance(row.source_verified, bool) for row in ROWS)
    asking = {Law.EARLY_TREATMENT, Law.BOTH_BENEFITS, Law.PRUDENT_LAYPERSON, Law.AFTER_STABILIZATION}
    assert {row.law for row in ROWS if row.question} == asking
    assert all(set(row.question) == {"en", "es"} for row in ROWS if row.question)


@pytest.mark.parametrize("line_of_business", LineOfBusiness)
def test_an_ordinary_adult_is_not_protected_from_an_ordinary_no(line_of_business):
    for reason in ReasonClass:
        check_may_refuse(ADULT, replace(NOTHING, reason_class=reason), rows(line_of_business))
    assert statements_asked(ADULT, rows(line_of_business)) == []


@pytest.mark.parametrize(
    ("line_of_business", "state", "law", "key"),
    [
        ("medicaid_ffs", "", Law.EARLY_TREATMENT, "epsdt"),
        ("chip_ffs", "", Law.EARLY_TREATMENT, None),
        ("commercial_state", "NY", Law.SUBSTANCE_USE_STAY, "new-york-substance-use"),
        ("medicare_advantage", "NY", Law.SUBSTANCE_USE_STAY, None),
        ("commercial_state", "CA", Law.SUBSTANCE_USE_STAY, None),
        ("erisa_group", "", Law.APPROVED_BEFORE, "approved-before"),
        ("medicare_advantage", "TX", Law.APPROVED_BEFORE, "approved-before-medicare-advantage"),
        ("qhp_ffe", "TX", Law.APPROVED_BEFORE, "approved-before-texas"),
        ("qhp_ffe", "CA", Law.APPROVED_BEFORE, "approved-before-california"),
        ("qhp_ffe", "NY", Law.APPROVED_BEFORE, "approved-before-new-york"),
    ],
)
def test_the_row_of_the_state_comes_before_the_programs_and_the_general_one(line_of_business, state, law, key):
    found = rows(line_of_business, state).get(law)
    assert (found.key if found else None) == key


def test_a_row_protects_only_in_its_days():
    row = next(row for row in ROWS if row.key == "approved-before-medicare-advantage")
    ended = replace(row, effective_to=date(2027, 1, 1))
    asked = {"line_of_business": "medicare_advantage", "state": ""}
    assert [ended.holds(**asked, on=day) for day in (
        date(2023, 12, 31), date(2024, 1, 1), date(2026, 12, 31), date(2027, 1, 1)
    )] == [False, True, True, False]  # fmt: skip


@pytest.mark.parametrize(("age", "is_protected"), [(None, True), (0, True), (20, True), (21, False)])
@pytest.mark.parametrize("reason", [ReasonClass.BENEFIT_LIMIT, ReasonClass.EXCLUSION])
def test_no_limit_ends_the_request_of_a_child_in_medicaid(age, is_protected, reason):
    """SSA 1905(r)(5)."""
    child, no, law = replace(ADULT, age=age), replace(NOTHING, reason_class=reason), rows("medicaid_managed_care")
    assert is_child(child, law[Law.EARLY_TREATMENT]) is is_protected
    assert [row.law for row in statements_asked(child, law)] == ([Law.EARLY_TREATMENT] if is_protected else [])
    if is_protected:
        with pytest.raises(Protected, match=r"under 21 no limit .* \(SSA 1905\(r\)\(5\)"):
            check_may_refuse(child, no, law)
    else:
        check_may_refuse(child, no, law)
    check_may_refuse(child, replace(no, reason_class=ReasonClass.NOT_MEDICALLY_NECESSARY), law)


@pytest.mark.parametrize("reason", ReasonClass)
def test_an_emergency_is_refused_on_the_symptoms_alone(reason):
    """45 CFR 149.110; 42 CFR 422.113(b), 438.114."""
    emergency, no = replace(ADULT, is_emergency=True), replace(NOTHING, reason_class=reason)
    if reason is ReasonClass.NOT_MEDICALLY_NECESSARY:
        check_may_refuse(emergency, no, rows())
    else:
        with pytest.raises(Protected, match="no authorization and no network"):
            check_may_refuse(emergency, no, rows())
    assert [row.law for row in statements_asked(emergency, rows())] == [Law.PRUDENT_LAYPERSON]


@pytest.mark.parametrize(("is_caesarean", "hours"), [(False, 48), (True, 96)])
def test_the_time_after_a_birth_is_neither_reviewed_nor_refused_later(is_caesarean, hours):
    """29 U.S.C. 1185."""
    birth = Birth(starts_at=AT, is_caesarean=is_caesarean)
    stay, law = replace(ADULT, birth=birth), rows()
    until = AT + timedelta(hours=hours)
    assert protected_until(birth, law[Law.MATERNITY_STAY]) == until
    with pytest.raises(Protected, match=f"first {hours} hours after this birth are not reviewed"):
        check_may_refuse(stay, replace(NOTHING, units=Decimal(9), at=until - timedelta(seconds=1)), law)
    days = Decimal(hours) / 24
    check_may_refuse(stay, replace(NOTHING, units=days, at=until), law)
    with pytest.raises(Protected, match=f"approve at least {days:f} days"):
        check_may_refuse(stay, replace(NOTHING, units=days - Decimal("0.5"), at=until), law)


@pytest.mark.parametrize(
    ("changes", "days", "is_protected"),
    [
        ({}, 0, True), ({}, 27, True), ({}, 28, False), ({"network_status": "out_of_network"}, 0, False),
        ({"service_class": "mental_health"}, 0, False), ({"stay_from": None}, 0, False),
    ],
)  # fmt: skip
def test_a_new_york_stay_for_substance_use_is_not_reviewed_for_28_days(changes, days, is_protected):
    """NY Ins. Law 3216(i)(30)."""
    start = TODAY - timedelta(days=days)
    stay = replace(ADULT, **{"service_class": "substance_use", "stay_from": start, **changes})
    if is_protected:
        with pytest.raises(Protected, match="first 28 days"):
            check_may_refuse(stay, NOTHING, rows(state="NY"))
    else:
        check_may_refuse(stay, NOTHING, rows(state="NY"))
    check_may_refuse(stay, NOTHING, rows(state="TX"))


@pytest.mark.parametrize(("days", "is_protected"), [(0, True), (89, True), (90, False)])
def test_a_new_members_course_of_treatment_goes_on(days, is_protected):
    """42 CFR 422.112(b)(8)."""
    course = replace(ADULT, course_since=TODAY - timedelta(days=days))
    if is_protected:
        with pytest.raises(Protected, match="at least 90 days"):
            check_may_refuse(course, NOTHING, rows("medicare_advantage"))
    else:
        check_may_refuse(course, NOTHING, rows("medicare_advantage"))
    check_may_refuse(course, NOTHING, rows("erisa_group"))


def test_a_court_order_holds_every_no_back_until_it_is_cleared():
    with pytest.raises(CourtOrderStands, match="Compliance reads it"):
        check_may_refuse(replace(ADULT, has_court_order=True), NOTHING, rows())


@pytest.mark.parametrize(
    ("approved", "asked", "units", "taken"),
    [
        (None, 10, 0, False), (10, 10, 0, True), (10, 10, 9, True), (10, 10, 10, False), (10, 12, 10, False),
        (10, 8, 8, False), (10, 8, 7, True), (3, None, 2, True), (3, None, 3, False),
    ],
)  # fmt: skip
def test_only_what_was_approved_can_be_taken_back(approved, asked, units, taken):
    subject = replace(
        ADULT, approved_units=None if approved is None else Decimal(approved),
        asked_units=None if asked is None else Decimal(asked),
    )  # fmt: skip
    assert takes_back(subject, units=Decimal(units)) is taken


NECESSITY = {
    ReasonClass.NOT_MEDICALLY_NECESSARY, ReasonClass.INFORMATION_NOT_RECEIVED, ReasonClass.EXPERIMENTAL,
    ReasonClass.LEVEL_OR_SITE_OF_CARE, ReasonClass.OTHER,
}  # fmt: skip


@pytest.mark.parametrize("reason", ReasonClass)
def test_what_was_approved_is_not_found_unnecessary_later(reason):
    """42 CFR 422.138(c)."""
    approved, no = replace(ADULT, approved_units=Decimal(10)), replace(NOTHING, reason_class=reason)
    if reason in NECESSITY:
        with pytest.raises(
            ApprovedBefore, match=r"fraud or similar fault or good cause to reopen, with proof \(42 CFR"
        ):
            check_may_refuse(approved, no, rows("medicare_advantage"))
    else:
        check_may_refuse(approved, no, rows("medicare_advantage"))


@pytest.mark.parametrize(
    ("reason", "refusal"),
    [
        (PROOF, None),
        (replace(PROOF, ground="service_not_performed"), ApprovedBefore),  # a ground of Texas law, not of Medicare's
        (replace(PROOF, document=""), ProofMissing),
        (replace(PROOF, words="too short to say it"), ProofMissing),
        (replace(PROOF, words="just long enough now"), None),
    ],
)
def test_a_legal_reason_against_an_approval_comes_with_its_proof(reason, refusal):
    approved, no = replace(ADULT, approved_units=Decimal(10)), replace(NOTHING, legal_reason=reason)
    if refusal is None:
        check_may_refuse(approved, no, rows("medicare_advantage"))
    else:
        with pytest.raises(refusal):
            check_may_refuse(approved, no, rows("medicare_advantage"))


@pytest.mark.parametrize(
    ("line_of_business", "changes", "laws"),
    [
        ("medicare_advantage", {"is_integrated": True}, [Law.BOTH_BENEFITS]),
        ("medicaid_managed_care", {"is_integrated": True}, []),
        ("medicare_advantage", {"is_after_stabilization": True}, [Law.AFTER_STABILIZATION]),
        ("erisa_group", {"is_after_stabilization": True}, []),
        ("medicaid_managed_care", {"age": 4, "is_emergency": True, "is_after_stabilization": True},
         [Law.EARLY_TREATMENT, Law.PRUDENT_LAYPERSON, Law.AFTER_STABILIZATION]),
    ],
)  # fmt: skip
def test_the_law_asks_about_this_person_before_a_no(line_of_business, changes, laws):
    asked = statements_asked(replace(ADULT, **changes), rows(line_of_business))
    assert [row.law for row in asked] == laws
    for row in asked:
        assert not statement_guard(row, "Too short to count.").is_met
        assert statement_guard(row, "  A sentence of twenty  ").reason == "A sentence of twenty"
        assert row.question["es"] in statement_guard(row, "", language="es").reason
        assert row.question["en"] in statement_guard(row, "").reason


def test_what_no_row_protects_is_not_protected():
    everything = replace(
        ADULT, age=3, is_integrated=True, has_court_order=True, is_emergency=True, is_after_stabilization=True,
        birth=Birth(starts_at=AT, is_caesarean=True), approved_units=Decimal(1), course_since=TODAY,
        service_class="substance_use", stay_from=TODAY,
    )  # fmt: skip
    check_may_refuse(everything, NOTHING, {})
    assert statements_asked(everything, {}) == []


@given(
    hours=st.integers(0, 200), is_caesarean=st.booleans(), units=st.decimals(0, 20, places=1),
    reason=st.sampled_from(ReasonClass),
)  # fmt: skip
def test_no_reason_and_no_hour_takes_the_time_after_a_birth(hours, is_caesarean, units, reason):
    """Whoever says no, whenever: two or four days are paid."""
    stay = replace(ADULT, birth=Birth(starts_at=AT, is_caesarean=is_caesarean))
    least = 4 if is_caesarean else 2
    no = No(reason_class=reason, units=units, at=AT + timedelta(hours=hours), on=TODAY)
    is_lawful = hours >= least * 24 and units >= least
    try:
        check_may_refuse(stay, no, rows())
    except Protected:
        assert not is_lawful
    else:
        assert is_lawful


@pytest.mark.parametrize(
    ("line_of_business", "state", "service_class", "rests_on", "is_refused"),
    [
        ("commercial_state", "CA", "mental_health", "Medical policy committee; our own policy", True),
        ("commercial_state", "CA", "substance_use", "", True),
        ("commercial_state", "CA", "substance_use", "The ASAM Criteria, 4th edition, dimension 3", False),
        ("qhp_ffe", "CA", "mental_health", "LOCUS-CASII composite score", False),
        ("qhp_ffe", "CA", "mental_health", "American Psychiatric  Association; practice guideline", False),
        ("commercial_state", "CA", "mental_health", "Locust tree policy", True),
        ("commercial_state", "CA", "medical_surgical", "our own policy", False),
        ("commercial_state", "TX", "mental_health", "our own policy", False),
        ("erisa_group", "CA", "mental_health", "our own policy", False),
        ("medicare_advantage", "CA", "mental_health", "our own policy", False),
    ],
)
def test_california_judges_behavioral_care_only_by_the_criteria_of_the_fields_association(
    line_of_business, state, service_class, rests_on, is_refused
):
    """Cal. HSC 1374.721; Cal. Ins. Code 10144.52 (SB 855)."""
    person = replace(ADULT, service_class=service_class, rests_on=rests_on)
    law = rows(line_of_business, state)
    if is_refused:
        with pytest.raises(Protected, match="non-profit association"):
            check_may_refuse(person, NOTHING, law)
        for reason in (ReasonClass.INFORMATION_NOT_RECEIVED, ReasonClass.NOT_A_MEMBER):
            check_may_refuse(person, replace(NOTHING, reason_class=reason), law)
    else:
        check_may_refuse(person, NOTHING, law)


def test_the_california_row_holds_from_its_first_day():
    assert Law.ASSOCIATION_CRITERIA not in rows(state="CA", on=date(2020, 12, 31))
    assert Law.ASSOCIATION_CRITERIA in rows(state="CA", on=date(2021, 1, 1))
