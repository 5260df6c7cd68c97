"""Whether the figures of a whole population lie where such figures usually lie; what is outside is a question about the data."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import ibis
import yaml

from openum.analytics.codes import PACK
from openum.analytics.engines import Engine
from openum.analytics.layout import TABLES
from openum.analytics.metrics.compute import by_month, compute
from openum.analytics.reading import Source
from openum.analytics.store.score import Score

LINES = ("medicare", "medicaid", "commercial")

FIGURES = {
    "total_pmpm": ("Paid per member and month, USD", ("medical_paid_enrolled", "pharmacy_paid_enrolled"), "member_months", 0.01),
    "medical_pmpm": ("Medical paid per member and month, USD", ("medical_paid_enrolled",), "member_months", 0.01),
    "pharmacy_pmpm": ("Pharmacy paid per member and month, USD", ("pharmacy_paid_enrolled",), "member_months", 0.01),
    "ed_per_1000": ("Emergency visits per 1,000 members and year", ("ed_visits_treat_and_release",), "member_months", 12000),
    "acute_days": ("Days of an acute stay", ("acute_days",), "acute_admits", 1),
}  # fmt: skip
"""Each figure: its words, the sums above and below the line, and the factor."""

FILLED = {
    "eligibility": ("person_id", "payer", "birth_date", "gender", "enrollment_start_date"),
    "medical_claim": ("claim_type", "paid_amount", "allowed_amount", "paid_date", "diagnosis_code_1", "hcpcs_code", "revenue_center_code", "bill_type_code", "billing_npi"),
    "pharmacy_claim": ("ndc_code", "paid_amount", "days_supply", "quantity", "paid_date"),
    "provider": ("npi", "primary_taxonomy_code"),
}  # fmt: skip
"""Columns that metrics rest on."""


@cache
def ranges() -> dict[str, dict[str, list[float]]]:
    """Return the ranges by figure and line of business."""
    found: dict[str, dict[str, list[float]]] = yaml.safe_load((PACK / "ranges.yaml").read_text("utf-8"))
    return found


def structure(engine: Engine, source: Source) -> Iterator[Score]:
    """Count the rows in which a column that metrics rest on is empty; a column that is empty throughout is missing in the files."""
    tables = {
        "eligibility": source.eligibility, "medical_claim": source.medical, "pharmacy_claim": source.pharmacy,
        "provider": source.provider,
    }  # fmt: skip
    assert tables.keys() == TABLES.keys()
    for table, rows in tables.items():
        empty = {name: rows[name].isnull().cast("int64").sum() for name in FILLED[table] if name in rows.columns}
        found = engine.fetch(rows.agg(looked_at=rows.count(), **empty))[0]
        total = found["looked_at"]
        if not total:
            yield Score("table", f"no-{table}", f"There are no rows of {table}.", 1, 1)
            continue
        for name in empty:
            missing = found[name] or 0
            said = "is empty in every row; a file may lack it" if missing == total else "is empty"
            yield Score("column", f"{table}.{name}", f"{name} of {table} {said}.", missing, total)


def line_of(payer: str) -> str:
    """Return the line of business that a payer's name tells; empty when it tells none."""
    return next((line for line in LINES if line in payer.lower()), "")


def plausible(engine: Engine, source: Source) -> Iterator[Score]:
    """Hold figures by payer against their usual ranges; a payer whose name tells no line of business is left out."""
    metrics = by_month(compute(engine, source))
    sums = metrics.group_by(["metric", "payer"]).agg(value=metrics.value.sum()).order_by("payer", "metric")
    values: dict[str, dict[str, Any]] = {}
    for row in engine.fetch(sums.filter(sums.payer.notnull() & (sums.payer != ibis.literal("ALL")))):
        values.setdefault(row["payer"], {})[row["metric"]] = row["value"]
    for payer, found in values.items():
        line = line_of(payer)
        for figure, (words, above, below, factor) in FIGURES.items():
            if not line or not found.get(below):
                continue
            value = sum(float(found.get(name) or 0) for name in above) * factor / float(found[below])
            low, high = ranges()[figure][line]
            yield Score(
                "range", f"{figure}:{payer}", f"{words}, {payer}: {value:,.1f}; usual are {low:,} to {high:,}.", int(not low <= value <= high), 1
            )  # fmt: skip
