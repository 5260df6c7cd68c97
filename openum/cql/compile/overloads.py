"""Overload resolution over the operator table."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from openum.cql.compile.conversions import Conversion, common_type, conversion
from openum.cql.compile.types import ANY, Type, alternatives, choice_of, parse_type
from openum.cql.fhir.convert import CONVERTERS
from openum.cql.operators.table import OPERATORS, Row

_T = Type("T")
_JOINS = frozenset({"Union", "Coalesce", "Except", "Intersect"})


class Match(NamedTuple):
    """A row that fits, with the conversion and the type of each argument after it, and the result type."""

    row: Row
    conversions: tuple[Conversion, ...]
    targets: tuple[Type, ...]
    result: Type


def substitute(pattern: Type, bound: Type) -> Type:
    """Put a type in place of T."""
    if pattern == _T:
        return bound
    if pattern.args:
        return Type(pattern.name, tuple(substitute(a, bound) for a in pattern.args))
    return pattern


def _candidates(pattern: Type, actual: Type) -> list[Type]:
    if pattern == _T:
        return [] if actual == ANY else [actual]
    found: list[Type] = []
    if not pattern.args:
        return found
    for part in alternatives(actual):
        system = parse_type(CONVERTERS[part.fhir][0]) if part.is_fhir and part.fhir in CONVERTERS else part
        if system.name == pattern.name and system.args:
            found.extend(_candidates(pattern.args[0], system.args[0]))
    return found


def _mentions(pattern: Type) -> bool:
    return pattern == _T or any(_mentions(a) for a in pattern.args)


def match(row: Row, types: tuple[Type, ...]) -> tuple[int, Match] | None:
    """Return the cost and the match of one row, or None."""
    if len(row.params) != len(types):
        return None
    bound = ANY
    if any(_mentions(p) for p in row.params):
        found = [c for p, t in zip(row.params, types, strict=True) for c in _candidates(p, t)]
        joined = common_type(found)
        if joined is None:
            if row.name not in _JOINS:
                return None
            joined = choice_of(found)
        bound = joined
    conversions: list[Conversion] = []
    targets: list[Type] = []
    cost = 0
    for pattern, actual in zip(row.params, types, strict=True):
        target = substitute(pattern, bound)
        step = conversion(actual, target)
        if step is None:
            return None
        conversions.append(step)
        targets.append(actual if step.function is None else target)
        cost += step.cost
        if pattern == _T and bound.name == "List":
            cost += 1
    return cost, Match(row, tuple(conversions), tuple(targets), substitute(row.result, bound))


@lru_cache(maxsize=8192)
def resolve(name: str, types: tuple[Type, ...]) -> Match | None:
    """Return the cheapest overload of an operator for these argument types, or None."""
    best: tuple[int, Match] | None = None
    for row in OPERATORS.get(name, ()):
        found = match(row, types)
        if found is not None and (best is None or found[0] < best[0]):
            best = found
            if found[0] == 0:
                break
    return None if best is None else best[1]
