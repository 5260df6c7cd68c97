"""Small helpers for tests of the engine: a clock, resources, one-definition libraries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from openum.cql import Answer, CaseData, compile_library

NOW = datetime(2026, 11, 23, 9, 12, 4, tzinfo=UTC)
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
HEADER = """
library Test version '1'
using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1' called FHIRHelpers
codesystem "LOINC": 'http://loinc.org'
codesystem "Own": 'urn:own'
valueset "Leg Pain": 'urn:vs:leg-pain'
valueset "Therapy": 'urn:vs:therapy'
code "Body Mass": '39156-5' from "LOINC" display 'Body mass index'
parameter "Ordered" DateTime
context Patient
"""
VALUE_SETS: Mapping[str, Iterable[tuple[str, str]]] = {
    "Leg Pain": [("urn:own", "leg-pain"), ("urn:own", "leg-pain-left")],
    "urn:vs:therapy": [("urn:own", "therapy")],
}


def concept(code: str, system: str = "urn:own") -> dict[str, Any]:
    """Return a CodeableConcept with one coding."""
    return {"coding": [{"system": system, "code": code}]}


def patient(born: str | None = "1958-04-12") -> dict[str, Any]:
    found = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Doe", "given": ["Jo", "Ann"]}]}
    return found if born is None else found | {"birthDate": born}


def condition(name: str, onset: str | None, code: str = "leg-pain", **more: Any) -> dict[str, Any]:
    found = {"resourceType": "Condition", "id": name, "code": concept(code), **more}
    return found if onset is None else found | {"onsetDateTime": onset}


def mass(name: str, value: Any, at: str | None = "2026-10-14", **more: Any) -> dict[str, Any]:
    found = {"resourceType": "Observation", "id": name, "status": "final", "code": concept("39156-5", LOINC), **more}
    if value is not None:
        found["valueQuantity"] = {"value": value, "unit": "kg/m2", "code": "kg/m2", "system": UCUM}
    return found if at is None else found | {"effectiveDateTime": at}


def visit(name: str, at: str, code: str = "therapy") -> dict[str, Any]:
    return {
        "resourceType": "Procedure",
        "id": name,
        "status": "completed",
        "code": concept(code),
        "performedDateTime": at,
    }


def answers(definitions: str, resources: Iterable[dict[str, Any]] = (), **options: Any) -> dict[str, Answer]:
    """Evaluate all definitions of a library made of the header and these."""
    library = compile_library(HEADER + definitions, includes=options.pop("includes", {}))
    options.setdefault("value_sets", VALUE_SETS)
    return library.evaluate(CaseData.from_resources(resources), now=options.pop("now", NOW), **options)


def answer(expression: str, resources: Iterable[dict[str, Any]] = (), **options: Any) -> Answer:
    """Evaluate one expression."""
    return answers(f'define "It":\n{expression}', resources, **options)["It"]


def value(expression: str, resources: Iterable[dict[str, Any]] = (), **options: Any) -> Any:
    """Evaluate one expression to its value, failing on an error."""
    found = answer(expression, resources, **options)
    assert found.error is None, found.error
    return found.value
