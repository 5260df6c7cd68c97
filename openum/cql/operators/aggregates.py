"""Aggregates over lists; nulls are passed over."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from openum.cql.operators.arithmetic import divide_decimal, trimmed
from openum.cql.operators.comparison import order, untag
from openum.cql.operators.lists import Items, is_same
from openum.cql.values import quantity
from openum.cql.values.numbers import CONTEXT, Long, decimal, integer, long
from openum.cql.values.quantity import Quantity
from openum.cql.values.uncertainty import Uncertainty

Value = Any


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
    return decimal(_sum(known))


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    result = Decimal(0)
    for x in numbers:
        result = CONTEXT.add(result, x)
    return result


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
    return _with_unit(divide_decimal(_sum(numbers), Decimal(len(numbers))), unit) if numbers else None


def median(items: Items) -> Value:
    """Median."""
    numbers, unit = _numbers(items)
    if not numbers:
        return None
    numbers.sort()
    middle = len(numbers) // 2
    found = numbers[middle] if len(numbers) % 2 else divide_decimal(_sum(numbers[middle - 1 : middle + 1]), Decimal(2))
    return _with_unit(found, unit)


def mode(items: Items) -> Value:
    """Mode: the most frequent element, the first of equals."""
    known = _known(items)
    best, most = None, 0
    for x in known:
        found = sum(is_same(x, y) for y in known)
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
    logs = _sum(CONTEXT.ln(x) for x in numbers)
    return trimmed(decimal(CONTEXT.exp(CONTEXT.divide(logs, Decimal(len(numbers))))))


def _spread(items: Items, *, population: bool, root: bool) -> Value:
    numbers, unit = _numbers(items)
    size = len(numbers) if population else len(numbers) - 1
    if size < 1:
        return None
    mean = CONTEXT.divide(_sum(numbers), Decimal(len(numbers)))
    squares = _sum(CONTEXT.power(CONTEXT.subtract(x, mean), 2) for x in numbers)
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
