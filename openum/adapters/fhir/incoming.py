"""What is wrong with a message that can be answered all the same: warnings for the people who built the sender.

The address says which guide a message follows. Faults hinder nothing; where an answer has a place that disturbs nobody
they travel with it, and the recorder of a sandbox shows them beside the message.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from openum.adapters.fhir.checks import MOST_TOLD, PAS, REQUEST_PROFILE
from openum.adapters.fhir.dtr.versions import DTR
from openum.adapters.fhir.elements import part, rows, text
from openum.adapters.fhir.outcome import Issue
from openum.adapters.fhir.validation import EDITIONS, Edition, Report, Severity, Violation, check, is_known

Json = dict[str, Any]

FAULTS_HEADER = "X-Request-Faults"
"""How many faults a message has, on answers that have no place for them."""
_CRD = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/profile-"
_BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription"
_CDEX = "http://hl7.org/fhir/us/davinci-cdex/StructureDefinition/"
_OPERATIONS = {
    "$questionnaire-package": f"{DTR}dtr-qpackage-input-parameters",
    "$next-question": f"{DTR}dtr-next-question-input-parameters",
    "$log-questionnaire-errors": f"{DTR}dtr-log-errors-input-parameters",
    "$submit": REQUEST_PROFILE,
    "$inquire": f"{PAS}profile-pas-inquiry-request-bundle",
    "$submit-attachment": f"{_CDEX}cdex-parameters-submit-attachment",
}
"""What the guides say of the body of each operation."""
_FHIR = re.compile(r"^/fhir/(?P<base>[^/]+)/(?P<rest>.+?)/?$")
_HOOK = re.compile(r"^/crd/(?P<base>[^/]+)/cds-services/[^/]+$")
_USER = re.compile(r"^(Practitioner|PractitionerRole|Patient|RelatedPerson)/[^/]+$")


def faults_of_message(address: str, data: object, *, is_thorough: bool) -> list[Issue]:
    """Return the faults of a message as warnings, at most `MOST_TOLD` and a word about the rest.

    Args:
        address: the path that it was sent to.
        data: its parsed content.
        is_thorough: whether the profiles of the guide are checked, or FHIR R4 alone.
    """
    found = list(_found(address, data, is_thorough))
    told = found[:MOST_TOLD]
    if len(found) > MOST_TOLD:
        told.append(Issue(
            severity="warning", code="too-costly", text=f"{len(found) - MOST_TOLD} more rules are broken.",
            cure="Mend these first.",
        ))  # fmt: skip
    return told


def _found(address: str, data: object, is_thorough: bool) -> Iterator[Issue]:
    hook, fhir = _HOOK.match(address), _FHIR.match(address)
    edition = EDITIONS.get((hook or fhir or {"base": ""})["base"])
    if edition is None or not isinstance(data, dict):
        return
    if hook:
        yield from _of_hook(data, edition, is_thorough)
    elif fhir:
        profiles = tuple(_profiles(fhir["rest"], data, edition)) if is_thorough else ()
        yield from _of_resource(data, edition, is_thorough, profiles)


def _profiles(rest: str, data: Json, edition: Edition) -> Iterator[str]:
    """Yield what a guide says the body of an operation conforms to, where this edition has it."""
    kind, operation = data.get("resourceType"), rest.rpartition("/")[2]
    wanted = _OPERATIONS.get(operation) if kind in {"Bundle", "Parameters"} else None
    if kind == "QuestionnaireResponse" and operation == "$next-question":
        wanted = f"{DTR}dtr-questionnaireresponse-adapt"
    if operation == "$log-questionnaire-errors" and _is_named_by_the_operation(data):
        wanted = None
    if kind == "Subscription" and rest.partition("/")[0] == "Subscription" and "$" not in rest:
        wanted = _BACKPORT
    if wanted is not None and is_known(wanted, edition):
        yield wanted


def _is_named_by_the_operation(data: Json) -> bool:
    """Say whether parameters have the names of the OperationDefinition of 2.0.1, which differ from its profile's."""
    return any(one.get("name") in {"Questionnaire", "OperationOutcome"} for one in rows(data.get("parameter")))


def _of_resource(
    resource: Json, edition: Edition, is_thorough: bool, profiles: tuple[str, ...], *, place: str = ""
) -> Iterator[Issue]:
    """Yield the faults of one resource; `place` is where it stands in a message that is no resource itself."""
    yield from _told(check(resource, profiles=profiles, edition=edition, claimed=is_thorough), place)


def _told(report: Report, place: str, *, of_profiles_only: bool = False) -> Iterator[Issue]:
    for one in report.violations:
        is_told = one.severity is not Severity.INFORMATION and not (place and _leads_to_the_sender(one))
        if is_told and (one.profile or not of_profiles_only):
            path = f"{place}{one.path[len(one.path.partition('.')[0]) :]}" if place else one.path
            yield Issue(severity="warning", code=one.code, path=path, text=one.text, cure=one.cure)


def _leads_to_the_sender(violation: Violation) -> bool:
    """Say whether a reference leads to what stays with the client's server, as those of an order do."""
    return violation.rule == "reference" and violation.severity is Severity.WARNING


def _of_hook(call: Json, edition: Edition, is_thorough: bool) -> Iterator[Issue]:
    """Yield the faults of a CDS Hooks call: of what it says itself, and of each resource it holds."""
    context = part(call, "context")
    try:
        UUID(text(call.get("hookInstance")))
    except ValueError:
        yield _warning("hookInstance", "This is no UUID.", "Send a new UUID with each call.")
    if call.get("hook") != "order-dispatch" and not _USER.match(text(context.get("userId"))):
        yield _warning(
            "context.userId", "The person who uses the system is not named.",
            "Send Practitioner, PractitionerRole, Patient or RelatedPerson with its id.",
        )  # fmt: skip
    if "fhirAuthorization" in call and not text(call.get("fhirServer")):
        yield _warning("fhirServer", "A token came without the server that it opens.", "Send the base of the server.")
    for place, resource in _resources(call, context):
        profiles = tuple(_profile_of_type(resource, edition)) if is_thorough else ()
        yield from _of_resource(resource, edition, is_thorough, profiles, place=place)
        for number, entry in enumerate(rows(resource.get("entry")) if is_thorough else ()):
            inner = part(entry, "resource")
            profiles = tuple(_profile_of_type(inner, edition))
            if profiles:
                report = check(inner, profiles=profiles, edition=edition, claimed=False)
                yield from _told(report, f"{place}.entry[{number}].resource", of_profiles_only=True)


def _profile_of_type(resource: Json, edition: Edition) -> Iterator[str]:
    """Yield the profile that CRD has for a resource of this type, unless the resource claims it and is held to it."""
    profile = f"{_CRD}{text(resource.get('resourceType')).lower()}"
    listed = part(resource, "meta").get("profile")
    claims = [text(one).partition("|")[0] for one in listed] if isinstance(listed, list) else []
    if profile not in claims and is_known(profile, edition):
        yield profile


def _resources(call: Json, context: Json) -> Iterator[tuple[str, Json]]:
    """Yield each resource that a call holds, with its place."""
    for held, place in ((context, "context"), (part(call, "prefetch"), "prefetch")):
        for name, value in held.items():
            for number, one in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(one, dict) and text(one.get("resourceType")):
                    yield f"{place}.{name}[{number}]" if isinstance(value, list) else f"{place}.{name}", one


def _warning(path: str, words: str, cure: str) -> Issue:
    return Issue(severity="warning", code="value", path=path, text=words, cure=cure)
