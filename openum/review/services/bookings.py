"""Booking a time, moving it, calling it off, and what happens when one side is not there."""

from datetime import datetime

from django.db import IntegrityError, transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import check_user_may
from openum.accounts.rules import Permission
from openum.cases.services import record_contact_attempt
from openum.review.events import PeerToPeerBooked, PeerToPeerCalledOff, PeerToPeerMissed
from openum.review.models import PeerToPeer, PeerToPeerDelegate, PeerToPeerSlot
from openum.review.queries import is_ordering_doctor, may_be_booked, people_of
from openum.review.rules.offers import MayNotSpeak, NoConversationOffered, OutcomeNotUsable, check_may_book
from openum.review.rules.slots import SlotTaken, check_slot
from openum.review.services.invitations import call_off_invitations, invite
from openum.review.services.peer_to_peer import check_open, is_of_plan, lock_conversation, record_offer
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel

PLAN, PRACTICE = "plan", "practice"


def _check_may_arrange(conversation: PeerToPeer, by: User) -> None:
    """Refuse who may not book, move or call off: once the doctor named who books, others of the practice may not."""
    if is_of_plan(by):
        return
    check_user_may(by, Permission.BOOK_PEER_TO_PEER)
    named = [item for item in conversation.delegates.filter(ended_at__isnull=True) if item.may_book]
    check_may_book(
        booker=by.pk,
        named_to_book=frozenset(item.user_id for item in named if item.user_id is not None),
        named_by=frozenset(item.named_by_id for item in named if not item.on_word_of),
        is_doctor=is_ordering_doctor(conversation.line, by),
    )


@permitted(Permission.BOOK_PEER_TO_PEER, Permission.REVIEW_LINES, on="conversation.line.case")
@transaction.atomic
def book_conversation(
    *,
    conversation: PeerToPeer,
    slot: PeerToPeerSlot,
    call_back: str,
    by: User,
    at: datetime,
    attendee: str = "",
    speaker: PeerToPeerDelegate | None = None,
) -> PeerToPeer:
    """Book a free time, or move to it. Two who book the same time: one gets it, the other is told.

    Args:
        attendee: the ordering doctor who takes the call; not needed where a delegate speaks.
        speaker: the delegate who takes the call.

    Raises:
        SlotTaken: somebody was faster, or the physician took the time back.
        SlotPassed: the time lies in the past or after the window.
        NoConversationOffered: the offer is closed, or was answered in writing.
        MayNotBook, MayNotSpeak: the ordering doctor named others.
        Invalid: nobody to talk to, or no number.
    """
    conversation = lock_conversation(conversation)
    check_open(conversation)
    if conversation.state == PeerToPeer.WRITTEN:
        raise NoConversationOffered("This was answered in writing. The plan's physician answers, or calls.")
    _check_may_arrange(conversation, by)
    if speaker is not None:
        speaker = _standing_speaker(conversation, speaker)
        attendee = speaker.name
    if not attendee.strip() or not call_back.strip():
        raise Invalid("Say who will take the call, and the number to call.")
    slot = PeerToPeerSlot.objects.select_for_update(of=("self",)).select_related("physician").get(pk=slot.pk)
    if not may_be_booked(slot, conversation):
        raise SlotTaken("This time was taken a moment ago. Choose another.")
    check_slot(starts_at=slot.starts_at, at=at, open_until=conversation.open_until)
    conversation.state, conversation.slot = PeerToPeer.BOOKED, slot
    conversation.booked_by, conversation.booked_at = by, at
    conversation.attendee, conversation.call_back = attendee.strip(), call_back.strip()
    try:
        with transaction.atomic():
            conversation.save()
    except IntegrityError as conflict:
        raise SlotTaken("This time was taken a moment ago. Choose another.") from conflict
    invite(conversation, slot, people_of(conversation, speaker), at=at)
    audit.record(
        PeerToPeerBooked(
            case_id=conversation.case.public_id, line_ids=(conversation.line.public_id,),
            conversation_id=conversation.public_id, starts_at=slot.starts_at.isoformat(),
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return conversation


def _standing_speaker(conversation: PeerToPeer, speaker: PeerToPeerDelegate) -> PeerToPeerDelegate:
    found = PeerToPeerDelegate.objects.select_related("user").filter(
        pk=speaker.pk, conversation=conversation, ended_at__isnull=True, may_speak=True
    )
    standing = found.first()
    if standing is None:
        raise MayNotSpeak("The ordering doctor did not name this person to take the call. Choose somebody else.")
    return standing


@permitted(
    Permission.BOOK_PEER_TO_PEER, Permission.HOLD_PEER_TO_PEER, Permission.REVIEW_LINES, on="conversation.line.case"
)
@transaction.atomic
def call_off_conversation(*, conversation: PeerToPeer, by: User, at: datetime) -> PeerToPeer:
    """Give a booked time back. When the plan calls it off, the offer stands anew, with its whole window.

    Raises:
        NoConversationOffered: nothing is booked.
    """
    conversation = lock_conversation(conversation)
    _check_may_arrange(conversation, by)
    if conversation.state != PeerToPeer.BOOKED or conversation.slot is None:
        raise NoConversationOffered("No time is booked for this conversation.")
    call_off_invitations(conversation, by=by, at=at)
    side = PLAN if is_of_plan(by) else PRACTICE
    _free(conversation, side=side, at=at)
    audit.record(
        PeerToPeerCalledOff(
            case_id=conversation.case.public_id, line_ids=(conversation.line.public_id,),
            conversation_id=conversation.public_id, side=side,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    if side == PLAN:
        record_offer(conversation, by=by, at=at)
    return conversation


@permitted(
    Permission.BOOK_PEER_TO_PEER, Permission.HOLD_PEER_TO_PEER, Permission.REVIEW_LINES, on="conversation.line.case"
)
@transaction.atomic
def record_no_show(*, conversation: PeerToPeer, absent: str, by: User, at: datetime) -> PeerToPeer:
    """Record that one side was not there at the booked time.

    The practice's absence is a logged attempt. The plan's own absence never counts against the practice: the offer
    stands anew, and earlier attempts no longer speak for a denial.

    Args:
        absent: "practice" as the plan records it, "plan" as either side does.

    Raises:
        OutcomeNotUsable: nothing is booked, the time has not come, or a practice records its own absence.
    """
    conversation = lock_conversation(conversation)
    if conversation.state != PeerToPeer.BOOKED or conversation.slot is None:
        raise OutcomeNotUsable("No time is booked for this conversation.")
    if conversation.slot.starts_at > at:
        raise OutcomeNotUsable("The time has not come yet.")
    if absent not in {PLAN, PRACTICE} or (absent == PRACTICE and not is_of_plan(by)):
        raise OutcomeNotUsable("Say who was not there. To give a time back, call the conversation off.")
    _check_may_arrange(conversation, by)
    if absent == PRACTICE:
        record_contact_attempt(
            case=conversation.case, purpose="peer-to-peer", channel=Channel.PHONE, outcome="not there at the booked time",
            address=conversation.call_back, person=conversation.attendee, by=by, at=at,
        )  # fmt: skip
    _free(conversation, side=absent, at=at)
    audit.record(
        PeerToPeerMissed(
            case_id=conversation.case.public_id, line_ids=(conversation.line.public_id,),
            conversation_id=conversation.public_id, side=absent,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    if absent == PLAN:
        record_offer(conversation, by=by, at=at)
    return conversation


def _free(conversation: PeerToPeer, *, side: str, at: datetime) -> None:
    conversation.state, conversation.slot = PeerToPeer.OFFERED, None
    if side == PLAN:
        conversation.plan_failed_at, conversation.open_until = at, None
    conversation.save(update_fields=["state", "slot", "plan_failed_at", "open_until"])
