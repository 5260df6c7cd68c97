"""The times a physician publishes, and who may take them. Pure.

A physician writes hours as the wall shows them in their own time zone. What is kept is the instant, so that a provider in
another zone reads the same conversation at their own hour.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from openum.vocabulary.errors import Conflict, Invalid

MOST_AHEAD = timedelta(days=92)
"""How far ahead times may be published."""
MOST_AT_ONCE = 400
"""How many times one publication may open."""


class SlotTaken(Conflict):
    """The time was booked meanwhile, or the physician has another one then."""

    code: ClassVar[str] = "slot-taken"


class SlotPassed(Invalid):
    """The time lies in the past, or after the window."""

    code: ClassVar[str] = "slot-passed"


class SlotsNotUsable(Invalid):
    """What was written gives no time that can be published."""

    code: ClassVar[str] = "slots-not-usable"


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Hours on some weekdays, as the wall shows them in the physician's zone; cut into conversations of `minutes`."""

    first_day: date
    last_day: date
    weekdays: frozenset[int]  # Monday is 0
    opens: time
    closes: time
    minutes: int


def starts_of(hours: Hours, zone: ZoneInfo) -> list[datetime]:
    """Return the instants at which conversations may start, in order.

    An hour that the wall skips in spring gives no time; of an hour that it shows twice in autumn the first one counts.

    Raises:
        SlotsNotUsable: the days or hours are in the wrong order, or too many.
    """
    if hours.last_day < hours.first_day:
        raise SlotsNotUsable("The last day lies before the first. Check both days.")
    if hours.last_day - hours.first_day > MOST_AHEAD:
        raise SlotsNotUsable(f"Publish at most {MOST_AHEAD.days} days at once.")
    if not hours.weekdays:
        raise SlotsNotUsable("Choose at least one day of the week.")
    length = timedelta(minutes=hours.minutes)
    found: list[datetime] = []
    day = hours.first_day
    while day <= hours.last_day:
        if day.weekday() in hours.weekdays:
            found += _of_day(day, hours, length, zone)
        day += timedelta(days=1)
    if not found:
        raise SlotsNotUsable("No conversation fits between these hours. Make them longer, or the conversation shorter.")
    if len(found) > MOST_AT_ONCE:
        raise SlotsNotUsable(f"This would open {len(found)} times; at most {MOST_AT_ONCE} at once. Choose fewer days.")
    return found


def _of_day(day: date, hours: Hours, length: timedelta, zone: ZoneInfo) -> Iterable[datetime]:
    wall, end = datetime.combine(day, hours.opens), datetime.combine(day, hours.closes)
    free_from: datetime | None = None
    while wall + length <= end:
        instant = wall.replace(tzinfo=zone).astimezone(UTC)
        is_on_the_wall = instant.astimezone(zone).replace(tzinfo=None) == wall
        if is_on_the_wall and (free_from is None or instant >= free_from):
            free_from = instant + length
            yield instant
        wall += length


def overlaps(starts_at: datetime, ends_at: datetime, others: Iterable[tuple[datetime, datetime]]) -> bool:
    """Say whether a time touches one of the others; periods are half-open, so that one may follow at once."""
    return any(starts_at < other_ends and other_starts < ends_at for other_starts, other_ends in others)


def check_slot(*, starts_at: datetime, at: datetime, open_until: datetime | None) -> None:
    """Refuse a time that has passed or lies after the window.

    Raises:
        SlotPassed: it cannot be booked any more.
    """
    if starts_at <= at:
        raise SlotPassed("This time has passed. Choose a later one.")
    if open_until is not None and starts_at > open_until:
        raise SlotPassed("This time lies after the window for the conversation. Choose an earlier one.")
