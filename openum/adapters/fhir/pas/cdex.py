"""The Task of CDex for attachments (cdex-task-attachment-request 2.1.0), for those who read a question by that profile.

PAS carries its own Task, whose references lead into the answer's Bundle; the Task of CDex stands alone: patient and
provider are contained and say only what is needed to find them.
"""

from collections.abc import Mapping
from typing import Any

from openum.adapters.fhir import codes
from openum.adapters.fhir.codes import PAYER_QUESTIONNAIRE
from openum.adapters.fhir.elements import rows
from openum.adapters.fhir.pas.asks import code_of
from openum.adapters.fhir.pas.items import concept

Json = dict[str, Any]

PROFILE = "http://hl7.org/fhir/us/davinci-cdex/StructureDefinition/cdex-task-attachment-request"
_TEMPORARY = "http://hl7.org/fhir/us/davinci-cdex/CodeSystem/cdex-temp"
_CLAIM_USE = "http://hl7.org/fhir/claim-use"
_IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
_LINE_NUMBER = f"{codes.PAS}extension-paLineNumber"


def attachment_request_of(
    task: Json, *, patient: Json, member_number: str, case_number: str, forms: Mapping[int, str]
) -> Json:
    """Return the same question as a Task of CDex.

    Args:
        task: the Task of PAS.
        patient: the Patient that the request named.
        member_number: by which records that come for it must name the person.
        case_number: our own number of the request, which records may name as well.
        forms: the canonical of the form that is asked for, by line number.
    """
    tracking = task["identifier"][0]
    person: Json = {name: patient[name] for name in ("birthDate", "gender") if name in patient}
    names = [{name: one[name] for name in ("family", "given") if name in one} for one in rows(patient.get("name"))]
    contained: list[Json] = [
        {
            "resourceType": "Patient",
            "id": "patient",
            "identifier": [{"type": concept(_IDENTIFIER_TYPE, "MB"), "value": member_number}],
            **({"name": names[:1]} if names and names[0] else {}),
            **person,
        },
        {"resourceType": "PractitionerRole", "id": "practitionerrole", "organization": task["owner"]},
    ]
    use = {"system": _CLAIM_USE, "code": "preauthorization"}
    administrative = {"type": concept(_TEMPORARY, "admin-ref-number"), "value": case_number}
    inputs = [_input(one, forms) for one in task["input"]]
    return {
        **task,
        "code": concept(codes.PAS_TEMP, code_of("valueCanonical" in one for one in inputs)),
        "meta": {"profile": [PROFILE]},
        "contained": contained,
        "identifier": [{**tracking, "type": concept(_TEMPORARY, "tracking-id")}, administrative],
        "for": {"reference": "#patient"},
        "owner": {"reference": "#practitionerrole"},
        "reasonCode": {"coding": [use]},
        "reasonReference": {"identifier": {"value": case_number}},
        "input": inputs,
    }


def _input(one: Json, forms: Mapping[int, str]) -> Json:
    """Return an input in this guide's words, in every version of PAS: the line number alone, a form by its address.

    PAS names a form by the context that gets it, this guide by its canonical. Where there is none to name, an answer to
    the plan's questions is asked for as a document.
    """
    if "extension" not in one:
        return one
    numbers = [held[name] for held in one["extension"] for name in ("valueInteger", "valuePositiveInt") if name in held]
    extensions = [{"url": _LINE_NUMBER, "valueInteger": number} for number in numbers]
    if "valueCodeableConcept" in one:
        return {**one, "extension": extensions}
    canonical = next((forms[number] for number in numbers if number in forms), "")
    if not canonical:
        kind = concept(codes.PAS_TEMP, "attachments-needed")
        return {
            "extension": extensions,
            "type": kind,
            "valueCodeableConcept": concept(codes.LOINC, PAYER_QUESTIONNAIRE),
        }
    return {
        "extension": extensions,
        "type": concept(codes.PAS_TEMP, "questionnaire-context"),
        "valueCanonical": canonical,
    }
