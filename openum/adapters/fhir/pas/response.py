"""The PAS response Bundle: a ClaimResponse first, then everything it refers to except the Claim.

Pure. Warnings about faults of the request travel as processNotes of the ClaimResponse: the response profile has
no place for an OperationOutcome, and a note is shown to people on the other side.
"""

from typing import Any

from openum.adapters.fhir import codes
from openum.adapters.fhir.elements import rows, text
from openum.adapters.fhir.pas.asks import carriers_of
from openum.adapters.fhir.pas.items import (
    action_of,
    add_item_of,
    concept,
    item_of,
    period,
    response_providers,
    review_action,
)
from openum.adapters.fhir.pas.versions import Version
from openum.adapters.fhir.pas.view import (
    PREAUTHORIZATION,
    AnswerView,
    ErrorView,
    Part,
    Reviewer,
    claim_reference,
)
from openum.vocabulary.canonical import json_bytes
from openum.vocabulary.identifiers import new_uuid7

Json = dict[str, Any]

SUBMIT = "profile-claimresponse"
INQUIRY = "profile-claiminquiryresponse"
_BUNDLE_PROFILE = {SUBMIT: "profile-pas-response-bundle", INQUIRY: "profile-pas-inquiry-response-bundle"}


class _Notes:
    """The process notes of one answer, each text once, numbered from 1."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers) + 1)

    def as_fhir(self) -> list[Json]:
        return [{"number": number, "type": "display", "text": text} for text, number in self._numbers.items()]


def response_bundle(answer: AnswerView, *, version: Version, profile: str = SUBMIT) -> Json:
    """Return the response Bundle of one answer."""
    return _bundle([_parts_of(answer, version, profile)], answer, profile)


def inquiry_bundle(answers: list[AnswerView], *, version: Version) -> Json:
    """Return one Bundle with the ClaimResponses of all answers first, then what they refer to, each once."""
    frame = next((one for one in answers if one.use != PREAUTHORIZATION), answers[0])
    return _bundle([_parts_of(answer, version, INQUIRY) for answer in answers], frame, INQUIRY)


def to_bytes(resource: Json) -> bytes:
    """Write a resource as UTF-8 JSON."""
    return json_bytes(resource)


def _bundle(parts: list[list[Part]], answer: AnswerView, profile: str) -> Json:
    identity = str(new_uuid7())
    entries: dict[str, Json] = {}
    for part in [one[0] for one in parts] + [part for one in parts for part in one[1:]]:
        entries.setdefault(part.url, part.resource)
    return {
        "resourceType": "Bundle",
        "id": identity,
        **_meta(answer, _BUNDLE_PROFILE[profile]),
        "identifier": {"system": codes.URI_IDENTIFIER, "value": f"urn:uuid:{identity}"},
        "type": "collection",
        "timestamp": _instant(answer),
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries.items()],
    }


def _meta(answer: AnswerView, profile: str) -> Json:
    """Claim the profile; the guide has none for predeterminations, which are answered in plain FHIR R4."""
    return {"meta": {"profile": [codes.PAS + profile]}} if answer.use == PREAUTHORIZATION else {}


def _instant(answer: AnswerView) -> str:
    return answer.answered_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parts_of(answer: AnswerView, version: Version, profile: str) -> list[Part]:
    """Return the ClaimResponse and everything it refers to, in order."""
    tasks: list[Part] = []
    communications: list[Part] = []
    for ask in answer.asks:
        task, requests = carriers_of(ask, answer, version)
        if ask.by_task:
            tasks.append(task)
        if profile == SUBMIT and ask.by_communication:
            communications += requests
    response = _claim_response(answer, version, profile, communications)
    parts = [Part(f"urn:uuid:{answer.identifier}", response), answer.patient, answer.insurer]
    if answer.requestor is not None:
        parts.append(answer.requestor)
    # What was echoed stands last: readers take the base of its relative references from the last entry's address.
    return [*parts, *tasks, *communications, *answer.others]


def _claim_response(answer: AnswerView, version: Version, profile: str, communications: list[Part]) -> Json:
    notes = _Notes()
    extensions = _response_extensions(answer, version)
    response: Json = {
        "resourceType": "ClaimResponse",
        "id": answer.identifier,
        **_meta(answer, profile),
    }
    if extensions:
        response["extension"] = extensions
    response |= {
        "identifier": _identifiers(answer),
        "status": "active",
        "type": answer.claim_type or concept(codes.CLAIM_TYPE, "professional"),
        "use": answer.use,
        "patient": {"reference": answer.patient.url},
        "created": _instant(answer),
        "insurer": {"reference": answer.insurer.url},
    }
    if answer.requestor is not None:
        response["requestor"] = {"reference": answer.requestor.url}
    response["request"] = claim_reference(answer)
    if answer.errors:
        response["outcome"] = "error"
        response["error"] = [_error(one, version, notes) for one in answer.errors]
    else:
        _add_lines(response, answer, version, notes)
    if communications:
        response["communicationRequest"] = [{"reference": part.url} for part in communications]
    for warning in answer.warnings:
        notes.number(warning)
    if written := notes.as_fhir():
        response["processNote"] = written
    return response


def _add_lines(response: Json, answer: AnswerView, version: Version, notes: _Notes) -> None:
    actions = [action_of(line) for line in answer.lines]
    numbers = sorted({line.authorization.number for line in answer.lines if line.authorization is not None})
    response["outcome"] = _outcome(actions, version)
    if len(numbers) == 1:
        response["preAuthRef"] = numbers[0]
    certified = _envelope(answer)
    if certified:
        response["preAuthPeriod"] = certified
    items = [item_of(line, answer, version, [notes.number(text) for text in line.notes]) for line in answer.lines]
    if items:
        response["item"] = items
    added = [add_item_of(line, answer, version) for line in answer.lines if line.is_substituted]
    if added:
        response["addItem"] = added
    if version.has_response_extensions and len(set(actions)) == 1:
        response["adjudication"] = [review_action(actions[0])]


def _outcome(actions: list[str], version: Version) -> str:
    pended = sum(action == "A4" for action in actions)
    if pended == 0:
        return "complete"
    return version.pended_outcome if pended == len(actions) else "partial"


def _envelope(answer: AnswerView) -> Json:
    """Return the period from the first to the last certified day of all lines; both ends inclusive."""
    services = [line.authorization.service for line in answer.lines if line.authorization is not None]
    starts = [one.valid_from for one in services if one.valid_from is not None]
    ends = [one.valid_to for one in services if one.valid_to is not None]
    return period(min(starts, default=None), max(ends, default=None)) or {}


def _identifiers(answer: AnswerView) -> list[Json]:
    """Echo the identifiers of the request that are whole; without one, our own."""
    whole = [one for one in answer.identifiers if one.get("system") and one.get("value")]
    return whole or [{"system": codes.URI_IDENTIFIER, "value": f"urn:uuid:{answer.identifier}"}]


def _response_extensions(answer: AnswerView, version: Version) -> list[Json]:
    if not version.has_response_extensions:
        return []
    found = [_turned_round(answer.transmission)] if answer.transmission else []
    if answer.reviewer is not None:
        found.append(_reviewer(answer.reviewer))
    return found + response_providers(answer, version)


_OTHER_WAY = {
    "applicationSenderCode": "applicationReceiverCode",
    "applicationReceiverCode": "applicationSenderCode",
    "interchangeSenderID": "interchangeReceiverID",
    "interchangeReceiverID": "interchangeSenderID",
}


def _turned_round(transmission: Json) -> Json:
    """Return the transmission identifiers with sender and receiver exchanged, for the way back."""
    parts = [
        {**one, "url": _OTHER_WAY.get(text(one.get("url")), one.get("url"))}
        for one in rows(transmission.get("extension"))
    ]
    return {"url": codes.TRANSMISSION_IDENTIFIERS, "extension": parts}


def _reviewer(reviewer: Reviewer) -> Json:
    parts: list[Json] = [{"url": "wasHumanReviewedFlag", "valueBoolean": reviewer.is_person}]
    if reviewer.npi:
        parts.append({"url": "reviewerNPI", "valueIdentifier": {"system": codes.NPI, "value": reviewer.npi}})
    if reviewer.specialty:
        parts.append({"url": "reviewerSpecialty", "valueCodeableConcept": {"text": reviewer.specialty}})
    return {"url": codes.REVIEWER, "extension": parts}


def _error(error: ErrorView, version: Version, notes: _Notes) -> Json:
    number = notes.number(error.text)
    extensions: list[Json] = [
        {"url": codes.ERROR_FOLLOW_UP, "valueCodeableConcept": concept(codes.X12_FOLLOW_UP, error.follow_up)}
    ]
    if version.structured_error_element:
        parts = [{"url": "processNote", "valuePositiveInt": number}, {"url": "error", "valueString": error.element}]
        extensions.append({"url": codes.ERROR_ELEMENT, "extension": parts})
    else:
        extensions.append({"url": codes.ERROR_ELEMENT, "valueString": error.element})
    if error.path:
        extensions.append({"url": codes.ERROR_PATH, "valueString": error.path})
    return {"extension": extensions, "code": concept(codes.X12_REJECT_REASON, error.reject)}
