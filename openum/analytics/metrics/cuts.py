"""Every metric also by product, provider, service, age band and language; and the list behind a number."""

from pathlib import Path
from typing import Any

import ibis

from openum.analytics.codes import cuts
from openum.analytics.engines import Engine, Table
from openum.analytics.metrics.completion import RUN_OUT_DAYS
from openum.analytics.metrics.compute import Metrics
from openum.analytics.metrics.files import in_dollars
from openum.analytics.metrics.items import COLUMNS, UNKNOWN, items
from openum.analytics.metrics.more import CUTS, LISTED, More
from openum.analytics.metrics.report import ALL, MONEY, READMISSIONS, STAY_METRICS, Answers, definition_of
from openum.analytics.metrics.summary import reach
from openum.analytics.reading import Source

OF_MEMBERS = ("product", "age_band", "language")
"""Cuts of the members themselves: their denominator is the members of the cut, for the others all members of the payer."""

HEADS = (
    "metric", "definition", "payer", "month", "cut", "cut_definition", "group", "numerator", "denominator", "value", "unit",
    "data_until", "maturity",
)  # fmt: skip


def write_more(engine: Engine, metrics: Metrics, source: Source, wish: More, folder: Path) -> Answers:
    """Write what is asked for, and return the triangle of payments when completion is."""
    if wish.cuts or wish.listed:
        found = items(engine, metrics, source)
        if wish.cuts:
            rows = engine.keep("by_cut", ibis.union(*(by_cut(engine, found, cut, until(metrics)) for cut in wish.cuts)))
            engine.write(rows, ["cut", "metric", "payer", "month", "group"], folder / "metrics_by_cut.csv")
        if wish.listed:
            rows = listed(found, wish)
            engine.write(rows, ["person_id", "payer", "day", "provider", "service", "value"], folder / "list.csv")
    return {"triangle": engine.fetch(payments(metrics.claims.final), "triangle")} if wish.completion else {}


def until(metrics: Metrics) -> Table:
    """Return the last day of the data and of payment, in one row."""
    days = reach(metrics)
    ends = days.agg(data_until=days.day.max(), paid_on=days.paid_on.max())
    return ends.mutate(paid_on=ibis.coalesce(ends.paid_on, ends.data_until))


def payments(final: Table) -> Table:
    """Sum medical payments by payer, month of the claim's start and month of payment."""
    rows = final.select(
        "payer",
        month=ibis.coalesce(final.claim_start_date, final.service_day).truncate("M").cast("date"),
        paid_month=final.paid_date.truncate("M").cast("date"),
        paid=final.paid_amount.fill_null(0),
    )
    rows = rows.filter(rows.month.notnull())
    return rows.group_by(["payer", "month", "paid_month"]).agg(paid=rows.paid.sum()).order_by(["payer", "month", "paid_month"])  # fmt: skip


def by_cut(engine: Engine, found: Table, cut: str, ends: Table) -> Table:
    """Return the published numbers of one cut: by payer and of all, by month and of the whole period."""
    key = ["metric", "payer", "month", "group"]
    rows = found.mutate(group=found[cut])
    member_months = rows.filter(rows.metric == "member_months")
    rows = rows.filter(rows.service.notnull()) if cut == "service" else rows
    if cut == "provider":
        rows = rows.filter(rows.metric != "member_months").mutate(group=rows.provider.fill_null(UNKNOWN))
    if cut not in OF_MEMBERS:
        member_months = member_months.mutate(group=ibis.literal(""))
    sums = engine.keep(f"sums_{cut}", with_totals(rows.group_by(key).agg(value=rows.value.sum()), key))
    below = engine.keep(
        f"members_{cut}",
        with_totals(member_months.group_by(key).agg(value=member_months.value.sum()), key),
    )
    wide = ratios(sums, below, of_members=cut in OF_MEMBERS)
    return published(wide, cut, ends)


def with_totals(sums: Table, key: list[str]) -> Table:
    """Add the rows of all payers and of the whole period; the month becomes a text."""
    each = sums.mutate(month=sums.month.strftime("%Y-%m"), last_month=sums.month.cast("date"))
    parts = [
        each.mutate(**{name: ibis.literal(ALL) for name in totals})
        for totals in ((), ("payer",), ("month",), ("payer", "month"))
    ]
    rows = ibis.union(*(part.select(*key, "value", "last_month") for part in parts))
    return rows.group_by(key).agg(value=rows.value.sum(), last_month=rows.last_month.max())


def ratios(sums: Table, below: Table, *, of_members: bool) -> Table:
    """Return numerator, denominator, value and unit of each sum: per 1,000 a year, per member month, days or share of stays."""
    members = below.select(of_payer="payer", of_month="month", of_group="group", months="value")
    join = [sums.payer.identical_to(members.of_payer), sums.month == members.of_month]
    joined = sums.left_join(members, [*join, sums.group == members.of_group] if of_members else join)
    months, is_money = joined.months.fill_null(0), joined.metric.isin(MONEY)
    count = ibis.ifelse(is_money, joined["value"] / 100, joined["value"].cast("float64"))
    is_members = joined.metric == "member_months"
    rates = joined.select(
        "metric", "payer", "month", "group", "last_month",
        numerator=count,
        denominator=ibis.ifelse(is_members, ibis.null("float64"), months.cast("float64")),
        factor=ibis.ifelse(is_money, 1.0, 12_000.0),
        unit=ibis.cases((is_members, "member months"), (is_money, "dollars per member month"), else_="per 1,000 a year"),
    )  # fmt: skip
    pairs = [(f"{name}_alos", f"{name}_days", f"{name}_admits", "days") for name in STAY_METRICS.values()]
    pairs += [(f"{name}_rate", f"{name}_30", f"{name}_index", "share") for name in READMISSIONS]
    return ibis.union(rates, *(shares(sums, *pair) for pair in pairs))


def shares(sums: Table, metric: str, above: str, below: str, unit: str) -> Table:
    """Return one metric divided by another of the same payer, month and group."""
    upper = sums.filter(sums.metric == above).select(a="payer", b="month", c="group", above="value")
    lower = sums.filter(sums.metric == below)
    joined = lower.left_join(
        upper, [lower.payer.identical_to(upper.a), lower.month == upper.b, lower.group.identical_to(upper.c)]
    )
    return joined.select(
        "payer", "month", "group", "last_month",
        metric=ibis.literal(metric), numerator=joined.above.fill_null(0).cast("float64"),
        denominator=joined["value"].cast("float64"), factor=ibis.literal(1.0), unit=ibis.literal(unit),
    ).select("metric", "payer", "month", "group", "last_month", "numerator", "denominator", "factor", "unit")  # fmt: skip


def published(rows: Table, cut: str, ends: Table) -> Table:
    """Add definition, last day of the data and maturity (C7) to each number."""
    rows = rows.cross_join(ends)
    last_day = rows.last_month + ibis.interval(months=1) - ibis.interval(days=1)
    is_mature = rows.paid_on.delta(last_day.cast("date"), unit="day") >= RUN_OUT_DAYS
    value = ibis.ifelse(
        rows.denominator.isnull(), rows.numerator, rows.numerator / rows.denominator.nullif(0) * rows.factor
    )
    return rows.mutate(
        definition=definition_column(rows.metric),
        cut=ibis.literal(cut),
        cut_definition=ibis.literal(cuts()[cut]["id"]),
        value=value.round(6),
        maturity=ibis.ifelse(is_mature, "mature", "immature"),
    ).select(*HEADS)


def definition_column(metric: Any) -> Any:
    """Return the id of each metric's definition."""
    kinds = {
        f"{name}_{ending}": kind.definition for name, kind in READMISSIONS.items() for ending in ("index", "30", "rate")
    }
    kinds |= {f"{name}_alos": "D4" for name in STAY_METRICS.values()}
    kinds |= {name: definition_of(name) for name in LISTED if name not in kinds}
    return ibis.cases(*((metric == name, definition) for name, definition in kinds.items()), else_="")


def listed(found: Table, wish: More) -> Table:
    """Return the rows behind a metric, narrowed as it is asked for."""
    rows = found.filter(found.metric == wish.listed)
    for column, value in wish.where:
        given = rows.month.strftime("%Y-%m") if column == "month" else rows[column]
        rows = rows.filter(given == value)
    value = in_dollars(rows["value"]) if wish.listed in MONEY else rows["value"]
    return rows.mutate(value=value, month=rows.month.strftime("%Y-%m")).select(
        *COLUMNS, *(c for c in CUTS if c not in COLUMNS)
    )
