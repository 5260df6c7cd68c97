"""Calendar files to both sides: one for each person and change, through the outbox. No member data is in them."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from openum.accounts.models import User
from openum.outbox import services as outbox
from openum.outbox.files import write_whole
from openum.outbox.models import Message
from openum.review.invitations import calendar_file
from openum.review.models import CalendarMessage, PeerToPeer, PeerToPeerSlot
from openum.review.queries import invited
from openum.review.terms import terms_of

CALENDAR = "calendar.file"
"""Kind of the message that carries a calendar file out."""


def invite(conversation: PeerToPeer, slot: PeerToPeerSlot, people: list[User], *, at: datetime) -> None:
    """Tell everybody of the conversation its time; who is no longer part of it is told that it is off for them."""
    before = invited(conversation)
    sequence = _next_sequence(conversation)
    reminders = list(terms_of(conversation.line, at=at)[0].reminders)
    keys = {person.pk for person in people}
    for message in before:
        if message.recipient_id not in keys:
            _queue(_cancelled(message, sequence, at=at), conversation, at=at)
    for person in people:
        message = CalendarMessage.objects.create(
            conversation=conversation, recipient=person, organizer=slot.physician, method=CalendarMessage.REQUEST,
            sequence=sequence, starts_at=slot.starts_at, minutes=slot.minutes, reminders=reminders, made_at=at,
        )  # fmt: skip
        _queue(message, conversation, at=at)


def call_off_invitations(conversation: PeerToPeer, *, by: User, at: datetime) -> None:
    """Tell everybody who was invited to a conversation still to come that it does not take place."""
    standing = [message for message in invited(conversation) if message.starts_at > at]
    if not standing:
        return
    sequence = _next_sequence(conversation)
    for message in standing:
        _queue(_cancelled(message, sequence, at=at), conversation, at=at)


def _next_sequence(conversation: PeerToPeer) -> int:
    """Return the number of this change: 0 for the first file, one more for each later one (RFC 5546 2.1.4)."""
    if CalendarMessage.objects.filter(conversation=conversation).exists():
        conversation.sequence += 1
        conversation.save(update_fields=["sequence"])
    return conversation.sequence


def _cancelled(message: CalendarMessage, sequence: int, *, at: datetime) -> CalendarMessage:
    return CalendarMessage.objects.create(
        conversation=message.conversation, recipient=message.recipient, organizer=message.organizer,
        method=CalendarMessage.CANCEL, sequence=sequence, starts_at=message.starts_at, minutes=message.minutes,
        reminders=[], made_at=at,
    )  # fmt: skip


def _queue(message: CalendarMessage, conversation: PeerToPeer, *, at: datetime) -> None:
    outbox.queue(
        kind=CALENDAR, ref_kind="calendar-message", ref_id=message.public_id, plan=conversation.case.plan, run_at=at,
        dedupe_key=f"{CALENDAR}:{message.public_id}",
    )  # fmt: skip


def hand_over(message: Message, *, at: datetime) -> dict[str, Any]:
    """Drop a calendar file and whom it goes to where the mail relay fetches them; the same file overwrites itself.

    Raises:
        OSError: the folder cannot be written; the outbox tries again.
    """
    row = CalendarMessage.objects.select_related("conversation", "recipient", "organizer").get(public_id=message.ref_id)
    content = calendar_file(row)
    folder, name = Path(settings.OPENUM_DATA) / "outgoing", f"{row.public_id}.ics"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    proof = {
        "file": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "sequence": row.sequence,
        "method": row.method,
    }
    envelope = {
        **proof,
        "to": row.recipient.email,
        "idempotency_key": message.dedupe_key,
        "handed_over_at": at.isoformat(),
    }
    write_whole(folder / name, content)
    write_whole(
        folder / f"{name}.json", orjson.dumps(envelope, option=orjson.OPT_SORT_KEYS)
    )  # last: it is then complete
    return proof


def register_calendar_files() -> None:
    """Let the outbox carry calendar files; called once at start."""
    outbox.register_sender(CALENDAR, hand_over)
