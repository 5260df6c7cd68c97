"""The counts of a run as a table for spreadsheets. Pure."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any, Final

_SIDES: Final = ("draft", "base")
_COUNTS: Final = ("cases", "met", "not_met", "unknown", "approved", "questions")
HEADER: Final = (
    "split by",
    "group",
    "cases",
    "people",
    "changed cases",
    "people affected",
    *(
        f"{side} {count}"
        for side in ("tried:", "compared:")
        for count in ("cases", "met", "not met", "open", "approved by machine", "questions asked")
    ),
)


def csv_of(report: Mapping[str, Any]) -> str:
    """Return the report as comma-separated values; withheld counts read “<11”."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(_rows(report))
    return out.getvalue()


def _rows(report: Mapping[str, Any]) -> Iterator[list[str]]:
    few = f"<{report['smallest']}"
    yield _row("all", report["total"], few)
    for dimension, rows in report["by"].items():
        for row in rows:
            yield _row(dimension, row, few)
    for row in report["moves"]:
        counts = [few, few] if row.get("withheld") else [row["cases"], row["people"]]
        yield ["answer", f"{row['from']} to {row['to']}", *map(str, counts)]
    for row in report["leaves"]:
        yield [
            "criterion",
            _safe(row["key"]),
            "",
            "",
            "",
            "",
            "",
            *(few if row[n] is None else str(row[n]) for n in ("met", "not_met", "unknown")),
        ]


def _row(dimension: str, row: Mapping[str, Any], few: str) -> list[str]:
    if row.get("withheld"):
        return [dimension, _safe(row["group"]), few, few, few, few, *[few] * (len(_SIDES) * len(_COUNTS))]
    counts = [row[name] for name in ("cases", "people", "changed", "affected")]
    counts += [row[side][count] for side in _SIDES for count in _COUNTS]
    return [dimension, _safe(row["group"]), *(few if count is None else str(count) for count in counts)]


def _safe(text: str) -> str:
    """Keep a spreadsheet from reading a group's name as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
