"""The knee replacement of a Medicare Advantage member: no clock stops, the talk comes before any no, no letter says no."""

from datetime import timedelta

import pytest
from django.db import transaction

from openum.audit.models import EventRow
from openum.cases.models import ContactAttempt, Note
from openum.determination.models import AuthorizationSegment, Determination
from openum.notices.models import Notice
from openum.review.models import PeerToPeer
from openum.vocabulary.terms import LineStatus
from samples.portal import KneeRequest
from tests.journeys.knee import GAP, NOT_MET, UNKNOWN, Knee
from tests.journeys.knee_medicare import begin, keep, unanswered
from tests.journeys.lumen import audit_is_intact

pytestmark = pytest.mark.django_db


def after_talk(lumen, days):
    """Go on: booked on Monday, held on Tuesday morning, the note uploaded, approved."""
    knee = begin(lumen, days)
    knee.at("2026-11-30 15:40")
    knee.book("2026-12-01 07:40")
    knee.at("2026-12-01 07:49")
    knee.talk(("2026-12-01 07:41", "2026-12-01 07:48"))
    knee.at("2026-12-01 07:52")
    knee.send_note()
    knee.at("2026-12-01 07:56")
    knee.find_reason_on_record()
    knee.at("2026-12-01 07:58")
    knee.pages["approved"] = knee.approve_after_talk("")
    lumen.work()
    keep(knee, "approved")
    return knee


@pytest.fixture(scope="module", params=[0, 77], ids=["as the tour tells it", "eleven weeks later"])
def talked(request, lumen, django_db_blocker):
    """The story with its talk."""
    with django_db_blocker.unblock(), transaction.atomic():
        if request.param:
            lumen.open_time(Knee(lumen, KneeRequest(), days=request.param).moment("2026-12-01 07:40"))
        yield after_talk(lumen, request.param)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def unreached(lumen, django_db_blocker):
    """The story in which nobody answers the phone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield unanswered(begin(lumen))
        transaction.set_rollback(True)


def test_no_question_and_no_intention_stops_or_extends_the_seven_days(talked):
    received, due = talked.moment("2026-11-24 16:40"), talked.moment("2026-12-01 23:59:59")
    for name in ("pended", "intended"):
        assert talked.facts[name] == (received, due, None, "running"), name
    assert talked.facts["approved"] == (received, due, talked.moment("2026-12-01 07:58"), "met")
    types = EventRow.objects.filter(case_id=talked.case.public_id).values_list("type", flat=True)
    assert {"ClockTolled", "ClockExtended", "ClockLapsed"}.isdisjoint(types)


def test_no_denial_is_offered_before_the_talk(talked):
    assert "Sign the denial" not in talked.facts["buttons before the talk"]
    assert "Record the intention and offer the conversation" in talked.facts["buttons before the talk"]


def test_the_talk_is_offered_with_the_intention_and_held_the_next_morning(talked):
    talk = PeerToPeer.objects.get(case=talked.case)
    assert (talk.offered_at, talk.offered_how) == (talked.moment("2026-11-30 15:00"), "before the decision")
    assert (talk.held_from, talk.held_to) == (talked.moment("2026-12-01 07:41"), talked.moment("2026-12-01 07:48"))
    intent = Note.objects.get(case=talked.case, purpose="intent-to-deny")
    assert (intent.text, intent.written_by.name) == (GAP, "Dr. Grace Lin")


def test_it_ends_approved_in_time_and_no_denial_letter_ever_existed(talked):
    decision = Determination.objects.get(line=talked.line)
    assert (decision.outcome, decision.decided_by.name) == (LineStatus.APPROVED, "Dr. Omar Farouk")
    assert decision.decided_at == talked.moment("2026-12-01 07:58")
    segment = AuthorizationSegment.objects.get(determination=decision)
    first = talked.moment("2026-12-01 07:58").date()
    assert (segment.valid_from, segment.valid_to) == (first, first + timedelta(days=91))
    kinds = set(Notice.objects.filter(case=talked.case).values_list("kind", flat=True))
    assert kinds == {"information-request", "approval"}
    assert audit_is_intact()


def test_when_nobody_is_reached_the_attempts_count_and_the_decision_is_made_in_time(unreached):
    attempts = ContactAttempt.objects.filter(case=unreached.case, purpose="peer-to-peer").order_by("at")
    assert [(row.outcome, row.at) for row in attempts] == [
        ("left message", unreached.moment("2026-11-30 16:10")),
        ("no answer", unreached.moment("2026-12-01 11:30")),
    ]
    assert PeerToPeer.objects.get(case=unreached.case).state == PeerToPeer.NOT_REACHED
    assert "Sign the denial" in unreached.pages["before the denial"].buttons
    denial = Determination.objects.get(line=unreached.line)
    assert (denial.outcome, denial.decided_at) == (LineStatus.DENIED, unreached.moment("2026-12-01 15:05"))
    assert denial.conversation_guard == "attempted"
    assert denial.conversation_guard_reason == "2 logged attempts to reach the clinician."
    assert denial.node_answers == {"3a": NOT_MET, "3b": UNKNOWN}
    due = unreached.moment("2026-12-01 23:59:59")
    assert unreached.facts["denied"][1:] == (due, unreached.moment("2026-12-01 15:05"), "met")


def test_the_denial_of_a_medicare_member_is_the_government_notice_with_its_rights(unreached):
    letters = Notice.objects.filter(case=unreached.case, kind="denial")
    assert {letter.audience for letter in letters} == {"member", "provider"}
    member = letters.get(audience="member")
    assert (member.state, member.sent_at) == ("sent", unreached.moment("2026-12-01 15:05"))
    assert "65" in member.html
    assert GAP in member.html
    assert audit_is_intact()
