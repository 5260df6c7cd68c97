"""What happens to second proofs, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class ProofAdded(Event):
    """A person added a passkey or an authenticator app, or made recovery codes; the cause says which."""


@dataclass(frozen=True, kw_only=True)
class ProofRemoved(Event):
    """A person took a second proof away; the cause says which."""


@dataclass(frozen=True, kw_only=True)
class ProofAccepted(Event):
    """A second proof was right at the sign-in page; the cause says which."""


@dataclass(frozen=True, kw_only=True)
class ProofRefused(Event):
    """A second proof was wrong at the sign-in page; the cause says which."""


@dataclass(frozen=True, kw_only=True)
class SignInRuleChanged(Event):
    """It was set whether a plan's people need a second proof."""

    plan_id: UUID
    needs_second_proof: bool
