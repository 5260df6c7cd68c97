"""Arithmetic (FHIRPath 2.0, 6.6), on the operators of CQL."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

from openum.cql.errors import CqlRuntimeError
from openum.cql.fhirpath.errors import Fault
from openum.cql.fhirpath.items import Items, describe, single
from openum.cql.operators import calendar
from openum.cql.values import quantity, ucum
from openum.cql.values.numbers import CONTEXT, MAX_INTEGER, MIN_INTEGER, Long, decimal, long
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import Temporal

Value = Any
MAX_RESULT: Final = 1_000_000
_DEFINITE: Final = frozenset({"d", "wk", "h", "min", "s", "ms"})


def whole(value: int, *operands: Value) -> Value:
    """Return an Integer (or a Long where an operand was one), None outside its range."""
    if any(isinstance(o, Long) for o in operands):
        return long(value)
    return value if MIN_INTEGER <= value <= MAX_INTEGER else None


def _number(value: Value) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _two(a: Items, b: Items) -> tuple[Value, Value] | None:
    x, y = single(a), single(b)
    return None if x is None or y is None else (x, y)


def _misfit(op: str, x: Value, y: Value) -> Fault:
    return Fault(f"“{op}” does not take {describe(x)} and {describe(y)}.")


def add(a: Items, b: Items) -> Value:
    """`a + b`."""
    return _sum(a, b, 1)


def subtract(a: Items, b: Items) -> Value:
    """`a - b`."""
    return _sum(a, b, -1)


def _sum(a: Items, b: Items, sign: int) -> Value:
    pair = _two(a, b)
    if pair is None:
        return None
    x, y = pair
    if _number(x) and _number(y):
        if isinstance(x, int) and isinstance(y, int):
            return whole(x + sign * y, x, y)
        return decimal(CONTEXT.add(Decimal(x), sign * Decimal(y)))
    if isinstance(x, str) and isinstance(y, str) and sign > 0:
        return bounded(x + y)
    if isinstance(x, Temporal) and isinstance(y, Quantity):
        return shift(x, y, sign)
    if isinstance(x, Quantity) and isinstance(y, Quantity):
        return quantity.add(x, y, sign=sign)
    raise _misfit("+" if sign > 0 else "-", x, y)


def shift(value: Temporal, by: Quantity, sign: int) -> Temporal:
    """Move a date or time by a duration; months and years only in calendar words."""
    unit = by.unit
    word = ucum.CALENDAR.get(unit)
    if word is None and unit not in _DEFINITE:
        raise Fault(f"A date or time cannot be moved by '{unit}'; write a calendar unit such as months.")
    amount = by.value if sign > 0 else by.value.copy_negate()
    if (word or unit) != "s":
        amount = amount.to_integral_value(ROUND_DOWN)
    try:
        return calendar.add_duration(value, Quantity(amount, unit))  # type: ignore[no-any-return]
    except CqlRuntimeError as error:
        raise Fault(str(error)) from error


def multiply(a: Items, b: Items) -> Value:
    """`a * b`."""
    pair = _two(a, b)
    if pair is None:
        return None
    x, y = pair
    if _number(x) and _number(y):
        if isinstance(x, int) and isinstance(y, int):
            return whole(x * y, x, y)
        return decimal(CONTEXT.multiply(Decimal(x), Decimal(y)))
    if isinstance(x, Quantity | int | Decimal) and isinstance(y, Quantity | int | Decimal):
        return quantity.multiply(_as_quantity(x), _as_quantity(y))
    raise _misfit("*", x, y)


def _as_quantity(value: Value) -> Quantity:
    return value if isinstance(value, Quantity) else Quantity(Decimal(value), "1")


def divide(a: Items, b: Items) -> Value:
    """`a / b`; empty on division by zero."""
    pair = _two(a, b)
    if pair is None:
        return None
    x, y = pair
    if _number(x) and _number(y):
        return None if y == 0 else decimal(CONTEXT.divide(Decimal(x), Decimal(y)))
    if isinstance(x, Quantity | int | Decimal) and isinstance(y, Quantity | int | Decimal):
        return quantity.divide(_as_quantity(x), _as_quantity(y))
    raise _misfit("/", x, y)


def _to_divide(operator: str, a: Items, b: Items) -> tuple[Value, Value] | None:
    """Return the two numbers; None when one is missing or the divisor is zero."""
    pair = _two(a, b)
    if pair is None:
        return None
    x, y = pair
    if not (_number(x) and _number(y)):
        raise _misfit(operator, x, y)
    return None if y == 0 else pair


def div(a: Items, b: Items) -> Value:
    """`a div b`: the whole part of the quotient; empty on division by zero."""
    pair = _to_divide("div", a, b)
    if pair is None:
        return None
    x, y = pair
    return whole(int(CONTEXT.divide_int(Decimal(x), Decimal(y))), x, y)


def mod(a: Items, b: Items) -> Value:
    """`a mod b`: the remainder, with the sign of the dividend; empty on division by zero."""
    pair = _to_divide("mod", a, b)
    if pair is None:
        return None
    x, y = pair
    rest = CONTEXT.remainder(Decimal(x), Decimal(y))
    return whole(int(rest), x, y) if isinstance(x, int) and isinstance(y, int) else rest


def concatenate(a: Items, b: Items) -> str:
    """`a & b`: an empty side counts as no text."""
    x, y = single(a), single(b)
    for value in (x, y):
        if value is not None and not isinstance(value, str):
            raise _misfit("&", x, y)
    return bounded((x or "") + (y or ""))


def bounded(text: str) -> str:
    """Return a text, unless it has become too long to go on with."""
    if len(text) > MAX_RESULT:
        raise Fault(f"A text of more than {MAX_RESULT} characters is not built.")
    return text


def negate(a: Items) -> Value:
    """`-a`."""
    value = single(a)
    if value is None:
        return None
    if isinstance(value, Quantity):
        return Quantity(value.value.copy_negate(), value.unit)
    if not _number(value):
        raise Fault(f"“-” does not take {describe(value)}.")
    return whole(-value, value) if isinstance(value, int) else value.copy_negate()


def positive(a: Items) -> Value:
    """`+a`."""
    value = single(a)
    if value is not None and not (_number(value) or isinstance(value, Quantity)):
        raise Fault(f"“+” does not take {describe(value)}.")
    return value
