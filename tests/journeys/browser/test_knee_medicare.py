"""The knee replacement of a Medicare Advantage member in Chromium: no clock stops, the talk comes before any no."""

from dataclasses import replace
from datetime import timedelta

import pytest

from openum.audit.models import EventRow
from openum.cases.models import ContactAttempt, Note
from openum.clocks.models import Clock
from openum.determination.models import AuthorizationSegment, Determination
from openum.notices.models import Notice
from openum.review.models import PeerToPeer
from openum.vocabulary.terms import LineStatus
from samples.portal import KneeRequest
from tests.journeys.browser.knee import Story
from tests.journeys.browser.screen import MARKS
from tests.journeys.knee import GAP, NOT_MET, UNKNOWN
from tests.journeys.lumen import audit_is_intact, give_login
from tests.threads import in_own_thread

pytestmark = MARKS
DECIDE = "ma.decide.standard"
SHOWN = frozenset(
    {"physician-intends", "conversation", "conversation-attempt", "case-approved", "member-page", "letter-denial"}
)
"""Pictures of what this telling has of its own."""


def telling(lumen, screens, *, person, pictures, days=0, only=SHOWN, **changes):
    """Return the story of a Medicare Advantage member."""
    member = in_own_thread(give_login, lumen, person)
    knee = replace(
        KneeRequest(), member_number=person.number, given=person.given, family=person.family, born=person.born,
        **changes,
    ).moved(days)  # fmt: skip
    return Story(lumen, screens, knee=knee, days=days, member=member, pictures=pictures, only=only)


@pytest.fixture(params=[0, 77], ids=["as the tour tells it", "another person and knee, eleven weeks later"])
def story(request, lumen, screens):
    """One telling."""
    if not request.param:
        return telling(lumen, screens, person=lumen.stranger("medicare-advantage", 0), pictures="medicare-")
    other = telling(
        lumen, screens, person=lumen.stranger("medicare-advantage", 3), days=request.param, pictures=None,
        modifier="LT", diagnoses=("M17.12",), grade=3, visits=6, weeks=5,
    )  # fmt: skip
    lumen.open_time(other.moment("2026-12-01 07:40"))
    return other


def decide_clock(story):
    """Return the clock that decides, as it stands."""
    row = Clock.objects.get(case=story.case, rule=DECIDE)
    return (row.started_at, row.due_at, row.stopped_at, row.state)


def tell_until_the_intention(story):
    """Go on to Monday at three in the afternoon; no question and no intention moves the clock."""
    received, due = story.moment("2026-11-24 16:40"), story.moment("2026-12-01 23:59:59")
    story.begin_and_close_the_browser("2026-11-24 16:20")
    story.go_on_and_send("2026-11-24 16:31", "2026-11-24 16:40")
    story.work("2026-11-24 16:41")
    assert story.line.status == LineStatus.PENDED_WITH_PROVIDER
    assert decide_clock(story) == (received, due, None, "running")
    assert "knee replacement" in story.member_reads("member-waiting")
    story.answer("2026-11-30 10:05")
    story.review("2026-11-30 11:00")
    story.refer("2026-11-30 11:20")
    page = story.open_evidence("2026-11-30 14:50")
    assert page.get_by_text("Deny, or approve less").count() == 0
    assert page.get_by_role("button", name="Sign the denial").count() == 0
    story.intend("2026-11-30 15:00")
    assert page.get_by_role("button", name="Sign the denial").count() == 0
    assert decide_clock(story) == (received, due, None, "running")
    talk = PeerToPeer.objects.get(case=story.case)
    assert (talk.offered_at, talk.offered_how) == (story.moment("2026-11-30 15:00"), "before the decision")
    intent = Note.objects.get(case=story.case, purpose="intent-to-deny")
    assert (intent.text, intent.written_by.name) == (GAP, "Dr. Grace Lin")


def test_the_talk_comes_before_any_no_and_no_denial_letter_ever_exists(story):
    tell_until_the_intention(story)
    story.book("2026-11-30 15:40", "2026-12-01 07:40")
    story.talk("2026-12-01 07:49", ("2026-12-01 07:41", "2026-12-01 07:48"))
    story.send_note("2026-12-01 07:52")
    story.find_reason_on_record("2026-12-01 07:56")
    assert "Approved" in story.approve("2026-12-01 07:58")
    talk = PeerToPeer.objects.get(case=story.case)
    assert (talk.held_from, talk.held_to) == (story.moment("2026-12-01 07:41"), story.moment("2026-12-01 07:48"))
    decision = Determination.objects.get(line=story.line)
    assert (decision.outcome, decision.decided_by.name, decision.decided_at) == (
        LineStatus.APPROVED, "Dr. Omar Farouk", story.moment("2026-12-01 07:58"),
    )  # fmt: skip
    segment = AuthorizationSegment.objects.get(determination=decision)
    first = story.day("2026-12-01 07:58")
    assert (segment.valid_from, segment.valid_to) == (first, first + timedelta(days=91))
    received, due = story.moment("2026-11-24 16:40"), story.moment("2026-12-01 23:59:59")
    assert decide_clock(story) == (received, due, story.moment("2026-12-01 07:58"), "met")
    types = EventRow.objects.filter(case_id=story.case.public_id).values_list("type", flat=True)
    assert {"ClockTolled", "ClockExtended", "ClockLapsed"}.isdisjoint(types)
    kinds = set(Notice.objects.filter(case=story.case).values_list("kind", flat=True))
    assert kinds == {"information-request", "peer-to-peer-offer", "approval"}
    assert "We said yes to your request" in story.read_letter("approval")
    assert "We said no" not in story.member_reads("member-page")
    assert story.screens.complaints == []
    assert audit_is_intact()


def test_when_nobody_is_reached_the_attempts_count_and_the_decision_is_made_in_time(lumen, screens):
    story = telling(
        lumen, screens, person=lumen.stranger("medicare-advantage", 0), pictures="medicare-unreached-",
        only=SHOWN - {"physician-intends"},
    )  # fmt: skip
    tell_until_the_intention(story)
    story.try_to_reach("2026-11-30 16:10", "left message")
    story.try_to_reach("2026-12-01 11:30", "no answer", is_final=True)
    story.deny("2026-12-01 15:05")
    attempts = ContactAttempt.objects.filter(case=story.case, purpose="peer-to-peer").order_by("at")
    assert [(row.outcome, row.at) for row in attempts] == [
        ("left message", story.moment("2026-11-30 16:10")), ("no answer", story.moment("2026-12-01 11:30")),
    ]  # fmt: skip
    assert PeerToPeer.objects.get(case=story.case).state == PeerToPeer.NOT_REACHED
    denial = Determination.objects.get(line=story.line)
    assert (denial.outcome, denial.decided_at) == (LineStatus.DENIED, story.moment("2026-12-01 15:05"))
    assert (denial.conversation_guard, denial.node_answers) == ("attempted", {"3a": NOT_MET, "3b": UNKNOWN})
    due = story.moment("2026-12-01 23:59:59")
    assert decide_clock(story)[1:] == (due, story.moment("2026-12-01 15:05"), "met")
    assert GAP in story.read_letter("denial")
    assert story.screens.complaints == []
    assert audit_is_intact()
