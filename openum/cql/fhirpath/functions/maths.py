"""Mathematics (FHIRPath 2.0, 5.7). Results that are no real number, or too large, are empty."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal, DecimalException
from typing import Any, Final

from openum.cql.fhirpath.arithmetic import whole
from openum.cql.fhirpath.errors import Fault
from openum.cql.fhirpath.items import Items, describe, integer, number, single
from openum.cql.fhirpath.registry import value_function
from openum.cql.values import ucum
from openum.cql.values.numbers import CONTEXT, decimal
from openum.cql.values.quantity import Quantity

MAX_EXPONENT: Final = 10_000


@value_function("abs")
def abs_(items: Items) -> Any:
    """The absolute value of a number or quantity."""
    value = single(items)
    if isinstance(value, Quantity):
        return Quantity(abs(value.value), value.unit)
    found = number(items)
    if found is None:
        return None
    return whole(abs(found), found) if isinstance(found, int) else abs(found)


def _integral(items: Items, rounding: str) -> int | None:
    value = number(items)
    return None if value is None else whole(int(Decimal(value).to_integral_value(rounding)), value)


@value_function("ceiling")
def ceiling(items: Items) -> int | None:
    """The least whole number not below."""
    return _integral(items, ROUND_CEILING)


@value_function("floor")
def floor(items: Items) -> int | None:
    """The greatest whole number not above."""
    return _integral(items, ROUND_FLOOR)


@value_function("truncate")
def truncate(items: Items) -> int | None:
    """The whole part."""
    return _integral(items, ROUND_DOWN)


@value_function("round", most=1)
def round_(items: Items, precision: Items | None = None) -> Decimal | None:
    """The number rounded half up (away from zero) to a number of places, none by default."""
    value, places = number(items), 0 if precision is None else integer(precision)
    if value is None or places is None:
        return None
    if places < 0:
        raise Fault("“round” takes a number of places that is not negative.")
    if places > 28:
        return decimal(Decimal(value))
    return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, CONTEXT)


def _real(value: Decimal | None) -> Decimal | None:
    return None if value is None or not value.is_finite() else decimal(value)


@value_function("exp")
def exp(items: Items) -> Decimal | None:
    """E to the power of the number."""
    value = number(items)
    return None if value is None or value > MAX_EXPONENT else _real(CONTEXT.exp(Decimal(value)))


@value_function("ln")
def ln(items: Items) -> Decimal | None:
    """The natural logarithm."""
    value = number(items)
    return None if value is None or value <= 0 else _real(CONTEXT.ln(Decimal(value)))


@value_function("log", least=1)
def log(items: Items, base: Items) -> Decimal | None:
    """The logarithm to a base."""
    value, of = number(items), number(base)
    if value is None or of is None or value <= 0 or of <= 0 or of == 1:
        return None
    found = _real(CONTEXT.divide(CONTEXT.ln(Decimal(value)), CONTEXT.ln(Decimal(of))))
    return None if found is None else found.normalize(CONTEXT)


@value_function("power", least=1)
def power(items: Items, exponent: Items) -> Any:
    """The number to a power; an Integer of Integers when the power is not negative."""
    value, by = number(items), number(exponent)
    if value is None or by is None or not -MAX_EXPONENT <= by <= MAX_EXPONENT:
        return None
    try:
        if isinstance(value, int) and isinstance(by, int) and by >= 0:
            found = CONTEXT.power(Decimal(value), by)
            return whole(int(found), value, by) if found.adjusted() < 20 else None
        return _real(CONTEXT.power(Decimal(value), Decimal(by)))
    except DecimalException:
        return None


@value_function("sqrt")
def sqrt(items: Items) -> Decimal | None:
    """The square root."""
    value = number(items)
    return None if value is None or value < 0 else _real(CONTEXT.sqrt(Decimal(value)))


@value_function("comparable", least=1)
def comparable(items: Items, other: Items) -> bool | None:
    """Whether two quantities measure the same thing."""
    a, b = single(items), single(other)
    if a is None or b is None:
        return None
    if not isinstance(a, Quantity) or not isinstance(b, Quantity):
        raise Fault(f"“comparable” takes quantities, not {describe(a)} and {describe(b)}.")
    return ucum.convert(Decimal(1), a.unit, b.unit) is not None
