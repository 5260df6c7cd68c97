"""Look-up in the generated model table `r4.txt`."""

from __future__ import annotations

import difflib
from functools import cache, lru_cache
from importlib import resources
from typing import Final, NamedTuple

from openum.cql.fhir.profiles import profile


class Element(NamedTuple):
    """One element of a type: its FHIR type names, and whether it repeats or is a choice."""

    name: str
    types: tuple[str, ...]
    is_list: bool
    is_choice: bool

    def alternatives(self) -> tuple[tuple[str, str], ...]:
        """Return (JSON key, type name) of each alternative."""
        if not self.is_choice:
            return ((self.name, self.types[0]),)
        return tuple((self.name + t[0].upper() + t[1:], t) for t in self.types)


class FhirType(NamedTuple):
    """One FHIR type with the elements it adds to its base."""

    name: str
    base: str
    code_path: str
    elements: dict[str, Element]


STRING_LIKE: Final = frozenset(["string", "code", "uri", "url", "canonical", "id", "oid", "uuid", "markdown", "base64Binary"])
INTEGER_LIKE: Final = frozenset(["integer", "positiveInt", "unsignedInt"])
QUANTITY_LIKE: Final = frozenset(["Quantity", "Age", "Distance", "Duration", "Count", "SimpleQuantity", "MoneyQuantity"])
PRIMITIVES: Final = STRING_LIKE | INTEGER_LIKE | frozenset(["boolean", "decimal", "date", "dateTime", "instant", "time"])

@cache
def _lines() -> dict[str, str]:
    text = resources.files(__package__).joinpath("r4.txt").read_text("utf-8")
    return {line.partition("|")[0]: line for line in text.splitlines() if not line.startswith("#")}


@lru_cache(maxsize=1024)
def fhir_type(name: str) -> FhirType | None:
    """Return a type by its R4 name (nested types as Observation.Component), or None."""
    line = _lines().get(name)
    if line is None:
        return None
    key, base, code_path, *members = line.split("|")
    elements = {}
    for member in members:
        label, _, types = member.partition(":")
        plain = label.rstrip("*?")
        elements[plain] = Element(plain, tuple(types.split(",")), "*" in label, "?" in label)
    return FhirType(key, base, code_path, elements)


def resolve_name(name: str) -> str | None:
    """Return the R4 type for a model type name, through the names of US Core and QI-Core profiles."""
    if name in _lines():
        return name
    found = profile(name)
    if found is not None:
        return found.type
    plain = name.removeprefix("USCore").removeprefix("QICore").removesuffix("Profile")
    return plain if plain in _lines() else None


def enumeration_names() -> list[str]:
    """Return the names of the types that the FHIR model of CQL gives to codes with a required binding."""
    return [name for name, line in _lines().items() if line == f"{name}|code|"]


def suggestions(name: str) -> list[str]:
    """Return type names that look like a misspelt one."""
    return difflib.get_close_matches(name, _lines(), 2, 0.75)


@lru_cache(maxsize=8192)
def element(type_name: str, name: str) -> Element | None:
    """Return an element of a type or of its bases, or None."""
    found = fhir_type(type_name)
    while found is not None:
        if name in found.elements:
            return found.elements[name]
        found = fhir_type(found.base)
    return None


def element_names(type_name: str) -> list[str]:
    """Return every element of a type, its bases' included."""
    names: list[str] = []
    found = fhir_type(type_name)
    while found is not None:
        names.extend(found.elements)
        found = fhir_type(found.base)
    return names


@lru_cache(maxsize=4096)
def is_a(name: str, base: str) -> bool:
    """Say whether a type is the other or derives from it."""
    current: str | None = name
    while current:
        if current == base:
            return True
        found = fhir_type(current)
        current = found.base if found else None
    return False


def is_resource(name: str) -> bool:
    """Say whether a type is a resource."""
    return is_a(name, "Resource")
