"""Existence (FHIRPath 2.0, 5.1)."""

from __future__ import annotations

from openum.cql.fhirpath.errors import Fault
from openum.cql.fhirpath.items import Items, describe, distinct, key, plain, truth
from openum.cql.fhirpath.registry import Code, Run, lazy, value_function


@value_function("empty")
def empty(items: Items) -> bool:
    """Whether there is nothing."""
    return not items


@lazy("exists", most=1)
def exists(run: Run, items: Items, this: Items, test: Code | None = None) -> Items:
    """Whether there is anything, or anything that meets a condition."""
    if test is None:
        return [bool(items)]
    for index, item in enumerate(items):
        run.index = [index]
        if truth(test(run, [item])):
            return [True]
    return [False]


@lazy("all", least=1)
def all_(run: Run, items: Items, this: Items, test: Code) -> Items:
    """Whether every item meets a condition; true of nothing."""
    for index, item in enumerate(items):
        run.index = [index]
        if truth(test(run, [item])) is not True:
            return [False]
    return [True]


def _booleans(items: Items) -> list[bool]:
    found = [plain(item) for item in items]
    for item, value in zip(items, found, strict=True):
        if not isinstance(value, bool):
            raise Fault(f"Booleans are needed here, not {describe(item)}.")
    return found


@value_function("allTrue")
def all_true(items: Items) -> bool:
    """Whether all items are true."""
    return all(_booleans(items))


@value_function("anyTrue")
def any_true(items: Items) -> bool:
    """Whether any item is true."""
    return any(_booleans(items))


@value_function("allFalse")
def all_false(items: Items) -> bool:
    """Whether all items are false."""
    return not any(_booleans(items))


@value_function("anyFalse")
def any_false(items: Items) -> bool:
    """Whether any item is false."""
    return not all(_booleans(items))


@value_function("subsetOf", least=1)
def subset_of(items: Items, other: Items) -> bool:
    """Whether every item is in the other collection."""
    return {key(i) for i in items} <= {key(i) for i in other}


@value_function("supersetOf", least=1)
def superset_of(items: Items, other: Items) -> bool:
    """Whether every item of the other collection is in this one."""
    return {key(i) for i in other} <= {key(i) for i in items}


@value_function("count")
def count(items: Items) -> int:
    """The number of items."""
    return len(items)


@value_function("isDistinct")
def is_distinct(items: Items) -> bool:
    """Whether no two items are equal."""
    return len(distinct(items)) == len(items)


@value_function("not")
def not_(items: Items) -> bool | None:
    """Three-valued not."""
    value = truth(items)
    return None if value is None else not value
