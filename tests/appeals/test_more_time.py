"""More time for an appeal: once, for a reason of its law, by a letter that names the right to complain; never a second."""

from datetime import timedelta

import pytest

from openum.accounts.rules import PermissionRefused
from openum.appeals.rules.law import Body
from openum.appeals.rules.states import IllegalAppealStep
from openum.appeals.services import decide_appeal, enter_review_organization, extend_appeal
from openum.appeals.services.extending import CallMissing
from openum.cases.models import ContactAttempt
from openum.clocks.services import ExtensionNotAllowed, ExtensionTooLate, ExtensionUsed
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import LineOfBusiness
from tests.appeals import story
from tests.appeals.story import DAY, clock, letters, work

pytestmark = pytest.mark.django_db
WHY = "The doctor outside our network sends the record next week."


def test_medicare_takes_fourteen_days_with_a_letter_that_names_the_right_to_complain(world, at, desk):
    line = story.denied(world, at, of=world.member)
    appeal = story.file(world, line, at + DAY)
    before = clock(appeal, "ma.appeal.standard").due_at
    extend_appeal(appeal=appeal, reason="enrollee_asked", because=WHY, by=desk, at=at + 5 * DAY)
    work(at + 5 * DAY)
    decide = clock(appeal, "ma.appeal.standard")
    assert decide.due_at - before == timedelta(days=14)
    (letter,) = letters(line, "appeal-extension")
    assert WHY in letter.html
    assert "We will answer by December 31, 2026." in letter.html
    assert "you can file a fast complaint (grievance)" in letter.html
    (practice,) = letters(line, "appeal-extension", "provider")
    assert "grievance" not in practice.html
    assert not letters(line, "extension")
    with pytest.raises(ExtensionUsed):
        extend_appeal(appeal=appeal, reason="enrollee_asked", because=WHY, by=desk, at=at + 6 * DAY)


def test_medicaid_wants_a_call_and_a_letter_within_two_days(world, at, desk):
    line = story.denied_under(world, at, LineOfBusiness.MEDICAID_MANAGED_CARE)
    story.by_mail(line.case.member)
    appeal = story.file(world, line, at + DAY)
    with pytest.raises(CallMissing, match="438.408"):
        extend_appeal(appeal=appeal, reason="info", because=WHY, by=desk, at=at + 5 * DAY)
    assert not ContactAttempt.objects.exists()
    extend_appeal(appeal=appeal, reason="info", because=WHY, call_outcome="left message", by=desk, at=at + 5 * DAY)
    duty = clock(appeal, "medicaid.letter_extension_appeal")
    assert duty.due_at.astimezone().date() - (at + 5 * DAY).astimezone().date() <= timedelta(days=3)
    assert duty.state == "running"
    work(at + 5 * DAY)
    assert clock(appeal, "medicaid.letter_extension_appeal").state == "met"
    assert ContactAttempt.objects.get().outcome == "left message"


def test_medicaid_needs_no_call_when_the_member_asked(world, at, desk):
    line = story.denied_under(world, at, LineOfBusiness.MEDICAID_MANAGED_CARE)
    appeal = story.file(world, line, at + DAY)
    extend_appeal(appeal=appeal, reason="enrollee_asked", because="You asked for more time.", by=desk, at=at + 2 * DAY)
    assert not ContactAttempt.objects.exists()


@pytest.mark.parametrize("of", ["commercial_member", "erisa_member"])
def test_erisa_has_no_extension_of_an_appeal(world, at, desk, of):
    line = story.denied(world, at, of=getattr(world, of))
    appeal = story.file(world, line, at + DAY)
    with pytest.raises(ExtensionNotAllowed, match="allows no extension"):
        extend_appeal(appeal=appeal, reason="info", because=WHY, by=desk, at=at + 2 * DAY)
    appeal.refresh_from_db()
    assert appeal.extended_at is None
    assert not letters(line, "appeal-extension")


def test_what_does_not_extend(world, at, desk, reviewer):
    line = story.denied(world, at, of=world.member)
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    facts = {"appeal": appeal, "reason": "enrollee_asked", "because": WHY, "by": desk}
    with pytest.raises(Invalid, match="Write why"):
        extend_appeal(**{**facts, "because": " "}, at=at + 2 * DAY)
    with pytest.raises(PermissionRefused):
        extend_appeal(**{**facts, "by": world.nurse}, at=at + 2 * DAY)
    with pytest.raises(ExtensionNotAllowed, match="non-contract"):
        extend_appeal(**{**facts, "reason": "noncontract_evidence"}, at=at + 2 * DAY)
    enter_review_organization(plan=world.plan, body=Body.REVIEW_ENTITY, name="Maple Entity", by=desk, at=at)
    with pytest.raises(ExtensionTooLate):
        extend_appeal(**facts, at=at + 40 * DAY)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 3 * DAY)
    with pytest.raises(IllegalAppealStep, match="nothing to extend"):
        extend_appeal(**facts, at=at + 4 * DAY)
    appeal.refresh_from_db()
    assert (appeal.extended_at, appeal.extended_because) == (None, "")
