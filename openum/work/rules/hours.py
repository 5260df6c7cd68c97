"""When a queue is worked, and what is left of a person's day. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import ClassVar
from zoneinfo import ZoneInfo

from openum.vocabulary.errors import Invalid

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_POINTS_A_DAY = 2000
"""More complexity points than this no working day holds."""
Hours = Mapping[str, Sequence[str]]
"""For each worked weekday its opening and closing, local time: {"mon": ["08:00", "17:00"]}. Empty: always."""


class HoursInvalid(Invalid):
    """Hours of a queue cannot be kept as given."""

    code: ClassVar[str] = "hours-invalid"


def is_open(hours: Hours, *, zone: str, at: datetime) -> bool:
    """Say whether a queue is worked at an instant."""
    if not hours:
        return True
    local = at.astimezone(ZoneInfo(zone))
    span = hours.get(DAYS[local.weekday()])
    if not span:
        return False
    opens, closes = (time.fromisoformat(text) for text in span)
    return opens <= local.time() < closes


def check_hours(hours: Hours) -> None:
    """Refuse hours that are no times, or close before they open.

    Raises:
        HoursInvalid: naming the day.
    """
    for day, span in hours.items():
        if day not in DAYS:
            raise HoursInvalid(f"{day} is no weekday. Use {', '.join(DAYS)}.")
        try:
            opens, closes = (time.fromisoformat(text) for text in span)
        except ValueError as error:
            raise HoursInvalid(f"The hours of {day} are two times, like 08:00 and 17:00.") from error
        if opens >= closes:
            raise HoursInvalid(f"On {day} the queue closes before it opens.")


def points_on(day: date, *, usual: int, absences: Sequence[tuple[date, date, int]]) -> int:
    """Return what a person can carry on a day.

    Args:
        day: the day.
        usual: points of a whole working day.
        absences: first day, first day back, and the share (percent) of the day that is left meanwhile.
    """
    left = [percent for first, back, percent in absences if first <= day < back]
    return usual * min(left, default=100) // 100
