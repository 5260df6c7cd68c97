"""Who was told of authorizations for payment, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class AuthorizationFeedRead(Event):
    """A claims system, or a file for one, was given changes of authorizations: after a position, so many."""

    plan_id: UUID
    after: int
    entries: int


@dataclass(frozen=True, kw_only=True)
class ClaimLineMatched(Event):
    """Somebody asked whether an authorization fits a claim line; the answer's kind, not the line."""

    plan_id: UUID
    fit: str
