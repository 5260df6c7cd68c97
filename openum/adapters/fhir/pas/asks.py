"""What we ask the provider for, in the two carriers of PAS: a Task, and CommunicationRequests (278 PWK)."""

from collections.abc import Iterable
from typing import Any

from openum.adapters.fhir import codes
from openum.adapters.fhir.elements import rows
from openum.adapters.fhir.pas.items import concept
from openum.adapters.fhir.pas.versions import Version
from openum.adapters.fhir.pas.view import AnswerView, AskedItem, AskView, Part, claim_reference

Json = dict[str, Any]

MEDICAL_RECORDS = "11503-0"
"""LOINC: medical records, the attachment code when nothing narrower is known."""

SUPPORTING_DOCUMENTATION = "77"
"""X12 755 (PWK01): support data for verification."""

ASKS_FOR_RECORDS = "attachment-request-code"
ASKS_FOR_FORM = "attachment-request-questionnaire"

ELECTRONIC = "EL"
"""X12 756 (PWK02): electronically only."""


def carriers_of(ask: AskView, answer: AnswerView, version: Version) -> tuple[Part, list[Part]]:
    """Return the Task and the CommunicationRequests of one open request for information.

    The Task says in words what each document must show; a CommunicationRequest only asks for a kind of document on a
    line (278 PWK), so that several questions that one document answers ask for it once.
    """
    wanted: dict[tuple[int, str], AskedItem] = {}
    for item in ask.items:
        wanted.setdefault((item.line, item.loinc or MEDICAL_RECORDS), item)
    return task_of(ask, answer, version), [communication_of(item, answer, version) for item in wanted.values()]


def task_of(ask: AskView, answer: AnswerView, version: Version) -> Part:
    """Return the Task of a request for information: what is asked for, by when, and where it is sent to."""
    inputs: list[Json] = [
        {"type": concept(codes.PAS_TEMP, "payer-url"), "valueUrl": f"{answer.base_url}/$submit-attachment"}
    ]
    inputs += [_input_of(item, ask, version) for item in ask.items]
    task: Json = {
        "resourceType": "Task",
        "id": ask.identifier,
        "meta": {"profile": [codes.PAS + "profile-task"]},
        "identifier": [{"system": codes.URI_IDENTIFIER, "value": f"urn:uuid:{ask.identifier}"}],
        "status": ask.progress,
        "statusReason": {"text": ask.message or "Information is needed before this request can be decided."},
        "intent": "order",
        "code": concept(codes.PAS_TEMP, code_of(item.is_form for item in ask.items)),
        "for": {"reference": answer.patient.url},
        "requester": {"identifier": _identifier_of(answer.insurer)},
        "owner": {"identifier": _identifier_of(answer.requestor or answer.insurer)},
        "reasonCode": concept(codes.PAS_TEMP, "priorAuthorization"),
        "reasonReference": claim_reference(answer),
        "input": inputs,
    }
    task["authoredOn"] = ask.asked_on.isoformat()
    if ask.respond_by is not None:
        task["restriction"] = {"period": {"start": ask.asked_on.isoformat(), "end": ask.respond_by.isoformat()}}
    return Part(f"urn:uuid:{ask.identifier}", task)


def code_of(forms: Iterable[bool]) -> str:
    """Return the code of the Task that asks for these things, each a form or not."""
    return ASKS_FOR_FORM if any(forms) else ASKS_FOR_RECORDS


def _input_of(item: AskedItem, ask: AskView, version: Version) -> Json:
    """Return what is asked for on one line: records by kind, or a form by the context that gets it from DTR."""
    extensions: list[Json] = [{"url": codes.PAS + version.line_number_extension, version.line_number_type: item.line}]
    if item.is_form:
        return {
            "extension": extensions,
            "type": concept(codes.PAS_TEMP, version.form_input),
            **version.form_context(f"urn:uuid:{ask.identifier}"),
        }
    if version.has_response_extensions:
        extensions += _modifiers(item)
    return {
        "extension": extensions,
        "type": concept(codes.PAS_TEMP, "attachments-needed"),
        "valueCodeableConcept": {**concept(codes.LOINC, item.loinc or MEDICAL_RECORDS), "text": item.text},
    }


def _modifiers(item: AskedItem) -> list[Json]:
    if not item.modifier:
        return []
    return [{"url": codes.CONTENT_MODIFIER, "valueCodeableConcept": concept(codes.LOINC, item.modifier)}]


def communication_of(item: AskedItem, answer: AnswerView, version: Version) -> Part:
    """Return the CommunicationRequest for one kind of document on one line; its profile is for open ones only."""
    line_number = {"url": codes.SERVICE_LINE_NUMBER, "valuePositiveInt": item.line}
    line = next((one for one in answer.lines if one.sequence == item.line), None)
    payload_extensions = [line_number] if version.line_number_in_payload else []
    payload_extensions += [
        {"url": codes.COMMUNICATED_DIAGNOSIS, "valueCodeableConcept": concept(system, code)}
        for system, code in (line.diagnoses if line else ())
    ]
    payload_extensions += _modifiers(item)
    payload: Json = {"contentString": item.loinc or MEDICAL_RECORDS}
    if payload_extensions:
        payload["extension"] = payload_extensions
    resource: Json = {
        "resourceType": "CommunicationRequest",
        "id": item.identifier,
        **({"meta": {"profile": [codes.PAS + "profile-communicationrequest"]}} if item.is_open else {}),
        "identifier": [{"system": codes.URI_IDENTIFIER, "value": f"urn:uuid:{item.identifier}"}],
        "status": "active" if item.is_open else "completed",
        "category": [concept(codes.X12_REPORT_TYPE, SUPPORTING_DOCUMENTATION)],
        "medium": [concept(codes.X12_TRANSMISSION, ELECTRONIC)],
        "payload": [payload],
        "requester": {"reference": answer.insurer.url},
    }
    if not version.line_number_in_payload:
        resource["extension"] = [line_number]
    if answer.requestor is not None:
        resource["recipient"] = [{"reference": answer.requestor.url}]
        resource["sender"] = {"reference": answer.requestor.url}
    return Part(f"urn:uuid:{item.identifier}", resource)


def _identifier_of(part: Part) -> Json:
    """Return the NPI of an organization or role, else its first identifier, else its address."""
    held = [one for one in rows(part.resource.get("identifier")) if one.get("value")]
    for one in held:
        if one.get("system") == codes.NPI:
            return one
    return held[0] if held else {"system": codes.URI_IDENTIFIER, "value": part.url}
