"""Arithmetic. Every function answers None for a None operand and for a result out of range."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal, DecimalException
from typing import Any

from openum.cql.errors import CqlRuntimeError
from openum.cql.values import quantity
from openum.cql.values.interval import maximum, minimum
from openum.cql.values.interval import predecessor as step_back
from openum.cql.values.interval import successor as step_on
from openum.cql.values.numbers import CONTEXT, Long, decimal, integer, long
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import Temporal, Time
from openum.cql.values.uncertainty import Uncertainty

Value = Any


def add_integer(a: Value, b: Value) -> Value:
    """Integer + Integer."""
    if a is None or b is None:
        return None
    total = a + b
    return total if isinstance(total, Uncertainty) else integer(total)


def subtract_integer(a: Value, b: Value) -> Value:
    """Integer - Integer."""
    if a is None or b is None:
        return None
    total = a - b
    return total if isinstance(total, Uncertainty) else integer(total)


def multiply_integer(a: Value, b: Value) -> Value:
    """Integer * Integer."""
    if a is None or b is None:
        return None
    total = a * b
    return total if isinstance(total, Uncertainty) else integer(total)


def add_long(a: Value, b: Value) -> Value:
    """Long + Long."""
    return None if a is None or b is None else long(int(a) + int(b))


def subtract_long(a: Value, b: Value) -> Value:
    """Long - Long."""
    return None if a is None or b is None else long(int(a) - int(b))


def multiply_long(a: Value, b: Value) -> Value:
    """Long * Long."""
    return None if a is None or b is None else long(int(a) * int(b))


def add_decimal(a: Value, b: Value) -> Value:
    """Decimal + Decimal."""
    return None if a is None or b is None else decimal(CONTEXT.add(a, b))


def subtract_decimal(a: Value, b: Value) -> Value:
    """Decimal - Decimal."""
    return None if a is None or b is None else decimal(CONTEXT.subtract(a, b))


def multiply_decimal(a: Value, b: Value) -> Value:
    """Decimal * Decimal."""
    return None if a is None or b is None else decimal(CONTEXT.multiply(a, b))


def divide_decimal(a: Value, b: Value) -> Value:
    """Decimal / Decimal, to 8 places; by zero is null."""
    if isinstance(a, Uncertainty) or isinstance(b, Uncertainty):
        raise CqlRuntimeError("An uncertain number cannot be divided.")
    if a is None or b is None or b == 0:
        return None
    return trimmed(decimal(CONTEXT.divide(a, b)))


def trimmed(value: Decimal | None) -> Decimal | None:
    """Drop zeros at the end, keeping one decimal place."""
    if value is None:
        return None
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -1:
        value = value.normalize(CONTEXT)
    exponent = value.as_tuple().exponent
    return value.quantize(Decimal("0.1"), context=CONTEXT) if isinstance(exponent, int) and exponent > -1 else value


def add_quantity(a: Value, b: Value) -> Value:
    """Quantity + Quantity."""
    return None if a is None or b is None else quantity.add(a, b)


def subtract_quantity(a: Value, b: Value) -> Value:
    """Quantity - Quantity."""
    return None if a is None or b is None else quantity.add(a, b, sign=-1)


def multiply_quantity(a: Value, b: Value) -> Value:
    """Quantity * Quantity."""
    return None if a is None or b is None else quantity.multiply(a, b)


def divide_quantity(a: Value, b: Value) -> Value:
    """Quantity / Quantity."""
    return None if a is None or b is None else quantity.divide(a, b)


def divide_quantity_by(a: Value, b: Value) -> Value:
    """Quantity / Decimal."""
    value = divide_decimal(None if a is None else a.value, b)
    return None if value is None else Quantity(value, a.unit)


def _whole(a: Decimal, b: Decimal) -> Decimal:
    return CONTEXT.divide(a, b).to_integral_value(ROUND_DOWN)


def div_integer(a: Value, b: Value) -> Value:
    """Integer div Integer, towards zero."""
    if isinstance(a, Uncertainty) or isinstance(b, Uncertainty):
        raise CqlRuntimeError("An uncertain number cannot be divided.")
    if a is None or b is None or b == 0:
        return None
    found = abs(a) // abs(b)
    return integer(found if (a < 0) == (b < 0) else -found)


def div_long(a: Value, b: Value) -> Value:
    """Long div Long, towards zero."""
    if a is None or b is None or b == 0:
        return None
    found = abs(int(a)) // abs(int(b))
    return long(found if (a < 0) == (b < 0) else -found)


def div_decimal(a: Value, b: Value) -> Value:
    """Decimal div Decimal, towards zero."""
    if a is None or b is None or b == 0:
        return None
    return decimal(_whole(a, b).quantize(Decimal("0.1"), context=CONTEXT))


def div_quantity(a: Value, b: Value) -> Value:
    """Quantity div Quantity."""
    if a is None or b is None or b.value == 0:
        return None
    pair = quantity.aligned(a, b)
    if pair is None:
        return None
    value = div_decimal(*pair)
    return None if value is None else Quantity(value, a.unit)


def mod_integer(a: Value, b: Value) -> Value:
    """Integer mod Integer; the sign follows the dividend."""
    return (
        None
        if a is None or b is None or b == 0
        else int(math.fmod(a, b))
        if abs(a) < 2**52
        else a - b * div_integer(a, b)
    )


def mod_long(a: Value, b: Value) -> Value:
    """Long mod Long."""
    if a is None or b is None or b == 0:
        return None
    whole = div_long(a, b)
    return None if whole is None else long(int(a) - int(b) * int(whole))


def mod_decimal(a: Value, b: Value) -> Value:
    """Decimal mod Decimal."""
    if a is None or b is None or b == 0:
        return None
    return decimal(CONTEXT.subtract(a, CONTEXT.multiply(b, _whole(a, b))))


def mod_quantity(a: Value, b: Value) -> Value:
    """Quantity mod Quantity."""
    if a is None or b is None:
        return None
    pair = quantity.aligned(a, b)
    value = None if pair is None else mod_decimal(*pair)
    return None if value is None else Quantity(value, a.unit)


def power_integer(a: Value, b: Value) -> Value:
    """Integer ^ Integer; a negative exponent gives a Decimal."""
    if a is None or b is None:
        return None
    if b < 0:
        return power_decimal(Decimal(a), Decimal(b))
    if b > 64 and abs(a) > 1:
        return None
    return integer(a**b)


def power_long(a: Value, b: Value) -> Value:
    """Long ^ Long."""
    if a is None or b is None or (b > 64 and abs(a) > 1):
        return None
    return power_decimal(Decimal(a), Decimal(b)) if b < 0 else long(int(a) ** int(b))


def power_decimal(a: Value, b: Value) -> Value:
    """Decimal ^ Decimal."""
    if a is None or b is None:
        return None
    try:
        if a == 0 and b == 0:
            return Decimal(1)
        found = decimal(CONTEXT.power(a, b))
    except DecimalException:
        return None
    return trimmed(found)


def absolute(a: Value) -> Value:
    """Abs."""
    if isinstance(a, Quantity):
        return Quantity(a.value.copy_abs(), a.unit)
    if isinstance(a, Long):
        return long(abs(int(a)))
    return None if a is None else integer(abs(a)) if isinstance(a, int) else a.copy_abs()


def negative(a: Value) -> Value:
    """Unary minus."""
    if isinstance(a, Quantity):
        return Quantity(a.value.copy_negate(), a.unit)
    if isinstance(a, Long):
        return long(-int(a))
    if isinstance(a, Decimal):
        return a.copy_negate() if a else a
    return None if a is None else -a if isinstance(a, Uncertainty) else integer(-a)


def ceiling(a: Value) -> Value:
    """Ceiling."""
    return None if a is None else integer(int(a.to_integral_value(ROUND_CEILING)))


def floor(a: Value) -> Value:
    """Floor."""
    return None if a is None else integer(int(a.to_integral_value(ROUND_FLOOR)))


def truncate(a: Value) -> Value:
    """Truncate."""
    return None if a is None else integer(int(a.to_integral_value(ROUND_DOWN)))


def round_decimal(a: Value, precision: Value = 0) -> Value:
    """Round half away from zero, as the specification's table asks."""
    if a is None:
        return None
    places = max(0, min(8, precision or 0))
    return a.quantize(Decimal(1).scaleb(-max(places, 1) if places else 0), ROUND_HALF_UP, CONTEXT)


def ln(a: Value) -> Value:
    """Natural logarithm.

    Raises:
        CqlRuntimeError: of zero.
    """
    if a is None or a < 0:
        return None
    if a == 0:
        raise CqlRuntimeError("The logarithm of zero is not defined.")
    return decimal(CONTEXT.ln(a))


def exp(a: Value) -> Value:
    """Raise e to a power.

    Raises:
        CqlRuntimeError: when the result is out of range.
    """
    if a is None:
        return None
    found = decimal(CONTEXT.exp(a)) if a < 1000 else None
    if found is None:
        raise CqlRuntimeError("The result of Exp is out of range.")
    return found


def log(a: Value, base: Value) -> Value:
    """Logarithm to a base."""
    if a is None or base is None or a <= 0 or base <= 0 or base == 1:
        return None
    return trimmed(decimal(CONTEXT.divide(CONTEXT.ln(a), CONTEXT.ln(base))))


def successor(a: Value) -> Value:
    """The next value of the type."""
    return None if a is None else step_on(a)


def predecessor(a: Value) -> Value:
    """The previous value of the type."""
    return None if a is None else step_back(a)


def least(kind: str) -> Value:
    """`minimum T`."""
    return minimum(kind)


def greatest(kind: str) -> Value:
    """`maximum T`."""
    return maximum(kind)


def precision(a: Value) -> Value:
    """Number of digits known."""
    if a is None:
        return None
    if isinstance(a, Decimal):
        exponent = a.as_tuple().exponent
        return max(0, -exponent) if isinstance(exponent, int) else 0
    digits = (4, 6, 8, 10, 12, 14, 17) if not isinstance(a, Time) else (2, 4, 6, 9)
    return digits[len(a.fields) - 1]


def _boundary_temporal(a: Temporal, digits: int | None, *, high: bool) -> Temporal | None:
    steps = {4: 1, 6: 2, 8: 3, 10: 4, 12: 5, 14: 6, 17: 7} if not isinstance(a, Time) else {2: 1, 4: 2, 6: 3, 9: 4}
    size = a.most if digits is None else steps.get(digits)
    if size is None or size > a.most:
        return None
    full = a.high() if high else a.low()
    return full.with_fields(full.fields[: max(size, len(a.fields))])


def high_boundary(a: Value, digits: Value) -> Value:
    """The greatest value the argument may stand for, at a number of digits."""
    if isinstance(a, Temporal):
        return _boundary_temporal(a, digits, high=True)
    return _boundary_decimal(a, digits, high=True)


def low_boundary(a: Value, digits: Value) -> Value:
    """The least value the argument may stand for, at a number of digits."""
    if isinstance(a, Temporal):
        return _boundary_temporal(a, digits, high=False)
    return _boundary_decimal(a, digits, high=False)


def _boundary_decimal(a: Decimal | None, digits: int | None, *, high: bool) -> Decimal | None:
    if a is None:
        return None
    places = 8 if digits is None else digits
    if not 0 <= places <= 8:
        return None
    exponent = a.as_tuple().exponent
    scale = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    if scale < places and high == (a >= 0):
        step = CONTEXT.subtract(Decimal(1).scaleb(-scale), Decimal(1).scaleb(-places))
        a = CONTEXT.add(a, step if a >= 0 else step.copy_negate())
    return a.quantize(Decimal(1).scaleb(-places), ROUND_DOWN, CONTEXT)
