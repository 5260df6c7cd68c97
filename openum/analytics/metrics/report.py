"""The published numbers: each with its definition, numerator, denominator, the last day of its data and its maturity.

Made from totals that an engine handed out; nothing here needs one.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openum.analytics.codes import definitions
from openum.analytics.metrics.completion import COMPLETION, RUN_OUT_DAYS, completion_rows
from openum.analytics.script import Row

Answers = Mapping[str, list[Row]]
"""The totals by name: `months`, `reach`, `spread` and the three kinds of readmission."""

STAY_METRICS = {
    "acute": "acute",
    "psychiatric": "psychiatric",
    "rehabilitation": "rehabilitation",
    "skilled nursing": "snf",
}
"""How metrics name the types of stay."""

MONEY = (
    "medical_paid_all", "medical_allowed_all", "medical_paid_enrolled", "pharmacy_paid_enrolled",
)  # fmt: skip
"""Metrics in cents."""

THRESHOLDS_USD = (50_000, 100_000, 250_000)
SHARES_PERCENT = (1, 5, 10)
LISTED = 200

ALL = "ALL"

DEFINED_BY = {
    "member_months": "D1", "admits": "D3", "days": "D4", "ed_visits_treat_and_release": "D5", "home_health_visits": "D7",
    "pcp_visits": "D8", "specialist_visits": "D8", "telehealth_visits": "D9", "outpatient_hospital_visits": "D10",
    "urgent_care_visits": "D11", "asc_visits": "D11", "imaging_mri": "D12", "imaging_ct": "D12", "imaging_pet": "D12",
    "medical_paid_all": "D13", "medical_allowed_all": "D13", "medical_paid_enrolled": "D13", "pharmacy_paid_enrolled": "D13",
}  # fmt: skip
"""The definition of each metric of the monthly file; admissions and days by their ending."""


@dataclass(frozen=True)
class Kind:
    """A kind of readmission: its definition, and the columns that mark index stays and those followed by another."""

    definition: str
    index: str
    again: str


READMISSIONS = {
    "readmit_simple": Kind("D14", "is_index", "is_readmitted"),
    "readmit_chained": Kind("D15", "is_index", "is_readmitted"),
    "readmit_hwr": Kind("D16", "index_admission", "readmit_30"),
}


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


def write_report(answers: Answers, folder: Path) -> None:
    """Write the metrics by month and the published numbers."""
    months = answers["months"]
    write(folder / "metrics_by_month.csv", ("metric", "payer", "month", "value"), map(monthly, months))
    write(
        folder / "metrics_summary.csv",
        ("metric", "payer", "definition", "numerator", "denominator", "value", "data_until", "maturity"),
        summary_rows(answers),
    )
    if "triangle" in answers:
        write(folder / "completion.csv", COMPLETION, completion_rows(answers["triangle"], answers["reach"]))


def write(file: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file of UTF-8 text; a null is empty."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def monthly(row: Row) -> tuple[Any, ...]:
    """Return metric, payer, month as 2024-02, value: money in dollars, counts as they are."""
    value = row["value"]
    return row["metric"], row["payer"], f"{row['month']:%Y-%m}", dollars(value) if row["metric"] in MONEY else value


def dollars(cents: int) -> str:
    """Write cents as dollars without a sign for the currency."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def shown(value: float | None) -> str:
    """Write a number: whole ones plainly, others with six decimals; nothing when there is none."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else f"{value:.6f}"


def summary_rows(answers: Answers) -> Iterator[tuple[Any, ...]]:
    """Yield the published numbers; the spread of cost last."""
    reach = reach_of(answers["reach"])
    for number in summary(answers, reach):
        yield (
            number.metric, number.payer, number.definition, shown(number.numerator), shown(number.denominator),
            shown(number.value), number.data_until, number.maturity,
        )  # fmt: skip
    spread = {name: value or 0 for name, value in answers["spread"][0].items()}
    total = spread["total"]
    parts = {f"top{share}_share": spread[f"top{share}"] for share in SHARES_PERCENT} | {
        "bottom50_share": spread["bottom"]
    }
    for name, cents in parts.items():
        share = cents / total if total else 0.0
        yield name, ALL, "D18", dollars(cents), dollars(total), shown(share), reach.until, reach.maturity
    for usd in THRESHOLDS_USD:
        count = spread[f"over{usd}"]
        yield f"members_ge_{usd}", ALL, "D17", count, spread["members"], count, reach.until, reach.maturity


def summary(answers: Answers, reach: Reach) -> list[Number]:
    """Return the numbers of every payer and of all together."""
    rows = answers["months"]
    payers = sorted({row["payer"] for row in rows if row["payer"] is not None})
    totals: dict[str, dict[str, int]] = {payer: {} for payer in (*payers, ALL)}
    for row in rows:
        for payer in {row["payer"], ALL} & totals.keys():
            totals[payer][row["metric"]] = totals[payer].get(row["metric"], 0) + row["value"]
    found = [number for payer, total in totals.items() for number in rates(payer, total, reach)]
    for metric, kind in READMISSIONS.items():
        found += readmission_rates(metric, kind.definition, answers[metric], reach)
    return found


def reach_of(days: list[Row]) -> Reach:
    """Return the last day of service or enrolment, and `mature` when payments of 90 days after it are in the data."""
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


def readmission_rates(metric: str, definition: str, counted: list[Row], reach: Reach) -> Iterator[Number]:
    """Yield index stays, readmissions and rate of one variant, by payer and of all; the HWR-like one unplanned as well."""
    names = (
        ("index", "readmitted", "unplanned") if any("unplanned" in row for row in counted) else ("index", "readmitted")
    )
    total = {"payer": ALL, **{name: sum(row[name] or 0 for row in counted) for name in names}}
    for row in (*counted, total):
        of = row["index"] or 0

        def number(name: str, count: int, below: int | None, value: float, payer: str = row["payer"]) -> Number:
            return Number(name, payer, definition, count, below, value, reach.until, reach.maturity)

        yield number(f"{metric}_index", of, None, of)
        for name, suffix in (("readmitted", ""), ("unplanned", "_unplanned")):
            if name in row:
                count = row[name] or 0
                yield number(f"{metric}{suffix or '_'}30", count, None, count)
                yield number(f"{metric}{suffix}_rate", count, of, divided(count, of))
