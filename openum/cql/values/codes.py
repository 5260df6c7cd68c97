"""Codes, concepts and their containers."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

# Stands for every code of a system in a (system, code) pair; no code can be spelt so.
ALL_CODES: Final = "\0all"


class Code(NamedTuple):
    """One code of a code system."""

    code: str | None
    system: str | None = None
    version: str | None = None
    display: str | None = None


class Concept(NamedTuple):
    """Codes that say the same thing."""

    codes: tuple[Code, ...]
    display: str | None = None


class ValueSetRef(NamedTuple):
    """A value set as declared in a library; its members come with the evaluation."""

    id: str
    version: str | None = None
    name: str | None = None


class CodeSystemRef(NamedTuple):
    """A code system as declared in a library."""

    id: str
    version: str | None = None
    name: str | None = None


class Tagged(NamedTuple):
    """A FHIR element whose type is not settled at compile time, with the type the record states."""

    type: str
    raw: Any


class Instance(dict[str, Any]):
    """A Tuple value: element name to value."""

    __slots__ = ()
