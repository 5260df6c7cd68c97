"""The conversation between clinicians: offered, booked, held, its outcome kept. It stops no clock."""

from datetime import datetime

from django.db import IntegrityError, transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.queries import check_user_may
from openum.accounts.rules import Permission
from openum.audit import Recorded
from openum.cases.models import ServiceLine
from openum.cases.services import lock_line, record_contact_attempt, write_note
from openum.clocks.models import Clock
from openum.review.events import (
    PeerToPeerBooked,
    PeerToPeerHeld,
    PeerToPeerNotReached,
    PeerToPeerOffered,
    SlotOffered,
)
from openum.review.models import PeerToPeer, PeerToPeerSlot
from openum.review.rules import NoConversationOffered, SlotTaken, check_slot
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, ClockPurpose

BEFORE_DECISION = "before the decision"
WITH_NOTICE = "with the notice"


@transaction.atomic
def add_slot(*, physician: User, starts_at: datetime, by: User, at: datetime, minutes: int = 10) -> PeerToPeerSlot:
    """Open a time for conversations with a physician.

    Raises:
        SlotTaken: the physician already has this time.
    """
    check_user_may(physician, Permission.HOLD_PEER_TO_PEER)
    check_slot(starts_at=starts_at, at=at, open_until=None)
    if PeerToPeerSlot.objects.filter(physician=physician, starts_at=starts_at).exists():
        raise SlotTaken("This time is already open.")
    slot = PeerToPeerSlot.objects.create(physician=physician, starts_at=starts_at, minutes=minutes)
    audit.record(SlotOffered(slot_id=slot.public_id), by=by, at=at)
    return slot


@transaction.atomic
def offer_conversation(
    *, line: ServiceLine, how: str, open_until: datetime | None, by: User, at: datetime
) -> PeerToPeer:
    """Offer a conversation on a line; an open offer is kept."""
    line = lock_line(line)
    known = PeerToPeer.objects.filter(line=line, state__in=[PeerToPeer.OFFERED, PeerToPeer.BOOKED]).first()
    if known is not None:
        return known
    conversation = PeerToPeer.objects.create(
        case=line.case, line=line, offered_by=by, offered_at=at, offered_how=how, open_until=open_until
    )
    audit.record(
        PeerToPeerOffered(
            case_id=line.case.public_id, line_ids=(line.public_id,), conversation_id=conversation.public_id, how=how
        ),
        by=by,
        at=at,
    )
    return conversation


def _lock(conversation: PeerToPeer) -> PeerToPeer:
    return (
        PeerToPeer.objects.select_for_update(of=("self",))
        .select_related("line", "case", "slot")
        .get(pk=conversation.pk)
    )


@transaction.atomic
def book_conversation(
    *, conversation: PeerToPeer, slot: PeerToPeerSlot, attendee: str, call_back: str, by: User, at: datetime
) -> PeerToPeer:
    """Book a free time. Two who book the same time: one gets it, the other is told.

    Raises:
        SlotTaken: somebody was faster.
        SlotPassed: the time lies in the past or after the window.
        NoConversationOffered: the offer is closed.
    """
    check_user_may(by, Permission.BOOK_PEER_TO_PEER)
    if not attendee.strip() or not call_back.strip():
        raise Invalid("Say who will take the call, and the number to call.")
    conversation = _lock(conversation)
    if conversation.state not in {PeerToPeer.OFFERED, PeerToPeer.BOOKED}:
        raise NoConversationOffered("This offer is closed. Ask the plan for a new one.")
    check_slot(starts_at=slot.starts_at, at=at, open_until=conversation.open_until)
    conversation.state, conversation.slot = PeerToPeer.BOOKED, slot
    conversation.booked_by, conversation.booked_at = by, at
    conversation.attendee, conversation.call_back = attendee.strip(), call_back.strip()
    try:
        with transaction.atomic():
            conversation.save()
    except IntegrityError as conflict:
        raise SlotTaken("This time was taken a moment ago. Choose another.") from conflict
    audit.record(
        PeerToPeerBooked(
            case_id=conversation.case.public_id,
            line_ids=(conversation.line.public_id,),
            conversation_id=conversation.public_id,
            starts_at=slot.starts_at.isoformat(),
        ),
        by=by,
        at=at,
    )
    return conversation


@transaction.atomic
def record_conversation(
    *,
    conversation: PeerToPeer,
    held_from: datetime,
    held_to: datetime,
    outcome: str,
    note: str,
    by: User,
    at: datetime,
) -> PeerToPeer:
    """Keep that the conversation took place, with whom, and what came of it.

    Raises:
        PermissionRefused: not a physician of the plan.
        Invalid: it ends before it starts, lies in the future, or has no note.
        NoConversationOffered: it is closed.
    """
    check_user_may(by, Permission.HOLD_PEER_TO_PEER)
    if held_to < held_from or held_to > at:
        raise Invalid("The conversation must end after it starts, and not in the future. Check both times.")
    if not note.strip() or not outcome.strip():
        raise Invalid("Write what was said, and choose the outcome.")
    conversation = _lock(conversation)
    if conversation.state not in {PeerToPeer.OFFERED, PeerToPeer.BOOKED}:
        raise NoConversationOffered("This conversation is already recorded or closed.")
    conversation.state, conversation.held_by = PeerToPeer.HELD, by
    conversation.held_from, conversation.held_to = held_from, held_to
    conversation.outcome, conversation.note = outcome.strip(), note.strip()
    conversation.save()
    write_note(case=conversation.case, line=conversation.line, text=note, purpose="peer-to-peer", by=by, at=at)
    audit.record(
        PeerToPeerHeld(
            case_id=conversation.case.public_id,
            line_ids=(conversation.line.public_id,),
            conversation_id=conversation.public_id,
            outcome=conversation.outcome,
        ),
        by=by,
        at=at,
    )
    return conversation


@transaction.atomic
def record_conversation_attempt(
    *,
    conversation: PeerToPeer,
    outcome: str,
    address: str,
    person: str,
    note: str,
    is_final: bool,
    by: User,
    at: datetime,
) -> PeerToPeer:
    """Log an attempt to reach the clinician; a final one closes the offer as not reached or declined."""
    check_user_may(by, Permission.REVIEW_LINES)
    conversation = _lock(conversation)
    record_contact_attempt(
        case=conversation.case, purpose="peer-to-peer", channel=Channel.PHONE, outcome=outcome, address=address,
        person=person, note=note, by=by, at=at,
    )  # fmt: skip
    if is_final:
        conversation.state = PeerToPeer.DECLINED if outcome == "declined" else PeerToPeer.NOT_REACHED
        conversation.outcome = outcome
        conversation.slot = None
        conversation.save()
        audit.record(
            PeerToPeerNotReached(
                case_id=conversation.case.public_id,
                line_ids=(conversation.line.public_id,),
                conversation_id=conversation.public_id,
                outcome=outcome,
            ),
            by=by,
            at=at,
        )
    return conversation


def take_window(event: PeerToPeerOffered, recorded: Recorded) -> None:
    """An offer stands as long as the published window says; its clock has just been started by the same event."""
    conversation = PeerToPeer.objects.filter(public_id=event.conversation_id, open_until__isnull=True).first()
    if conversation is None:
        return
    clock = (
        Clock.objects.filter(
            case=conversation.case,
            purpose=ClockPurpose.PEER_TO_PEER_WINDOW,
            stopped_at__isnull=True,
            due_at__isnull=False,
        )
        .order_by("-started_at", "-pk")
        .first()
    )
    if clock is not None:
        conversation.open_until = clock.due_at
        conversation.save(update_fields=["open_until"])
