"""What the validator finds in a message, as faults that are told back: at the door, or after the answer by a job.

At the door every message is checked against FHIR R4. Its profiles are checked there for a sandbox plan, and for a
client that asks with `Prefer: handling=strict`; for others afterwards, since it costs a fifth of the whole operation.
"""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from openum.accounts.models import ApiClient
from openum.adapters.fhir.outcome import Issue
from openum.adapters.fhir.pas.versions import Version
from openum.adapters.fhir.rest import wishes_of
from openum.adapters.fhir.validation import EDITIONS, Severity, Violation, check
from openum.submission.incoming import Fault

Json = dict[str, Any]

PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
REQUEST_PROFILE = f"{PAS}profile-pas-request-bundle"

MOST_TOLD = 25
"""Faults told in one answer; what is mended first often mends the rest."""


def is_thorough(request: HttpRequest, client: ApiClient) -> bool:
    """Say whether the profiles are checked before the answer."""
    return client.plan.is_sandbox or "handling=strict" in wishes_of(request)


def faults_of(
    message: object, *, version: Version, is_thorough: bool, known: Iterable[Fault] = (), profile: str = REQUEST_PROFILE
) -> tuple[Fault, ...]:
    """Return what is known of a message's faults already, and what the validator adds.

    Args:
        message: parsed JSON.
        version: which guides are meant.
        is_thorough: whether profiles are checked, or FHIR R4 alone.
        known: faults found while reading the message; at the same place nothing is said twice.
        profile: what the message as a whole must conform to.
    """
    known = tuple(known)
    report = check(
        message, profiles=(profile,) if is_thorough else (), edition=EDITIONS[version.base], claimed=is_thorough
    )
    places = {fault.path for fault in known}
    told = [one for one in report.violations if one.severity is not Severity.INFORMATION and one.path not in places]
    added = [Fault(path=one.path, text=_sentence(one)) for one in told[:MOST_TOLD]]
    if len(told) > MOST_TOLD:
        added.append(Fault(path="Bundle", text=f"{len(told) - MOST_TOLD} more rules are broken. Mend these first."))
    return (*known, *added)


def _sentence(violation: Violation) -> str:
    """Return what is wrong and how to mend it; an update that claims the profile of new requests is told of its own."""
    profile, _, _version = violation.profile.partition("|")
    is_update = violation.path.endswith(".related") and profile == f"{PAS}profile-claim"
    cure = "Claim profile-claim-update in meta.profile of an update." if is_update else violation.cure
    return f"{violation.text} {cure}".strip()


def warnings_about(message: object, *, version: Version) -> list[Issue]:
    """Return what the validator finds in a message as warnings of an OperationOutcome; they hinder nothing."""
    found = check(message, edition=EDITIONS[version.base]).violations
    told = [one for one in found if one.severity is not Severity.INFORMATION]
    return [
        Issue(severity="warning", code=one.code, path=one.path, text=one.text, cure=one.cure)
        for one in told[:MOST_TOLD]
    ]
