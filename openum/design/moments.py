"""Instants, dates and spans in words, quick enough for a list of many rows.

Template `|date` filters cost most of a list page's time; call these in the view instead.
"""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext, ngettext

_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}
_MONTHS_LONG = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTHS_LONG_ES = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
_SHORT_ZONES = {
    "America/New_York": "ET",
    "America/Chicago": "CT",
    "America/Denver": "MT",
    "America/Los_Angeles": "PT",
}


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _spanish() -> bool:
    return (get_language() or "en").startswith("es")


def day(value: date | None) -> str:
    """Return `Dec 4, 2026`, or `4 de diciembre de 2026` in Spanish; an empty string for no date."""
    if value is None:
        return ""
    if _spanish():
        return f"{value.day} de {_MONTHS_LONG_ES[value.month - 1]} de {value.year}"
    return f"{_MONTHS['en'][value.month - 1]} {value.day}, {value.year}"


def short_day(value: date) -> str:
    """Return `Dec 4`, or `4 dic` in Spanish: for dense columns whose heading names the year."""
    name = _MONTHS["es" if _spanish() else "en"][value.month - 1]
    return f"{value.day} {name}" if _spanish() else f"{name} {value.day}"


def month(value: date) -> str:
    """Return `January 2027`, or `enero de 2027` in Spanish."""
    if _spanish():
        return f"{_MONTHS_LONG_ES[value.month - 1]} de {value.year}"
    return f"{_MONTHS_LONG[value.month - 1]} {value.year}"


def clock_time(value: datetime, zone: str) -> str:
    """Return `7:40 AM` in the zone."""
    local = value.astimezone(_zone(zone))
    hour = local.hour % 12 or 12
    if _spanish():
        return f"{hour}:{local.minute:02d} {'a. m.' if local.hour < 12 else 'p. m.'}"
    return f"{hour}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"


def zone_word(value: datetime, zone: str) -> str:
    """Return `ET` for the United States zones, else the zone's own abbreviation."""
    return _SHORT_ZONES.get(zone) or value.astimezone(_zone(zone)).tzname() or zone


def moment(value: datetime | None, zone: str) -> str:
    """Return `Dec 4, 2026, 7:40 AM ET`: the zone is always written. Empty for no instant."""
    if value is None:
        return ""
    local = value.astimezone(_zone(zone))
    return f"{day(local.date())}, {clock_time(value, zone)} {zone_word(value, zone)}"


_WRITTEN = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?(?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}), (?P<year>\d{4})"
    r"(?:, (?P<clock>\d{1,2}:\d\d(?::\d\d)?) (?P<half>AM|PM)(?P<zone> [A-Z]+)?)?"
)


def written_instant(text: str) -> str:
    """Return an instant that a record holds in English words, `Fri Dec 4, 2026, 7:40 AM ET`, in the page's language."""
    found = _WRITTEN.fullmatch(text) if _spanish() else None
    if found is None or found["month"] not in _MONTHS["en"]:
        return text
    month = _MONTHS_LONG_ES[_MONTHS["en"].index(found["month"])]
    words = f"{found['day']} de {month} de {found['year']}"
    half = {"AM": "a. m.", "PM": "p. m."}.get(found["half"], "")
    return f"{words}, {found['clock']} {half}{found['zone'] or ''}" if half else words


def short_moment(value: datetime | None, zone: str) -> str:
    """Return `Dec 4, 7:40 AM`: for dense columns whose heading names the zone."""
    if value is None:
        return ""
    local = value.astimezone(_zone(zone))
    return f"{short_day(local.date())}, {clock_time(value, zone)}"


def time_of_saving(value: datetime, zone: str) -> str:
    """Return `10:42:07`, the clock time in the zone with seconds."""
    return value.astimezone(_zone(zone)).strftime("%H:%M:%S")


def local_day(value: datetime, zone: str) -> date:
    """Return the calendar day of an instant in the zone."""
    return value.astimezone(_zone(zone)).date()


def span(value: timedelta) -> str:
    """Return a length in its one or two largest units: `13 d`, `2 d 4 h`, `31 h`, `40 min`.

    Under 48 hours the answer stays in hours, because that is how short clocks are worked.
    """
    seconds = abs(int(value.total_seconds()))
    minutes = seconds // 60
    if minutes < 1:
        return gettext("under 1 min")
    if minutes < 60:
        return gettext("%(n)d min") % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        rest = minutes % 60
        if hours < 4 and rest:
            return gettext("%(h)d h %(m)d min") % {"h": hours, "m": rest}
        return gettext("%(n)d h") % {"n": hours}
    days, rest_hours = divmod(hours, 24)
    if days < 10 and rest_hours:
        return gettext("%(d)d d %(h)d h") % {"d": days, "h": rest_hours}
    return gettext("%(n)d d") % {"n": days}


def span_long(value: timedelta) -> str:
    """Return a length in whole words for people outside: `3 days`, `5 hours`."""
    seconds = abs(int(value.total_seconds()))
    if seconds >= 48 * 3600:
        days = seconds // 86400
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if seconds >= 3600:
        hours = seconds // 3600
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    minutes = max(seconds // 60, 1)
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}


def typed_moment(typed: datetime, zone: str, *, at: datetime) -> datetime:
    """Read a typed instant in a plan's zone; the minute that runs counts as now."""
    instant = typed.replace(tzinfo=ZoneInfo(zone))
    return min(instant, at) if instant - at < timedelta(minutes=1) else instant
