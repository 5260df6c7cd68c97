"""Equality, equivalence and order (FHIRPath 2.0, 6.1 and 6.2), three-valued."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from openum.cql.fhirpath.errors import Fault
from openum.cql.fhirpath.items import Items, Node, describe, frozen, plain, single
from openum.cql.values import ucum
from openum.cql.values.numbers import CONTEXT
from openum.cql.values.quantity import Quantity, aligned
from openum.cql.values.temporal import DateTime, Temporal, Time, at_offset

Value = Any

# Without a date to count from, a calendar year is 365 days and a calendar month 30 (FHIRPath 2.0, 2.2.1).
_CALENDAR_DAYS: Final = {"year": Decimal(365), "month": Decimal(30)}
_WORDS: Final = {word: word.rstrip("s") for word in ucum.CALENDAR}
_MOST_EAST, _MOST_WEST = 14 * 60, -12 * 60


def equal(a: Items, b: Items) -> bool | None:
    """Answer `a = b`: same items in the same order; unknown when a side is empty or the answer cannot be told."""
    if not a or not b:
        return None
    if len(a) != len(b):
        return False
    result: bool | None = True
    for x, y in zip(a, b, strict=True):
        same = equal_items(plain(x), plain(y))
        if same is False:
            return False
        if same is None:
            result = None
    return result


def equal_items(a: Value, b: Value) -> bool | None:
    """Answer whether two System values or nodes are equal."""
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    if a is None or b is None:
        return None
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, Temporal) and isinstance(b, Temporal):
        if isinstance(a, Time) != isinstance(b, Time):
            return False
        order = compare_temporal(a, b)
        return None if order is None else order == 0
    if isinstance(a, Quantity) or isinstance(b, Quantity):
        x, y = _quantities(a, b)
        if x is None or y is None:
            return False
        pair = align(x, y)
        return None if pair is None else pair[0] == pair[1]
    if type(a) is Node or type(b) is Node:
        return type(a) is type(b) and frozen(a.value) == frozen(b.value)
    return bool(a == b)


def _quantities(a: Value, b: Value) -> tuple[Quantity | None, Quantity | None]:
    return _quantity(a), _quantity(b)


def _quantity(value: Value) -> Quantity | None:
    if isinstance(value, Quantity):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Quantity(Decimal(value), "1")
    return None


def align(a: Quantity, b: Quantity) -> tuple[Decimal, Decimal] | None:
    """Return both values in one unit, or None when they do not compare."""
    x, y = _WORDS.get(a.unit), _WORDS.get(b.unit)
    if x not in _CALENDAR_DAYS and y not in _CALENDAR_DAYS:
        return aligned(a, b)
    if x is None or y is None:
        return None  # a calendar month or year is no definite time
    if x == y:
        return a.value, b.value
    if x in _CALENDAR_DAYS and y in _CALENDAR_DAYS:
        return a.value * (12 if x == "year" else 1), b.value * (12 if y == "year" else 1)
    return aligned(_in_days(a, x), _in_days(b, y))


def _in_days(value: Quantity, word: str) -> Quantity:
    days = _CALENDAR_DAYS.get(word)
    return value if days is None else Quantity(value.value * days, "d")


def compare_temporal(a: Temporal, b: Temporal) -> int | None:
    """Return -1, 0 or 1, or None where precision or a missing time zone leaves it open."""
    x, y = a.fields, b.fields
    if isinstance(a, DateTime) and isinstance(b, DateTime) and len(x) > 3 and len(y) > 3 and a.offset != b.offset:
        if a.offset is None or b.offset is None:
            known, other = (a, b) if b.offset is None else (b, a)
            found = {compare_temporal(known, DateTime(other.fields, minutes)) for minutes in (_MOST_EAST, _MOST_WEST)}
            order = found.pop() if len(found) == 1 else None
            return order if order is None or known is a else -order
        x, y = at_offset(a, 0).fields, at_offset(b, 0).fields
    return compare_fields(_to_milliseconds(a, x), _to_milliseconds(b, y))


def _to_milliseconds(value: Temporal, fields: tuple[int, ...]) -> tuple[int, ...]:
    """Seconds and milliseconds are one precision: a value known to the second is that second exactly."""
    return (*fields, 0) if len(fields) + value.first == 6 else fields


def compare_fields(x: tuple[int, ...], y: tuple[int, ...]) -> int | None:
    """Compare field by field until one side ends."""
    size = min(len(x), len(y))
    if x[:size] != y[:size]:
        return 1 if x[:size] > y[:size] else -1
    return 0 if len(x) == len(y) else None


def equivalent(a: Items, b: Items) -> bool:
    """Answer `a ~ b`: the same items in any order; never unknown."""
    if len(a) != len(b):
        return False
    if len(a) == 1:
        return equivalent_items(plain(a[0]), plain(b[0]))
    rest = [plain(y) for y in b]
    for x in map(plain, a):
        for index, y in enumerate(rest):
            if equivalent_items(x, y):
                del rest[index]
                break
        else:
            return False
    return True


def equivalent_items(a: Value, b: Value) -> bool:
    """Answer whether two System values or nodes are equivalent."""
    if isinstance(a, str) and isinstance(b, str):
        return normal(a) == normal(b)
    if a is None or b is None:
        return a is b
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, Temporal) and isinstance(b, Temporal):
        return isinstance(a, Time) == isinstance(b, Time) and compare_temporal(a, b) == 0
    if isinstance(a, Quantity) or isinstance(b, Quantity):
        x, y = _quantities(a, b)
        return x is not None and y is not None and _equivalent_quantities(x, y)
    if isinstance(a, int | Decimal) and isinstance(b, int | Decimal):
        return equivalent_numbers(Decimal(a), Decimal(b))
    if type(a) is Node and type(b) is Node:
        return _equivalent_json(a.value, b.value)
    return bool(a == b)


def _equivalent_quantities(a: Quantity, b: Quantity) -> bool:
    a, b = _as_ucum(a), _as_ucum(b)
    x, y = ucum.read(a.unit), ucum.read(b.unit)
    if x is not None and y is not None and y.factor > x.factor:
        a, b = b, a  # compare in the coarser unit, whose number shows the fewer digits
    pair = aligned(a, b)
    return pair is not None and equivalent_numbers(*pair)


def _as_ucum(value: Quantity) -> Quantity:
    return Quantity(value.value, ucum.CALENDAR.get(value.unit, value.unit))


def equivalent_numbers(a: Decimal, b: Decimal) -> bool:
    """Answer whether two numbers are the same at the precision of the less precise, trailing zeros aside."""
    unit = Decimal(1).scaleb(-min(_scale(a), _scale(b)))
    return a.quantize(unit, ROUND_HALF_UP, CONTEXT) == b.quantize(unit, ROUND_HALF_UP, CONTEXT)


def _scale(value: Decimal) -> int:
    exponent = value.normalize(CONTEXT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def normal(text: str) -> str:
    """Return text without case and with white space as single spaces."""
    return " ".join(text.casefold().split())


def _equivalent_json(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equivalent_json(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return False
        rest = list(b)
        for x in a:
            match = next((i for i, y in enumerate(rest) if _equivalent_json(x, y)), None)
            if match is None:
                return False
            del rest[match]
        return True
    if isinstance(a, str) and isinstance(b, str):
        return normal(a) == normal(b)
    return bool(frozen(a) == frozen(b))


def order(a: Items, b: Items) -> int | None:
    """Return -1, 0 or 1 for the order of two values, None when a side is empty or it cannot be told.

    Raises:
        Fault: more than one value on a side, or values that have no order.
    """
    x, y = single(a), single(b)
    return None if x is None or y is None else order_items(x, y)


def order_items(x: Value, y: Value) -> int | None:
    """Return the order of two System values."""
    if isinstance(x, str) and isinstance(y, str):
        return (x > y) - (x < y)
    if isinstance(x, bool) or isinstance(y, bool):
        raise Fault(f"{describe(x)} and {describe(y)} have no order.".capitalize())
    if isinstance(x, int | Decimal) and isinstance(y, int | Decimal):
        return (x > y) - (x < y)
    if isinstance(x, Temporal) and isinstance(y, Temporal) and isinstance(x, Time) == isinstance(y, Time):
        return compare_temporal(x, y)
    if isinstance(x, Quantity) or isinstance(y, Quantity):
        a, b = _quantities(x, y)
        if a is not None and b is not None:
            pair = align(a, b)
            return None if pair is None else (pair[0] > pair[1]) - (pair[0] < pair[1])
    raise Fault(f"There is no order between {describe(x)} and {describe(y)}.")
