"""FHIR JSON to CQL values: what FHIRHelpers does, done once and in Python.

Each function takes the JSON value and returns the CQL value, None for null or for a value that cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from openum.cql.errors import CqlRuntimeError
from openum.cql.fhir.model import INTEGER_LIKE, QUANTITY_LIKE, STRING_LIKE
from openum.cql.values import temporal
from openum.cql.values.codes import Code, Concept
from openum.cql.values.interval import Interval
from openum.cql.values.quantity import Quantity, Ratio
from openum.cql.values.temporal import Date, DateTime, Time

Raw = Any
UCUM = "http://unitsofmeasure.org"
CALENDAR = "http://hl7.org/fhirpath/CodeSystem/calendar-units"
# A duration in a record is meant by the calendar, as FHIRHelpers.ToCalendarUnit has it.
_CALENDAR_UNITS = {
    "a": "year", "mo": "month", "wk": "week", "d": "day", "h": "hour", "min": "minute", "s": "second",
    "ms": "millisecond",
}  # fmt: skip


def to_boolean(raw: Raw) -> bool | None:
    """Boolean → Boolean."""
    return raw if isinstance(raw, bool) else None


def to_integer(raw: Raw) -> int | None:
    """integer, positiveInt, unsignedInt → Integer."""
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def to_string(raw: Raw) -> str | None:
    """String and its kin → String."""
    return raw if isinstance(raw, str) else None


def to_decimal(raw: Raw) -> Decimal | None:
    """Decimal → Decimal, at the digits the JSON shows."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
        return None
    try:
        value = Decimal(str(raw))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def to_date(raw: Raw) -> Date | None:
    """Date → Date."""
    return temporal.parse_date(raw) if isinstance(raw, str) else None


def to_datetime(raw: Raw) -> DateTime | None:
    """date, dateTime, instant → DateTime."""
    return temporal.parse_datetime(raw) if isinstance(raw, str) else None


def to_time(raw: Raw) -> Time | None:
    """Time → Time."""
    return temporal.parse_time(raw) if isinstance(raw, str) else None


def to_quantity(raw: Raw) -> Quantity | None:
    """Quantity → Quantity; a comparator makes it unknown, since "<5" is no number."""
    if not isinstance(raw, dict) or raw.get("comparator"):
        return None
    value = to_decimal(raw.get("value"))
    if value is None:
        return None
    unit = raw.get("code") if raw.get("system", UCUM) in (UCUM, CALENDAR) else None
    name = str(unit or raw.get("unit") or "1")
    return Quantity(value, _CALENDAR_UNITS.get(name, name))


def to_ratio(raw: Raw) -> Ratio | None:
    """Ratio → Ratio."""
    if not isinstance(raw, dict):
        return None
    return Ratio(to_quantity(raw.get("numerator")), to_quantity(raw.get("denominator")))


def to_code(raw: Raw) -> Code | None:
    """Coding → Code."""
    if not isinstance(raw, dict):
        return None
    return Code(raw.get("code"), raw.get("system"), raw.get("version"), raw.get("display"))


def to_concept(raw: Raw) -> Concept | None:
    """CodeableConcept → Concept."""
    if not isinstance(raw, dict):
        return None
    codings = raw.get("coding")
    codes = tuple(c for c in map(to_code, codings if isinstance(codings, list) else ()) if c is not None)
    return Concept(codes, raw.get("text"))


def to_interval_of_datetime(raw: Raw) -> Interval | None:
    """Period → Interval<DateTime>; a missing end is ongoing, a missing start is unknown."""
    if not isinstance(raw, dict):
        return None
    start, end = raw.get("start"), raw.get("end")
    return _period(start if isinstance(start, str) else "", end if isinstance(end, str) else "")


@lru_cache(maxsize=8192)
def _period(start: str, end: str) -> Interval | None:
    low, high = temporal.parse_datetime(start), temporal.parse_datetime(end)
    if low is None and high is None:
        return None
    try:
        return Interval(low, high, low is not None, True, "DateTime")
    except CqlRuntimeError:
        return None


@lru_cache(maxsize=8192)
def _moment(text: str) -> Interval | None:
    point = temporal.parse_datetime(text)
    return None if point is None else Interval(point, point, kind="DateTime")


def to_moment(raw: Raw) -> Interval | None:
    """date, dateTime, instant → Interval<DateTime> that holds only this point."""
    return _moment(raw) if isinstance(raw, str) else None


def to_interval_of_quantity(raw: Raw) -> Interval | None:
    """Range → Interval<Quantity>."""
    if not isinstance(raw, dict):
        return None
    low, high = to_quantity(raw.get("low")), to_quantity(raw.get("high"))
    if low is None and high is None:
        return None
    try:
        return Interval(low, high, True, True, "Quantity")
    except CqlRuntimeError:
        return None


CONVERTERS: dict[str, tuple[str, Callable[[Raw], Any]]] = {
    **dict.fromkeys(STRING_LIKE, ("String", to_string)),
    **dict.fromkeys(INTEGER_LIKE, ("Integer", to_integer)),
    **dict.fromkeys(QUANTITY_LIKE, ("Quantity", to_quantity)),
    "boolean": ("Boolean", to_boolean),
    "decimal": ("Decimal", to_decimal),
    "date": ("Date", to_date),
    "dateTime": ("DateTime", to_datetime),
    "instant": ("DateTime", to_datetime),
    "time": ("Time", to_time),
    "Ratio": ("Ratio", to_ratio),
    "Coding": ("Code", to_code),
    "CodeableConcept": ("Concept", to_concept),
    "Period": ("Interval<DateTime>", to_interval_of_datetime),
    "Range": ("Interval<Quantity>", to_interval_of_quantity),
}
