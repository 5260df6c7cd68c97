"""What DTR adds to the CapabilityStatement of a base."""

from typing import Any

from openum.adapters.fhir.dtr.search import PARAMETERS
from openum.adapters.fhir.dtr.shelf import KINDS
from openum.adapters.fhir.dtr.versions import VERSIONS

Json = dict[str, Any]

_DTR = "http://hl7.org/fhir/us/davinci-dtr/OperationDefinition/"
_NEXT_QUESTION = {
    "2.0": "http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-next-question",
    "2.2": f"{_DTR}DTR-Questionnaire-next-question",
}
_EXPAND = {
    "2.0": "http://hl7.org/fhir/OperationDefinition/ValueSet-expand",
    "2.2": f"{_DTR}DTR-ValueSet-expand",
}
_TYPES = {"_id": "token", "url": "uri", "version": "token", "name": "string", "title": "string", "status": "token"}


def guide_of(base: str) -> str:
    """Return the canonical of the guide that a base serves."""
    return f"http://hl7.org/fhir/us/davinci-dtr/ImplementationGuide/hl7.fhir.us.davinci-dtr|{VERSIONS[base].guide}"


def statement_of(base: str) -> str:
    """Return the canonical of the guide's own statement that a base fulfils."""
    return f"http://hl7.org/fhir/us/davinci-dtr/CapabilityStatement/dtr-payer-service|{VERSIONS[base].guide}"


def resources_of(base: str) -> list[Json]:
    """Return the resource types that DTR serves, with their operations."""
    operations = {
        "Questionnaire": [
            {"name": "questionnaire-package", "definition": f"{_DTR}questionnaire-package"},
            {"name": "next-question", "definition": _NEXT_QUESTION[base]},
            {"name": "log-questionnaire-errors", "definition": f"{_DTR}log-questionnaire-errors"},
        ],
        "ValueSet": [{"name": "expand", "definition": _EXPAND[base]}],
    }
    return [
        {
            "type": kind,
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "searchParam": [{"name": name, "type": _TYPES[name]} for name in sorted(PARAMETERS)],
        }
        | ({"operation": operations[kind]} if kind in operations else {})
        for kind in KINDS
    ]
