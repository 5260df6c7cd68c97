"""What happens in reviews after the service, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class LeadsLoaded(Event):
    """Leads of a file were taken over; what was known before stayed as it was."""

    plan_id: UUID
    digest: str
    new: int
    known: int


@dataclass(frozen=True, kw_only=True)
class LeadsRead(Event):
    """A person was shown leads, or took them away as a file; `cause` says which page."""

    lead_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class LeadDismissed(Event):
    """A person found nothing in a lead."""

    lead_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClaimTakenUp(Event):
    """A claim became a retrospective case; its leads go with it."""

    lead_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class ClaimFindingMade(Event):
    """A finding about a claim line was written; `cause` is the issue. An earlier one stays beside it."""

    finding_id: UUID
    version: int


@dataclass(frozen=True, kw_only=True)
class ClaimFindingSent(Event):
    """A finding goes to the provider, who may answer it."""

    finding_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClaimFindingAnswered(Event):
    """A provider answered a finding."""

    rebuttal_id: UUID
    agrees: bool


@dataclass(frozen=True, kw_only=True)
class ClaimRebuttalSettled(Event):
    """A provider's rebuttal was answered."""

    rebuttal_id: UUID
    is_accepted: bool


@dataclass(frozen=True, kw_only=True)
class ClaimHeld(Event):
    """Payment of a claim line was held; its time to be paid runs on."""

    hold_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClaimReleased(Event):
    """The hold of a claim line ended."""

    hold_id: UUID
