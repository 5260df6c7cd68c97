"""Taking an appeal in: the receipt, the form of a representative, the window, and the ends without a decision."""

from datetime import date, timedelta

import pytest

from openum.appeals.models import Appeal
from openum.appeals.rules.filing import DismissalNotFounded, FilerNotNamed, Ground, NothingToAppeal
from openum.appeals.rules.law import Filer
from openum.appeals.rules.states import AppealState
from openum.appeals.services import (
    ask_outside_review,
    check_external_review,
    decide_appeal,
    dismiss_appeal,
    excuse_late_filing,
    receive_form,
    send_elsewhere,
    vacate_dismissal,
    withdraw_appeal,
)
from openum.appeals.services.standing import FormNotValid
from openum.cases.services import NewDocument
from openum.clocks.models import Clock, ClockFact
from openum.clocks.services import sweep
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, LineStatus
from tests.appeals import story
from tests.appeals.story import DAY, clock, letters

pytestmark = pytest.mark.django_db


def test_one_call_makes_an_appeal_with_receipt_letter_and_clock(world, line, at):
    filed = at + 15 * DAY
    appeal = story.file(world, line, filed)
    line.refresh_from_db()
    assert line.status == LineStatus.DENIED
    assert appeal.state == AppealState.OPEN
    appeal.refresh_from_db()
    assert appeal.acknowledged_at == filed
    decide = clock(appeal, "insured.appeal.preservice")
    assert decide.due_at.astimezone().date() - filed.astimezone().date() >= timedelta(days=30)
    assert clock(appeal, "plan.acknowledge.appeal").state == "met"
    (letter,) = letters(line, "appeal-acknowledgement")
    assert appeal.number in letter.html
    assert "We will answer by December 31, 2026." in letter.html


def test_the_first_receipt_by_anybody_counts(world, line, at):
    appeal = story.file(world, line, at + 3 * DAY, received_at=at + 2 * DAY, proof="forwarded by member services")
    assert appeal.filed_at == at + 2 * DAY
    assert clock(appeal, "insured.appeal.preservice").started_at == at + 2 * DAY


def test_nothing_can_be_appealed_twice_or_before_a_no(world, line, at):
    story.file(world, line, at + DAY)
    with pytest.raises(NothingToAppeal, match="runs already"):
        story.file(world, line, at + 2 * DAY)
    with pytest.raises(Invalid, match="future"):
        story.file(world, line, at + DAY, received_at=at + 2 * DAY)
    from openum.cases.queries import current_lines
    from tests.world import knee_request, send

    undecided = current_lines(send(world, knee_request(world, at=at), at=at).case)[0]
    with pytest.raises(NothingToAppeal, match="no decision says no"):
        story.file(world, undecided, at + DAY)


def test_who_acts_for_the_member_is_named(world, line, at):
    with pytest.raises(FilerNotNamed):
        story.file(world, line, at + DAY, filer=Filer.REPRESENTATIVE)
    assert not Appeal.objects.exists()


def test_the_time_waits_for_the_paper_of_a_representative(world, line, at, desk):
    appeal = story.file(world, line, at + DAY, filer=Filer.REPRESENTATIVE, name="Arun", relationship="husband")
    assert appeal.state == AppealState.WAITING_FOR_FORM
    assert not Clock.objects.filter(request=appeal.request).exists()
    assert "Please send it by January 1, 2027" in letters(line, "appeal-acknowledgement")[0].html
    with pytest.raises(DismissalNotFounded, match="may still come"):
        dismiss_appeal(appeal=appeal, ground=Ground.NO_STANDING, explanation="No form.", by=desk, at=at + 2 * DAY)
    paper = NewDocument(title="Form", content_type="text/plain", content=b"I name my husband.")
    with pytest.raises(FormNotValid, match="12 months"):
        receive_form(
            appeal=appeal, signed_on=date(2025, 11, 1), document=paper, channel=Channel.MAIL, by=desk, at=at + 3 * DAY
        )
    receive_form(
        appeal=appeal, signed_on=date(2026, 11, 18), document=paper, channel=Channel.MAIL, by=desk, at=at + 3 * DAY
    )
    appeal.refresh_from_db()
    assert appeal.state == AppealState.OPEN
    assert appeal.filed_at == at + DAY
    assert clock(appeal, "insured.appeal.preservice").started_at == at + 3 * DAY


def test_a_missing_form_ends_in_a_dismissal_with_its_own_rights_and_can_be_taken_back(world, line, at, desk):
    appeal = story.file(world, line, at + DAY, filer=Filer.REPRESENTATIVE, name="Arun")
    late = at + 60 * DAY
    dismiss_appeal(appeal=appeal, ground=Ground.NO_STANDING, explanation="The form did not come.", by=desk, at=late)
    (letter,) = letters(line, "appeal-dismissed")
    assert "The form did not come." in letter.html
    assert "A person who had no part in it will answer." in letter.html
    line.refresh_from_db()
    assert line.status == LineStatus.DENIED
    vacate_dismissal(appeal=appeal, reason="The mail was lost.", by=desk, at=late + DAY)
    appeal.refresh_from_db()
    assert appeal.state == AppealState.WAITING_FOR_FORM


def test_a_late_appeal_asks_for_the_reason_and_is_not_turned_away(world, line, at, desk):
    filed = at + 200 * DAY
    appeal = story.file(world, line, filed)
    assert (appeal.state, appeal.is_late) == (AppealState.LATE_FILING, True)
    assert "Please tell us why the appeal comes later" in letters(line, "appeal-acknowledgement")[0].html
    excuse_late_filing(appeal=appeal, reason="She was in hospital.", by=desk, at=filed + DAY)
    appeal.refresh_from_db()
    assert appeal.state == AppealState.OPEN
    assert clock(appeal, "insured.appeal.preservice").started_at == filed


def test_the_last_day_of_the_letter_holds(world, line, at):
    appeal = story.file(world, line, at + 185 * DAY)
    assert appeal.is_late is False
    assert appeal.last_day_to_file == date(2027, 5, 20)


def test_a_misdirected_appeal_goes_on_with_its_receipt(world, line, at, desk):
    appeal = story.file(world, line, at + DAY)
    send_elsewhere(appeal=appeal, to="Another plan", proof="tracking 1Z", by=desk, at=at + 2 * DAY)
    appeal.refresh_from_db()
    assert appeal.state == AppealState.SENT_ELSEWHERE
    assert appeal.filed_at.isoformat(timespec="seconds") in appeal.ended_note


def test_a_vacated_dismissal_brings_back_the_time_that_had_begun(world, line, at, desk):
    appeal = story.file(world, line, at + DAY)
    before = clock(appeal, "insured.appeal.preservice")
    dismiss_appeal(appeal=appeal, ground=Ground.NOT_APPEALABLE, explanation="Not ours.", by=desk, at=at + 3 * DAY)
    assert clock(appeal, "insured.appeal.preservice").state == "void"
    vacate_dismissal(appeal=appeal, reason="It was ours.", by=desk, at=at + 5 * DAY)
    after = clock(appeal, "insured.appeal.preservice")
    assert (after.state, after.started_at, after.due_at) == ("running", before.started_at, before.due_at)
    assert after.stopped_at is None
    appeal.refresh_from_db()
    assert (appeal.state, appeal.counts_from) == (AppealState.OPEN, at + DAY)
    ended, back = ClockFact.objects.filter(request=appeal.request, kind__in=["withdrawn", "taken_back"]).order_by("pk")
    assert back.replaces == ended
    assert "We will answer by" in letters(line, "appeal-acknowledgement")[-1].html
    dismiss_appeal(appeal=appeal, ground=Ground.NOT_APPEALABLE, explanation="Not ours.", by=desk, at=at + 6 * DAY)
    assert clock(appeal, "insured.appeal.preservice").state == "void"
    vacate_dismissal(appeal=appeal, reason="It was ours.", by=desk, at=at + 7 * DAY)
    assert clock(appeal, "insured.appeal.preservice").due_at == before.due_at
    sweep(by=world.engine, at=at + 40 * DAY)
    assert clock(appeal, "insured.appeal.preservice").state == "late"


def test_an_external_review_that_was_called_not_eligible_returns_to_its_check(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)
    outside = ask_outside_review(appeal=appeal, asked=story.asked(at + 3 * DAY), by=world.intake, at=at + 3 * DAY)
    check_external_review(appeal=outside, result="not_eligible", note="Not covered.", by=desk, at=at + 5 * DAY)
    vacate_dismissal(appeal=outside, reason="She was covered.", by=desk, at=at + 6 * DAY)
    outside.refresh_from_db()
    assert outside.state == AppealState.PRELIMINARY
    story.organizations(world, desk, at)
    check_external_review(appeal=outside, result="complete", note="", by=desk, at=at + 7 * DAY)
    outside.refresh_from_db()
    assert outside.state == AppealState.TO_BE_SENT
    assert clock(outside, "external_review.decision.insured").state == "running"


def test_an_appeal_can_be_taken_back(world, line, at):
    appeal = story.file(world, line, at + DAY)
    withdraw_appeal(appeal=appeal, who="the member", why="better now", by=world.intake, at=at + 2 * DAY)
    assert clock(appeal, "insured.appeal.preservice").state == "void"
