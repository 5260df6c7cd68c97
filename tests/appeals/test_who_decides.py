"""Who may decide an appeal: each condition at the desk and again at the decision; never a machine."""

import pytest
from django.db import IntegrityError, transaction

from openum.accounts.queries import rules_engine
from openum.accounts.rules import PermissionRefused
from openum.appeals.models import AppealDecision, DeclaredInterest
from openum.appeals.rules.reviewers import ReviewerNotIndependent
from openum.appeals.services import (
    assign_reviewer,
    decide_appeal,
)
from openum.appeals.services.deciding import NotYourAppeal
from openum.determination.rules import ReversalNeedsReopening
from openum.determination.services import approve_line
from openum.vocabulary.terms import Role
from tests.appeals import story
from tests.appeals.story import DAY

pytestmark = pytest.mark.django_db


def test_the_first_decider_is_refused_at_the_desk_and_at_the_decision(world, line, at, desk, reviewer):
    appeal = story.file(world, line, at + DAY)
    with pytest.raises(ReviewerNotIndependent, match="Took part in the decision"):
        assign_reviewer(appeal=appeal, reviewer=world.physician, by=desk, at=at + DAY)
    assign_reviewer(appeal=appeal, reviewer=reviewer, by=desk, at=at + DAY)
    with pytest.raises(NotYourAppeal):
        decide_appeal(appeal=appeal, verdict=story.no(line), by=world.physician, at=at + 2 * DAY)
    assert not AppealDecision.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("subordinate", "Reports to somebody who took part"),
        ("field", "Not of the field that judges this service"),
        ("licence", "No valid physician licence"),
        ("interest", "Declared a conflict of interest"),
        ("practice", "Works for the practice that asks"),
    ],
)
def test_each_condition_refuses_by_itself(world, line, at, desk, change, words):
    facts = {}
    if change == "subordinate":
        facts["manager"] = world.physician
    if change == "licence":
        facts["licence"] = None
    someone = story.surgeon(world, **facts)
    if change == "field":
        someone = story.person(world, "eye doctor", Role.ORTHOPAEDIST, ("ophthalmology",))
    if change == "interest":
        DeclaredInterest.objects.create(user=someone, npi=world.surgeon_npi, reason="shares an office", declared_at=at)
    if change == "practice":
        someone.memberships.create(role=Role.PROVIDER_STAFF, organization=world.practice)
    appeal = story.file(world, line, at + DAY)
    with pytest.raises(ReviewerNotIndependent, match=words):
        assign_reviewer(appeal=appeal, reviewer=someone, by=desk, at=at + DAY)


def test_fitness_is_asked_again_at_the_decision(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    with pytest.raises(ReviewerNotIndependent, match="Attest first"):
        decide_appeal(appeal=appeal, verdict=story.no(line, attests=False), by=reviewer, at=at + 2 * DAY)
    reviewer.licences.update(status="expired")
    with pytest.raises(ReviewerNotIndependent, match="No valid physician licence"):
        decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)


def test_no_machine_and_no_nurse_and_no_coordinator_decides(world, line, at, desk):
    appeal = story.file(world, line, at + DAY)
    for someone in (rules_engine(), world.nurse, desk, world.intake, world.provider):
        with pytest.raises((ReviewerNotIndependent, PermissionRefused)):
            assign_reviewer(appeal=appeal, reviewer=someone, by=desk, at=at + DAY)
        with pytest.raises(PermissionRefused, match="takes a qualified clinician who was not involved"):
            decide_appeal(appeal=appeal, verdict=story.yes(), by=someone, at=at + DAY)
    with pytest.raises(NotYourAppeal):
        decide_appeal(appeal=appeal, verdict=story.yes(), by=world.orthopaedist, at=at + DAY)
    assert not AppealDecision.objects.exists()
    with pytest.raises(PermissionRefused):
        assign_reviewer(appeal=appeal, reviewer=world.orthopaedist, by=world.nurse, at=at + DAY)


def test_the_table_itself_refuses_a_machine(world, line, at, desk):
    appeal = story.file(world, line, at + DAY)
    with pytest.raises(IntegrityError, match="no_machine_decides_an_appeal|CHECK"), transaction.atomic():
        AppealDecision.objects.create(
            appeal=appeal, outcome="upheld", counted_as="outside", rationale="x", decided_by=rules_engine(),
            decided_by_machine=True, decided_at=at,
        )  # fmt: skip


def test_an_approval_because_of_an_appeal_goes_through_the_appeal(world, line, at):
    with pytest.raises(ReversalNeedsReopening, match="Open it on the docket"):
        approve_line(line=line, by=world.physician, at=at + DAY, rationale="Changed my mind.", because="appeal")
