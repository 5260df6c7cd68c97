"""Lists and aggregates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Final

from openum.cql.errors import CqlRuntimeError
from openum.cql.operators.arithmetic import divide_decimal
from openum.cql.operators.comparison import equal, order, untag
from openum.cql.values import quantity
from openum.cql.values.codes import Tagged
from openum.cql.values.numbers import CONTEXT, Long, decimal, integer, long
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import Temporal
from openum.cql.values.uncertainty import Uncertainty

Value = Any
Items = list[Any] | None
MAX_LIST: Final = 1_000_000


def exists(items: Items) -> bool:
    """Say whether a list has an element that is not null."""
    return items is not None and any(x is not None for x in items)


def _same(a: Value, b: Value) -> bool:
    return a is b or (a is None and b is None) or equal(a, b) is True




def distinct(items: Items) -> Items:
    """Drop later duplicates; null is one element."""
    if items is None or len(items) < 2:
        return items
    if all(isinstance(x, str) for x in items):
        return list(dict.fromkeys(items))
    if all(isinstance(x, dict) and "resourceType" in x for x in items):
        return list({id(x): x for x in items}.values())
    found: list[Value] = []
    for x in items:
        if not any(_same(x, y) for y in found):
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
    return distinct([x for x in a if any(_same(x, y) for y in b)])


def except_(a: Items, b: Items) -> Items:
    """Elements of a that are not in b, once."""
    if a is None:
        return None
    return distinct([x for x in a if not any(_same(x, y) for y in b or ())])


def coalesce(*values: Value) -> Value:
    """The first argument that is not null; of a single list, its first such element."""
    return next((v for v in values if v is not None), None)


def coalesce_list(items: Items) -> Value:
    """The first element that is not null."""
    return next((v for v in items or () if v is not None), None)


def _known(items: Items) -> list[Value]:
    return [untag(x) for x in items or () if x is not None]


def count(items: Items) -> int:
    """Number of elements that are not null."""
    return sum(x is not None for x in items or ())


def _extreme(items: Items, sign: int) -> Value:
    best: Value = None
    for x in _known(items):
        if best is None:
            best = x
            continue
        found = order(x, best)
        if found is None:
            return None
        if found * sign > 0:
            best = x
    return best


def minimum(items: Items) -> Value:
    """Min."""
    return _extreme(items, -1)


def maximum(items: Items) -> Value:
    """Max."""
    return _extreme(items, 1)


def total(items: Items) -> Value:
    """Sum."""
    known = _known(items)
    if not known:
        return None
    if isinstance(known[0], Quantity):
        result: Quantity | None = known[0]
        for x in known[1:]:
            result = None if result is None else quantity.add(result, x)
        return result
    if isinstance(known[0], Long):
        return long(sum(int(x) for x in known))
    if isinstance(known[0], int | Uncertainty):
        found = sum(known[1:], known[0])
        return found if isinstance(found, Uncertainty) else integer(found)
    return decimal(sum(known, Decimal(0)))


def _numbers(items: Items) -> tuple[list[Decimal], str | None]:
    known = _known(items)
    if known and isinstance(known[0], Quantity):
        unit = known[0].unit
        pairs = [quantity.aligned(known[0], x) for x in known]
        return [p[1] for p in pairs if p is not None], unit
    return [Decimal(x) for x in known], None


def _with_unit(value: Decimal | None, unit: str | None) -> Value:
    return value if unit is None or value is None else Quantity(value, unit)


def average(items: Items) -> Value:
    """Avg."""
    numbers, unit = _numbers(items)
    return _with_unit(divide_decimal(sum(numbers, Decimal(0)), Decimal(len(numbers))), unit) if numbers else None


def median(items: Items) -> Value:
    """Median."""
    numbers, unit = _numbers(items)
    if not numbers:
        return None
    numbers.sort()
    middle = len(numbers) // 2
    found = numbers[middle] if len(numbers) % 2 else divide_decimal(numbers[middle - 1] + numbers[middle], Decimal(2))
    return _with_unit(found, unit)


def mode(items: Items) -> Value:
    """Mode: the most frequent element, the first of equals."""
    known = _known(items)
    best, most = None, 0
    for x in known:
        found = sum(_same(x, y) for y in known)
        if found > most:
            best, most = x, found
    return best


def product(items: Items) -> Value:
    """Product."""
    numbers, unit = _numbers(items)
    if not numbers:
        return None
    result = Decimal(1)
    for x in numbers:
        result = CONTEXT.multiply(result, x)
    known = _known(items)
    if isinstance(known[0], Long):
        return long(int(result))
    return integer(int(result)) if isinstance(known[0], int) else _with_unit(decimal(result), unit)


def geometric_mean(items: Items) -> Value:
    """GeometricMean."""
    numbers, _ = _numbers(items)
    if not numbers or any(x <= 0 for x in numbers):
        return None
    logs = sum((CONTEXT.ln(x) for x in numbers), Decimal(0))
    return decimal(CONTEXT.exp(CONTEXT.divide(logs, Decimal(len(numbers)))))


def _spread(items: Items, *, population: bool, root: bool) -> Value:
    numbers, unit = _numbers(items)
    size = len(numbers) if population else len(numbers) - 1
    if size < 1:
        return None
    mean = CONTEXT.divide(sum(numbers, Decimal(0)), Decimal(len(numbers)))
    squares = sum(((x - mean) ** 2 for x in numbers), Decimal(0))
    found = CONTEXT.divide(squares, Decimal(size))
    return _with_unit(decimal(CONTEXT.sqrt(found) if root else found), unit)


def variance(items: Items) -> Value:
    """Variance of a sample."""
    return _spread(items, population=False, root=False)


def population_variance(items: Items) -> Value:
    """Variance of a population."""
    return _spread(items, population=True, root=False)


def standard_deviation(items: Items) -> Value:
    """Standard deviation of a sample."""
    return _spread(items, population=False, root=True)


def population_standard_deviation(items: Items) -> Value:
    """Standard deviation of a population."""
    return _spread(items, population=True, root=True)


def all_true(items: Items) -> bool:
    """AllTrue: no element is false."""
    return all(x is not False for x in items or ())


def any_true(items: Items) -> bool:
    """AnyTrue: some element is true."""
    return any(x is True for x in items or ())


def _compare_keys(a: tuple[Value, ...], b: tuple[Value, ...]) -> int:
    for x, y in zip(a, b, strict=True):
        if x is None or y is None:
            found = (y is None) - (x is None)
        else:
            found = _sort_order(x, y)
        if found:
            return found
    return 0


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
    for position in range(len(descending) - 1, -1, -1):
        compare: Callable[[Any, Any], int] = lambda a, b, p=position: _compare_keys((a[0][p],), (b[0][p],))  # noqa: E731
        rows.sort(key=cmp_to_key(compare), reverse=descending[position])
    return [item for _, item in rows]




def resource_list(value: Value) -> list[dict[str, Any]]:
    """Return the FHIR resources in a value, for the evidence trace."""
    if isinstance(value, dict):
        return [value] if "resourceType" in value else [r for v in value.values() for r in resource_list(v)]
    if isinstance(value, list):
        return [r for v in value for r in resource_list(v)]
    if isinstance(value, Tagged):
        return resource_list(value.raw)
    return []
