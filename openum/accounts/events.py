"""What happens at the sign-in page, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class SignedIn(Event):
    """A person signed in."""


@dataclass(frozen=True, kw_only=True)
class SignedOut(Event):
    """A person signed out."""


@dataclass(frozen=True, kw_only=True)
class SignInRefused(Event):
    """Somebody tried to sign in as this person with a wrong password."""


@dataclass(frozen=True, kw_only=True)
class SealJudged(Event):
    """The privacy officer judged whether a seal was rightly broken."""

    seal_id: UUID
