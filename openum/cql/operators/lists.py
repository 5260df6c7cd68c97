"""Lists and aggregates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Final

from openum.cql.errors import CqlRuntimeError
from openum.cql.operators.comparison import equal, order
from openum.cql.values.codes import Code, Instance, Tagged
from openum.cql.values.temporal import Date, Temporal

Value = Any
Items = list[Any] | None
MAX_LIST: Final = 1_000_000


def exists(items: Items) -> bool:
    """Say whether a list has an element that is not null."""
    return items is not None and any(x is not None for x in items)


def is_present(value: Value) -> bool:
    """`exists` of a single value: it is not null."""
    return value is not None


def as_list(value: Value) -> Items:
    """Return a single value as a list, null as the empty list."""
    return [] if value is None else [value]


def is_same(a: Value, b: Value) -> bool:
    """Say whether two elements count as one: equal, or both null."""
    return a is b or (a is None and b is None) or equal(a, b) is True


def _is_plain(items: list[Any]) -> bool:
    """Say whether a list holds values of one type whose Python equality is CQL's."""
    kind = type(items[0]) if items else None
    return kind in (str, int, Decimal, Code) and all(type(x) is kind for x in items)


def distinct(items: Items) -> Items:
    """Drop later duplicates; null is one element."""
    if items is None or len(items) < 2:
        return items
    if _is_plain(items):
        return list(dict.fromkeys(items))
    if all(isinstance(x, dict) and "resourceType" in x for x in items):
        return list({id(x): x for x in items}.values())
    if all(type(x) is Date for x in items):  # dates are equal when known alike to the same precision, else unknown
        days: dict[tuple[int, ...], Value] = {}
        for x in items:
            days.setdefault(x.fields, x)
        return list(days.values())
    found: list[Value] = []
    for x in items:
        if not any(is_same(x, y) for y in found):
            found.append(x)
    return found


def flatten(items: Items) -> Items:
    """Take one level of lists away."""
    if items is None:
        return None
    flat: list[Value] = []
    for x in items:
        if isinstance(x, list):
            flat.extend(x)
        elif x is not None:
            flat.append(x)
        if len(flat) > MAX_LIST:
            raise CqlRuntimeError(f"A list of more than {MAX_LIST} elements is not built.")
    return flat


def first(items: Items) -> Value:
    """The first element."""
    return items[0] if items else None


def last(items: Items) -> Value:
    """The last element."""
    return items[-1] if items else None


def singleton(items: Items) -> Value:
    """The only element.

    Raises:
        CqlRuntimeError: there are more.
    """
    if items is not None and len(items) > 1:
        raise CqlRuntimeError(f"“singleton from” found {len(items)} elements.")
    return items[0] if items else None


def at_index(items: Items, index: Value) -> Value:
    """`items[index]`, null outside the list."""
    return None if items is None or index is None or not 0 <= index < len(items) else items[index]


def length(items: Items) -> int:
    """Number of elements; of null, 0."""
    return 0 if items is None else len(items)


def index_of(items: Items, element: Value) -> Value:
    """Index of the first equal element, -1 when there is none."""
    if items is None or element is None:
        return None
    return next((i for i, x in enumerate(items) if equal(x, element) is True), -1)


def skip(items: Items, count: Value) -> Items:
    """All but the first `count` elements."""
    return None if items is None else items[max(0, count or 0) :]


def take(items: Items, count: Value) -> Items:
    """The first `count` elements."""
    return None if items is None else items[: max(0, count or 0)]


def tail(items: Items) -> Items:
    """All but the first element."""
    return None if items is None else items[1:]


def slice_(items: Items, low: Value = None, high: Value = None) -> Items:
    """Elements from low up to but not including high; negative indexes count from the end."""
    return None if items is None else items[low:high]


def contains(items: Items, element: Value) -> bool | None:
    """`items contains element`; null is found when the list has a null."""
    if items is None:
        return False
    if element is None:
        return any(x is None for x in items)
    unknown = False
    for x in items:
        found = equal(x, element)
        if found:
            return True
        unknown = unknown or (found is None and x is not None)
    return None if unknown else False


def member(element: Value, items: Items) -> bool | None:
    """`element in items`."""
    return contains(items, element)


def includes_element(items: Items, element: Value) -> bool | None:
    """`items includes element`."""
    return None if items is None or element is None else contains(items, element)


def element_included(element: Value, items: Items) -> bool | None:
    """`element included in items`."""
    return includes_element(items, element)


def properly_contains(items: Items, element: Value) -> bool | None:
    """`items properly includes element`: it is in the list, and the list has others."""
    if items is None:
        return False
    others = distinct(items) or []
    if element is None:
        return any(x is None for x in items) and len(others) > 1
    found: bool | None = False
    if any(equal(x, element) is True for x in items):
        rest = [equal(x, element) for x in others]
        if any(r is False for r in rest):
            found = True
        elif len(others) > 1:
            found = None
    elif any(x is not None and equal(x, element) is None for x in items):
        found = None
    return found


def properly_in(element: Value, items: Items) -> bool | None:
    """`element properly included in items`."""
    return properly_contains(items, element)


def includes(a: Items, b: Items) -> bool | None:
    """`a includes b`."""
    if a is None or b is None:
        return None
    result: bool | None = True
    for x in b:
        found = contains(a, x)
        if found is False:
            return False
        if found is None:
            result = None
    return result


def included_in(a: Items, b: Items) -> bool | None:
    """`a included in b`."""
    return includes(b, a)


def properly_includes(a: Items, b: Items) -> bool | None:
    """`a properly includes b`."""
    if a is None or b is None:
        return None
    found = includes(a, b)
    return found if found is False else (False if len(distinct(a) or []) <= len(distinct(b) or []) else found)


def properly_included_in(a: Items, b: Items) -> bool | None:
    """`a properly included in b`."""
    return properly_includes(b, a)


def union(a: Items, b: Items) -> Items:
    """All elements of both, once."""
    return distinct([*(a or ()), *(b or ())])


def intersect(a: Items, b: Items) -> Items:
    """Elements in both, once."""
    if a is None or b is None:
        return None
    if _is_plain(a) and _is_plain(b) and type(a[0]) is type(b[0]):
        others = set(b)
        return distinct([x for x in a if x in others])
    return distinct([x for x in a if any(is_same(x, y) for y in b)])


def except_(a: Items, b: Items) -> Items:
    """Elements of a that are not in b, once."""
    if a is None:
        return None
    if b and _is_plain(a) and _is_plain(b) and type(a[0]) is type(b[0]):
        others = set(b)
        return distinct([x for x in a if x not in others])
    return distinct([x for x in a if not any(is_same(x, y) for y in b or ())])


def coalesce(*values: Value) -> Value:
    """The first argument that is not null; of a single list, its first such element."""
    return next((v for v in values if v is not None), None)


def coalesce_list(items: Items) -> Value:
    """The first element that is not null."""
    return next((v for v in items or () if v is not None), None)


def _is_one_kind(keys: list[Value]) -> bool:
    """Say whether sort keys are dates known alike and on one offset, so that their fields are their order."""
    if not keys or not isinstance(keys[0], Temporal):
        return False
    kind, size, offset = type(keys[0]), len(keys[0].fields), keys[0].offset
    return all(type(k) is kind and len(k.fields) == size and k.offset == offset for k in keys)


def _plain_key(row: tuple[tuple[Temporal, ...], Value]) -> tuple[int, ...]:
    return row[0][0].fields


def _sort_key(position: int) -> Callable[[tuple[tuple[Value, ...], Value]], Any]:
    by_order = cmp_to_key(_compare_keys)
    return lambda row: by_order(row[0][position])


def _compare_keys(x: Value, y: Value) -> int:
    if x is None or y is None:
        return (y is None) - (x is None)
    return _sort_order(x, y)


def _sort_order(x: Value, y: Value) -> int:
    found = order(x, y)
    if found is None and isinstance(x, Temporal) and isinstance(y, Temporal):
        return (x.low().fields > y.low().fields) - (x.low().fields < y.low().fields) or (
            len(x.fields) > len(y.fields)
        ) - (len(x.fields) < len(y.fields))
    return found or 0


def sort(items: Items, keys: Iterable[tuple[Value, ...]], descending: tuple[bool, ...]) -> Items:
    """Sort by keys, first key first; null sorts lowest."""
    if items is None:
        return None
    rows = list(zip(keys, items, strict=True))
    if len(descending) == 1 and _is_one_kind([row[0][0] for row in rows]):
        rows.sort(key=_plain_key, reverse=descending[0])
        return [item for _, item in rows]
    for position in range(len(descending) - 1, -1, -1):
        rows.sort(key=_sort_key(position), reverse=descending[position])
    return [item for _, item in rows]


def resource_list(value: Value) -> list[dict[str, Any]]:
    """Return the FHIR resources and parts of resources in a value, for the evidence trace."""
    if isinstance(value, list):
        if all(type(v) is dict for v in value):
            return value
        return [r for v in value for r in resource_list(v)]
    if isinstance(value, Instance):
        return [r for v in value.values() for r in resource_list(v)]
    if isinstance(value, dict):
        return [value]
    if isinstance(value, Tagged):
        return resource_list(value.raw)
    return []
