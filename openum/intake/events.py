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
