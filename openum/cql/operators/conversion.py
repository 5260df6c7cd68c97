"""Explicit conversions: ToString, ToInteger … and their Converts… twins."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from openum.cql.operators.comparison import untag
from openum.cql.values import temporal, ucum
from openum.cql.values.codes import Code, Concept
from openum.cql.values.interval import Interval
from openum.cql.values.numbers import CONTEXT, LIMIT, Long, decimal, decimal_with_point, integer, long
from openum.cql.values.quantity import Quantity, Ratio
from openum.cql.values.temporal import Date, DateTime, Temporal, Time

Value = Any
_TRUE = frozenset({"true", "t", "yes", "y", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "0"})
_INTEGER = re.compile(r"[+-]?\d{1,20}\Z")
_DECIMAL = re.compile(r"[+-]?\d{1,28}(\.\d{1,28})?\Z")
_QUANTITY = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*(?:'([^']*)'|([a-z]+))?\s*\Z")


def to_string(value: Value) -> str | None:
    """ToString."""
    value = untag(value)
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return decimal_with_point(value)
    if isinstance(value, Quantity):
        return value.text()
    if isinstance(value, Ratio):
        return f"{to_string(value.numerator)}:{to_string(value.denominator)}"
    if isinstance(value, Temporal):
        return value.text()
    if isinstance(value, Code):
        return value.code
    if isinstance(value, Concept):
        return value.display or next((c.display or c.code for c in value.codes), None)
    if isinstance(value, str | int):
        return str(value)
    return None


def to_boolean(value: Value) -> bool | None:
    """ToBoolean."""
    value = untag(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return True if value == 1 else False if value == 0 else None
    if isinstance(value, str):
        word = value.lower()
        return True if word in _TRUE else False if word in _FALSE else None
    return None


def to_integer(value: Value) -> int | None:
    """ToInteger."""
    value = untag(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return integer(int(value))
    if isinstance(value, str) and _INTEGER.match(value):
        return integer(int(value))
    return None


def to_long(value: Value) -> Long | None:
    """ToLong."""
    value = untag(value)
    if isinstance(value, int):
        return long(int(value))
    return long(int(value)) if isinstance(value, str) and _INTEGER.match(value) else None


def to_decimal(value: Value) -> Decimal | None:
    """ToDecimal."""
    value = untag(value)
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, str) and _DECIMAL.match(value):
        return decimal(Decimal(value))
    return None


def to_date(value: Value) -> Date | None:
    """ToDate."""
    value = untag(value)
    if isinstance(value, DateTime):
        return value.date()
    return temporal.parse_date(value) if isinstance(value, str) else value if isinstance(value, Date) else None


def to_datetime(value: Value) -> DateTime | None:
    """ToDateTime."""
    value = untag(value)
    if isinstance(value, Date):
        return DateTime(value.fields)
    return temporal.parse_datetime(value) if isinstance(value, str) else value if isinstance(value, DateTime) else None


def to_time(value: Value) -> Time | None:
    """ToTime."""
    value = untag(value)
    if isinstance(value, DateTime):
        return Time(value.fields[3:]) if len(value.fields) > 3 else None
    return temporal.parse_time(value) if isinstance(value, str) else value if isinstance(value, Time) else None


def to_quantity(value: Value) -> Quantity | None:
    """ToQuantity."""
    value = untag(value)
    if isinstance(value, Quantity):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Quantity(Decimal(value))
    if isinstance(value, Ratio):
        return None
    if not isinstance(value, str):
        return None
    match = _QUANTITY.match(value)
    if match is None:
        return None
    try:
        number = Decimal(match.group(1))
    except InvalidOperation:
        return None
    word = match.group(3)
    if abs(number) >= LIMIT or (word and word not in ucum.CALENDAR):
        return None
    return Quantity(number, match.group(2) or word or "1")


def to_ratio(value: Value) -> Ratio | None:
    """ToRatio."""
    value = untag(value)
    if isinstance(value, Ratio):
        return value
    if not isinstance(value, str) or ":" not in value:
        return None
    above, below = map(to_quantity, value.split(":", 1))
    return None if above is None or below is None else Ratio(above, below)


def to_concept(value: Value) -> Concept | None:
    """ToConcept."""
    value = untag(value)
    if isinstance(value, Code):
        return Concept((value,), value.display)
    if isinstance(value, list):
        return Concept(tuple(c for c in value if c is not None))
    return value if isinstance(value, Concept) else None


def to_code(value: Value) -> Code | None:
    """ToCode."""
    value = untag(value)
    return value if isinstance(value, Code) else None


def to_list(value: Value) -> list[Value]:
    """ToList."""
    return [] if value is None else [value]


def to_interval(value: Value) -> Interval | None:
    """FHIRHelpers.ToInterval."""
    value = untag(value)
    return value if isinstance(value, Interval) else None


def to_chars(value: Value) -> list[str] | None:
    """ToChars."""
    return None if value is None else list(value)


def convert_quantity(value: Quantity | None, unit: str | None) -> Quantity | None:
    """ConvertQuantity."""
    if value is None or unit is None:
        return None
    found = ucum.convert(value.value, value.unit, unit)
    rounded = None if found is None else decimal(found)
    if rounded is not None and rounded.as_tuple().digits[-1] == 0:
        rounded = rounded.normalize(CONTEXT) if rounded % 1 else rounded.quantize(Decimal(1), context=CONTEXT)
    return None if rounded is None else Quantity(rounded, unit)


def can_convert_quantity(value: Quantity | None, unit: str | None) -> bool | None:
    """CanConvertQuantity."""
    return None if value is None or unit is None else convert_quantity(value, unit) is not None


BY_NAME = {
    "String": to_string, "Boolean": to_boolean, "Integer": to_integer, "Long": to_long, "Decimal": to_decimal,
    "Date": to_date, "DateTime": to_datetime, "Time": to_time, "Quantity": to_quantity, "Ratio": to_ratio,
    "Concept": to_concept, "Code": to_code,
}  # fmt: skip
