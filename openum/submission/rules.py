"""What makes two messages the same, and why a well-formed request cannot be acted on. Pure."""

import hashlib
from typing import ClassVar

from openum.submission.incoming import (
    IncomingAttachment,
    IncomingMember,
    IncomingProvider,
    IncomingRequest,
    Problem,
    SentDocument,
)
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed
from openum.vocabulary.identifiers import npi_is_valid

PROBLEM_WORDS: dict[str, str] = {
    "member-not-found": "No member of this plan has the member or subscriber number that was sent.",
    "member-mismatch": "The member number is on file, but the name or date of birth that was sent differs.",
    "coverage-inactive": "The member's coverage is not active on the date of service.",
    "provider-not-found": "The requesting provider is not on file with this plan.",
    "provider-number-invalid": "The requesting provider's number is not a valid NPI.",
    "service-missing": "No service is named: send at least one line with a code or a service type.",
    "patient-missing": "The patient cannot be identified: send a member or subscriber number.",
    "update-of-denied": "The prior request was denied. Send a new request or an appeal instead of an update.",
    "prior-not-found": "The request that this message cancels is not on file for this member and sender.",
    "attachment-unmatched": "No request of this member and sender has this tracking number yet. It is held for it.",
    "update-nothing-open": "The prior request is closed. Send a new request.",
}
"""Stable codes of business problems and their sentence; adapters map the code to AAA reject reasons."""


class AlreadyAdmitted(Conflict):
    """A waiting message was settled by somebody else."""

    code: ClassVar[str] = "already-admitted"


class OnlySandboxPlans(NotAllowed):
    """Answers are armed for sandbox plans only."""

    code: ClassVar[str] = "only-sandbox-plans"


class NoStandingOrder(NotAllowed):
    """Somebody who is no physician wants to choose a test answer, and no physician lets them."""

    code: ClassVar[str] = "no-standing-order"


class NothingSent(Invalid):
    """A request names a service."""

    code: ClassVar[str] = "nothing-sent"


def problem(code: str, *, path: str = "") -> Problem:
    """Make a problem with its sentence."""
    return Problem(code=code, path=path, text=PROBLEM_WORDS[code])


def retry_key(*, sender: str, door: str, request: IncomingRequest) -> str:
    """Return what makes a repeat: same sender, door, patient, identifiers and canonical body (settled point 10)."""
    member = request.member
    parts = [
        sender,
        door,
        member.member_id,
        member.subscriber_id,
        member.family.casefold(),
        member.birth_date.isoformat() if member.birth_date else "",
        *sorted(f"{item.system}|{item.value}" for item in request.identifiers),
        request.canonical_digest,
    ]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def attachment_key(*, sender: str, door: str, sent: IncomingAttachment) -> str:
    """Return what makes a repeat of records sent apart: same sender, door, member, tracking number and body."""
    parts = [sender, door, sent.member_number, sent.tracking.system, sent.tracking.value, sent.canonical_digest]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def plain_number(value: str) -> str:
    """Return a number as it is compared: without the wrapping of a UUID or URL."""
    return value.strip().removeprefix("urn:uuid:").rpartition("/")[2].casefold()


def answers(document: SentDocument, *, line: int, wanted: str) -> bool:
    """Say whether a document answers something asked for: for that line, of that kind; silence fits any.

    Args:
        line: sequence of the line it was asked for.
        wanted: attachment code of the kind asked for, empty when any record will do.
    """
    is_for_line = not document.lines or line in document.lines
    return is_for_line and (not document.code or not wanted or document.code == wanted)


def same_person(sent: IncomingMember, *, family: str, birth_date: object) -> bool:
    """Say whether name and date of birth do not contradict the file; what was not sent contradicts nothing."""
    if sent.birth_date is not None and birth_date is not None and sent.birth_date != birth_date:
        return False
    return not (sent.family and family and _folded(sent.family) != _folded(family))


def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def requester_of(request: IncomingRequest) -> IncomingProvider | None:
    """Return the provider that asks, or None for a member's own request."""
    for provider in request.providers:
        if provider.role == "requester":
            return provider
    return None


def form_problems(request: IncomingRequest) -> list[Problem]:
    """Return the business problems that need no look-up."""
    found = list(request.problems)
    if not request.lines and not request.is_whole_cancellation:
        found.append(problem("service-missing", path="Claim.item"))
    for line in request.lines:
        if not line.code and not line.category and not line.source:
            found.append(problem("service-missing", path=line.path or f"Claim.item[{line.sequence - 1}]"))
            break
    if not request.member.member_id and not request.member.subscriber_id:
        found.append(problem("patient-missing", path=request.member.path))
    requester = requester_of(request)
    if requester and requester.npi and len(requester.npi) == 10 and not npi_is_valid(requester.npi):
        found.append(problem("provider-number-invalid", path=requester.path))
    return found
