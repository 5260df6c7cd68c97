"""The least and the greatest value that a number, quantity, date or time of its precision may stand for."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any, Final

from openum.cql.fhirpath.items import Items, integer, single
from openum.cql.fhirpath.registry import value_function
from openum.cql.values.numbers import CONTEXT
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import Date, DateTime, Temporal, Time

MAX_PLACES: Final = 28
# Digits of a date and time, by the number of fields known.
_DIGITS: Final[dict[type[Temporal], tuple[int, ...]]] = {
    Date: (4, 6, 8),
    DateTime: (4, 6, 8, 10, 12, 14, 17),
    Time: (2, 4, 6, 9),
}
_EARLIEST_ZONE, _LATEST_ZONE = 14 * 60, -12 * 60


def _boundary(items: Items, precision: Items | None, *, high: bool) -> Any:
    value = single(items)
    places = None if precision is None else integer(precision)
    if value is None or (precision is not None and places is None):
        return None
    if isinstance(value, Quantity):
        number = _number(value.value, places, high=high)
        return None if number is None else Quantity(number, value.unit)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return _number(Decimal(value), places, high=high)
    return _temporal(value, places, high=high) if isinstance(value, Temporal) else None


def _number(value: Decimal, places: int | None, *, high: bool) -> Decimal | None:
    wanted = 8 if places is None else places
    exponent = value.as_tuple().exponent
    if not 0 <= wanted <= MAX_PLACES or not isinstance(exponent, int):
        return None
    half = Decimal(5).scaleb(min(exponent, 0) - 1)
    bound = CONTEXT.add(value, half if high else -half)
    outward = (value >= 0) == high
    unit = Decimal(1).scaleb(-wanted)
    return bound.quantize(unit, ROUND_HALF_UP if outward else ROUND_DOWN, CONTEXT)


def _temporal(value: Temporal, digits: int | None, *, high: bool) -> Temporal | None:
    levels = _DIGITS[type(value)]
    if digits is not None and digits not in levels:
        return None
    size = len(levels) if digits is None else levels.index(digits) + 1
    bound = value.high() if high else value.low()
    fields = bound.fields[:size]
    if isinstance(value, DateTime):
        offset = value.offset
        if offset is None and size > 3:
            offset = _LATEST_ZONE if high else _EARLIEST_ZONE
        return DateTime(fields, offset)
    return type(value)(fields)


@value_function("lowBoundary", most=1)
def low_boundary(items: Items, precision: Items | None = None) -> Any:
    """The least value of a precision (decimal places, or digits of a date) this one may stand for."""
    return _boundary(items, precision, high=False)


@value_function("highBoundary", most=1)
def high_boundary(items: Items, precision: Items | None = None) -> Any:
    """The greatest value of a precision this one may stand for."""
    return _boundary(items, precision, high=True)


@value_function("precision")
def precision(items: Items) -> int | None:
    """The number of digits: after the point of a number, all of a date or time."""
    value = single(items)
    if isinstance(value, Temporal):
        return _DIGITS[type(value)][len(value.fields) - 1]
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    exponent = Decimal(value).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else None
