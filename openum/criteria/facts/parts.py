"""The parts resources are made of: codes, dates, quantities, and the refusal of what cannot be read. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from openum.criteria.codes import SYSTEMS

Resource = dict[str, Any]
Fact = Mapping[str, Any]

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
UCUM = "http://unitsofmeasure.org"
ANSWER_SYSTEM = "urn:openum:codes"


class NotAFact(ValueError):
    """A short form cannot be read; the message says what to do."""


def plain_json(value: Any) -> Any:
    """Return a YAML value as JSON: dates as text."""
    if isinstance(value, dict):
        return {str(key): plain_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain_json(inner) for inner in value]
    return moment_of(value) if isinstance(value, date) else value


def raw_resource(fact: Fact, identity: str) -> Resource:
    """Return a resource as it stands, with the id of its entry where it has none."""
    resource = fact["resource"]
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise NotAFact("“resource” must be a FHIR resource with “resourceType”.")
    if extra := sorted(set(fact) - {"resource", "id"}):
        raise NotAFact(f"beside “resource” only “id” may stand, not “{extra[0]}”.")
    return {"id": identity, **plain_json(resource)}


def moment_of(value: object) -> str:
    """Return a day, a part of a day (2030-01) or an instant as FHIR writes it."""
    if isinstance(value, datetime):
        text = value.isoformat()
        return text if value.tzinfo else f"{text}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | str) and str(value):
        return str(value)
    raise NotAFact(f"“{value}” is no date; write 2030-01-31, or '2030-01' where only the month is known.")


def coding_of(text: str) -> dict[str, str]:
    """Return `SYSTEM|code` as a Coding."""
    system, bar, code = text.rpartition("|")
    if not bar or not code or not (system in SYSTEMS or ":" in system):
        raise NotAFact(f"“{text}” must read SYSTEM|code with one of {', '.join(SYSTEMS)}, or the address of a system.")
    return {"system": SYSTEMS[system][0] if system in SYSTEMS else system, "code": code.strip()}


def concept_of(value: object, text: object = None) -> Resource:
    """Return a code (`SYSTEM|code`), several, or words without a code as a CodeableConcept."""
    given = value if isinstance(value, list) else [value] if value else []
    concept: Resource = {}
    if given:
        concept["coding"] = [coding_of(str(one)) for one in given]
    if text:
        concept["text"] = str(text)
    if not concept:
        raise NotAFact("it needs a code (SYSTEM|code) or “text”.")
    return concept


def maybe_concept(value: object) -> Resource | None:
    """Return a code or plain words as a CodeableConcept, or None."""
    if value is None:
        return None
    is_code = isinstance(value, list) or "|" in str(value)
    return concept_of(value) if is_code else {"text": str(value)}


def hl7_code(table: str, code: object) -> Resource | None:
    """Return a code of an HL7 table as a CodeableConcept, or None."""
    return None if code is None else {"coding": [{"system": f"{TERMINOLOGY}/{table}", "code": str(code)}]}


def quantity_of(value: object, unit: object) -> Resource:
    """Return a value with its UCUM unit."""
    quantity: Resource = {"value": value}
    if unit:
        quantity |= {"unit": str(unit), "system": UCUM, "code": str(unit)}
    return quantity


def period_of(fact: Fact) -> Resource | None:
    """Return `from` and `to` as a Period, or None."""
    period = {end: moment_of(fact[key]) for end, key in (("start", "from"), ("end", "to")) if fact.get(key) is not None}
    return period or None


def timed_as(fact: Fact, name: str) -> Resource:
    """Return `nameDateTime` or `namePeriod`, or nothing."""
    if fact.get("on") is not None:
        return {f"{name}DateTime": moment_of(fact["on"])}
    period = period_of(fact)
    return {f"{name}Period": period} if period else {}


def resource_of(kind: str, identity: str, about: tuple[str, str], elements: Mapping[str, Any]) -> Resource:
    """Return a resource without the elements that are absent."""
    present = {name: value for name, value in elements.items() if value is not None}
    return {"resourceType": kind, "id": identity, about[0]: {"reference": about[1]}, **present}


def listed(value: Resource | None) -> list[Resource] | None:
    """Return a list of one, or None."""
    return None if value is None else [value]


def notes_of(fact: Fact) -> list[Resource] | None:
    """Return `note` as annotations, or None."""
    return [{"text": str(fact["note"])}] if fact.get("note") else None
