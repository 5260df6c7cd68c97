"""Where the state itself pays: Medicaid goes at once to the state's hearing, CHIP has a review of its own in 90 days."""

from datetime import timedelta

import pytest

from openum.appeals.models import Appeal
from openum.appeals.rules.filing import NothingToAppeal
from openum.appeals.rules.law import Body, Filer
from openum.appeals.rules.states import AppealState, Outcome
from openum.appeals.services import (
    StandingPaper,
    ask_outside_review,
    ask_second_level,
    decide_appeal,
    enter_review_organization,
    excuse_late_filing,
    receive_form,
    record_outside_decision,
    send_file,
)
from openum.cases.services import NewDocument
from openum.clocks.models import Clock
from openum.vocabulary.terms import Channel, LineOfBusiness, LineStatus
from tests.appeals import story
from tests.appeals.story import DAY, clock, letters, work

pytestmark = pytest.mark.django_db
PAPER = NewDocument(title="Consent", content_type="text/plain", content=b"I agree that she asks for me.")


def test_medicaid_paid_by_the_state_goes_at_once_to_the_hearing(world, at, desk):
    """42 CFR 431.205, 431.221(d), 431.244(f)."""
    line = story.denied_under(world, at, LineOfBusiness.MEDICAID_FFS, authority="State plan, section 4.19")
    (denial,) = letters(line, "denial")
    assert "state fair hearing" in denial.html
    assert "look again" not in denial.html
    asked_at = at + DAY
    hearing = story.file(world, line, asked_at)
    assert (hearing.level, hearing.body, hearing.state, hearing.follows) == (
        1, Body.FAIR_HEARING, AppealState.TO_BE_SENT, None,
    )  # fmt: skip
    assert (hearing.last_day_to_file - at.date()).days == 90
    assert clock(hearing, "medicaid.fair_hearing.decision").state == "running"
    assert not Clock.objects.filter(request=hearing.request, rule__startswith="medicaid.appeal").exists()
    (receipt,) = letters(line, "appeal-acknowledgement")
    assert hearing.number in receipt.html
    with pytest.raises(NothingToAppeal, match="runs already"):
        story.file(world, line, asked_at)
    with pytest.raises(NothingToAppeal, match="once"):
        ask_second_level(appeal=hearing, asked=story.asked(asked_at), by=world.intake, at=asked_at)
    enter_review_organization(plan=world.plan, body=Body.FAIR_HEARING, name="State Hearings", by=desk, at=asked_at)
    send_file(appeal=hearing, by=desk, at=asked_at + DAY)
    work(asked_at + DAY)
    decision = record_outside_decision(
        appeal=hearing, outcome=Outcome.OVERTURNED, rationale="The therapist stopped for swelling.", reference="H-26-1",
        cause_kind="node", cause_key="3b", cause_words="Nobody asked why therapy stopped.", by=desk, at=at + 30 * DAY,
    )  # fmt: skip
    line.refresh_from_db()
    assert (decision.counted_as, line.status) == ("outside", LineStatus.APPROVED)


def test_who_asks_for_a_member_shows_consent_first_and_a_late_request_needs_good_cause(world, at, desk):
    line = story.denied_under(world, at, LineOfBusiness.MEDICAID_FFS, authority="State plan, section 4.19")
    late = at + 95 * DAY
    hearing = story.file(world, line, late, filer=Filer.REPRESENTATIVE, name="Rosa Ruiz", relationship="sister")
    assert (hearing.state, hearing.form, hearing.is_late) == (AppealState.WAITING_FOR_FORM, "written_consent", True)
    assert hearing.counts_from is None
    assert hearing.form_due_on == late.date() + timedelta(days=30)
    receive_form(
        appeal=hearing, signed_on=late.date(), document=PAPER, channel=Channel.MAIL, by=world.intake, at=late + DAY
    )
    hearing.refresh_from_db()
    assert hearing.state == AppealState.LATE_FILING
    excuse_late_filing(appeal=hearing, reason="In hospital for ten weeks.", by=desk, at=late + 2 * DAY)
    hearing.refresh_from_db()
    assert (hearing.state, hearing.counts_from is not None) == (AppealState.TO_BE_SENT, True)


def test_with_consent_in_hand_the_hearing_is_asked_for_at_once(world, at, desk):
    line = story.denied_under(world, at, LineOfBusiness.MEDICAID_FFS, authority="State plan, section 4.19")
    paper = StandingPaper(signed_on=at.date(), document=PAPER)
    hearing = story.file(
        world, line, at + DAY, filer=Filer.CLINICIAN, name="Sam Surgeon", paper=paper, wants_speed=True
    )
    assert (hearing.state, hearing.form, hearing.speed) == (AppealState.TO_BE_SENT, "written_consent", "granted")
    assert hearing.form_paper is not None
    assert clock(hearing, "medicaid_ffs.fair_hearing.decision.expedited").due_at - (at + DAY) < 4 * DAY


def test_chip_has_a_review_of_the_plan_and_one_of_the_state_in_ninety_days(world, at, desk, reviewer):
    """42 CFR 457.1150(b), 457.1160(b)."""
    line = story.denied_under(world, at, LineOfBusiness.CHIP_FFS, authority="State plan, section 6.2")
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    assert (appeal.body, (appeal.last_day_to_file - at.date()).days) == (Body.PLAN, 90)
    own = clock(appeal, "chip.appeal.standard")
    decide_appeal(
        appeal=appeal, verdict=story.no(line, cited_authority="State plan, section 6.2"), by=reviewer, at=at + 3 * DAY
    )
    work(at + 3 * DAY)
    (upheld,) = letters(line, "appeal-upheld")
    assert "state" in upheld.html
    outside = ask_outside_review(
        appeal=Appeal.objects.get(pk=appeal.pk), asked=story.asked(at + 5 * DAY), by=world.intake, at=at + 5 * DAY
    )
    states = clock(outside, "chip.state_review")
    assert outside.body == Body.STATE_EXTERNAL
    assert (own.due_at - (at + DAY)).days + (states.due_at - (at + 5 * DAY)).days <= 90
