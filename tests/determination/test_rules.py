"""Who may say no, and what must be true first. Pure tables."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openum.accounts.rules import ROLE_PERMISSIONS, LicenceFact, Permission, PermissionRefused, ReviewerFacts
from openum.determination.reasons import ADMINISTRATIVE_REASONS, NotAdministrative, check_may_close_administratively
from openum.determination.rules import (
    DeciderRow,
    GroundMissing,
    GuardAnswer,
    GuardOpen,
    RationaleMissing,
    ReversalNeedsReopening,
    ReviewerNotQualified,
    check_may_deny,
    check_may_say_no,
    check_reversal,
    conversation_guard,
    evidence_guard,
    nodes_guard,
)
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


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        ({"was_held": True}, GuardAnswer.DONE),
        ({"has_provider": False}, GuardAnswer.NONE_EXISTS),
        ({"was_declined": True}, GuardAnswer.DONE),
        ({"attempts": 1}, GuardAnswer.ATTEMPTED),
        ({"must_come_first": False}, GuardAnswer.NOT_APPLICABLE),
        ({}, None),
    ],
)
def test_the_conversation_is_done_attempted_impossible_or_not_due_yet(facts, answer):
    usual = {
        "must_come_first": True, "has_provider": True, "was_held": False, "was_declined": False, "attempts": 0,
    }  # fmt: skip
    guard = conversation_guard(**{**usual, **facts})
    assert guard.answer == answer
    assert guard.reason


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


def test_after_a_medicare_letter_a_conversation_alone_reverses_nothing():
    facts = {"current": LineStatus.DENIED, "because": "peer_to_peer", "letter_was_sent": True}
    with pytest.raises(ReversalNeedsReopening):
        check_reversal(line_of_business="medicare_advantage", **facts)
    check_reversal(line_of_business="commercial_state", **facts)
    check_reversal(line_of_business="medicare_advantage", **{**facts, "because": "reopening"})


def test_only_clinicians_hold_the_adverse_permission():
    holders = {role for role, held in ROLE_PERMISSIONS.items() if Permission.DECIDE_ADVERSELY in held}
    assert holders == {Role.MEDICAL_DIRECTOR, Role.ORTHOPAEDIST, Role.PEER_REVIEWER}
