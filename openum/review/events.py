"""What happens in review, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class ReviewStarted(Event):
    """A person took a line up."""

    review_id: UUID
    level: str


@dataclass(frozen=True, kw_only=True)
class ReviewEnded(Event):
    """A review ended: approved, asked, referred, decided, released."""

    review_id: UUID
    ended_with: str


@dataclass(frozen=True, kw_only=True)
class LineReferred(Event):
    """A nurse referred a line to a physician."""

    review_id: UUID
    specialty: str


@dataclass(frozen=True, kw_only=True)
class LineReturned(Event):
    """A physician gave a line back to the nurses with a question."""

    note_id: UUID


@dataclass(frozen=True, kw_only=True)
class DocumentOpened(Event):
    """A reviewer opened a document: proof of diligence, never a measure of productivity."""

    attachment_id: UUID
    page: int | None = None


@dataclass(frozen=True, kw_only=True)
class PeerToPeerOffered(Event):
    """A conversation was offered to the ordering clinician."""

    conversation_id: UUID
    how: str


@dataclass(frozen=True, kw_only=True)
class PeerToPeerBooked(Event):
    """The practice booked a slot."""

    conversation_id: UUID
    starts_at: str


@dataclass(frozen=True, kw_only=True)
class PeerToPeerAsked(Event):
    """The ordering clinician asked to talk; in some states the plan then owes a reconsideration in a set time."""

    conversation_id: UUID
    owes_reconsideration: bool


@dataclass(frozen=True, kw_only=True)
class PeerToPeerCalledOff(Event):
    """A booked conversation was called off; the offer stands again."""

    conversation_id: UUID
    side: str


@dataclass(frozen=True, kw_only=True)
class PeerToPeerMissed(Event):
    """At the booked time one side was not there."""

    conversation_id: UUID
    side: str


@dataclass(frozen=True, kw_only=True)
class PeerToPeerWritten(Event):
    """The ordering clinician answered in writing instead of a call."""

    conversation_id: UUID
    statement_id: UUID


@dataclass(frozen=True, kw_only=True)
class PeerToPeerClosed(Event):
    """An open conversation ended because the line was decided or taken back."""

    conversation_id: UUID


@dataclass(frozen=True, kw_only=True)
class DelegateNamed(Event):
    """The ordering clinician named who may book or speak."""

    conversation_id: UUID
    delegate_id: UUID


@dataclass(frozen=True, kw_only=True)
class DelegateEnded(Event):
    """A delegate may no longer book or speak."""

    conversation_id: UUID
    delegate_id: UUID


@dataclass(frozen=True, kw_only=True)
class PeerToPeerHeld(Event):
    """The conversation took place."""

    conversation_id: UUID
    outcome: str


@dataclass(frozen=True, kw_only=True)
class PeerToPeerNotReached(Event):
    """Nobody could be reached, or the clinician declined."""

    conversation_id: UUID
    outcome: str


@dataclass(frozen=True, kw_only=True)
class SlotOffered(Event):
    """A physician opened a time for conversations."""

    slot_id: UUID


@dataclass(frozen=True, kw_only=True)
class SlotWithdrawn(Event):
    """A physician took a free time back."""

    slot_id: UUID


@dataclass(frozen=True, kw_only=True)
class CalendarKept(Event):
    """A physician set the zone and length of their times."""

    physician_id: UUID
    time_zone: str


@dataclass(frozen=True, kw_only=True)
class NoteAnchored(Event):
    """A note was written at words or a page of a document, or at a criterion."""

    note_id: UUID
    is_for_letter: bool


@dataclass(frozen=True, kw_only=True)
class NoteTakenAway(Event):
    """A note was taken from its place, and from what a letter may take."""

    note_id: UUID


@dataclass(frozen=True, kw_only=True)
class MessageWritten(Event):
    """An office or the plan wrote to the other side about a case."""

    message_id: UUID
    is_from_office: bool


@dataclass(frozen=True, kw_only=True)
class MessagesRead(Event):
    """Somebody was the first of their side to read messages."""

    message_ids: tuple[UUID, ...]
