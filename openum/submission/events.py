"""What happens at the door, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class SubmissionReceived(Event):
    """A message arrived and was kept, whatever becomes of it."""

    submission_id: UUID
    state: str


@dataclass(frozen=True, kw_only=True)
class SubmissionSettled(Event):
    """A person dealt with a message on the intake list."""

    submission_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseSubmitted(Event):
    """A new case was opened by a request."""

    request_id: UUID


@dataclass(frozen=True, kw_only=True)
class RequestAdded(Event):
    """A further request arrived on a case: update, extension, renewal, correction, cancellation."""

    request_id: UUID
    certification: str


@dataclass(frozen=True, kw_only=True)
class FaultsNoted(Event):
    """The faults of form of a request were counted again after its answer."""

    request_id: UUID
    faults: int


@dataclass(frozen=True, kw_only=True)
class SandboxAnswerArmed(Event):
    """The next answer for a sandbox client was armed, by a demo physician or under one's standing order."""

    arming_id: UUID
    answer: str


@dataclass(frozen=True, kw_only=True)
class SandboxAnswerDisarmed(Event):
    """An armed answer was taken away before its end."""

    arming_id: UUID


@dataclass(frozen=True, kw_only=True)
class SandboxFaultGiven(Event):
    """A sandbox client met an armed fault of the line: a slow answer, or a refusal by status."""

    arming_id: UUID
    answer: str


@dataclass(frozen=True, kw_only=True)
class StandingOrderSigned(Event):
    """A demo physician let others choose test answers of a sandbox plan in their name."""

    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class StandingOrderWithdrawn(Event):
    """A demo physician's standing order for a sandbox plan ended."""

    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class RequestAnswered(Event):
    """The answer to a message was built and kept; its commit is its publication."""

    submission_id: UUID
    request_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class MemberLookedUp(Event):
    """Somebody was shown that a person is a member, before any case exists."""

    member_id: UUID


@dataclass(frozen=True, kw_only=True)
class TelephoneRequestBegun(Event):
    """Intake took a call in which somebody asks for a service; the call has a number."""

    call_id: UUID


@dataclass(frozen=True, kw_only=True)
class TelephoneRequestEnded(Event):
    """The call ended: with a request, or without one and why."""

    call_id: UUID
    outcome: str
