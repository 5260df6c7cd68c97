"""The R4 model as FHIRPath sees it: the elements of a type, the names of types, what derives from what."""

from __future__ import annotations

from typing import Final, NamedTuple

from openum.cql.fhir import model

STRINGS: Final = model.STRING_LIKE | {"xhtml"}
PRIMITIVES: Final = model.PRIMITIVES | {"xhtml"}
SYSTEM_TYPES: Final = frozenset(
    ["Boolean", "String", "Integer", "Long", "Decimal", "Date", "DateTime", "Time", "Quantity", "Any"]
)


class Step(NamedTuple):
    """One alternative of an element: its JSON key, the key of its extensions, and its type."""

    key: str
    extra: str
    type: str
    is_primitive: bool


class Field(NamedTuple):
    """An element of a type. `instead_of` names the choice element that a name such as valueQuantity misspells."""

    steps: tuple[Step, ...]
    is_list: bool
    instead_of: str = ""


Fields = dict[str, Field]
_FIELDS: dict[str, Fields | None] = {}


def fields(type_name: str) -> Fields | None:
    """Return the elements of a type by name, or None for a type that R4 does not have."""
    try:
        return _FIELDS[type_name]
    except KeyError:
        if len(_FIELDS) > 4096:
            _FIELDS.clear()
        found = _FIELDS[type_name] = _read(type_name)
        return found


def _read(type_name: str) -> Fields | None:
    if model.fhir_type(type_name) is None:
        return None
    found: Fields = {}
    for name in model.element_names(type_name):
        element = model.element(type_name, name)
        if element is None or name in found:
            continue
        steps = tuple(Step(key, "_" + key, kind, kind in PRIMITIVES) for key, kind in element.alternatives())
        if name == "id" and model.is_resource(type_name):
            steps = (Step("id", "_id", "id", True),)
        found[name] = Field(steps, element.is_list)
        if element.is_choice:
            for step in steps:
                found.setdefault(step.key, Field((), False, name))
    return found


def is_a(name: str, base: str) -> bool:
    """Say whether a FHIR type is the other or derives from it."""
    return name == base or model.is_a(name, base)


def is_type(name: str) -> bool:
    """Say whether R4 has a type of this name."""
    return name == "xhtml" or model.fhir_type(name) is not None


def is_abstract(name: str) -> bool:
    """Say whether values of the type are always of a more special type."""
    return name in ("Resource", "DomainResource", "Element", "BackboneElement")
