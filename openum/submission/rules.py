"""What makes two messages the same, and why a well-formed request cannot be acted on. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from openum.submission.incoming import (
    Fault,
    Identifier,
    IncomingAttachment,
    IncomingLine,
    IncomingMember,
    IncomingProvider,
    IncomingRequest,
    Problem,
    SentDocument,
)
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed
from openum.vocabulary.identifiers import npi_is_valid
from openum.vocabulary.terms import CertificationType

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

INVENTED_NUMBER = (
    "This provider number is not a valid NPI: its check digit differs. The sandbox takes it; a plan would answer with "
    "error 43."
)


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


_FOLLOW_UPS = frozenset(
    {
        CertificationType.EXTENSION,
        CertificationType.RENEWAL,
        CertificationType.REVISED,
        CertificationType.CANCEL,
    }
)


def follows_up(request: IncomingRequest) -> bool:
    """Say whether a message speaks of an earlier request: by naming it, or by what it asks for."""
    asked = {request.certification, *(line.certification for line in request.lines)}
    return bool(request.related or request.relationship or asked & _FOLLOW_UPS)


@dataclass(frozen=True, kw_only=True)
class Names:
    """What a request on file is called.

    Attributes:
        identifiers: the sender's, as (system, value).
        address: under which the sender sent its Claim.
        own_id: the id that the Claim had there.
        given: our ids and numbers for it.
    """

    identifiers: tuple[tuple[str, str], ...] = ()
    address: str = ""
    own_id: str = ""
    given: tuple[str, ...] = ()


def speaks_of(wanted: Identifier, names: Names) -> bool:
    """Say whether an identifier or address names a request.

    A relative address (`Claim/7`) fits the Claim with that id, wherever it was sent from; an absolute one fits another
    absolute one only as a whole. Our own id fits at the end of any address.
    """
    value = wanted.value.strip().partition("/_history/")[0]
    if not value:
        return False
    if any(value == held and wanted.system in {"", system} for system, held in names.identifiers):
        return True
    if plain_number(value) in {plain_number(one) for one in names.given if one}:
        return True
    before, _, identity = value.rpartition("/")
    if before == "Claim":
        return identity == names.own_id or names.address.endswith(f"/{value}")
    has_no_base = before.endswith("/Claim") and not names.address.startswith("http")
    return value == names.address or (has_no_base and identity == names.own_id)


def numbers_named(request: IncomingRequest) -> list[str]:
    """Return every number of ours that a message may name its earlier request by, each once."""
    found = [request.authorization_number, request.administrative_number]
    for line in request.lines:
        found += [line.previous_authorization_number, line.administrative_number]
    found += [one.value for one in request.related]
    return [number for number in dict.fromkeys(one.strip() for one in found) if number]


def lines_of_items(
    items: Iterable[IncomingLine], *, by_number: Mapping[str, int], inherited: Mapping[int, int], held: frozenset[int]
) -> dict[int, int]:
    """Return the line of the case that each item means, by the item's sequence, where the two sequences differ.

    Args:
        items: of the message.
        by_number: sequence of the line that a number of the case belongs to.
        inherited: what the sender's earlier request said of this.
        held: sequences of the lines on file.
    """
    found: dict[int, int] = {}
    without = []
    for item in items:
        numbers = (item.previous_authorization_number, item.administrative_number)
        line = next((by_number[one] for one in numbers if one in by_number), inherited.get(item.sequence))
        if line is None or line in found.values():
            without.append(item.sequence)
        else:
            found[item.sequence] = line
    for sequence in without:
        means_another = bool(inherited) and sequence in held
        is_taken = means_another or sequence in found.values()
        found[sequence] = max([*held, *found.values()]) + 1 if is_taken else sequence
    kept = {sent: line for sent, line in inherited.items() if line not in found.values()} | found
    return {sent: line for sent, line in kept.items() if sent != line}


def shown_sequences(sequences: Mapping[int, int], held: Iterable[int]) -> dict[int, int]:
    """Return the sequence under which a sender is told of each line, where it differs from the line's own.

    Args:
        sequences: the line that each item of the sender's request meant, where the two sequences differ.
        held: sequences of the lines on file. One that the sender uses for another line is told by a free number.
    """
    shown = {line: sent for sent, line in sequences.items()}
    for line in sorted(set(held) - set(shown)):
        if line in shown.values():
            shown[line] = max([*shown, *shown.values()]) + 1
    return shown


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


def form_problems(request: IncomingRequest, *, takes_invented_numbers: bool = False) -> list[Problem]:
    """Return the business problems that need no look-up.

    Args:
        request: the message.
        takes_invented_numbers: a sandbox that enrols whoever comes: an invalid provider number is told and lived with.
    """
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
    if requester and not takes_invented_numbers and _is_no_npi(requester.npi):
        found.append(problem("provider-number-invalid", path=requester.path))
    return found


def _is_no_npi(number: str) -> bool:
    return len(number) == 10 and not npi_is_valid(number)


def with_invented_numbers_told(request: IncomingRequest) -> IncomingRequest:
    """Return a request with a fault for each provider number that only a sandbox takes."""
    told = [
        Fault(path=f"{one.path}.identifier", text=INVENTED_NUMBER) for one in request.providers if _is_no_npi(one.npi)
    ]
    return replace(request, faults=tuple(dict.fromkeys((*request.faults, *told))))
