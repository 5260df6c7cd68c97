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
