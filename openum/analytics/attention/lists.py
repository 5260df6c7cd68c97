"""High-cost members (D17) with the thresholds they pass, and members whose cost rises."""

import ibis

from openum.analytics.attention.gather import Gathered
from openum.analytics.engines import Table
from openum.analytics.metrics.cost import last_year
from openum.analytics.metrics.files import in_dollars
from openum.analytics.metrics.membership import number_of_month
from openum.analytics.metrics.report import THRESHOLDS_USD

RISING_USD, RISING_TIMES = 10_000, 2
"""A member rises with at least this much in the last six months, and at least so many times the six months before."""


def high_cost(given: Gathered, most: int) -> Table:
    """Return the members with the highest rank and all who pass a threshold; dollars of the last twelve months."""
    rows = last_year(given.metrics)
    passed = ibis.cases(*((rows.paid_12m >= usd * 100, usd) for usd in sorted(THRESHOLDS_USD, reverse=True)), else_=0)
    kept = rows.mutate(threshold=passed).filter((rows["rank"] <= most) | (rows.paid_12m >= min(THRESHOLDS_USD) * 100))
    return kept.select(
        "rank", "person_id", "threshold", paid_12m=in_dollars(kept.paid_12m), medical=in_dollars(kept.medical),
        pharmacy=in_dollars(kept.pharmacy),
    )  # fmt: skip


def half_years(given: Gathered) -> Table:
    """Return cents paid by person and half-year before the latest month of enrolment: `half` 0 is the last six months."""
    periods = given.metrics.periods
    reach = periods.agg(latest=periods["last"].max())
    both = ibis.union(*(rows.select("person_id", "month", "paid") for rows in (given.metrics.medical, given.metrics.pharmacy)))  # fmt: skip
    months = both.cross_join(reach)
    gap = number_of_month(months.latest) - number_of_month(months.month)
    months = months.mutate(half=(gap // 6).cast("int64")).filter(gap >= 0)
    return months.group_by(["person_id", "half"]).agg(paid=months.paid.sum())


def rising(halves: Table) -> Table:
    """Return the members who rise, the largest rise first."""
    person = halves.group_by("person_id").agg(
        now=halves.paid.sum(where=halves.half == 0).fill_null(0),
        before=halves.paid.sum(where=halves.half == 1).fill_null(0),
    )
    up = person.filter((person.now >= RISING_USD * 100) & (person.now >= person.before * RISING_TIMES))
    return up.select(
        "person_id", paid_last_6m=in_dollars(up.now), paid_6m_before=in_dollars(up.before), rise=in_dollars(up.now - up.before)
    )  # fmt: skip
