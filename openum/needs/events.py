"""What happens when a need is asked for, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class NeedsAsked(Event):
    """Somebody asked what services need; for a member on file, that is a look at the coverage."""

    plan_id: UUID
    member_id: UUID | None = None
    way: str = ""
    """The hook, or the page."""
    services: int = 0
