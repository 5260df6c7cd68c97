"""Who was enrolled in which months (D1), and what was paid in those months (D13)."""

from datetime import date
from typing import Any

import ibis

from openum.analytics.engines import Engine, Table
from openum.analytics.metrics.claims import Claims

OPEN_END = date(2100, 1, 1)
"""An enrolment that ends here or later, or names no end, is open: it counts to the last month of the data."""


def enrolled_periods(engine: Engine, claims: Claims) -> Table:
    """Return periods of whole months in which a person was enrolled on at least one day of each: `first`, `last`.

    The periods of a person and payer do not overlap.
    """
    spans = claims.spans.cross_join(engine.keep("last_day", last_day(claims)))
    is_open = spans.enrollment_end_date.isnull() | (spans.enrollment_end_date >= ibis.literal(OPEN_END))
    spans = spans.select(
        "person_id", "payer",
        first=spans.enrollment_start_date.truncate("M"),
        last=ibis.ifelse(is_open, spans.last_day, spans.enrollment_end_date).truncate("M"),
    ).distinct()  # fmt: skip
    return joined(spans)


def joined(spans: Table) -> Table:
    """Join the spans of a person and payer that share a month."""
    group, order = ["person_id", "payer"], ["first", "last"]
    running = spans.mutate(running_end=spans.last.max().over(ibis.cumulative_window(group_by=group, order_by=order)))
    before = running.mutate(end_before=running.running_end.lag().over(ibis.window(group_by=group, order_by=order)))
    opened = before.mutate(opens=(~(before.first <= before.end_before).fill_null(False)).cast("int64"))
    period = opened.mutate(period=opened.opens.sum().over(ibis.cumulative_window(group_by=group, order_by=order)))
    periods = period.group_by([*group, "period"]).agg(first=period.first.min(), last=period.last.max())
    return periods.drop("period")


def last_day(claims: Claims) -> Table:
    """Return the last day that the data speak of, in one row: the latest end of enrolment that is given, or service."""
    spans = claims.spans
    given = spans.filter(spans.enrollment_end_date < ibis.literal(OPEN_END))
    ends = ibis.union(
        given.agg(day=given.enrollment_end_date.max()), spans.agg(day=spans.enrollment_start_date.max()),
        claims.medical.agg(day=claims.medical.last_day.max()), claims.pharmacy.agg(day=claims.pharmacy.month.max()),
    )  # fmt: skip
    return ends.agg(last_day=ends.day.max())


def number_of_month(day: Any) -> Any:
    """Return the months from the year 0 to a day's month."""
    return day.year() * 12 + day.month() - 1


def months_of(periods: Table) -> Any:
    """Return how many months a period has."""
    return (number_of_month(periods["last"]) - number_of_month(periods["first"]) + 1).cast("int64")


def member_months(engine: Engine, periods: Table) -> Table:
    """Return one row per payer and month with its members: `member_months`."""
    alike = periods.group_by(["payer", "first", "last"]).agg(people=periods.count())
    months = engine.keep("months", months_between(periods))
    each = alike.join(months, [months.month >= alike["first"], months.month <= alike["last"]])
    return each.group_by(["payer", "month"]).agg(member_months=each.people.sum())


def months_between(periods: Table) -> Table:
    """Return every month from the first that a period has to the last: `month`."""
    reach = periods.agg(first=number_of_month(periods["first"]).min(), last=number_of_month(periods["last"]).max())
    listed = reach.select(number=ibis.range(reach["first"], reach["last"] + 1).unnest())
    month = ibis.date((listed.number / 12).floor().cast("int32"), (listed.number % 12 + 1).cast("int32"), 1)
    return listed.select(month=month)


def with_enrolment(months: Table, periods: Table) -> Table:
    """Add to rows of person, payer and month whether the person was enrolled then: `is_enrolled`."""
    enrolled = periods.select(
        enrolled_person=periods.person_id, enrolled_payer=periods.payer, first=periods["first"], last=periods["last"]
    )
    found = months.left_join(
        enrolled,
        [
            months.person_id == enrolled.enrolled_person,
            months.payer.identical_to(enrolled.enrolled_payer),
            months.month >= enrolled["first"],
            months.month <= enrolled["last"],
        ],
    )
    return found.select(*months.columns, is_enrolled=found.enrolled_person.notnull())
