"""How time is counted: the end of a day, months that lack a day, calendars of business days and their overrides."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from openum.clocks.rules.calendars import STANDARD_DAYS, TEXAS_WORKING_DAYS, BusinessDays, UnknownCalendar
from openum.clocks.rules.counting import add_hours, add_months, add_wall_clock_days, due_after, end_of, local_day
from openum.clocks.rules.rule import Limit, Unit

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 1, 31), 1, date(2026, 3, 1)),  # no such day: the first of the next month
        (date(2026, 1, 28), 1, date(2026, 2, 28)),  # the last day that exists
        (date(2028, 1, 30), 1, date(2028, 3, 1)),  # a leap year ends on the 29th
        (date(2026, 10, 31), 1, date(2026, 12, 1)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 8, 31), 4, date(2026, 12, 31)),
        (date(2026, 3, 31), 6, date(2026, 10, 1)),
        (date(2026, 5, 5), 12, date(2027, 5, 5)),
        (date(2026, 5, 5), 24, date(2028, 5, 5)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_keep_the_day_or_go_to_the_first_after(day, months, result):
    assert add_months(day, months) == result


def test_a_day_ends_in_its_last_second_and_the_later_one_when_it_has_two():
    assert end_of(date(2026, 11, 30), NEW_YORK).astimezone(UTC) == datetime(2026, 12, 1, 4, 59, 59, tzinfo=UTC)
    assert end_of(date(2026, 7, 1), NEW_YORK).fold == 1
    assert local_day(datetime(2026, 12, 1, 4, 59, 59, tzinfo=UTC), NEW_YORK) == date(2026, 11, 30)


def test_hours_pass_and_wall_clock_days_keep_the_time_across_daylight_saving():
    before = datetime(2026, 10, 31, 12, 0, tzinfo=NEW_YORK)  # the night has twenty-five hours
    assert add_hours(before, 24, NEW_YORK).hour == 11
    assert add_wall_clock_days(before, 1, NEW_YORK) == datetime(2026, 11, 1, 12, 0, tzinfo=NEW_YORK)


DAYS = BusinessDays({date(2026, 11, 24): False, date(2026, 12, 5): True})


def test_business_days_leave_out_weekends_holidays_and_the_plans_own():
    assert DAYS.add(date(2026, 11, 20), 1, "federal") == date(2026, 11, 23)
    assert DAYS.add(date(2026, 11, 23), 1, "federal") == date(2026, 11, 25)  # the plan's own holiday between
    assert DAYS.add(date(2026, 11, 25), 1, "federal") == date(2026, 11, 27)  # Thanksgiving
    assert DAYS.add(date(2026, 11, 25), 2, "federal") == date(2026, 11, 30)
    assert DAYS.next_on_or_after(date(2026, 11, 26), "federal") == date(2026, 11, 27)
    assert DAYS.next_on_or_after(date(2026, 11, 27), "federal") == date(2026, 11, 27)
    assert DAYS.add(date(2026, 12, 4), 1, "federal") == date(2026, 12, 5)  # a Saturday that the plan works


def test_texas_rests_on_six_days_and_on_no_other_holiday():
    texas = STANDARD_DAYS.holidays_between(date(2026, 1, 1), date(2026, 12, 31), TEXAS_WORKING_DAYS)
    assert [day for day, _ in texas] == [
        date(2026, 1, 1), date(2026, 5, 25), date(2026, 7, 4), date(2026, 9, 7), date(2026, 11, 26), date(2026, 12, 25),
    ]  # fmt: skip
    assert STANDARD_DAYS.counts(date(2026, 11, 11), TEXAS_WORKING_DAYS)  # Veterans Day is one at work
    assert not STANDARD_DAYS.counts(date(2026, 11, 11))
    assert STANDARD_DAYS.counts(date(2026, 7, 3), TEXAS_WORKING_DAYS)  # nothing is observed on another day
    assert not STANDARD_DAYS.counts(date(2026, 7, 3))


def test_holidays_between_two_days_are_named_with_both_ends():
    found = STANDARD_DAYS.holidays_between(date(2026, 12, 25), date(2027, 1, 1))
    assert found == [(date(2026, 12, 25), "Christmas Day"), (date(2027, 1, 1), "New Year's Day")]
    assert STANDARD_DAYS.holidays_between(date(2026, 12, 26), date(2026, 12, 31)) == []


def test_a_calendar_that_is_not_there_is_refused():
    with pytest.raises(UnknownCalendar, match="named lunar"):
        STANDARD_DAYS.counts(date(2026, 11, 30), "lunar")


@pytest.mark.parametrize(
    ("unit", "amount", "rolls", "last"),
    [
        (Unit.CALENDAR_DAYS, 2, False, date(2026, 11, 22)),
        (Unit.CALENDAR_DAYS, 2, True, date(2026, 11, 23)),  # a Sunday rolls on
        (Unit.BUSINESS_DAYS, 1, False, date(2026, 11, 23)),
        (Unit.MONTHS, 1, False, date(2026, 12, 20)),
    ],
)
def test_days_end_with_the_day_in_the_plans_zone(unit, amount, rolls, last):
    limit = Limit(amount=amount, unit=unit, calendar="federal", roll_to_business_day=rolls)
    start = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # still the 20th in New York
    assert due_after(start, limit, amount, NEW_YORK, DAYS) == end_of(last, NEW_YORK)


def test_hours_end_on_the_second():
    limit = Limit(amount=72, unit=Unit.HOURS)
    start = datetime(2026, 11, 20, 15, 1, 2, tzinfo=UTC)
    assert due_after(start, limit, 72, NEW_YORK, DAYS) == datetime(2026, 11, 23, 15, 1, 2, tzinfo=UTC)
