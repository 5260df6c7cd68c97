"""What happens when a need is asked for, past tense, ids only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class NeedsAsked(Event):
    """Somebody asked what services need; for a member on file, that is a look at the coverage."""

    schema_version: ClassVar[int] = 2
    plan_id: UUID
    member_id: UUID | None = None
    way: str = ""
    """The hook, or the page."""
    services: int = 0
    assertions: tuple[UUID, ...] = ()
    """The answers that were told and kept."""


@dataclass(frozen=True, kw_only=True)
class AssertionRead(Event):
    """Somebody looked at an answer that was given before."""

    assertion_id: UUID
    member_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class AssertionCited(Event):
    """A request names an answer that was given before it."""

    assertion_id: UUID
    request_id: UUID


@dataclass(frozen=True, kw_only=True)
class AssertionsRemoved(Event):
    """Answers that no request names were removed after their time."""

    count: int
