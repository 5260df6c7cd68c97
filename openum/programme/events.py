"""What happens to published reports, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class PublicReportFrozen(Event):
    """The public metrics of a year were frozen and posted; `cause` is why an earlier version gave way."""

    report_id: UUID
    year: int


@dataclass(frozen=True, kw_only=True)
class RequirementRemovalProposed(Event):
    """It was put before the committee that a service need not be asked for any more."""

    proposal_id: UUID


@dataclass(frozen=True, kw_only=True)
class RequirementProposalAnswered(Event):
    """The committee answered a proposal about a requirement."""

    proposal_id: UUID
    accepted: bool
