"""Offer, booking, delegates, writing, absence, outcome: the services on a real database."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from openum.accounts.rules import PermissionRefused
from openum.audit import events_of
from openum.cases.models import ContactAttempt, InformationRequest
from openum.clocks.models import Clock
from openum.determination.models import Determination
from openum.determination.rules import GuardOpen, ReversalNeedsReopening
from openum.determination.services import approve_line, partially_approve_line, state_network
from openum.review.models import PeerToPeer, PeerToPeerSlot, PhysicianCalendar
from openum.review.queries import free_slots, still_open, still_open_for_plan
from openum.review.rules.offers import (
    DelegateKind,
    DelegateNotUsable,
    MayNotBook,
    MayNotHold,
    MayNotSpeak,
    NoConversationOffered,
    OutcomeNotUsable,
    TooLateToTalk,
)
from openum.review.rules.slots import Hours, SlotPassed, SlotTaken
from openum.review.services import (
    add_slot,
    answer_in_writing,
    ask_for_conversation,
    call_off_conversation,
    end_delegate,
    keep_calendar,
    name_delegate,
    offer_conversation,
    publish_offer_terms,
    publish_slots,
    record_conversation,
    record_conversation_attempt,
    record_no_show,
    withdraw_slot,
)
from openum.review.services.peer_to_peer import WITH_NOTICE, InvalidOfferTerms
from openum.vocabulary.errors import Invalid, NotAllowed
from openum.vocabulary.terms import LineStatus, NetworkStatus
from tests.review.story import book, deny, intended, licensed, member_in, referred, slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(world, at):
    return referred(world, at)


@pytest.fixture
def talk(world, line, at):
    return offer_conversation(line=line, how=WITH_NOTICE, open_until=None, by=world.physician, at=at)


def held(world, talk, at, outcome, **facts):
    usual = {"note": "Two injections; therapy stopped for effusion.", "by": world.physician, "at": at}
    return record_conversation(conversation=talk, held_from=at, held_to=at, outcome=outcome, **{**usual, **facts})


def types(line):
    return [event.type for event in events_of(line.case.public_id)]


# -- times


def test_a_physician_publishes_weekly_hours_in_their_own_zone(world, at):
    keep_calendar(physician=world.orthopaedist, time_zone="America/Chicago", minutes=15, by=world.orthopaedist, at=at)
    hours = Hours(
        first_day=date(2026, 11, 16), last_day=date(2026, 11, 18), weekdays=frozenset({0, 1, 2}), opens=time(7, 0),
        closes=time(7, 30), minutes=15,
    )  # fmt: skip
    made = publish_slots(physician=world.orthopaedist, hours=hours, by=world.orthopaedist, at=at)
    assert [item.starts_at.isoformat() for item in made] == [
        "2026-11-17T13:00:00+00:00", "2026-11-17T13:15:00+00:00", "2026-11-18T13:00:00+00:00", "2026-11-18T13:15:00+00:00",
    ]  # fmt: skip
    with pytest.raises(SlotTaken, match="published these times already"):
        publish_slots(physician=world.orthopaedist, hours=hours, by=world.orthopaedist, at=at)
    with pytest.raises(SlotTaken):
        add_slot(
            physician=world.orthopaedist,
            starts_at=made[0].starts_at + timedelta(minutes=5),
            by=world.orthopaedist,
            at=at,
        )
    with pytest.raises(SlotPassed, match="have passed"):
        publish_slots(physician=world.orthopaedist, hours=hours, by=world.orthopaedist, at=at + timedelta(days=9))
    with pytest.raises(NotAllowed, match="their own times"):
        publish_slots(physician=world.orthopaedist, hours=hours, by=world.physician, at=at)
    with pytest.raises(PermissionRefused):
        publish_slots(physician=world.nurse, hours=hours, by=world.nurse, at=at)


@pytest.mark.parametrize(("zone", "minutes"), [("Mars/Olympus", 10), ("America/Chicago", 3), ("America/Chicago", 90)])
def test_a_calendar_knows_its_zone_and_a_length_that_serves(world, at, zone, minutes):
    with pytest.raises(Invalid):
        keep_calendar(physician=world.orthopaedist, time_zone=zone, minutes=minutes, by=world.orthopaedist, at=at)
    assert not PhysicianCalendar.objects.exists()


def test_a_free_time_is_taken_back_and_can_be_published_anew(world, talk, at):
    open_time = slot(world, at)
    assert free_slots(conversation=talk, at=at) == [open_time]
    with pytest.raises(NotAllowed, match="another physician"):
        withdraw_slot(slot=open_time, by=world.physician, at=at)
    withdraw_slot(slot=open_time, by=world.orthopaedist, at=at)
    assert free_slots(conversation=talk, at=at) == []
    with pytest.raises(SlotTaken):
        book(world, talk, open_time, at)
    again = slot(world, at)
    book(world, talk, again, at)
    with pytest.raises(SlotTaken, match="Call the conversation off first"):
        withdraw_slot(slot=again, by=world.orthopaedist, at=at)


# -- booking


def test_a_booking_is_moved_and_its_first_time_is_free_again(world, talk, at):
    first, second = slot(world, at), slot(world, at, hours=3)
    book(world, talk, first, at)
    moved = book(world, talk, second, at)
    assert (moved.slot, moved.state) == (second, PeerToPeer.BOOKED)
    assert free_slots(conversation=talk, at=at) == [first]


def test_nobody_else_gets_a_booked_time_and_none_of_another_plan(world, talk, at):
    taken = slot(world, at)
    book(world, talk, taken, at)
    other = offer_conversation(line=referred(world, at), how=WITH_NOTICE, open_until=None, by=world.physician, at=at)
    with pytest.raises(SlotTaken):
        book(world, other, taken, at)
    world.orthopaedist.memberships.update(plan=world.sandbox)
    elsewhere = PeerToPeerSlot.objects.create(physician=world.orthopaedist, starts_at=at + timedelta(hours=5))
    with pytest.raises(SlotTaken):
        book(world, other, elsewhere, at)


def test_times_after_the_window_and_in_the_past_are_refused(world, line, at):
    talk = offer_conversation(line=line, how=WITH_NOTICE, open_until=at + timedelta(hours=3), by=world.physician, at=at)
    late = slot(world, at, hours=4)
    with pytest.raises(SlotPassed, match="after the window"):
        book(world, talk, late, at)
    with pytest.raises(SlotPassed, match="has passed"):
        book(world, talk, slot(world, at), at + timedelta(hours=2))
    with pytest.raises(Invalid, match="who will take the call"):
        book(world, talk, slot(world, at, hours=1), at, attendee=" ")


def test_the_practice_calls_off_and_the_offer_stands(world, talk, at):
    book(world, talk, slot(world, at), at)
    until = talk.open_until
    freed = call_off_conversation(conversation=talk, by=world.provider, at=at)
    assert (freed.state, freed.slot, freed.open_until, freed.plan_failed_at) == (PeerToPeer.OFFERED, None, until, None)
    with pytest.raises(NoConversationOffered, match="No time is booked"):
        call_off_conversation(conversation=talk, by=world.provider, at=at)


def test_when_the_plan_calls_off_the_window_begins_anew(world, talk, at):
    book(world, talk, slot(world, at), at)
    later = at + timedelta(days=3)
    before = talk.open_until
    freed = call_off_conversation(conversation=talk, by=world.nurse, at=later)
    assert freed.plan_failed_at == later
    assert freed.open_until == before + timedelta(days=3)
    clock = Clock.objects.get(case=talk.case, governing_rule="plan.peer_to_peer_window")
    assert clock.due_at == freed.open_until


def test_a_conversation_taken_back_with_the_line_frees_its_time(world, talk, line, at):
    time_ = slot(world, at)
    book(world, talk, time_, at)
    approve_line(line=line, by=world.physician, at=at, rationale="The film settles it.")
    talk.refresh_from_db()
    assert (talk.state, talk.slot) == (PeerToPeer.CLOSED, None)
    assert "PeerToPeerClosed" in types(line)
    with pytest.raises(NoConversationOffered):
        book(world, talk, time_, at)


# -- who was not there


def test_the_absence_of_the_practice_is_an_attempt_and_that_of_the_plan_is_not(world, talk, at):
    book(world, talk, slot(world, at), at)
    with pytest.raises(OutcomeNotUsable, match="not come yet"):
        record_no_show(conversation=talk, absent="practice", by=world.physician, at=at)
    later = at + timedelta(hours=2, minutes=10)
    with pytest.raises(OutcomeNotUsable, match="Say who was not there"):
        record_no_show(conversation=talk, absent="practice", by=world.provider, at=later)
    record_no_show(conversation=talk, absent="practice", by=world.physician, at=later)
    assert ContactAttempt.objects.get(case=talk.case).outcome == "not there at the booked time"
    book(world, talk, slot(world, later), later)
    again = record_no_show(conversation=talk, absent="plan", by=world.provider, at=later + timedelta(hours=3))
    assert (again.state, again.plan_failed_at) == (PeerToPeer.OFFERED, later + timedelta(hours=3))
    assert ContactAttempt.objects.filter(case=talk.case).count() == 1
    with pytest.raises(OutcomeNotUsable, match="No time is booked"):
        record_no_show(conversation=talk, absent="plan", by=world.provider, at=later + timedelta(hours=3))


def test_attempts_before_the_plans_own_failure_no_longer_speak_for_a_denial(world, at):
    """42 CFR 422.566(d): the conversation comes before the decision, and the plan must be there for it."""
    line = referred(world, at, of=world.member)
    talk = intended(line, world.physician, at)
    for _ in range(2):
        record_conversation_attempt(
            conversation=talk, outcome="no answer", address="555-0102", person="", note="", is_final=False,
            by=world.physician, at=at,
        )  # fmt: skip
    book(world, talk, slot(world, at), at)
    later = at + timedelta(hours=3)
    record_no_show(conversation=talk, absent="plan", by=world.provider, at=later)
    with pytest.raises(GuardOpen, match="window runs"):
        deny(line, world.physician, later, cited_authority="NCD 1")


# -- who books and who speaks


def test_the_doctor_names_a_colleague_to_speak_and_a_colleague_speaks(world, talk, at):
    colleague = name_delegate(
        conversation=talk, kind=DelegateKind.COLLEAGUE, name="Dr. Colleague", may_book=False, may_speak=True,
        on_word_of="Sam Surgeon", by=world.provider, at=at,
    )  # fmt: skip
    booked = book(world, talk, slot(world, at), at, speaker=colleague, attendee="")
    assert booked.attendee == "Dr. Colleague"
    end_delegate(delegate=colleague, by=world.provider, at=at)
    with pytest.raises(MayNotSpeak):
        book(world, talk, slot(world, at, hours=4), at, speaker=colleague)
    with pytest.raises(NoConversationOffered):
        end_delegate(delegate=colleague, by=world.provider, at=at)


def test_once_somebody_is_named_to_book_nobody_else_of_the_practice_does(world, talk, at):
    from openum.accounts.services import register_person
    from openum.vocabulary.terms import Role

    scheduler = register_person(
        email="scheduler@test.invalid", name="Scheduler", password=None,
        roles=[(Role.PROVIDER_STAFF, None, world.practice)],
    )  # fmt: skip
    name_delegate(
        conversation=talk, kind=DelegateKind.STAFF, user=scheduler, may_book=True, may_speak=False,
        on_word_of="Sam Surgeon", by=world.provider, at=at,
    )  # fmt: skip
    with pytest.raises(MayNotBook):
        book(world, talk, slot(world, at), at)
    assert book(world, talk, slot(world, at, hours=3), at, by=scheduler).booked_by == scheduler
    assert book(world, talk, slot(world, at, hours=4), at, by=world.nurse).booked_by == world.nurse
    world.provider.npi = world.surgeon_npi
    world.provider.save()
    assert book(world, talk, slot(world, at, hours=5), at).booked_by == world.provider


def test_a_login_of_another_practice_is_no_delegate(world, talk, at):
    with pytest.raises(DelegateNotUsable, match="not of your practice"):
        name_delegate(
            conversation=talk, kind=DelegateKind.STAFF, user=world.intake, may_book=True, may_speak=False,
            on_word_of="Sam Surgeon", by=world.provider, at=at,
        )  # fmt: skip
    assert not talk.delegates.exists()


# -- in writing


def test_an_answer_in_writing_takes_the_place_of_the_call_and_must_be_read(world, at):
    line = referred(world, at, of=world.member)
    talk = intended(line, world.physician, at)
    book(world, talk, slot(world, at), at)
    statement = answer_in_writing(
        conversation=talk, author="Sam Surgeon", text="Therapy was stopped for effusion.", by=world.provider, at=at
    )
    talk.refresh_from_db()
    assert (talk.state, talk.slot, statement.text) == (PeerToPeer.WRITTEN, None, "Therapy was stopped for effusion.")
    assert not PeerToPeer.objects.filter(still_open(at), pk=talk.pk).exists()
    assert PeerToPeer.objects.filter(still_open_for_plan(at), pk=talk.pk).exists()
    with pytest.raises(NoConversationOffered, match="answered in writing"):
        book(world, talk, slot(world, at, hours=5), at)
    with pytest.raises(GuardOpen, match="answered in writing"):
        deny(line, world.physician, at, cited_authority="NCD 1")
    held(world, talk, at, "upheld")
    denial = deny(line, world.physician, at, cited_authority="NCD 1")
    assert denial.conversation_guard == "done"


@pytest.mark.parametrize(("author", "text"), [("", "x"), ("Sam Surgeon", " ")])
def test_an_answer_in_writing_has_words_and_an_author(world, talk, at, author, text):
    with pytest.raises(Invalid, match="who gives it"):
        answer_in_writing(conversation=talk, author=author, text=text, by=world.provider, at=at)


def test_after_the_window_nothing_is_answered_in_writing(world, line, at):
    talk = offer_conversation(line=line, how=WITH_NOTICE, open_until=at + timedelta(hours=1), by=world.physician, at=at)
    with pytest.raises(NoConversationOffered, match="is over"):
        answer_in_writing(
            conversation=talk, author="Sam Surgeon", text="x", by=world.provider, at=at + timedelta(hours=2)
        )


# -- before the decision


def test_a_medicare_denial_waits_for_the_window_or_a_refusal(world, at):
    """42 CFR 422.566(d), 422.616: the discussion comes before the decision."""
    line = referred(world, at, of=world.member)
    talk = intended(line, world.physician, at)
    assert talk.open_until.isoformat() == "2026-11-18T04:59:59+00:00"
    with pytest.raises(GuardOpen, match="2026-11-17 23:59 EST"):
        deny(line, world.physician, at, cited_authority="NCD 1")
    denial = deny(line, world.physician, talk.open_until + timedelta(seconds=1), cited_authority="NCD 1")
    assert denial.conversation_guard == "done"
    talk.refresh_from_db()
    assert talk.state == PeerToPeer.CLOSED
    assert not PeerToPeer.objects.filter(line=line, offered_how=WITH_NOTICE).exists()


def test_in_texas_the_offer_stands_one_working_day_before_the_denial(world, at):
    """28 TAC 19.1710; Tex. Ins. Code 4201.206."""
    line = referred(world, at, of=member_in(world, "TX"))
    physician = licensed(world, "TX")
    with pytest.raises(GuardOpen, match="Offer the conversation first"):
        deny(line, physician, at)
    talk = intended(line, physician, at)
    clock = Clock.objects.get(case=line.case, governing_rule="tx.peer_to_peer_window")
    assert talk.open_until == clock.due_at
    with pytest.raises(GuardOpen, match="28 TAC 19.1710"):
        deny(line, physician, at)
    for who in (world.physician, physician):
        add_slot(physician=who, starts_at=at + timedelta(hours=1), by=who, at=at)
    assert [slot.physician for slot in free_slots(conversation=talk, at=at)] == [physician]
    with pytest.raises(MayNotHold, match="licence in TX"):
        held(world, talk, at + timedelta(hours=2), "upheld")
    deny(line, physician, talk.open_until + timedelta(minutes=1))
    after = PeerToPeer.objects.get(line=line, state=PeerToPeer.OFFERED)
    assert after.offered_how == WITH_NOTICE
    assert after.open_until == Clock.objects.get(case=line.case, governing_rule="plan.peer_to_peer_window").due_at


# -- the practice asks


def test_in_new_york_the_plan_owes_a_reconsideration_within_one_business_day(world, at):
    """N.Y. Ins. Law 4903(f): when no discussion was attempted before the adverse determination."""
    line, physician = referred(world, at, of=member_in(world, "NY")), licensed(world, "NY")
    state_network(line=line, status=NetworkStatus.IN_NETWORK, plan_pays=None, by=physician, at=at)
    deny(line, physician, at)
    talk = PeerToPeer.objects.get(line=line)
    record_conversation_attempt(
        conversation=talk,
        outcome="no answer",
        address="1",
        person="",
        note="",
        is_final=True,
        by=world.physician,
        at=at,
    )
    assert not Clock.objects.filter(governing_rule="ny.peer_to_peer_reconsideration").exists()
    asked = ask_for_conversation(line=line, by=world.provider, at=at + timedelta(hours=1))
    clock = Clock.objects.get(case=line.case, governing_rule="ny.peer_to_peer_reconsideration")
    assert (clock.due_at.isoformat(), clock.state, clock.binds) == ("2026-11-18T04:59:59+00:00", "running", True)
    assert asked.open_until == talk.open_until
    with pytest.raises(MayNotHold, match="field of orthopaedics"):
        held(world, asked, at + timedelta(hours=2), "upheld")
    held(world, asked, at + timedelta(hours=2), "upheld", by=physician)
    clock.refresh_from_db()
    assert clock.stopped_at == at + timedelta(hours=2)


def test_a_practice_asks_before_the_decision_and_gets_the_open_offer(world, line, at):
    asked = ask_for_conversation(line=line, by=world.provider, at=at)
    assert asked.offered_how == "asked for by the practice"
    assert ask_for_conversation(line=line, by=world.provider, at=at) == asked
    assert types(line).count("PeerToPeerAsked") == 1


def test_after_a_medicare_notice_a_practice_is_sent_to_the_appeal(world, at):
    """42 CFR 422.616."""
    line = referred(world, at, of=world.member)
    talk = intended(line, world.physician, at)
    deny(line, world.physician, talk.open_until + timedelta(hours=1), cited_authority="NCD 1")
    with pytest.raises(TooLateToTalk, match="appeal or a reopening"):
        ask_for_conversation(line=line, by=world.provider, at=talk.open_until + timedelta(hours=2))


# -- what came of it


def test_an_approval_on_the_call_is_made_by_the_ordinary_service(world, talk, line, at):
    held(world, talk, at, "approved", conclusion="Therapy was not feasible; shown in the log.")
    decision = Determination.objects.get(line=line)
    assert (decision.outcome, decision.rationale) == (
        LineStatus.APPROVED,
        "Therapy was not feasible; shown in the log.",
    )


def test_an_approval_on_the_call_overturns_a_denial_that_is_kept(world, line, at):
    denied = deny(line, world.physician, at)
    talk = PeerToPeer.objects.get(line=line)
    held(world, talk, at + timedelta(hours=1), "approved", conclusion="Therapy was not feasible.")
    overturned = Determination.objects.get(supersedes=denied)
    assert (overturned.outcome, overturned.supersedes_because) == (LineStatus.APPROVED, "peer_to_peer")


def test_after_a_medicare_letter_nothing_is_approved_on_a_call_and_nothing_recorded(world, at):
    """42 CFR 422.616: it takes an appeal or a documented reopening."""
    line = referred(world, at, of=world.member)
    talk = intended(line, world.physician, at)
    later = talk.open_until + timedelta(hours=1)
    deny(line, world.physician, later, cited_authority="NCD 1")
    again = offer_conversation(line=line, how=WITH_NOTICE, open_until=None, by=world.physician, at=later)
    with pytest.raises(ReversalNeedsReopening):
        held(world, again, later, "approved", conclusion="Therapy was not feasible.")
    with pytest.raises(ReversalNeedsReopening):
        partially_approve_line(
            line=line, units=Decimal("0.5"), by=world.physician, at=later, rationale="Half of it is enough for now."
        )
    again.refresh_from_db()
    assert (again.state, again.note) == (PeerToPeer.OFFERED, "")


def test_promised_evidence_is_asked_for_item_by_item_while_the_line_is_open(world, talk, line, at):
    held(world, talk, at, "new information", conclusion="Therapy discharge note\n\nInjection record of 6 October")
    question = InformationRequest.objects.filter(case=line.case, closed_at__isnull=True).latest("pk")
    assert [item.text for item in question.items.order_by("pk")] == [
        "Therapy discharge note", "Injection record of 6 October",
    ]  # fmt: skip
    line.refresh_from_db()
    assert line.status == LineStatus.PENDED_WITH_PROVIDER


def test_a_changed_request_keeps_what_was_agreed_and_changes_nothing_by_itself(world, talk, line, at):
    held(world, talk, at, "agreed alternative", conclusion="Six visits first, then a new request.")
    line.refresh_from_db()
    talk.refresh_from_db()
    assert (line.status, talk.conclusion) == (LineStatus.PENDED_WITH_PHYSICIAN, "Six visits first, then a new request.")
    assert not Determination.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "facts", "refusal"),
    [
        ("approved", {}, OutcomeNotUsable),
        ("agreed alternative", {"conclusion": " "}, OutcomeNotUsable),
        ("not reached", {}, OutcomeNotUsable),
        ("mood", {}, OutcomeNotUsable),
        ("upheld", {"note": " "}, Invalid),
    ],
)
def test_an_outcome_without_its_words_is_refused(world, talk, at, outcome, facts, refusal):
    with pytest.raises(refusal):
        held(world, talk, at, outcome, **facts)
    talk.refresh_from_db()
    assert talk.state == PeerToPeer.OFFERED


def test_only_a_physician_of_the_plan_records_the_outcome(world, talk, at):
    with pytest.raises(PermissionRefused):
        held(world, talk, at, "upheld", by=world.provider)
    with pytest.raises(PermissionRefused):
        held(world, talk, at, "upheld", by=world.nurse)


def test_a_closed_conversation_takes_nothing_more(world, talk, at):
    record_conversation_attempt(
        conversation=talk, outcome="declined", address="1", person="", note="", is_final=True, by=world.physician, at=at
    )
    talk.refresh_from_db()
    assert (talk.state, talk.outcome) == (PeerToPeer.DECLINED, "declined")
    with pytest.raises(NoConversationOffered):
        held(world, talk, at, "upheld")
    with pytest.raises(NoConversationOffered):
        record_conversation_attempt(
            conversation=talk, outcome="x", address="1", person="", note="", is_final=True, by=world.physician, at=at
        )


def test_terms_that_cannot_be_used_are_not_published(world, tmp_path, at):
    path = tmp_path / "offers.yaml"
    path.write_text("key: offers\nversion: '9'\nrows:\n  - {key: broken}\n")
    with pytest.raises(InvalidOfferTerms, match=r"offers.yaml cannot be used as written"):
        publish_offer_terms(path=path, by=world.engine, at=at)
