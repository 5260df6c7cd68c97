"""What happens to a case, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class SealBroken(Event):
    """A person opened what is specially protected in a case, for a reason and a short time."""

    seal_id: UUID


@dataclass(frozen=True, kw_only=True)
class LineStatusChanged(Event):
    """A line moved from one status to another."""

    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class InformationRequested(Event):
    """The plan asked for something; an itemised question stands on the case."""

    information_request_id: UUID
    request_id: UUID


@dataclass(frozen=True, kw_only=True)
class InformationReceived(Event):
    """Something asked for arrived; `is_complete` when nothing is left open."""

    information_request_id: UUID
    request_id: UUID
    is_complete: bool


@dataclass(frozen=True, kw_only=True)
class DocumentReceived(Event):
    """A document or a clinical resource was attached; `has_recognized_text` when software read a picture of one."""

    attachment_ids: tuple[UUID, ...]
    has_recognized_text: bool = False


@dataclass(frozen=True, kw_only=True)
class ContactAttempted(Event):
    """Somebody tried to reach a party."""

    attempt_id: UUID
    purpose: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class NoteWritten(Event):
    """A note was added."""

    note_id: UUID


@dataclass(frozen=True, kw_only=True)
class LineAmended(Event):
    """An administrative change, or the requester's own amendment."""

    amendment_id: UUID
    field: str


@dataclass(frozen=True, kw_only=True)
class LineWithdrawn(Event):
    """The requester took a line back."""

    amendment_id: UUID


@dataclass(frozen=True, kw_only=True)
class LineCancelled(Event):
    """The requester cancelled a line, or replaced it by a revised one."""

    replaced_by: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ReceiptCorrected(Event):
    """A receipt instant was corrected by two people, with a reason."""

    request_id: UUID
    second_person: UUID
