"""What happens in a call, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class CallerChecked(Event):
    """A caller was asked who they are; `is_verified` when two facts or more agreed and none was wrong."""

    call_id: UUID
    is_verified: bool


@dataclass(frozen=True, kw_only=True)
class CallActed(Event):
    """Something was done in a call; the cause says what."""

    call_id: UUID


@dataclass(frozen=True, kw_only=True)
class CallEnded(Event):
    """A call was ended."""

    call_id: UUID
