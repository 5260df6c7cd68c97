"""What happens to clocks, past tense, ids only. One event may name several clocks that moved by the same cause."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class ClockStarted(Event):
    """Obligations began to run."""

    request_id: UUID
    clock_ids: tuple[UUID, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ClockTolled(Event):
    """The law lets clocks rest until the claimant answers."""

    request_id: UUID
    clock_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class ClockResumed(Event):
    """Clocks run again."""

    request_id: UUID
    clock_ids: tuple[UUID, ...]
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ClockExtended(Event):
    """A due time moved later by a lawful extension, noticed in time."""

    request_id: UUID
    clock_ids: tuple[UUID, ...]
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ClockMoved(Event):
    """A due time moved for another reason: an upgrade, a downgrade, a corrected receipt, an answer."""

    request_id: UUID
    clock_ids: tuple[UUID, ...]
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ExpediteRefused(Event):
    """A clinician refused to decide fast; the standard time holds, and the enrollee is told in writing."""

    request_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClockStopped(Event):
    """Obligations were met, or ended without being owed. `state` is met, late or void."""

    request_id: UUID
    clock_ids: tuple[UUID, ...]
    state: str


@dataclass(frozen=True, kw_only=True)
class ClockDueSoon(Event):
    """A clock became at risk."""

    request_id: UUID
    clock_ids: tuple[UUID, ...]
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class ClockLapsed(Event):
    """A due time passed. The duty stays open; no line changes unless `missed` is deemed_approved."""

    request_id: UUID
    clock_ids: tuple[UUID, ...]
    due_at: datetime
    missed: str


@dataclass(frozen=True, kw_only=True)
class ClockEscalated(Event):
    """A rung of the plan's ladder was raised: a duty of law is nearly out of time, or past it."""

    escalation_id: UUID
    rung: str
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class EscalationNoted(Event):
    """Somebody who was told took note."""

    escalation_id: UUID


@dataclass(frozen=True, kw_only=True)
class BreachAssigned(Event):
    """A breach of a deadline got an owner, who has to say why it happened."""

    breach_id: UUID
    owner_id: UUID


@dataclass(frozen=True, kw_only=True)
class BreachSetAside(Event):
    """A corrected receipt showed that the time had not passed; the row stays in the register and counts no more."""

    breach_id: UUID


@dataclass(frozen=True, kw_only=True)
class BreachExplained(Event):
    """Why a due time passed was written down; `cause` is the word for it."""

    breach_id: UUID
