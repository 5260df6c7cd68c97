"""How time is counted: elapsed hours, days that end at 23:59:59 in the plan's zone, business days, months."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from openum.clocks.rules.calendars import BusinessDays
from openum.clocks.rules.rule import Limit, Unit

_END_OF_DAY = time(23, 59, 59)


def end_of(day: date, zone: tzinfo) -> datetime:
    """Return 23:59:59 of a day in a zone, as an aware instant (the later one where a day has two)."""
    return datetime.combine(day, _END_OF_DAY, zone).replace(fold=1)


def local_day(instant: datetime, zone: tzinfo) -> date:
    """Return the day an instant falls on in a zone."""
    return instant.astimezone(zone).date()


def add_hours(start: datetime, hours: int, zone: tzinfo) -> datetime:
    """Add elapsed hours to an instant; a change of daylight saving changes nothing."""
    return (start.astimezone(UTC) + timedelta(hours=hours)).astimezone(zone)


def add_wall_clock_days(instant: datetime, days: int, zone: tzinfo) -> datetime:
    """Move an instant by calendar days, to the same time on the clock on the wall."""
    local = instant.astimezone(zone)
    return (local.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=zone)


def add_months(day: date, months: int) -> date:
    """Return the same day number months later; the first of the following month when it does not exist."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    if day.day <= monthrange(year, month)[1]:
        return date(year, month, day.day)
    return date(year + month // 12, month % 12 + 1, 1)


def due_after(start: datetime, limit: Limit, amount: int, zone: tzinfo, days: BusinessDays) -> datetime:
    """Return when `amount` of the limit's unit after an instant has passed. The start day is day 0."""
    if limit.unit is Unit.HOURS:
        return add_hours(start, amount, zone)
    day = local_day(start, zone)
    if limit.unit is Unit.CALENDAR_DAYS:
        day += timedelta(days=amount)
    elif limit.unit is Unit.BUSINESS_DAYS:
        day = days.add(day, amount, limit.calendar)
    else:
        day = add_months(day, amount)
    if limit.roll_to_business_day:
        day = days.next_on_or_after(day, limit.calendar)
    return end_of(day, zone)
