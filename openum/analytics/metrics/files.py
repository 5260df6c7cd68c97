"""The files of `openum metrics`: by month, by person, stays, readmissions, and the published numbers with definitions."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

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
    write(folder / "metrics_by_month.csv", ("metric", "payer", "month", "value"), monthly(engine, metrics))
    write(folder / "metrics_by_person.csv", ("person_id", "metric", "value"), personal(engine, metrics))
    write(folder / "stays.csv", STAYS, stay_rows(engine, metrics))
    write(folder / "readmissions.csv", READMISSIONS, readmission_rows(engine, metrics))
    members = engine.keep("members_of_last_year", last_year(engine, metrics))
    write(
        folder / "high_cost.csv",
        ("person_id", "paid_12m", "medical", "pharmacy", "rank"),
        high_cost_rows(engine, members),
    )
    write(
        folder / "metrics_summary.csv",
        ("metric", "payer", "definition", "numerator", "denominator", "value", "data_until", "maturity"),
        summary_rows(engine, metrics, members),
    )


def write(file: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file of UTF-8 text; a null is empty."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def ordered(
    engine: Engine, expression: Table, columns: Sequence[str], order: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield a table's rows in a stated order."""
    found = engine.fetch(expression.select(*columns).order_by(list(order)))
    return zip(*(column.to_pylist() for column in found.columns), strict=True)


def dollars(cents: int) -> str:
    """Write cents as dollars without a sign for the currency."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def amount(metric: str, value: int) -> int | str:
    """Write a metric's value: money in dollars, counts as they are."""
    return dollars(value) if metric in MONEY else value


def monthly(engine: Engine, metrics: Metrics) -> Iterator[tuple[Any, ...]]:
    """Yield metric, payer, month as 2024-02, value."""
    key = ("metric", "payer", "month")
    for metric, payer, month, value in ordered(engine, by_month(metrics), (*key, "value"), key):
        yield metric, payer, f"{month:%Y-%m}", amount(metric, value)


def personal(engine: Engine, metrics: Metrics) -> Iterator[tuple[Any, ...]]:
    """Yield person, metric, value."""
    key = ("person_id", "metric")
    for person, metric, value in ordered(engine, by_person(metrics), (*key, "value"), key):
        yield person, metric, amount(metric, value)


def stay_rows(engine: Engine, metrics: Metrics) -> Iterator[tuple[Any, ...]]:
    """Yield the stays; what was paid is that of their facility claims."""
    columns = tuple("paid" if name == "facility_paid" else name for name in STAYS)
    paid = columns.index("paid")
    order = ("person_id", "admit", "disch", "stay_type", "facility_npi", "stay_number")
    for row in ordered(engine, metrics.stays, (*columns, "stay_number"), order):
        yield (*row[:paid], dollars(row[paid]), *row[paid + 1 : len(STAYS)])


def readmission_rows(engine: Engine, metrics: Metrics) -> Iterator[tuple[Any, ...]]:
    """Yield the stays of the HWR-like measure, flags as true and false."""
    words = {True: "true", False: "false", None: ""}
    flags = READMISSIONS.index("index_admission")
    for row in ordered(engine, metrics.hospital_wide, READMISSIONS, READMISSIONS[:5]):
        yield (*row[:flags], *(words[flag] for flag in row[flags:]))


def high_cost_rows(engine: Engine, members: Table) -> Iterator[tuple[Any, ...]]:
    """Yield the members at the top, by rank."""
    columns = ("person_id", "paid_12m", "medical", "pharmacy", "rank")
    for person, *cents, rank in ordered(engine, members.filter(members["rank"] <= LISTED), columns, ("rank",)):
        yield (person, *(dollars(value) for value in cents), rank)


def summary_rows(engine: Engine, metrics: Metrics, members: Table) -> Iterator[tuple[Any, ...]]:
    """Yield the published numbers; the spread of cost last."""
    numbers = summary(engine, metrics)
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
