"""Dates, DateTimes and Times moved by durations."""

from __future__ import annotations

from decimal import ROUND_DOWN
from typing import Any

from openum.cql.errors import CqlRuntimeError
from openum.cql.values.interval import step_fields
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import Temporal, Time, days_in_month, from_milliseconds, to_milliseconds

Value = Any

_MS_PER = {"hour": 3_600_000, "minute": 60_000, "second": 1000, "millisecond": 1}
_UNITS = {
    "a": "year",
    "mo": "month",
    "wk": "week",
    "d": "day",
    "h": "hour",
    "min": "minute",
    "s": "second",
    "ms": "millisecond",
}
_DEFINITE = {"a": "year", "mo": "month"}  # UCUM's are of fixed length and no part of calendar arithmetic
_LEVEL = {"year": 1, "month": 2, "week": 3, "day": 3, "hour": 4, "minute": 5, "second": 6, "millisecond": 7}


def unit_word(unit: str) -> str:
    """Return the calendar word of a unit.

    Raises:
        CqlRuntimeError: for a unit that is no duration.
    """
    word = _UNITS.get(unit) or unit.rstrip("s")
    if word not in _LEVEL:
        raise CqlRuntimeError(f"A duration cannot be given in '{unit}'.")
    return word


def _calendar_word(unit: str) -> str:
    word = _DEFINITE.get(unit)
    if word is not None:
        raise CqlRuntimeError(f"The UCUM unit '{unit}' has a fixed length and does not move a date; write {word}s.")
    return unit_word(unit)


def add_duration(a: Value, b: Value) -> Value:
    """Date, DateTime or Time + Quantity."""
    if a is None or b is None:
        return None
    return shift(a, int(b.value.to_integral_value(ROUND_DOWN)), _calendar_word(b.unit), b)


def subtract_duration(a: Value, b: Value) -> Value:
    """Date, DateTime or Time - Quantity."""
    if a is None or b is None:
        return None
    return shift(
        a, -int(b.value.to_integral_value(ROUND_DOWN)), _calendar_word(b.unit), Quantity(b.value.copy_negate(), b.unit)
    )


def shift(value: Temporal, amount: int, word: str, exact: Quantity | None = None) -> Temporal:
    """Move a temporal value by whole units; a finer unit than the value knows is first made coarser."""
    if exact is not None and word == "second" and exact.value != amount:
        amount, word = int(exact.value * 1000), "millisecond"
    if isinstance(value, Time):
        return _shift_time(value, amount, word)
    size = len(value.fields)
    level = _LEVEL[word]
    if word == "week":
        amount, word = amount * 7, "day"
    if level > size:
        amount, word = _coarser(amount, word, size)
        level = size
    if level <= 2:
        return _shift_months(value, amount * (12 if level == 1 else 1))
    if level == 3 or word == "day":
        full = value.with_fields(value.fields[:3])
        moved = step_fields(full, amount)
        return value.with_fields(moved + value.fields[3:])
    fields = (*value.fields, 0, 0, 0)[:7] if size >= 4 else value.fields
    total = to_milliseconds(fields) + amount * _MS_PER[word]
    return value.with_fields(from_milliseconds(total)[:size])


def _coarser(amount: int, word: str, size: int) -> tuple[int, str]:
    chain = (("millisecond", 1000, "second"), ("second", 60, "minute"), ("minute", 60, "hour"), ("hour", 24, "day"))
    sign, amount = (-1, -amount) if amount < 0 else (1, amount)
    for fine, ratio, coarse in chain:
        if word == fine and _LEVEL[word] > size:
            amount, word = amount // ratio, coarse
    if word == "day" and size < 3:
        amount, word = (amount // 365, "year") if size == 1 else (amount // 30, "month")
    if word == "month" and size < 2:
        amount, word = amount // 12, "year"
    return sign * amount, word


def _shift_months(value: Temporal, months: int) -> Temporal:
    fields = value.fields
    month = fields[1] if len(fields) > 1 else 1
    total = fields[0] * 12 + month - 1 + months
    year, month = total // 12, total % 12 + 1
    if not 1 <= year <= 9999:
        raise CqlRuntimeError("The date lies outside the years 0001 to 9999.")
    moved: tuple[int, ...] = (year, month)[: len(fields)]
    if len(fields) > 2:
        moved += (min(fields[2], days_in_month(year, month)), *fields[3:])
    return value.with_fields(moved)


def _shift_time(value: Time, amount: int, word: str) -> Time:
    size = len(value.fields)
    level = _LEVEL[word] - 3
    if level < 1:
        raise CqlRuntimeError("A Time moves by hours, minutes, seconds or milliseconds.")
    if level > size:
        amount, word = _coarser(amount, word, size + 3)
    scale = (3_600_000, 60_000, 1000, 1)
    total = sum(f * s for f, s in zip(value.fields, scale, strict=False)) + amount * _MS_PER[word]
    total %= 86_400_000
    return Time((total // 3_600_000, total // 60_000 % 60, total // 1000 % 60, total % 1000)[:size])
