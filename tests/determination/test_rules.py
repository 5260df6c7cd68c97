"""Who may say no, and what must be true first. Pure tables."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from openum.accounts.rules import ROLE_PERMISSIONS, LicenceFact, Permission, PermissionRefused, ReviewerFacts
from openum.determination.reasons import ADMINISTRATIVE_REASONS, NotAdministrative, check_may_close_administratively
from openum.determination.rules import (
    CriteriaNotMet,
    DeciderRow,
    GroundMissing,
    GuardAnswer,
    GuardOpen,
    RationaleMissing,
    ReversalNeedsReopening,
    ReviewerNotQualified,
    check_may_approve_as_nurse,
    check_may_deny,
    check_may_judge,
    check_may_say_no,
    check_reversal,
    conversation_guard,
    evidence_guard,
    nodes_guard,
    overturns_guard,
)
from openum.review.rules.offers import TalkFacts, read_terms
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import LineOfBusiness, LineStatus, ReasonClass, Role

TODAY = date(2026, 11, 30)
ROW = DeciderRow(
    key="commercial-ex", lines_of_business=frozenset({"commercial_state"}), states=frozenset({"EX"}),
    service_specialties=frozenset(), licence_kinds=("physician",), must_hold_product_state=True,
    reviewer_specialties=frozenset({"internal medicine"}), citation="plan policy",
)  # fmt: skip


def reviewer(
    *,
    machine=False,
    role=Role.MEDICAL_DIRECTOR,
    state="EX",
    kind="physician",
    to=None,
    status="active",
    field="internal medicine",
):
    return ReviewerFacts(
        is_machine=machine,
        permissions=ROLE_PERMISSIONS[role],
        licences=(LicenceFact(kind, state, status, date(2020, 1, 1), to),),
        specialties=frozenset({field}),
    )


def test_a_fit_physician_may_deny_and_the_licence_is_named():
    licence = check_may_deny(reviewer=reviewer(), row=ROW, specialty="orthopaedics", state="EX", on=TODAY)
    assert (licence.kind, licence.state) == ("physician", "EX")


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        (reviewer(machine=True), "Only a qualified clinician"),
        (reviewer(role=Role.NURSE), "Only a qualified clinician"),
        (reviewer(role=Role.PHARMACIST), "Only a qualified clinician"),
        (reviewer(state="QQ"), "licence in EX is missing or not valid"),
        (reviewer(kind="registered nurse"), "licence in EX is missing or not valid"),
        (reviewer(to=TODAY), "licence in EX is missing or not valid"),
        (reviewer(status="suspended"), "licence in EX is missing or not valid"),
        (reviewer(field="dermatology"), "Only a physician reviewer fit for orthopaedics"),
    ],
)
def test_everybody_else_may_not(who, sentence):
    with pytest.raises(ReviewerNotQualified, match=sentence):
        check_may_deny(reviewer=who, row=ROW, specialty="orthopaedics", state="EX", on=TODAY)


def test_no_published_row_means_nobody_may_deny():
    with pytest.raises(ReviewerNotQualified, match="No published rule"):
        check_may_deny(reviewer=reviewer(), row=None, specialty="orthopaedics", state="EX", on=TODAY)


@pytest.mark.parametrize(
    ("documents", "opened", "claimed", "reason", "answer"),
    [
        (0, 0, None, "", GuardAnswer.NONE_EXISTS),
        (2, 2, None, "", GuardAnswer.DONE),
        (2, 1, None, "", None),
        (2, 1, GuardAnswer.ATTEMPTED, "page 2 cannot be read", GuardAnswer.ATTEMPTED),
        (2, 1, GuardAnswer.ATTEMPTED, "  ", None),
        (2, 1, GuardAnswer.DONE, "I say so", None),
    ],
)
def test_evidence_is_opened_or_a_reason_given(documents, opened, claimed, reason, answer):
    guard = evidence_guard(documents=documents, opened=opened, claimed=claimed, claimed_reason=reason)
    assert guard.answer == answer


NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)


def terms(key):
    """A row of the published terms of conversations."""
    rows = read_terms(read_yaml((settings.OPENUM_POLICIES / "peer_to_peer" / "offers.yaml").read_text()))
    return next(row for row in rows if row.key == key)


def hours(count):
    return MONDAY + timedelta(hours=count)


OFFERED = {"was_offered": True, "window_ends_at": hours(33), "decide_by": hours(90)}


@pytest.mark.parametrize(
    ("facts", "answer", "says"),
    [
        ({"was_held": True}, GuardAnswer.DONE, "took place"),
        ({"was_offered": True, "was_declined": True}, GuardAnswer.DONE, "declined"),
        ({}, None, "Offer the conversation first"),
        (OFFERED, None, "window runs until 2026-12-02 00:00 EST"),
        ({**OFFERED, "attempts": 1}, None, "window runs"),
        ({**OFFERED, "attempts": 2}, GuardAnswer.ATTEMPTED, "2 logged attempts to reach the clinician."),
        ({**OFFERED, "window_ends_at": MONDAY}, GuardAnswer.DONE, "ended on 2026-11-30 15:00 EST unused"),
        ({**OFFERED, "booked_for": hours(20)}, None, "booked for 2026-12-01 11:00 EST. Hold it first"),
        ({**OFFERED, "booked_for": hours(-1)}, None, "Record what came of it"),
        ({**OFFERED, "booked_for": hours(20), "attempts": 2}, None, "booked"),
        ({**OFFERED, "has_unread_writing": True}, None, "answered in writing"),
        ({**OFFERED, "decide_by": hours(33)}, None, "window runs"),
        ({**OFFERED, "decide_by": hours(33), "attempts": 1}, GuardAnswer.ATTEMPTED, "1 logged attempt to"),
        (
            {**OFFERED, "decide_by": hours(10), "booked_for": hours(20), "attempts": 1},
            GuardAnswer.ATTEMPTED,
            "1 logged",
        ),
    ],
)
def test_in_medicare_advantage_a_no_waits_until_the_offer_was_used_declined_or_ran_out(facts, answer, says):
    guard = conversation_guard(
        terms=terms("medicare-advantage"), facts=TalkFacts(**facts), has_provider=True, at=MONDAY, zone=NEW_YORK
    )
    assert guard.answer == answer
    assert says in guard.reason


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        ({**OFFERED, "attempts": 5}, None),
        ({**OFFERED, "window_ends_at": MONDAY}, GuardAnswer.DONE),
        ({**OFFERED, "decide_by": hours(20), "attempts": 1}, GuardAnswer.ATTEMPTED),
    ],
)
def test_in_texas_attempts_do_not_shorten_the_working_day_unless_the_decision_falls_due(facts, answer):
    """28 TAC 19.1710; Tex. Ins. Code 4201.206."""
    guard = conversation_guard(
        terms=terms("texas"), facts=TalkFacts(**facts), has_provider=True, at=MONDAY, zone=NEW_YORK
    )
    assert guard.answer == answer


@pytest.mark.parametrize("facts", [{}, OFFERED, {**OFFERED, "booked_for": hours(2)}])
def test_elsewhere_the_conversation_is_offered_with_the_notice(facts):
    guard = conversation_guard(
        terms=terms("every-plan"), facts=TalkFacts(**facts), has_provider=True, at=MONDAY, zone=NEW_YORK
    )
    assert guard.answer == GuardAnswer.NOT_APPLICABLE


def test_without_a_clinician_or_with_a_reason_there_is_nothing_to_wait_for():
    nobody = conversation_guard(
        terms=terms("medicare-advantage"), facts=TalkFacts(), has_provider=False, at=MONDAY, zone=NEW_YORK
    )
    assert nobody.answer == GuardAnswer.NONE_EXISTS
    spoken = conversation_guard(
        terms=terms("medicare-advantage"), facts=TalkFacts(was_held=True), has_provider=False, at=MONDAY, zone=NEW_YORK
    )
    assert spoken.answer == GuardAnswer.DONE
    not_owed = conversation_guard(
        terms=terms("every-plan"), facts=TalkFacts(), has_provider=False, at=MONDAY, zone=NEW_YORK
    )
    assert not_owed.answer == GuardAnswer.NOT_APPLICABLE
    claimed = conversation_guard(
        terms=terms("medicare-advantage"), facts=TalkFacts(), has_provider=True, at=MONDAY, zone=NEW_YORK,
        claimed=GuardAnswer.NOT_APPLICABLE, claimed_reason="The practice has closed.",
    )  # fmt: skip
    assert (claimed.answer, claimed.reason) == (GuardAnswer.NOT_APPLICABLE, "The practice has closed.")


@given(st.lists(st.sampled_from(["1", "2", "3a", "3b"]), unique=True), st.booleans())
def test_every_open_criterion_needs_an_answer(leaves, leave_one_out):
    answers = dict.fromkeys(leaves, "because")
    if leaves and leave_one_out:
        answers[leaves[0]] = " "
        assert not nodes_guard(open_leaves=leaves, answers=answers).is_met
    else:
        assert nodes_guard(open_leaves=leaves, answers=answers).is_met


def test_a_no_needs_guards_reason_and_ground():
    met = [evidence_guard(documents=0, opened=0)]
    text = "The record shows seven weeks of therapy."
    check_may_say_no(guards=met, rationale=text, has_guideline=True, cited_authority="")
    check_may_say_no(guards=met, rationale=text, has_guideline=False, cited_authority="NCD 220.2")
    with pytest.raises(GuardOpen, match="Open 1 more of 1"):
        check_may_say_no(
            guards=[evidence_guard(documents=1, opened=0)], rationale=text, has_guideline=True, cited_authority=""
        )
    with pytest.raises(RationaleMissing):
        check_may_say_no(guards=met, rationale="no", has_guideline=True, cited_authority="")
    with pytest.raises(GroundMissing):
        check_may_say_no(guards=met, rationale=text, has_guideline=False, cited_authority=" ")


def test_a_sentence_of_twenty_signs_is_long_enough_to_explain_and_one_less_is_not():
    facts = {"guards": [], "has_guideline": True, "cited_authority": ""}
    check_may_say_no(rationale=" twenty signs of text ", **facts)
    assert len("twenty signs of text") == 20
    with pytest.raises(RationaleMissing):
        check_may_say_no(rationale=" nineteen signs text ", **facts)


def test_a_state_outweighs_all_else_that_a_row_names_and_a_field_its_benefit_and_program():
    bare = replace(ROW, states=frozenset(), lines_of_business=frozenset())
    program = replace(bare, lines_of_business=frozenset({"commercial_state"}))
    benefit = replace(bare, benefits=frozenset({"pharmacy"}))
    field = replace(bare, service_specialties=frozenset({"orthopaedics"}))
    state = replace(bare, states=frozenset({"EX"}))
    weights = [
        bare.weight, program.weight, benefit.weight,
        replace(program, benefits=benefit.benefits).weight, field.weight,
        replace(program, benefits=benefit.benefits, service_specialties=field.service_specialties).weight, state.weight,
    ]  # fmt: skip
    assert weights == sorted(set(weights))


def test_a_refused_licence_names_the_state_only_where_the_rule_asks_for_it():
    asked = {"reviewer": reviewer(to=TODAY), "specialty": "internal medicine", "on": TODAY}
    for row, state, words in (
        (ROW, "EX", "physician licence in EX is missing"),
        (ROW, "", "physician licence is missing"),
        (replace(ROW, must_hold_product_state=False), "EX", "physician licence is missing"),
    ):
        with pytest.raises(ReviewerNotQualified, match=words):
            check_may_deny(row=row, state=state, **asked)


@pytest.mark.parametrize("reason", sorted(set(ReasonClass) - ADMINISTRATIVE_REASONS))
def test_no_clinical_reason_is_administrative(reason):
    with pytest.raises(NotAdministrative, match="clinical"):
        check_may_close_administratively(
            permissions=ROLE_PERMISSIONS[Role.INTAKE], is_machine=False, reason_class=reason,
            line_of_business="erisa_group", age=50,
        )  # fmt: skip


@pytest.mark.parametrize("reason", sorted(ADMINISTRATIVE_REASONS))
def test_software_closes_nothing_and_a_nurse_neither(reason):
    facts = {"reason_class": reason, "line_of_business": "erisa_group", "age": 50}
    with pytest.raises(NotAdministrative):
        check_may_close_administratively(permissions=ROLE_PERMISSIONS[Role.INTAKE], is_machine=True, **facts)
    with pytest.raises(PermissionRefused):
        check_may_close_administratively(permissions=ROLE_PERMISSIONS[Role.NURSE], is_machine=False, **facts)
    check_may_close_administratively(permissions=ROLE_PERMISSIONS[Role.INTAKE], is_machine=False, **facts)


@pytest.mark.parametrize("age", [0, 20, None])
def test_medicaid_children_are_protected_from_administrative_closing(age):
    facts = {
        "permissions": ROLE_PERMISSIONS[Role.INTAKE], "is_machine": False, "age": age,
        "line_of_business": LineOfBusiness.MEDICAID_MANAGED_CARE,
    }  # fmt: skip
    with pytest.raises(NotAdministrative, match="EPSDT"):
        check_may_close_administratively(reason_class=ReasonClass.EXCLUSION, **facts)
    check_may_close_administratively(reason_class=ReasonClass.DUPLICATE, **facts)
    check_may_close_administratively(reason_class=ReasonClass.NOT_A_MEMBER, **facts)


def test_from_the_twenty_first_birthday_on_an_exclusion_is_administrative():
    check_may_close_administratively(
        permissions=ROLE_PERMISSIONS[Role.INTAKE], is_machine=False, age=21, reason_class=ReasonClass.EXCLUSION,
        line_of_business=LineOfBusiness.MEDICAID_MANAGED_CARE,
    )  # fmt: skip


def test_after_a_medicare_letter_a_conversation_alone_reverses_nothing():
    facts = {"current": LineStatus.DENIED, "because": "peer_to_peer", "letter_was_sent": True}
    with pytest.raises(ReversalNeedsReopening):
        check_reversal(line_of_business="medicare_advantage", **facts)
    for changes in ({"because": "correction"}, {"because": ""}, {"current": LineStatus.DISMISSED}):
        with pytest.raises(ReversalNeedsReopening):
            check_reversal(line_of_business="medicare_advantage", **facts | changes)
    with pytest.raises(ReversalNeedsReopening, match="redetermination or a documented reopening"):
        check_reversal(line_of_business="medicare_part_d", **facts)
    check_reversal(line_of_business="medicare_part_d", **facts | {"because": "reopening"})
    check_reversal(line_of_business="commercial_state", **facts)
    check_reversal(line_of_business="medicare_advantage", **facts | {"because": "reopening"})
    check_reversal(line_of_business="medicare_advantage", **facts | {"current": LineStatus.REOPENED})


def test_only_clinicians_hold_the_adverse_permission():
    holders = {role for role, held in ROLE_PERMISSIONS.items() if Permission.DECIDE_ADVERSELY in held}
    assert holders == {Role.MEDICAL_DIRECTOR, Role.ORTHOPAEDIST, Role.PEER_REVIEWER}


@pytest.mark.parametrize(
    ("has_guideline", "all_met", "authority", "refused"),
    [
        (True, True, "", None),
        (True, False, "42 CFR 410.32", CriteriaNotMet),
        (False, False, "  ", GroundMissing),
        (False, False, "42 CFR 410.32", None),
    ],
)
def test_a_nurse_approves_by_every_criterion_or_by_an_authority(has_guideline, all_met, authority, refused):
    given_facts = {"has_guideline": has_guideline, "all_met": all_met, "authority": authority}
    check_may_approve_as_nurse(is_physician=True, **given_facts)
    if refused is None:
        check_may_approve_as_nurse(is_physician=False, **given_facts)
        return
    with pytest.raises(refused):
        check_may_approve_as_nurse(is_physician=False, **given_facts)


@pytest.mark.parametrize(("letters", "is_met"), [(19, False), (20, True)])
def test_what_is_different_from_overturned_denials_is_said_in_a_sentence(letters, is_met):
    guard = overturns_guard(overturned=2, different=f"  {'x' * letters}  ")
    assert guard.is_met is is_met
    assert (
        is_met or guard.reason == "2 denials like this one were overturned. Say in a sentence what is different here."
    )


def test_one_overturned_denial_is_counted_in_the_singular():
    assert overturns_guard(overturned=1, different="").reason.startswith("1 denial like this one was overturned.")


@pytest.mark.parametrize(
    ("licences", "may"),
    [
        ((), False),
        ((LicenceFact("registered nurse", "EX", "active", date(2020, 1, 1), None),), True),
        ((LicenceFact("registered nurse", "EX", "active", date(2020, 1, 1), TODAY),), False),
        ((LicenceFact("registered nurse", "EX", "active", date(2020, 1, 1), date(2026, 12, 1)),), True),
        ((LicenceFact("physician", "EX", "suspended", date(2020, 1, 1), None),), False),
        ((LicenceFact("physician", "EX", "active", date(2026, 12, 1), None),), False),
    ],
)
def test_care_is_judged_only_under_a_licence_valid_on_the_day(licences, may):
    if may:
        assert check_may_judge(licences=licences, on=TODAY) == licences[0]
        return
    with pytest.raises(ReviewerNotQualified, match="no licence that is valid today"):
        check_may_judge(licences=licences, on=TODAY)
