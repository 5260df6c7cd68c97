"""What intake finds, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class LineTriaged(Event):
    """Coverage, providers and code of a line were checked.

    `outcome`: in_order (criteria may be evaluated and a published rule may approve), to_person (criteria are evaluated,
    a person decides), to_intake (something must be put right first).
    """

    outcome: str


@dataclass(frozen=True, kw_only=True)
class DuplicateNoticed(Event):
    """A look-alike was found and is shown to a person."""

    hint_id: UUID


@dataclass(frozen=True, kw_only=True)
class DuplicateSettled(Event):
    """A person said whether it is a duplicate."""

    hint_id: UUID
    is_duplicate: bool


@dataclass(frozen=True, kw_only=True)
class PaperReceived(Event):
    """A fax, letter or scan was put on the desk; its bytes and its receipt are kept."""

    paper_id: UUID
    submission_id: UUID
    pages: int


@dataclass(frozen=True, kw_only=True)
class PageRead(Event):
    """Software read a page, or could not: fields found, and its reader."""

    paper_id: UUID
    page_id: UUID
    fields: int


@dataclass(frozen=True, kw_only=True)
class PaperShown(Event):
    """A person was shown the pages of a paper."""

    paper_id: UUID


@dataclass(frozen=True, kw_only=True)
class PaperChanged(Event):
    """Pages were turned, blacked out, split off, merged, or that was undone (`cause` says which)."""

    paper_id: UUID
    step_id: UUID


@dataclass(frozen=True, kw_only=True)
class FieldSettled(Event):
    """A person kept what was read for a field, or typed something else."""

    paper_id: UUID
    field: str
    settled: str


@dataclass(frozen=True, kw_only=True)
class PaperMemberChosen(Event):
    """A person said who is meant."""

    paper_id: UUID
    member_id: UUID


@dataclass(frozen=True, kw_only=True)
class PaperEntered(Event):
    """A paper became a request, or was put on a case that waited for it."""

    paper_id: UUID
    submission_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReadingUsed(Event):
    """What was read on a page went into a case; the ledger of machines takes it down with what people did."""

    paper_id: UUID
    page_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReceiptCorrectionProposed(Event):
    """One person says that a request was received at another time; it waits for a second person."""

    request_id: UUID
    proposal_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReceiptCorrectionRefused(Event):
    """A proposed receipt time was refused or taken back; the receipt stands."""

    request_id: UUID
    proposal_id: UUID


@dataclass(frozen=True, kw_only=True)
class RequestForwarded(Event):
    """A request that was sent to the wrong place went on to the right one with its first receipt."""

    forwarding_id: UUID
    submission_id: UUID


@dataclass(frozen=True, kw_only=True)
class ForwardingShown(Event):
    """Somebody looked at a request that was sent on, or at its bytes."""

    forwarding_id: UUID


@dataclass(frozen=True, kw_only=True)
class ForwardingAcknowledged(Event):
    """The place it was sent on to says that it has it."""

    forwarding_id: UUID


@dataclass(frozen=True, kw_only=True)
class SenderTold(Event):
    """The sender of a misdirected request was told where it went."""

    forwarding_id: UUID


@dataclass(frozen=True, kw_only=True)
class MemberTied(Event):
    """A provisional person turned out to be a member; the case is that member's now."""

    tie_id: UUID


@dataclass(frozen=True, kw_only=True)
class MemberUntied(Event):
    """That was a mistake; the case is the provisional person's again."""

    tie_id: UUID


@dataclass(frozen=True, kw_only=True)
class PaperMarked(Event):
    """A person said of a paper that a request should carry: it is this document, unreadable, or not needed."""

    mark_id: UUID
    state: str


@dataclass(frozen=True, kw_only=True)
class PaperMovedAway(Event):
    """A paper, or pages of it, was taken from a case where it does not belong; `cause` is moved or undone."""

    move_id: UUID


@dataclass(frozen=True, kw_only=True)
class PaperMovedHere(Event):
    """A paper, or pages of it, came from another case; `cause` is moved or undone."""

    move_id: UUID


@dataclass(frozen=True, kw_only=True)
class RequestRefiledAway(Event):
    """Services of a request were taken from a case where they do not belong, and stand there as voided in error."""

    refiling_id: UUID


@dataclass(frozen=True, kw_only=True)
class RequestRefiledHere(Event):
    """Services of a request came from another case, with the receipt they had."""

    refiling_id: UUID
