"""High-cost members (D17) and how concentrated cost is (D18), over the last twelve months of the data."""

from typing import Any

import ibis

from openum.analytics.engines import Table
from openum.analytics.metrics.compute import Metrics
from openum.analytics.metrics.membership import number_of_month
from openum.analytics.metrics.report import SHARES_PERCENT, THRESHOLDS_USD


def last_year(metrics: Metrics) -> Table:
    """Return one row per member enrolled in the last twelve months: cents paid, medical and pharmacy, and the rank."""
    periods = metrics.periods
    reach = periods.agg(latest=periods["last"].max())
    members = periods.cross_join(reach)
    members = members.filter(is_of_last_year(members["last"], members.latest))
    parts = [members.select("person_id", is_member=1, medical=0, pharmacy=0)]
    for kind, monthly in (("medical", metrics.medical), ("pharmacy", metrics.pharmacy)):
        months = monthly.cross_join(reach)
        within = months.filter(is_of_last_year(months.month, months.latest) & (months.month <= months.latest))
        amounts = {"medical": 0, "pharmacy": 0} | {kind: within.paid}
        parts.append(within.select("person_id", is_member=0, **amounts))
    return ranked(
        ibis.union(*(part.cast(dict.fromkeys(("is_member", "medical", "pharmacy"), "int64")) for part in parts))
    )


def is_of_last_year(month: Any, latest: Any) -> Any:
    """Say that a month is not more than eleven months before the latest one."""
    return number_of_month(month) > number_of_month(latest) - 12


def ranked(rows: Table) -> Table:
    """Sum by member and rank by what was paid; equal amounts by the member's id."""
    person = rows.group_by("person_id").agg(
        is_member=rows.is_member.max(), medical=rows.medical.sum(), pharmacy=rows.pharmacy.sum()
    )
    paid = person.filter(person.is_member == 1).mutate(paid_12m=person.medical + person.pharmacy)
    order = ibis.window(order_by=[ibis.desc(paid.paid_12m), paid.person_id])
    return paid.select("person_id", "paid_12m", "medical", "pharmacy", rank=ibis.row_number().over(order) + 1)


def concentration(members: Table) -> Table:
    """Return how paid cents are spread, in one row: the top shares by whole members, rounded up; the bottom half down."""
    counted = members.cross_join(members.agg(members=members.count()))
    paid, rank, count = counted.paid_12m, counted["rank"], counted.members
    sums = {f"top{share}": paid.sum(where=(rank - 1) * 100 < count * share) for share in SHARES_PERCENT}
    sums |= {f"over{usd}": (paid >= usd * 100).cast("int64").sum() for usd in THRESHOLDS_USD}
    half = paid.sum(where=rank * 2 > count + count % 2)
    return counted.agg(members=counted.count(), total=paid.sum(), bottom=half, **sums)
