"""Durations and differences between temporal values, and their components."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from openum.cql.errors import CqlRuntimeError
from openum.cql.values import temporal
from openum.cql.values.temporal import (
    DAY,
    DEFAULT_OFFSET,
    PRECISIONS,
    Date,
    DateTime,
    Temporal,
    Time,
    aligned,
    at_offset,
    to_milliseconds,
)
from openum.cql.values.uncertainty import Uncertainty

Value = Any
_UNIT_MS = {
    "week": 7 * 86_400_000,
    "day": 86_400_000,
    "hour": 3_600_000,
    "minute": 60_000,
    "second": 1000,
    "millisecond": 1,
}


def _full(value: Temporal) -> tuple[int, ...]:
    fields = value.fields
    if isinstance(value, Time):
        return (1, 1, 1, *(*fields, 0, 0, 0)[:4])
    if len(fields) < 3:
        fields += (1, 1)[len(fields) - 1 :]
    return (*fields, 0, 0, 0, 0)[:7]


def _months(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    if a > b:
        return -_months(b, a)
    months = (b[0] - a[0]) * 12 + b[1] - a[1]
    return months - 1 if b[2:] < a[2:] else months


def _whole(a: Temporal, b: Temporal, word: str) -> int:
    x, y = _full(a), _full(b)
    if word == "year":
        months = _months(x, y)
        return int(months / 12)
    if word == "month":
        return _months(x, y)
    return int((to_milliseconds(y) - to_milliseconds(x)) / _UNIT_MS[word])


def _crossed(a: Temporal, b: Temporal, word: str) -> int:
    x, y = _full(a), _full(b)
    if word == "year":
        return y[0] - x[0]
    if word == "month":
        return (y[0] - x[0]) * 12 + y[1] - x[1]
    days = (to_milliseconds(x) // temporal.DAY_MS, to_milliseconds(y) // temporal.DAY_MS)
    if word == "week":
        return days[1] // 7 - days[0] // 7
    unit = _UNIT_MS[word]
    return to_milliseconds(y) // unit - to_milliseconds(x) // unit


def _operands(a: Temporal, b: Temporal, word: str) -> tuple[Temporal, Temporal]:
    if isinstance(a, Time) != isinstance(b, Time):
        raise CqlRuntimeError("A Time and a date have no duration between them.")
    if isinstance(a, Date) and PRECISIONS[word] > DAY:
        a = DateTime(a.fields)
    if isinstance(b, Date) and PRECISIONS[word] > DAY:
        b = DateTime(b.fields)
    if isinstance(a, Time) and PRECISIONS[word] <= DAY:
        raise CqlRuntimeError("Between times, hours, minutes, seconds and milliseconds can be counted.")
    if a.offset != b.offset:
        x, y = aligned(a, b)
        a, b = a.with_fields(x), b.with_fields(y)
    return a, b


def duration_between(a: Value, b: Value, word: str) -> Value:
    """Whole units from a to b; uncertain when a field they need is unknown."""
    if a is None or b is None:
        return None
    a, b = _operands(a, b, word)
    least = max(PRECISIONS[word], DAY)
    if isinstance(a, Date) and isinstance(b, Date):
        certain = a.precision == b.precision == DAY
    else:
        certain = a.precision >= least and b.precision >= least
    if certain:
        return _whole(a, b, word)
    low, high = _whole(a.high(), b.low(), word), _whole(a.low(), b.high(), word)
    return low if low == high else Uncertainty(min(low, high), max(low, high))


def difference_between(a: Value, b: Value, word: str) -> Value:
    """Boundaries crossed from a to b; uncertain when a field they need is unknown."""
    if a is None or b is None:
        return None
    a, b = _operands(a, b, word)
    if a.precision >= PRECISIONS[word] and b.precision >= PRECISIONS[word]:
        return _crossed(a, b, word)
    low, high = _crossed(a.high(), b.low(), word), _crossed(a.low(), b.high(), word)
    return low if low == high else Uncertainty(min(low, high), max(low, high))


def component(value: Value, word: str) -> Value:
    """`year from x` … `timezoneoffset from x`."""
    if value is None:
        return None
    if word in ("timezone", "timezoneoffset"):
        if not isinstance(value, DateTime) or len(value.fields) < 4:
            return None
        return Decimal(value.minutes_east) / 60
    index = PRECISIONS[word] - 1 - value.first
    return value.fields[index] if 0 <= index < len(value.fields) else None


def date_from(value: Value) -> Value:
    """`date from x`."""
    return value.date() if isinstance(value, DateTime) else value


def time_from(value: Value) -> Value:
    """`time from x`."""
    return Time(value.fields[3:]) if isinstance(value, DateTime) and len(value.fields) > 3 else None


def make_datetime(*parts: Value) -> Value:
    """DateTime(year, …, millisecond, timezoneOffset)."""
    known: list[int] = []
    for part in parts[:7]:
        if part is None:
            break
        known.append(part)
    if not known:
        return None
    offset = None if len(parts) < 8 or parts[7] is None else int(parts[7] * 60)
    return DateTime.of(*known, offset=offset)


def make_date(*parts: Value) -> Value:
    """Date(year, month, day)."""
    known = [p for p in parts[: parts.index(None)] if p] if None in parts else list(parts)
    return Date.of(*known) if known else None


def make_time(*parts: Value) -> Value:
    """Time(hour, minute, second, millisecond)."""
    known = list(parts[: parts.index(None)]) if None in parts else list(parts)
    return Time.of(*known) if known else None


def age_at(birth: Value, at: Value, word: str) -> Value:
    """Whole years, months, weeks or days of age at a date."""
    if birth is None or at is None:
        return None
    if isinstance(birth, Date) and isinstance(at, DateTime):
        at = at_offset(at, DEFAULT_OFFSET.get()).date()
    return duration_between(birth, at, word)
