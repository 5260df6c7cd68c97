"""The lists that `openum metrics` writes, and the totals that its report is made of, as expressions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis

from openum.analytics.engines import Engine, Table
from openum.analytics.metrics.compute import Metrics, by_month, by_person
from openum.analytics.metrics.cost import concentration, last_year
from openum.analytics.metrics.report import LISTED, MONEY, READMISSIONS, Answers
from openum.analytics.metrics.summary import reach, readmissions

STAYS = (
    "person_id", "payer", "stay_type", "admit", "disch", "los", "disp", "drg", "dx", "facility_npi", "claims", "facility_paid",
    "via_ed",
)  # fmt: skip
HOSPITAL_WIDE = (
    "person_id", "payer", "admit", "disch", "disp", "drg", "dccs", "index_admission", "planned", "readmit_30", "next_is_planned",
)  # fmt: skip


def write_lists(engine: Engine, metrics: Metrics, folder: Path) -> Answers:
    """Write the lists of members and stays, and return the totals by name."""
    members = engine.keep("members_of_last_year", last_year(metrics))
    lists: dict[str, tuple[Table, Sequence[Any]]] = {
        "metrics_by_person.csv": (personal(by_person(metrics)), ["person_id", "metric"]),
        "stays.csv": (
            listed_stays(metrics.stays), ["person_id", "admit", "disch", "stay_type", "facility_npi", "facility_paid"],
        ),
        "readmissions.csv": (metrics.hospital_wide.select(*HOSPITAL_WIDE), HOSPITAL_WIDE[:5]),
        "high_cost.csv": (high_cost(members), ["rank"]),
    }  # fmt: skip
    for name, (rows, order) in lists.items():
        engine.write(rows, order, folder / name)
    again = {"readmit_simple": metrics.simple, "readmit_chained": metrics.chained, "readmit_hwr": metrics.hospital_wide}
    totals = {
        "months": by_month(metrics).order_by(["metric", "payer", "month"]),
        "reach": reach(metrics),
        "spread": concentration(members),
        **{name: readmissions(again[name], kind) for name, kind in READMISSIONS.items()},
    }
    return {name: engine.fetch(rows, name) for name, rows in totals.items()}


def in_dollars(cents: Any) -> Any:
    """Return whole cents as dollars with two decimals."""
    return (cents / 100).cast("decimal(18, 2)")


def personal(rows: Table) -> Table:
    """Return person, metric, value: money in dollars, counts as they are."""
    value = ibis.ifelse(rows.metric.isin(MONEY), in_dollars(rows.value).cast("string"), rows.value.cast("string"))
    return rows.select("person_id", "metric", value=value)


def listed_stays(stays: Table) -> Table:
    """Return the stays; what was paid is that of their facility claims."""
    return stays.mutate(facility_paid=in_dollars(stays.paid)).select(*STAYS)


def high_cost(members: Table) -> Table:
    """Return the members at the top, by rank."""
    top = members.filter(members["rank"] <= LISTED)
    amounts = {name: in_dollars(top[name]) for name in ("paid_12m", "medical", "pharmacy")}
    return top.select("person_id", **amounts, rank=top["rank"])
