"""The files of `openum metrics`: by month, by person, stays, readmissions, and the published numbers with definitions."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import ibis

from openum.analytics.engines import Engine, Table
from openum.analytics.metrics.compute import MONEY, Metrics, by_month, by_person
from openum.analytics.metrics.cost import LISTED, SHARES_PERCENT, concentration, last_year
from openum.analytics.metrics.summary import ALL, summary

STAYS = (
    "person_id", "payer", "stay_type", "admit", "disch", "los", "disp", "drg", "dx", "facility_npi", "claims", "facility_paid",
    "via_ed",
)  # fmt: skip
READMISSIONS = (
    "person_id", "payer", "admit", "disch", "disp", "drg", "dccs", "index_admission", "planned", "readmit_30", "next_is_planned",
)  # fmt: skip


def write_all(engine: Engine, metrics: Metrics, folder: Path) -> None:
    """Write every file; the folder is made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    months = engine.fetch(by_month(metrics).order_by(["metric", "payer", "month"])).to_pylist()
    write(folder / "metrics_by_month.csv", ("metric", "payer", "month", "value"), map(monthly, months))
    engine.write(personal(by_person(metrics)), ["person_id", "metric"], folder / "metrics_by_person.csv")
    engine.write(
        listed_stays(metrics.stays),
        ["person_id", "admit", "disch", "stay_type", "facility_npi", "facility_paid"],
        folder / "stays.csv",
    )
    engine.write(metrics.hospital_wide.select(*READMISSIONS), list(READMISSIONS[:5]), folder / "readmissions.csv")
    members = engine.keep("members_of_last_year", last_year(engine, metrics))
    engine.write(high_cost(members), ["rank"], folder / "high_cost.csv")
    write(
        folder / "metrics_summary.csv",
        ("metric", "payer", "definition", "numerator", "denominator", "value", "data_until", "maturity"),
        summary_rows(engine, metrics, members, months),
    )


def write(file: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file of UTF-8 text; a null is empty."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def dollars(cents: int) -> str:
    """Write cents as dollars without a sign for the currency."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def in_dollars(cents: Any) -> Any:
    """Return whole cents as dollars with two decimals."""
    return (cents / 100).cast("decimal(18, 2)")


def monthly(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return metric, payer, month as 2024-02, value: money in dollars, counts as they are."""
    value = row["value"]
    return row["metric"], row["payer"], f"{row['month']:%Y-%m}", dollars(value) if row["metric"] in MONEY else value


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


def summary_rows(
    engine: Engine, metrics: Metrics, members: Table, months: list[dict[str, Any]]
) -> Iterator[tuple[Any, ...]]:
    """Yield the published numbers; the spread of cost last."""
    numbers = summary(engine, metrics, months)
    for number in numbers:
        yield (
            number.metric, number.payer, number.definition, shown(number.numerator), shown(number.denominator),
            shown(number.value), number.data_until, number.maturity,
        )  # fmt: skip
    spread = concentration(engine, members)
    until, maturity = numbers[0].data_until, numbers[0].maturity
    total = spread.total_cents
    parts = {f"top{share}_share": spread.top_cents[share] for share in SHARES_PERCENT} | {
        "bottom50_share": spread.bottom_half_cents
    }
    for name, cents in parts.items():
        share = cents / total if total else 0.0
        yield name, ALL, "D18", dollars(cents), dollars(total), shown(share), until, maturity
    for usd, count in spread.at_or_above.items():
        yield f"members_ge_{usd}", ALL, "D17", count, spread.members, count, until, maturity


def shown(value: float | None) -> str:
    """Write a number: whole ones plainly, others with six decimals; nothing when there is none."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else f"{value:.6f}"
