"""What the report needs of an engine: how far the data reach, and readmissions by payer."""

from typing import Any

import ibis

from openum.analytics.engines import Table
from openum.analytics.metrics.compute import Metrics
from openum.analytics.metrics.report import Kind


def reach(metrics: Metrics) -> Table:
    """Return the last days of service, enrolment and payment that the data speak of."""
    medical, pharmacy, periods = metrics.claims.medical, metrics.claims.pharmacy, metrics.periods
    unpaid = ibis.null("date")
    return ibis.union(
        medical.agg(day=medical.last_day.max(), paid_on=medical.last_paid_on.max()),
        medical.agg(day=medical.month.max()).mutate(paid_on=unpaid),
        pharmacy.agg(day=pharmacy.month.max()).mutate(paid_on=unpaid),
        periods.agg(day=periods["last"].max()).mutate(paid_on=unpaid),
    )


def readmissions(stays: Table, kind: Kind) -> Table:
    """Return index stays and those followed by another, by payer; where it is known, also by one that was not planned."""
    index, again = stays[kind.index], stays[kind.index] & stays[kind.again]
    counted: dict[str, Any] = {"index": index, "readmitted": again}
    if "next_is_planned" in stays.columns:
        counted["unplanned"] = again & ~stays.next_is_planned.fill_null(False)
    sums = {name: flag.cast("int64").sum() for name, flag in counted.items()}
    return stays.group_by("payer").agg(**sums).order_by("payer")
