"""Intervals over any ordered point type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from openum.cql.errors import CqlRuntimeError
from openum.cql.values import numbers, temporal, uncertainty
from openum.cql.values.numbers import CONTEXT, Long
from openum.cql.values.quantity import Quantity
from openum.cql.values.quantity import compare as compare_quantities
from openum.cql.values.temporal import Date, DateTime, Temporal, Time
from openum.cql.values.uncertainty import Uncertainty

Point = Any

_MINIMUM: dict[str, Point] = {
    "Integer": numbers.MIN_INTEGER, "Long": numbers.MIN_LONG, "Decimal": numbers.MIN_DECIMAL,
    "Date": temporal.MIN_DATE, "DateTime": temporal.MIN_DATETIME, "Time": temporal.MIN_TIME,
    "Quantity": Quantity(numbers.MIN_DECIMAL, "1"),
}  # fmt: skip
_MAXIMUM: dict[str, Point] = {
    "Integer": numbers.MAX_INTEGER, "Long": numbers.MAX_LONG, "Decimal": numbers.MAX_DECIMAL,
    "Date": temporal.MAX_DATE, "DateTime": temporal.MAX_DATETIME, "Time": temporal.MAX_TIME,
    "Quantity": Quantity(numbers.MAX_DECIMAL, "1"),
}  # fmt: skip


def minimum(kind: str) -> Point:
    """Return the least value of a point type."""
    return _MINIMUM[kind]


def maximum(kind: str) -> Point:
    """Return the greatest value of a point type."""
    return _MAXIMUM[kind]


def kind_of(value: Point) -> str:
    """Return the CQL name of a point's type."""
    if isinstance(value, Temporal):
        return value.type_name
    if isinstance(value, Long):
        return "Long"
    if isinstance(value, int | Uncertainty):
        return "Integer"
    return "Decimal" if isinstance(value, Decimal) else "Quantity" if isinstance(value, Quantity) else "Any"


def compare_points(a: Point, b: Point, precision: int | None = None) -> int | None:
    """Return -1, 0 or 1, or None when it is not known."""
    if isinstance(a, Temporal):
        return temporal.compare(a, b, precision) if isinstance(b, Temporal) else None
    if isinstance(a, Quantity):
        if a.value in (numbers.MIN_DECIMAL, numbers.MAX_DECIMAL) or b.value in (
            numbers.MIN_DECIMAL,
            numbers.MAX_DECIMAL,
        ):
            return int(a.value > b.value) - int(a.value < b.value)
        return compare_quantities(a, b)
    if isinstance(a, Uncertainty) or isinstance(b, Uncertainty):
        return uncertainty.compare(a, b)
    return int(a > b) - int(a < b)


def successor(value: Point) -> Point:
    """Return the next value of the type at the value's own precision."""
    return _step(value, 1)


def predecessor(value: Point) -> Point:
    """Return the previous value of the type at the value's own precision."""
    return _step(value, -1)


def _step(value: Point, by: int) -> Point:
    kind = kind_of(value)
    limit = (_MAXIMUM if by > 0 else _MINIMUM).get(kind)
    if isinstance(value, Temporal):
        fields = step_fields(value, by)
        return value.with_fields(fields)
    if isinstance(value, Quantity):
        return Quantity(CONTEXT.add(value.value, numbers.STEP * by), value.unit)
    if value == limit:
        raise CqlRuntimeError(f"{value} has no {'successor' if by > 0 else 'predecessor'}.")
    if isinstance(value, Decimal):
        return CONTEXT.add(value, numbers.STEP * by)
    if isinstance(value, Long):
        return Long(value + by)
    return value + by


def step_fields(value: Temporal, by: int) -> tuple[int, ...]:
    """Return the fields moved by one unit of the value's precision."""
    fields = value.fields
    size = len(fields)
    if isinstance(value, Time):
        scale = (3_600_000, 60_000, 1000, 1)
        total = sum(f * s for f, s in zip(fields, scale, strict=False)) + by * scale[size - 1]
        if not 0 <= total < temporal.DAY_MS:
            raise CqlRuntimeError("A time cannot step beyond its day.")
        return (total // 3_600_000, total // 60_000 % 60, total // 1000 % 60, total % 1000)[:size]
    if size <= 2:
        months = fields[0] * 12 + (fields[1] - 1 if size == 2 else 0) + by * (12 if size == 1 else 1)
        moved: tuple[int, ...] = (months // 12, months % 12 + 1)[:size]
    else:
        full = (*fields, 0, 0, 0, 0)[:7]
        unit = (temporal.DAY_MS, 3_600_000, 60_000, 1000, 1)[size - 3]
        moved = temporal.from_milliseconds(temporal.to_milliseconds(full) + by * unit)[:size]
    if not 1 <= moved[0] <= 9999:
        raise CqlRuntimeError("A date cannot step beyond the years 0001 to 9999.")
    return moved


class Interval:
    """From low to high; a null bound is the type's end when closed and unknown when open.

    `start` and `end` are the closed bounds, None where unknown.
    """

    __slots__ = ("_days", "end", "high", "high_closed", "kind", "low", "low_closed", "start")

    def __init__(
        self, low: Point, high: Point, low_closed: bool = True, high_closed: bool = True, kind: str = "Any"
    ) -> None:
        self._days: tuple[tuple[int, ...], tuple[int, ...]] | None
        self.low, self.high, self.low_closed, self.high_closed = low, high, low_closed, high_closed
        if kind == "Any":
            kind = kind_of(low if low is not None else high)
        self.kind = kind
        if low is None:
            self.start = _MINIMUM.get(kind) if low_closed else None
        else:
            self.start = low if low_closed else successor(low)
        if high is None:
            self.end = _MAXIMUM.get(kind) if high_closed else None
        else:
            self.end = high if high_closed else predecessor(high)
        if self.start is not None and self.end is not None and compare_points(self.start, self.end) == 1:
            raise CqlRuntimeError("An interval cannot end before it starts.")

    def days(self) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
        """Return the first and last day as (year, month, day), when both are known and written at one offset."""
        try:
            return self._days
        except AttributeError:
            self._days = _days_between(self.start, self.end)
            return self._days

    def __repr__(self) -> str:
        left, right = "[" if self.low_closed else "(", "]" if self.high_closed else ")"
        return f"Interval{left}{self.low!r}, {self.high!r}{right}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Interval) and (self.start, self.end) == (other.start, other.end)

    def __hash__(self) -> int:
        return hash((self.start, self.end))


def _days_between(a: Point, b: Point) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    if not isinstance(a, Temporal) or not isinstance(b, Temporal) or isinstance(a, Time) or a.offset != b.offset:
        return None
    return (a.fields[:3], b.fields[:3]) if len(a.fields) > 2 and len(b.fields) > 2 else None


def point_interval(value: Point) -> Interval:
    """Return the interval that holds only this point."""
    return Interval(value, value)


def is_temporal_kind(kind: str) -> bool:
    """Say whether the point type is Date, DateTime or Time."""
    return kind in (Date.type_name, DateTime.type_name, Time.type_name)
