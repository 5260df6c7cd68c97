"""Types of the engine as ELM type names and specifiers."""

from __future__ import annotations

from typing import Any, Final

from openum.cql.compile.types import Type

Json = dict[str, Any]
SYSTEM: Final = "{urn:hl7-org:elm-types:r1}"
FHIR: Final = "{http://hl7.org/fhir}"


def type_name(kind: Type) -> str:
    """Return the qualified name of a named type."""
    return FHIR + kind.fhir if kind.is_fhir else SYSTEM + kind.name


def is_named(kind: Type) -> bool:
    """Say whether a type has a name, rather than a structure."""
    return kind.name not in ("List", "Interval", "Choice", "Tuple")


def specifier(kind: Type) -> Json:
    """Return a type as an ELM type specifier."""
    if kind.name == "List":
        return {"type": "ListTypeSpecifier", "elementType": specifier(kind.item)}
    if kind.name == "Interval":
        return {"type": "IntervalTypeSpecifier", "pointType": specifier(kind.item)}
    if kind.name == "Choice":
        return {"type": "ChoiceTypeSpecifier", "choice": [specifier(p) for p in kind.args]}
    if kind.name == "Tuple":
        elements = [{"name": name, "elementType": specifier(inner)} for name, inner in kind.elements]
        return {"type": "TupleTypeSpecifier", "element": elements}
    return {"type": "NamedTypeSpecifier", "name": type_name(kind)}


def result_type(kind: Type) -> Json:
    """Return the attributes that give the type of an expression or a declaration."""
    if is_named(kind):
        return {"resultTypeName": type_name(kind)}
    return {"resultTypeSpecifier": specifier(kind)}
