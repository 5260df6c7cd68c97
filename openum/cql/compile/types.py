"""CQL types as values, and how they relate."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from openum.cql.fhir import model

SYSTEM_TYPES: Final = frozenset(
    """Any Boolean Integer Long Decimal String Date DateTime Time Quantity Ratio Code Concept Vocabulary ValueSet
    CodeSystem""".split()  # noqa: SIM905 - read as words
)


class Type(NamedTuple):
    """A type: `Integer`, `FHIR.Observation`, or List, Interval, Choice (args) and Tuple (elements)."""

    name: str
    args: tuple[Type, ...] = ()
    elements: tuple[tuple[str, Type], ...] = ()

    def __str__(self) -> str:
        if self.args:
            return f"{self.name}<{', '.join(map(str, self.args))}>"
        if self.name == "Tuple":
            return "Tuple { " + ", ".join(f"{n} {t}" for n, t in self.elements) + " }"
        return self.name

    @property
    def is_fhir(self) -> bool:
        """Say whether this is a type of the FHIR model."""
        return self.name.startswith("FHIR.")

    @property
    def fhir(self) -> str:
        """Return the FHIR type name without its qualifier."""
        return self.name[5:]

    @property
    def is_resource(self) -> bool:
        """Say whether this is a FHIR resource type."""
        return self.is_fhir and model.is_resource(self.fhir)

    @property
    def item(self) -> Type:
        """Return the element type of a list or interval."""
        return self.args[0] if self.args else ANY


ANY = Type("Any")
BOOLEAN, INTEGER, LONG, DECIMAL, STRING = map(Type, ("Boolean", "Integer", "Long", "Decimal", "String"))
DATE, DATETIME, TIME, QUANTITY, RATIO = map(Type, ("Date", "DateTime", "Time", "Quantity", "Ratio"))
CODE, CONCEPT, VALUESET, CODESYSTEM = map(Type, ("Code", "Concept", "ValueSet", "CodeSystem"))


def list_of(item: Type) -> Type:
    """Return List<item>."""
    return Type("List", (item,))


def interval_of(point: Type) -> Type:
    """Return Interval<point>."""
    return Type("Interval", (point,))


def choice_of(types: list[Type]) -> Type:
    """Return the choice of the types, or the one type when all are the same; Any swallows nothing."""
    flat: list[Type] = []
    for t in types:
        for part in t.args if t.name == "Choice" else (t,):
            if part not in flat and part != ANY:
                flat.append(part)
    if not flat:
        return ANY
    return flat[0] if len(flat) == 1 else Type("Choice", tuple(flat))


def alternatives(t: Type) -> tuple[Type, ...]:
    """Return the parts of a choice, or the type itself."""
    return t.args if t.name == "Choice" else (t,)


_WORD = re.compile(r"[\w.]+|[<>,]")


@lru_cache(maxsize=512)
def parse_type(text: str) -> Type:
    """Read a type from a signature, such as List<Interval<T>>."""
    tokens = _WORD.findall(text)

    def read(index: int) -> tuple[Type, int]:
        name = tokens[index]
        index += 1
        args: list[Type] = []
        if index < len(tokens) and tokens[index] == "<":
            while tokens[index] != ">":
                part, index = read(index + 1)
                args.append(part)
            index += 1
        return Type(name, tuple(args)), index

    return read(0)[0]


def record_types(t: Type) -> frozenset[str]:
    """Return the resource types whose records, or parts of records, values of this type are; empty for plain values."""
    if t.name in ("List", "Choice"):
        return frozenset().union(*(record_types(a) for a in t.args))
    root = t.fhir.partition(".")[0] if t.is_fhir else ""
    return frozenset({root}) if root and model.is_resource(root) else frozenset()
