"""The law of appeals as tables: forms, speed, who may decide, rotation, continuation, states; each row names its law."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openum
from openum.accounts.rules import ROLE_PERMISSIONS, LicenceFact, Permission, ReviewerFacts
from openum.appeals.rules.continuation import (
    Asked,
    BenefitGoesOn,
    EndGround,
    EndsInThePast,
    NoContinuation,
    check_may_continue,
    check_may_end,
    end_ground,
)
from openum.appeals.rules.deciding import PanelSize, check_panel_size, panel_result
from openum.appeals.rules.filing import Filing, SpeedAnswer, add_months, form_is_valid, take
from openum.appeals.rules.law import Body, Filer, Form, NoAppealLaw, law_for, read_laws
from openum.appeals.rules.reviewers import (
    Candidate,
    Need,
    ReviewerNotIndependent,
    assess,
    check_may_be_assigned,
    check_may_decide_appeal,
    check_may_reverse_early,
    is_fit,
)
from openum.appeals.rules.rotation import NoOrganizationFree, Organization, rotate
from openum.appeals.rules.states import MAY_BECOME, OPEN_STATES, AppealState, IllegalAppealStep, Outcome, check_step
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import LineOfBusiness, Role

FILE = Path(openum.__file__).parent.parent / "policies" / "appeals" / "levels.yaml"
DOCUMENT = read_yaml(FILE.read_text(encoding="utf-8"))
LAWS = read_laws(DOCUMENT)
TODAY = date(2026, 11, 16)


def law(line_of_business, state=""):
    return law_for(LAWS, line_of_business=line_of_business, state=state)


def test_every_line_of_business_has_a_law_and_every_row_its_citation():
    for each in LineOfBusiness:
        found = law(each)
        assert [level.level for level in found.levels] == list(range(1, len(found.levels) + 1))
        assert all(level.law for level in found.levels)
        assert all(form.law for form in found.forms)
        assert found.reviewer.law
        assert found.dismissal.law
    with pytest.raises(NoAppealLaw):
        law("dental")


@pytest.mark.parametrize(
    ("business", "state", "outside", "is_automatic", "citation"),
    [
        ("medicare_advantage", "", Body.REVIEW_ENTITY, True, "42 CFR 422.592"),
        ("medicare_part_d", "", Body.REVIEW_ENTITY, False, "42 CFR 423.600"),
        ("integrated_dual", "", Body.REVIEW_ENTITY, True, "42 CFR 422.634(b)(1)"),
        ("medicaid_managed_care", "", Body.FAIR_HEARING, False, "42 CFR 438.408(f)"),
        ("erisa_group", "", Body.EXTERNAL, False, "45 CFR 147.136(d)"),
        ("commercial_state", "EX", Body.EXTERNAL, False, "45 CFR 147.136(d)"),
        ("commercial_state", "NY", Body.STATE_EXTERNAL, False, "45 CFR 147.136(c)"),
        ("qhp_ffe", "TX", Body.EXTERNAL, False, "45 CFR 147.136(d)"),
    ],
)
def test_the_level_after_the_plan(business, state, outside, is_automatic, citation):
    level = law(business, state).level_outside(1)
    assert (level.body, level.is_automatic, level.law) == (outside, is_automatic, citation)


@pytest.mark.parametrize(
    ("business", "required", "has_second", "citation"),
    [
        ("medicare_advantage", 1, False, "42 CFR 422.582"),
        ("medicare_part_d", 1, False, "42 CFR 423.580"),
        ("medicaid_managed_care", 1, False, "42 CFR 438.402(b)"),
        ("erisa_group", 1, True, "29 CFR 2560.503-1(c)(2), (c)(3)"),
        ("commercial_state", 1, False, "29 CFR 2560.503-1(c)(2)"),
    ],
)
def test_how_often_the_plan_itself_looks(business, required, has_second, citation):
    own = law(business)
    assert own.required_plan_levels == required
    assert (own.further_plan_level(1) is not None) is has_second
    (row,) = [row for row in DOCUMENT["rows"] if row["key"] == own.key]
    assert row["most_plan_levels"]["law"].startswith(citation)


@pytest.mark.parametrize(
    ("key", "levels", "words"),
    [
        ("medicaid", ["plan", "plan", "fair_hearing"], r"at most 1 and 0 \(42 CFR 438.402\(b\)\)"),
        ("medicare-advantage", ["plan", "plan*", "review_entity"], "at most 1 and 0"),
        ("erisa", ["plan", "plan", "plan", "external"], "at most 2 and 1"),
        ("erisa", ["plan", "external", "plan"], "not numbered from 1 with the plan's own first"),
    ],
)
def test_a_row_with_more_levels_than_its_law_admits_is_not_published(key, levels, words):
    (row,) = [row for row in DOCUMENT["rows"] if row["key"] == key]
    own = [
        {"level": at, "body": body.rstrip("*"), "name": body, "law": "test", "is_voluntary": body.endswith("*")}
        for at, body in enumerate(levels, 1)
    ]
    with pytest.raises(ValueError, match=words):
        read_laws({**DOCUMENT, "rows": [{**row, "levels": own}]})


@pytest.mark.parametrize(
    ("business", "code", "is_drug"),
    [
        ("medicare_advantage", "J1745", True),
        ("medicare_advantage", "Q5117", True),
        ("medicare_advantage", "Q0138", False),
        ("medicare_advantage", "27447", False),
        ("medicare_advantage", "J174", False),
        ("erisa_group", "J1745", False),
    ],
)
def test_which_codes_are_part_b_drugs_42_cfr_422_568_b_3(business, code, is_drug):
    assert law(business).is_part_b_drug(code) is is_drug


@pytest.mark.parametrize(
    ("business", "filer", "urgent", "after", "form", "citation"),
    [
        ("medicare_advantage", Filer.MEMBER, False, False, Form.NONE, "42 CFR 422.578"),
        ("medicare_advantage", Filer.CLINICIAN, False, False, Form.NONE, "42 CFR 422.578"),
        ("medicare_advantage", Filer.CLINICIAN, False, True, Form.APPOINTMENT_OF_REPRESENTATIVE, "42 CFR 422.561"),
        ("medicare_advantage", Filer.OUTSIDE_PROVIDER, False, True, Form.WAIVER_OF_LIABILITY, "42 CFR 422.574(b)"),
        ("medicare_advantage", Filer.REPRESENTATIVE, True, False, Form.APPOINTMENT_OF_REPRESENTATIVE, "42 CFR 422.561"),
        ("medicare_part_d", Filer.CLINICIAN, False, False, Form.NONE, "42 CFR 423.580"),
        ("medicaid_managed_care", Filer.CLINICIAN, False, False, Form.WRITTEN_CONSENT, "42 CFR 438.402(c)(1)(ii)"),
        ("erisa_group", Filer.CLINICIAN, True, False, Form.NONE, "29 CFR 2560.503-1(b)(4)"),
        ("erisa_group", Filer.CLINICIAN, False, False, Form.DESIGNATION_OF_REPRESENTATIVE, "29 CFR 2560.503-1(b)(4)"),
        ("commercial_state", Filer.GUARDIAN, False, False, Form.COURT_OR_LEGAL_PAPER, "29 CFR 2560.503-1(b)(4)"),
    ],
)
def test_which_paper_a_filer_needs(business, filer, urgent, after, form, citation):
    row = law(business).form_for(filer, is_urgent=urgent, is_after=after)
    assert (row.form, row.law) == (form, citation)


@pytest.mark.parametrize(
    ("signed", "on", "holds"),
    [
        (date(2025, 11, 17), TODAY, True),
        (date(2025, 11, 16), TODAY, False),
        (date(2026, 11, 17), TODAY, False),
        (None, TODAY, False),
    ],
)
def test_an_appointment_lasts_one_year(signed, on, holds):
    row = law("medicare_advantage").form_for(Filer.REPRESENTATIVE, is_urgent=False, is_after=False)
    assert form_is_valid(row, signed_on=signed, on=on) is holds


@pytest.mark.parametrize("business", [each.value for each in LineOfBusiness])
@pytest.mark.parametrize(
    ("filer", "supports", "after", "answer"),
    [
        (Filer.MEMBER, False, False, SpeedAnswer.TO_DECIDE),
        (Filer.MEMBER, True, False, SpeedAnswer.GRANTED),
        (Filer.CLINICIAN, False, False, SpeedAnswer.GRANTED),
        (Filer.MEMBER, True, True, SpeedAnswer.REFUSED),
    ],
)
def test_a_clinician_binds_the_plan_and_payment_is_never_fast(business, filer, supports, after, answer):
    filing = Filing(
        filer=filer, name="Somebody", wants_speed=True, clinician_supports=supports, is_after=after,
        has_valid_form=False, is_late=False,
    )  # fmt: skip
    assert take(law(business), filing).speed is answer


def reviewer(**changes):
    facts = {
        "is_machine": False, "permissions": ROLE_PERMISSIONS[Role.ORTHOPAEDIST],
        "licences": (LicenceFact("physician", "EX", "active", date(2015, 1, 1), None),),
        "specialties": frozenset({"orthopaedics"}),
    }  # fmt: skip
    return ReviewerFacts(**facts | changes)


def need(business="commercial_state", state="EX", **changes):
    facts = {
        "law": law(business, state), "involved": frozenset({"first"}), "specialty": "orthopaedics", "state": state,
        "on": TODAY,
    }  # fmt: skip
    return Need(**facts | changes)


def peer(kind, specialty, state="EX"):
    licence = LicenceFact(kind, state, "active", date(2015, 1, 1), None)
    facts = reviewer(
        permissions=ROLE_PERMISSIONS[Role.PEER_REVIEWER], licences=(licence,), specialties=frozenset({specialty})
    )
    return Candidate(key="new", facts=facts)


@pytest.mark.parametrize(
    ("kind", "specialty", "service", "business", "state", "failed"),
    [
        ("psychologist", "psychology", "behavioral health", "medicaid_managed_care", "", set()),
        ("psychologist", "psychology", "behavioral health", "erisa_group", "", set()),
        ("psychologist", "psychology", "behavioral health", "commercial_state", "NY", set()),
        ("psychologist", "psychology", "behavioral health", "commercial_state", "TX", {"licence"}),
        ("psychologist", "psychology", "behavioral health", "qhp_ffe", "TX", {"licence"}),
        ("psychologist", "psychology", "behavioral health", "qhp_ffe", "EX", set()),
        ("psychologist", "psychology", "behavioral health", "medicare_advantage", "", {"licence"}),
        ("psychologist", "psychology", "orthopaedics", "erisa_group", "", {"licence", "field"}),
        ("dentist", "oral surgery", "dentistry", "medicare_advantage", "", set()),
        ("dentist", "dentistry", "dentistry", "commercial_state", "CA", set()),
        ("pharmacist", "pharmacy", "pharmacy", "medicaid_managed_care", "", set()),
        ("pharmacist", "pharmacy", "pharmacy", "medicare_part_d", "", {"licence"}),
        ("pharmacist", "pharmacy", "oncology", "medicaid_managed_care", "", {"licence", "field"}),
    ],
)
def test_a_peer_of_the_field_decides_where_the_law_admits_one(kind, specialty, service, business, state, failed):
    checks = assess(peer(kind, specialty, state or "EX"), need(business, state, specialty=service))
    assert {check.key for check in checks if not check.holds} == failed


@pytest.mark.parametrize(
    ("candidate", "wanted", "failed"),
    [
        (Candidate(key="new", facts=reviewer()), need(), set()),
        (Candidate(key="first", facts=reviewer()), need(), {"not_involved"}),
        (Candidate(key="new", facts=reviewer(), superiors=frozenset({"first"})), need(), {"not_subordinate"}),
        (Candidate(key="new", facts=reviewer(is_machine=True)), need(), {"person"}),
        (Candidate(key="new", facts=reviewer(permissions=frozenset())), need(), {"permission"}),
        (Candidate(key="new", facts=reviewer(licences=())), need(), {"licence"}),
        (Candidate(key="new", facts=reviewer()), need(state="NY"), {"licence"}),
        (Candidate(key="new", facts=reviewer(specialties=frozenset({"internal medicine"}))), need(), {"field"}),
        (
            Candidate(key="new", facts=reviewer(specialties=frozenset({"internal medicine"}))),
            need("medicare_advantage"),
            set(),
        ),
        (Candidate(key="new", facts=reviewer(specialties=frozenset({"sports medicine"}))), need(), set()),
        (Candidate(key="new", facts=reviewer(), interests=("Owns it.",)), need(), {"interest"}),
    ],
)
def test_each_condition_of_the_reviewer(candidate, wanted, failed):
    checks = assess(candidate, wanted)
    assert {check.key for check in checks if not check.holds} == failed
    assert is_fit(checks) is (not failed)


FIRST, WRONG_FIELD = {"key": "first"}, {"specialties": frozenset({"internal medicine"})}


@pytest.mark.parametrize(
    ("business", "who", "facts", "refused"),
    [
        ("commercial_state", {}, {}, None),
        ("commercial_state", FIRST, {}, None),  # 45 CFR 147.136(b): the plan may take its own no back
        ("commercial_state", {"superiors": frozenset({"first"})}, {}, None),
        ("commercial_state", FIRST, WRONG_FIELD, None),
        ("commercial_state", FIRST, {"licences": ()}, "No valid physician"),
        ("commercial_state", {"interests": ("Owns it.",)}, {}, "Owns it"),
        ("commercial_state", FIRST, {"is_machine": True}, "Software decides no appeal"),
        ("medicare_advantage", FIRST, {}, "Took part in the decision"),  # 42 CFR 422.590(h)
        ("medicare_advantage", {}, {}, None),
    ],
)
def test_who_may_reverse_early(business, who, facts, refused):
    candidate, wanted = Candidate(**{"key": "new"} | who, facts=reviewer(**facts)), need(business)
    if refused is None:
        assert check_may_reverse_early(candidate, wanted) == assess(candidate, wanted)
    else:
        with pytest.raises(ReviewerNotIndependent, match=refused):
            check_may_reverse_early(candidate, wanted)


def test_a_decision_comes_after_the_statement_that_there_is_no_conflict():
    silent = Candidate(key="new", facts=reviewer())
    assert check_may_be_assigned(silent, need()) == assess(silent, need())
    with pytest.raises(ReviewerNotIndependent, match="Attest first"):
        check_may_decide_appeal(silent, need())
    attested = replace(silent, has_attested=True)
    assert check_may_decide_appeal(attested, need()) == assess(attested, need())


@given(
    is_machine=st.booleans(), permissions=st.sets(st.sampled_from(list(Permission))), key=st.sampled_from(["first", "new"]),
    superiors=st.sets(st.sampled_from(["first", "chief"])), has_attested=st.booleans(),
    business=st.sampled_from([each.value for each in LineOfBusiness]), licensed=st.booleans(),
)  # fmt: skip
def test_no_facts_let_a_machine_the_first_decider_or_a_subordinate_decide(
    is_machine, permissions, key, superiors, has_attested, business, licensed
):
    facts = reviewer(
        is_machine=is_machine, permissions=frozenset(permissions), **({} if licensed else {"licences": ()})
    )
    candidate = Candidate(key=key, facts=facts, superiors=frozenset(superiors), has_attested=has_attested)
    barred = (
        is_machine or key == "first" or "first" in superiors or not has_attested or not licensed
        or Permission.DECIDE_APPEALS not in permissions
    )  # fmt: skip
    if barred:
        with pytest.raises(ReviewerNotIndependent):
            check_may_decide_appeal(candidate, need(business, ""))
    else:
        check_may_decide_appeal(candidate, need(business, ""))


def test_only_clinicians_may_decide_appeals():
    assert {role for role, held in ROLE_PERMISSIONS.items() if Permission.DECIDE_APPEALS in held} == {
        Role.MEDICAL_DIRECTOR, Role.ORTHOPAEDIST, Role.PEER_REVIEWER,
    }  # fmt: skip


def body(name, last=None, **changes):
    return Organization(key=name, name=name, accredited_to=None, last_assigned_at=last, **changes)


def test_the_organization_that_waited_longest_without_a_conflict_takes_the_review():
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
    rows = [body("late", late), body("early", early), body("never", interests=("Owns it.",))]
    turns = rotate(rows, on=TODAY)
    assert [(turn.name, turn.taken) for turn in turns] == [("never", False), ("early", True), ("late", False)]
    assert all(turn.why for turn in turns)
    with pytest.raises(NoOrganizationFree, match="at least 3"):
        rotate(rows[:2], on=TODAY)
    with pytest.raises(NoOrganizationFree, match="Every organization"):
        rotate([body(name, interests=("x",)) for name in "abc"], on=TODAY)


@given(st.lists(st.sampled_from("abcde"), min_size=3, max_size=5, unique=True), st.integers(5, 30))
def test_turns_are_even(names, rounds):
    last = dict.fromkeys(names)
    counts = dict.fromkeys(names, 0)
    for number in range(rounds):
        taken = next(turn.key for turn in rotate([body(name, last[name]) for name in names], on=TODAY) if turn.taken)
        last[taken] = datetime(2026, 1, 1, number % 24, number, tzinfo=UTC).replace(day=1 + number // 24)
        counts[taken] += 1
    assert max(counts.values()) - min(counts.values()) <= 1


def wish(**changes):
    facts = {
        "on": TODAY, "appeal_in_time": True, "last_day": TODAY, "was_authorized": True, "ordered_by_provider": True,
        "authorized_until": None, "filed_by_provider": False,
    }  # fmt: skip
    return Asked(**facts | changes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"filed_by_provider": True}, "provider cannot ask"),
        ({"appeal_in_time": False}, "not filed in time"),
        ({"last_day": date(2026, 11, 1)}, "had to be asked for by"),
        ({"was_authorized": False}, "authorized before"),
        ({"ordered_by_provider": False}, "No authorized provider"),
        ({"authorized_until": date(2026, 11, 1)}, "period of the first authorization"),
    ],
)
def test_the_conditions_of_continuation_42_cfr_438_420(change, words):
    check_may_continue(law("medicaid_managed_care"), wish())
    with pytest.raises(NoContinuation, match=words):
        check_may_continue(law("medicaid_managed_care"), wish(**change))
    with pytest.raises(NoContinuation, match="no continuation"):
        check_may_continue(law("erisa_group"), wish())


@pytest.mark.parametrize(
    ("facts", "ends"),
    [
        ({"is_withdrawn": True}, EndGround.WITHDRAWN),
        ({"hearing_lost": True}, EndGround.HEARING_LOST),
        ({"plan_upheld_on": date(2026, 11, 5)}, EndGround.NO_HEARING_ASKED),
        ({"plan_upheld_on": date(2026, 11, 6)}, None),
        ({"plan_upheld_on": date(2026, 11, 5), "hearing_asked": True}, None),
        ({}, None),
    ],
)
def test_when_a_continued_benefit_ends_42_cfr_438_420_c(facts, ends):
    usual = {"is_withdrawn": False, "plan_upheld_on": None, "hearing_asked": False, "hearing_lost": False, "on": TODAY}
    assert end_ground(law("medicaid_managed_care"), **usual | facts) is ends
    assert end_ground(law("erisa_group"), **usual | facts) is None


def test_a_benefit_ends_only_on_a_ground_and_never_in_the_past():
    assert check_may_end(EndGround.WITHDRAWN, last_day=TODAY, on=TODAY) is EndGround.WITHDRAWN
    with pytest.raises(BenefitGoesOn, match="438.420"):
        check_may_end(None, last_day=TODAY, on=TODAY)
    with pytest.raises(EndsInThePast):
        check_may_end(EndGround.WITHDRAWN, last_day=date(2026, 11, 15), on=TODAY)


@pytest.mark.parametrize("members", [0, 1, 2, 4])
def test_a_panel_can_decide(members):
    with pytest.raises(PanelSize):
        check_panel_size(members)
    check_panel_size(3)
    assert panel_result([True, True, False]) is Outcome.OVERTURNED
    assert panel_result([True, False, False]) is Outcome.UPHELD


@pytest.mark.parametrize("current", list(AppealState))
@pytest.mark.parametrize("target", list(AppealState))
def test_every_pair_of_states_is_allowed_or_refused(current, target):
    if target in MAY_BECOME[current]:
        check_step(current=current, target=target)
    else:
        with pytest.raises(IllegalAppealStep):
            check_step(current=current, target=target)


def test_from_every_open_state_there_is_a_way_on():
    assert all(MAY_BECOME[state] for state in OPEN_STATES)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 16), 2, date(2027, 1, 16)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
    ],
)
def test_months_end_on_the_same_day_number_or_the_last_day(day, months, end):
    assert add_months(day, months) == end


@pytest.mark.parametrize(
    ("after", "code", "is_asked", "body"),
    [
        (1, "27447", False, Body.REVIEW_ENTITY),  # what Medicare may cover goes to its reviewer by itself
        (1, "27447", True, Body.FAIR_HEARING),  # and the state's hearing is asked for beside it
        (1, "T1019", False, Body.FAIR_HEARING),  # what only Medicaid covers goes to no Medicare reviewer
        (2, "27447", False, Body.JUDGE),  # after the reviewer comes the judge, not the state
    ],
)
def test_an_integrated_plan_has_both_roads_outside(after, code, is_asked, body):
    """42 CFR 422.634(b)."""
    assert law("integrated_dual").level_outside(after, code=code, is_asked=is_asked).body is body


def test_an_integrated_plan_keeps_the_benefit_without_costs_and_for_a_provider_with_consent():
    """42 CFR 422.632, 422.629(l)."""
    row = law("integrated_dual")
    assert row.continuation is not None
    assert not row.continuation.may_recover
    asked = Asked(
        on=TODAY, appeal_in_time=True, last_day=TODAY, was_authorized=True, ordered_by_provider=True,
        authorized_until=None, filed_by_provider=True,
    )  # fmt: skip
    with pytest.raises(NoContinuation, match="written consent"):
        check_may_continue(row, asked)
    check_may_continue(row, replace(asked, has_consent=True))
    with pytest.raises(NoContinuation, match="A provider cannot ask"):
        check_may_continue(law("medicaid_managed_care"), replace(asked, has_consent=True))
