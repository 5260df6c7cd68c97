"""Date, DateTime and Time values with partial precision.

A value holds only the fields it knows: ``DateTime((2014, 6))`` is June 2014. A DateTime's offset is in minutes
east of UTC; ``None`` stands for the offset of the evaluation (`DEFAULT_OFFSET`).
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final, Self

from openum.cql.errors import CqlRuntimeError

DEFAULT_OFFSET: ContextVar[int] = ContextVar("cql_default_offset", default=0)

YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, MILLISECOND = range(1, 8)
PRECISIONS: Final[dict[str, int]] = {
    "year": YEAR, "month": MONTH, "week": DAY, "day": DAY, "hour": HOUR, "minute": MINUTE, "second": SECOND,
    "millisecond": MILLISECOND,
}  # fmt: skip
DAY_MS: Final = 86_400_000
_LOWEST: Final = (1, 1, 1, 0, 0, 0, 0)
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def days_in_month(year: int, month: int) -> int:
    """Return the number of days of a month in the Gregorian calendar."""
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _MONTH_DAYS[month - 1]


def _check_day(fields: tuple[int, ...]) -> None:
    if not 1 <= fields[0] <= 9999:
        raise CqlRuntimeError(f"The year {fields[0]} is outside 0001 to 9999.")
    if len(fields) > 1 and not 1 <= fields[1] <= 12:
        raise CqlRuntimeError(f"There is no month {fields[1]}.")
    if len(fields) > 2 and not 1 <= fields[2] <= days_in_month(fields[0], fields[1]):
        raise CqlRuntimeError(f"There is no day {fields[2]} in {fields[0]:04d}-{fields[1]:02d}.")


def _check_time(fields: tuple[int, ...]) -> None:
    for value, limit, name in zip(
        fields, (24, 60, 60, 1000), ("hour", "minute", "second", "millisecond"), strict=False
    ):
        if not 0 <= value < limit:
            raise CqlRuntimeError(f"There is no {name} {value}.")


class Temporal:
    """What Date, DateTime and Time share. Instances are immutable by convention."""

    __slots__ = ("fields", "offset")
    most: ClassVar[int]  # number of fields at full precision
    first: ClassVar[int] = 0  # index of the first field among year … millisecond
    type_name: ClassVar[str]

    def __init__(self, fields: tuple[int, ...], offset: int | None = None) -> None:
        self.fields = fields
        self.offset = offset

    @property
    def precision(self) -> int:
        """Return the finest known field as YEAR … MILLISECOND."""
        return len(self.fields) + self.first

    def with_fields(self, fields: tuple[int, ...]) -> Self:
        """Return a value of the same kind and offset with other fields."""
        return type(self)(fields, self.offset)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Temporal) and type(self) is type(other) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        return (self.fields,)

    def __repr__(self) -> str:
        return f"{self.type_name}({self.text()!r})"

    if TYPE_CHECKING:  # each kind writes its own; an abstract base would slow every test of a type

        def text(self) -> str:
            """Return the ISO 8601 text at the known precision."""

    def low(self) -> Self:
        """Return the earliest full-precision value this one may stand for."""
        return self.with_fields(self.fields + _LOWEST[self.precision : self.first + self.most])

    def high(self) -> Self:
        """Return the latest full-precision value this one may stand for."""
        fields = self.fields
        for index in range(self.precision, self.first + self.most):
            if index == 1:
                fields += (12,)
            elif index == 2:
                fields += (days_in_month(fields[0], fields[1]),)
            else:
                fields += ((23, 59, 59, 999)[index - 3],)
        return self.with_fields(fields)


class Date(Temporal):
    """A calendar date known to the year, month or day."""

    __slots__ = ()
    most = 3
    type_name = "Date"

    def text(self) -> str:
        """Return the ISO 8601 date at the known precision."""
        return "-".join((f"{self.fields[0]:04d}", *(f"{f:02d}" for f in self.fields[1:])))

    @classmethod
    def of(cls, *fields: int) -> Date:
        """Build from checked fields."""
        _check_day(fields)
        return cls(fields)

    def to_python(self) -> date:
        """Return the first day this value may stand for."""
        return date(*self.low().fields)


class DateTime(Temporal):
    """A date with a time of day, known to any precision from year to millisecond."""

    __slots__ = ()
    most = 7
    type_name = "DateTime"

    @classmethod
    def of(cls, *fields: int, offset: int | None = None) -> DateTime:
        """Build from checked fields; the offset is in minutes."""
        _check_day(fields[:3])
        _check_time(fields[3:])
        if offset is not None and abs(offset) > 14 * 60:
            raise CqlRuntimeError("A time-zone offset lies between -14:00 and +14:00.")
        return cls(fields, offset)

    @classmethod
    def from_python(cls, value: datetime) -> DateTime:
        """Build from an aware (or naive, then default-offset) datetime."""
        delta = value.utcoffset()
        offset = None if delta is None else int(delta.total_seconds() // 60)
        parts = (value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond // 1000)
        return cls(parts, offset)

    def text(self) -> str:
        """Return the ISO 8601 text, without an offset when none was given."""
        fields = self.fields
        out = "-".join((f"{fields[0]:04d}", *(f"{f:02d}" for f in fields[1:3])))
        if len(fields) > 3:
            out += "T" + _time_text(fields[3:])
            if self.offset is not None:
                out += offset_text(self.offset)
        return out

    @property
    def minutes_east(self) -> int:
        """Return the offset in minutes, the evaluation's when none was given."""
        return DEFAULT_OFFSET.get() if self.offset is None else self.offset

    def _key(self) -> tuple[object, ...]:
        return (self.fields if len(self.fields) < 4 else at_offset(self, 0).fields,)

    def date(self) -> Date:
        """Return the calendar date, dropping the time."""
        return Date(self.fields[:3])


class Time(Temporal):
    """A time of day without a date."""

    __slots__ = ()
    most = 4
    first = 3
    type_name = "Time"

    @classmethod
    def of(cls, *fields: int) -> Time:
        """Build from checked fields."""
        _check_time(fields)
        return cls(fields)

    def text(self) -> str:
        """Return the ISO 8601 time at the known precision."""
        return _time_text(self.fields)


MIN_DATE, MAX_DATE = Date((1, 1, 1)), Date((9999, 12, 31))
MIN_DATETIME = DateTime((1, 1, 1, 0, 0, 0, 0), 0)
MAX_DATETIME = DateTime((9999, 12, 31, 23, 59, 59, 999), 0)
MIN_TIME, MAX_TIME = Time((0, 0, 0, 0)), Time((23, 59, 59, 999))


def _time_text(fields: tuple[int, ...]) -> str:
    out = ":".join(f"{f:02d}" for f in fields[:3])
    return out + f".{fields[3]:03d}" if len(fields) > 3 else out


def offset_text(minutes: int) -> str:
    """Return an offset as "+07:00"."""
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def to_milliseconds(fields: tuple[int, ...]) -> int:
    """Return milliseconds since 0001-01-01 of full DateTime fields, offset ignored."""
    day = date(fields[0], fields[1], fields[2]).toordinal()
    return ((day * 24 + fields[3]) * 60 + fields[4]) * 60_000 + fields[5] * 1000 + fields[6]


def from_milliseconds(value: int) -> tuple[int, ...]:
    """Invert `to_milliseconds`."""
    days, rest = divmod(value, DAY_MS)
    try:
        day = date.fromordinal(days)
    except (ValueError, OverflowError) as error:
        raise CqlRuntimeError("The date lies outside the years 0001 to 9999.") from error
    minutes, ms = divmod(rest, 60_000)
    return (day.year, day.month, day.day, minutes // 60, minutes % 60, ms // 1000, ms % 1000)


def at_offset(value: DateTime, minutes: int) -> DateTime:
    """Return the same instant written at another offset, at the same precision."""
    fields = value.fields
    if len(fields) < 4 or value.minutes_east == minutes:
        return value
    full = fields + _LOWEST[len(fields) :]
    try:
        moved = from_milliseconds(to_milliseconds(full) + (minutes - value.minutes_east) * 60_000)
    except CqlRuntimeError:
        return value  # at the ends of the calendar the shift has nowhere to go
    return DateTime(moved[: len(fields)], minutes)


def is_one_offset(a: Temporal, b: Temporal) -> bool:
    """Say whether two values are written at the same offset, one without an offset at the evaluation's."""
    if a.offset == b.offset:
        return True
    east = DEFAULT_OFFSET.get()
    return (east if a.offset is None else a.offset) == (east if b.offset is None else b.offset)


def aligned(a: Temporal, b: Temporal) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the fields of two values on one offset, the evaluation's when theirs differ."""
    if a.offset == b.offset or not isinstance(a, DateTime) or not isinstance(b, DateTime):
        return a.fields, b.fields
    if is_one_offset(a, b):
        return a.fields, b.fields
    east = DEFAULT_OFFSET.get()
    return at_offset(a, east).fields, at_offset(b, east).fields


def compare(a: Temporal, b: Temporal, precision: int | None = None) -> int | None:
    """Compare field by field; None when a known field meets an unknown one before they differ."""
    x, y = a.fields, b.fields
    if a.offset != b.offset:
        x, y = aligned(a, b)
    if precision is None:
        if len(x) == len(y):
            return (x > y) - (x < y)
        size = min(len(x), len(y))
    else:
        size = precision - a.first
        if len(x) >= size <= len(y):
            u, v = x[:size], y[:size]
            return 0 if u == v else 1 if u > v else -1
        size = min(len(x), len(y), size)
    u, v = x[:size], y[:size]
    if u != v:
        return 1 if u > v else -1
    if precision is None or size < precision - a.first:
        return None
    return 0


_ISO = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?"
    r"(T(?:(\d{2})(?::(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?)?(Z|[+-]\d{2}:\d{2})?)?\Z"
)
_TIME = re.compile(r"T?(\d{2})(?::(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?(Z|[+-]\d{2}:\d{2})?\Z")


def _milliseconds(text: str) -> int:
    return int((text + "00")[:3])


def _fields(parts: tuple[str | None, ...], fraction: str | None) -> tuple[int, ...]:
    known = [int(p) for p in parts if p is not None]
    if fraction is not None:
        known.append(_milliseconds(fraction))
    return tuple(known)


def parse_offset(text: str | None) -> int | None:
    """Return an ISO offset in minutes, or None."""
    if not text:
        return None
    if text == "Z":
        return 0
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return -minutes if text[0] == "-" else minutes


@lru_cache(maxsize=8192)
def parse_date(text: str) -> Date | None:
    """Read an ISO date, dropping any time part; None when it is not one."""
    match = _ISO.match(text)
    if match is None:
        return None
    try:
        return Date.of(*_fields(match.group(1, 2, 3), None))
    except CqlRuntimeError:
        return None


@lru_cache(maxsize=8192)
def parse_datetime(text: str) -> DateTime | None:
    """Read an ISO date or date-time; None when it is not one or names a day that does not exist."""
    match = _ISO.match(text)
    if match is None:
        return None
    fields = _fields(match.group(1, 2, 3, 5, 6, 7), match.group(8))
    if match.group(5) and not match.group(3):
        return None
    try:
        return DateTime.of(*fields, offset=parse_offset(match.group(9)))
    except CqlRuntimeError:
        return None


@lru_cache(maxsize=1024)
def parse_time(text: str) -> Time | None:
    """Read a time of day, dropping any offset; None when it is not one."""
    match = _TIME.match(text)
    if match is None:
        return None
    try:
        return Time.of(*_fields(match.group(1, 2, 3), match.group(4)))
    except CqlRuntimeError:
        return None
