"""Instants and lengths of time in words for people."""

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from openum.vocabulary.sentences import sentence

_COMMON_NAMES = {
    "EST": "ET", "EDT": "ET", "CST": "CT", "CDT": "CT", "MST": "MT", "MDT": "MT", "PST": "PT", "PDT": "PT",
    "AKST": "AKT", "AKDT": "AKT", "HST": "HT",
}  # fmt: skip
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def instant_words(instant: datetime, zone: tzinfo, *, seconds: bool = False) -> str:
    """Write an instant as people read it, with its zone: Fri Dec 4, 2026, 7:40 AM ET."""
    local = instant if instant.tzinfo is zone else instant.astimezone(zone)
    name, hour = local.tzname() or "", local.hour
    clock = (
        f"{hour % 12 or 12}:{local.minute:02}:{local.second:02}" if seconds else f"{hour % 12 or 12}:{local.minute:02}"
    )
    return f"{day_words(local.date())}, {clock} {'AM' if hour < 12 else 'PM'} {_COMMON_NAMES.get(name, name)}"


@lru_cache(maxsize=4096)
def day_words(day: date) -> str:
    """Write a day as people read it: Fri Dec 4, 2026."""
    return f"{_DAYS[day.weekday()]} {_MONTHS[day.month - 1]} {day.day}, {day.year}"


def length_words(length: timedelta) -> str:
    """Write a length of time by its two largest units: 2 days 4 h, 3 h 20 min, under a minute."""
    minutes = int(abs(length).total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return _days(days) + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min" if minutes else "under a minute"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


_LIMITS = {
    "hours": (sentence("1 hour"), sentence("{n} hours")),
    "calendar_days": (sentence("1 calendar day"), sentence("{n} calendar days")),
    "business_days": (sentence("1 business day"), sentence("{n} business days")),
    "months": (sentence("1 month"), sentence("{n} months")),
}
_BEFORE = sentence("{limit} before")


@lru_cache(maxsize=512)
def limit_words(amount: int, unit: str) -> str:
    """Write a limit as the law names it, never mixing calendar and business days: 7 calendar days, 72 hours.

    A limit that counts back says so: 10 calendar days before.
    """
    if amount < 0:
        return _BEFORE.format(limit=limit_words(-amount, unit))
    one, several = _LIMITS[unit]
    return one if amount == 1 else several.format(n=amount)
