"""The published numbers: each with its definition, numerator, denominator, the last day of its data and its maturity."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis

from openum.analytics.codes import definitions
from openum.analytics.engines import Engine, Table
from openum.analytics.metrics.compute import STAY_METRICS, Metrics

RUN_OUT_DAYS = 90
"""Months are immature until so many days of paying have passed since their end."""

ALL = "ALL"

DEFINED_BY = {
    "member_months": "D1", "admits": "D3", "days": "D4", "ed_visits_treat_and_release": "D5", "home_health_visits": "D7",
    "pcp_visits": "D8", "specialist_visits": "D8", "telehealth_visits": "D9", "outpatient_hospital_visits": "D10",
    "urgent_care_visits": "D11", "asc_visits": "D11", "imaging_mri": "D12", "imaging_ct": "D12", "imaging_pet": "D12",
    "medical_paid_all": "D13", "medical_allowed_all": "D13", "medical_paid_enrolled": "D13", "pharmacy_paid_enrolled": "D13",
}  # fmt: skip
"""The definition of each metric of the monthly file; admissions and days by their ending."""


@dataclass(frozen=True)
class Number:
    """One published number."""

    metric: str
    payer: str
    definition: str
    numerator: float
    denominator: float | None
    value: float
    data_until: date
    maturity: str


@dataclass(frozen=True)
class Reach:
    """How far the data reach: their last day, and whether enough time has passed for their claims to be paid."""

    until: date
    maturity: str


def definition_of(metric: str) -> str:
    """Return the id of a metric's definition.

    Raises:
        KeyError: a metric that has none; every published number must.
    """
    ending = metric.rpartition("_")[2]
    return definitions()[DEFINED_BY[ending if ending in {"admits", "days"} else metric]].id


def summary(engine: Engine, metrics: Metrics, rows: list[dict[str, Any]]) -> list[Number]:
    """Return the numbers of every payer and of all together; `rows` are those of `by_month`."""
    reach = reach_of(engine, metrics)
    payers = sorted({row["payer"] for row in rows if row["payer"] is not None})
    totals: dict[str, dict[str, int]] = {payer: {} for payer in (*payers, ALL)}
    for row in rows:
        for payer in {row["payer"], ALL} & totals.keys():
            totals[payer][row["metric"]] = totals[payer].get(row["metric"], 0) + row["value"]
    found = [number for payer, total in totals.items() for number in rates(payer, total, reach)]
    for metric, definition, table, flags in (
        ("readmit_simple", "D14", metrics.simple, ("is_index", "is_readmitted")),
        ("readmit_chained", "D15", metrics.chained, ("is_index", "is_readmitted")),
        ("readmit_hwr", "D16", metrics.hospital_wide, ("index_admission", "readmit_30")),
    ):
        found += readmission_rates(engine, metric, definition, table, flags, reach)
    return found


def reach_of(engine: Engine, metrics: Metrics) -> Reach:
    """Return the last day of service or enrolment, and `mature` when payments of 90 days after it are in the data."""
    medical, pharmacy, periods = metrics.claims.medical, metrics.claims.pharmacy, metrics.periods
    days = engine.fetch(
        ibis.union(
            medical.agg(day=medical.last_day.max(), paid_on=medical.last_paid_on.max()),
            medical.agg(day=medical.month.max(), paid_on=ibis.null("date")),
            pharmacy.agg(day=pharmacy.month.max(), paid_on=ibis.null("date")),
            periods.agg(day=periods["last"].max(), paid_on=ibis.null("date")),
        )
    ).to_pylist()
    until = max((row["day"] for row in days if row["day"]), default=date.min)
    paid_on = max((row["paid_on"] for row in days if row["paid_on"]), default=until)
    return Reach(until, "mature" if (paid_on - until).days >= RUN_OUT_DAYS else "immature")


def rates(payer: str, total: dict[str, int], reach: Reach) -> Iterable[Number]:
    """Turn totals into the numbers of the definitions: counts, rates per 1,000, averages of stay, cost per member month."""
    months = total.get("member_months", 0)
    yield Number("member_months", payer, "D1", months, None, months, reach.until, reach.maturity)

    def number(metric: str, definition: str, above: float, below: float | None, value: float) -> Number:
        return Number(metric, payer, definition, above, below, value, reach.until, reach.maturity)

    for metric, count in sorted(total.items()):
        if metric == "member_months" or metric.endswith(("_all", "_enrolled")):
            continue
        yield number(metric, definition_of(metric), count, None, count)
        yield number(f"{metric}_per_1000", definition_of(metric), count, months, divided(count * 12_000, months))
    for name in STAY_METRICS.values():
        admits, days = total.get(f"{name}_admits", 0), total.get(f"{name}_days", 0)
        yield number(f"{name}_alos", "D4", days, admits, divided(days, admits))
    paid = {kind: total.get(f"{kind}_paid_enrolled", 0) / 100 for kind in ("medical", "pharmacy")}
    paid["total"] = paid["medical"] + paid["pharmacy"]
    for kind, amount in paid.items():
        yield number(f"{kind}_pmpm_enrolled", "D13", amount, months, divided(amount, months))
    yield number("total_pmpy_enrolled", "D13", paid["total"], months, 12 * divided(paid["total"], months))
    allowed = total.get("medical_allowed_all", 0) / 100
    yield number("medical_allowed_pmpm", "D13", allowed, months, divided(allowed, months))


def divided(above: float, below: float) -> float:
    """Divide; nothing of nothing is 0."""
    return above / below if below else 0.0


def readmission_rates(
    engine: Engine, metric: str, definition: str, table: Table, flags: tuple[str, str], reach: Reach
) -> list[Number]:
    """Return index stays, readmissions and rate of one variant, by payer and of all; the HWR-like one unplanned as well."""
    index, again = flags
    counted: dict[str, Any] = {"index": table[index].sum(), "readmitted": (table[index] & table[again]).sum()}
    if "next_is_planned" in table.columns:
        unplanned = ~table.next_is_planned.fill_null(False)
        counted["unplanned"] = (table[index] & table[again] & unplanned).sum()
    rows = engine.fetch(table.group_by("payer").agg(**counted).order_by("payer")).to_pylist()
    rows.append({"payer": ALL, **{name: sum(row[name] or 0 for row in rows) for name in counted}})
    found = []
    for row in rows:
        of = row["index"] or 0
        found.append(Number(f"{metric}_index", row["payer"], definition, of, None, of, reach.until, reach.maturity))
        for name, suffix in (("readmitted", ""), ("unplanned", "_unplanned")):
            if name in row:
                count = row[name] or 0
                rate = divided(count, of)
                found += [
                    Number(
                        f"{metric}{suffix or '_'}30",
                        row["payer"],
                        definition,
                        count,
                        None,
                        count,
                        reach.until,
                        reach.maturity,
                    ),
                    Number(
                        f"{metric}{suffix}_rate", row["payer"], definition, count, of, rate, reach.until, reach.maturity
                    ),
                ]
    return found
