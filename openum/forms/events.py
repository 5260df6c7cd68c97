"""What happens with forms, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class FormsHandedOut(Event):
    """Forms, or the next questions of one, were handed to a system of a provider."""

    plan_id: UUID
    member_id: UUID | None = None
    forms: tuple[str, ...] = ()
    """Canonicals with version."""
    way: str = ""
    """package or next-question"""


@dataclass(frozen=True, kw_only=True)
class FormFaultReported(Event):
    """A system that shows our forms told of a fault in one."""

    plan_id: UUID
    fault_id: UUID
    form: str = ""


@dataclass(frozen=True, kw_only=True)
class FormFaultsRead(Event):
    """Somebody read what other systems told of faults; their words may hold anything."""

    fault_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class FillingStarted(Event):
    """An office began to fill in a form."""

    plan_id: UUID
    filling_id: UUID
    organization_id: UUID
    form: str


@dataclass(frozen=True, kw_only=True)
class FillingRead(Event):
    """Somebody of the office opened or downloaded a form with a person's answers."""

    filling_id: UUID
    what: str = ""


@dataclass(frozen=True, kw_only=True)
class FillingRecordsRead(Event):
    """Records of the office were read to fill in a form."""

    filling_id: UUID
    resources: int
    way: str = ""
    """server or file"""


@dataclass(frozen=True, kw_only=True)
class FillingCompleted(Event):
    """A form was completed."""

    filling_id: UUID


@dataclass(frozen=True, kw_only=True)
class FillingDelivered(Event):
    """A completed form was attached to a request."""

    filling_id: UUID
    case_id: UUID
