"""What happens to complaints and disputes, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class GrievanceFiled(Event):
    """A complaint was taken in; `cause` is what it is about."""

    grievance_id: UUID
    request_id: UUID
    is_fast: bool


@dataclass(frozen=True, kw_only=True)
class GrievanceExtended(Event):
    """More time was taken to answer a complaint, once and by notice; `cause` is the reason that the law admits."""

    grievance_id: UUID


@dataclass(frozen=True, kw_only=True)
class GrievanceAnswered(Event):
    """A complaint was answered."""

    grievance_id: UUID
    is_substantiated: bool


@dataclass(frozen=True, kw_only=True)
class GrievanceMoved(Event):
    """A complaint was an appeal; it moved there with its receipt."""

    grievance_id: UUID
    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class DisputeFiled(Event):
    """A provider disputed a decision or a payment for itself."""

    dispute_id: UUID


@dataclass(frozen=True, kw_only=True)
class DisputeAnswered(Event):
    """A provider's dispute was answered."""

    dispute_id: UUID
    is_for_provider: bool
