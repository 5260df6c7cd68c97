"""Value sets at run time: members, expansion, codes of a code system."""

from __future__ import annotations

from typing import Any, Protocol

from openum.cql.operators.comparison import untag
from openum.cql.values.codes import Code, CodeSystemRef, Concept, ValueSetRef

Value = Any
Pairs = frozenset[tuple[str | None, str | None]]


class Terminology(Protocol):
    """What gives the members of a value set."""

    def value_set(self, ref: ValueSetRef) -> Pairs:
        """Return the members.

        Raises:
            CqlRuntimeError: it was not supplied.
        """
        ...


def members(case: Terminology, ref: ValueSetRef | None) -> Pairs | None:
    """Return the members of a value set."""
    return None if ref is None else case.value_set(ref)


def expand(case: Terminology, ref: ValueSetRef | None) -> list[Code] | None:
    """ExpandValueSet: the codes of a value set, sorted by system and code."""
    if ref is None:
        return None
    return [Code(code, system) for system, code in sorted(case.value_set(ref), key=lambda p: (p[0] or "", p[1] or ""))]


def in_code_system(value: Value, system: CodeSystemRef | None) -> bool | None:
    """Say whether a code, or any code of a concept or list, belongs to a code system."""
    if system is None:
        return None
    value = untag(value)
    if isinstance(value, list):
        return any(in_code_system(v, system) for v in value)
    if isinstance(value, dict):
        codings = value.get("coding")
        codings = codings if isinstance(codings, list) else [value]
        return any(isinstance(c, dict) and c.get("system") == system.id for c in codings)
    if isinstance(value, Concept):
        return any(c.system == system.id for c in value.codes)
    return isinstance(value, Code) and value.system == system.id


def has_code(value: Value, pairs: Pairs) -> bool:
    """Say whether a FHIR concept, or one of a list of concepts, has one of the codes."""
    for concept in value if isinstance(value, list) else (value,):
        codings = concept.get("coding") if isinstance(concept, dict) else None
        for coding in codings if isinstance(codings, list) else ():
            if isinstance(coding, dict) and (coding.get("system"), coding.get("code")) in pairs:
                return True
    return False
