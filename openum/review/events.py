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
