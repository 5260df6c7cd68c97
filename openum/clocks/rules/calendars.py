"""Which days count as business days. A plan may override single days; each law names its calendar."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import holidays

FEDERAL = "federal"
TEXAS_WORKING_DAYS = "texas_working_days"
_TEXAS_NAMES = frozenset(
    {"New Year's Day", "Memorial Day", "Independence Day", "Labor Day", "Thanksgiving Day", "Christmas Day"}
)  # a weekday other than these six: Texas "working day"


class UnknownCalendar(ValueError):
    """A rule names a holiday calendar that does not exist."""


@lru_cache(maxsize=512)
def holidays_of(calendar: str, year: int) -> Mapping[date, str]:
    """Return the holidays of a calendar in one year, by day.

    Raises:
        UnknownCalendar: no such calendar.
    """
    if calendar == FEDERAL:  # 5 U.S.C. 6103; days on which offices close by order of the President are none of them
        return dict(holidays.country_holidays("US", years=year).items())
    if calendar == TEXAS_WORKING_DAYS:
        observed = holidays.country_holidays("US", years=year, observed=False)
        return {day: name for day, name in observed.items() if name in _TEXAS_NAMES}
    raise UnknownCalendar(f"There is no holiday calendar named {calendar}.")


class BusinessDays:
    """The business days of one plan: the law's calendar, with the plan's own days laid over it."""

    def __init__(self, overrides: Mapping[date, bool] | None = None) -> None:
        """Take the plan's own days: True makes a day count, False takes it out."""
        self._overrides = dict(overrides or {})

    def counts(self, day: date, calendar: str = FEDERAL) -> bool:
        """Say whether a day is a business day."""
        if day in self._overrides:
            return self._overrides[day]
        return day.weekday() < 5 and day not in holidays_of(calendar, day.year)

    def add(self, day: date, amount: int, calendar: str = FEDERAL) -> date:
        """Return the day on which the amount of business days after `day` is complete; `day` itself is day 0."""
        while amount > 0:
            day += timedelta(days=1)
            if self.counts(day, calendar):
                amount -= 1
        return day

    def next_on_or_after(self, day: date, calendar: str = FEDERAL) -> date:
        """Return the day itself when it counts, else the next one that does."""
        while not self.counts(day, calendar):
            day += timedelta(days=1)
        return day

    def holidays_between(self, first: date, last: date, calendar: str = FEDERAL) -> list[tuple[date, str]]:
        """Return the named holidays from first to last day, for display beside a clock."""
        return [
            (day, name)
            for year in range(first.year, last.year + 1)
            for day, name in sorted(holidays_of(calendar, year).items())
            if first <= day <= last
        ]


STANDARD_DAYS = BusinessDays()
