"""What no metric could read: a day that does not exist, an amount with letters, a column that a file lacks.

All count as missing, and are told.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openum.analytics.inputs import Files
from openum.analytics.layout import TABLES, Kind
from openum.analytics.metrics.report import Answers

if TYPE_CHECKING:
    from openum.analytics.engines import Engine

_ANSWER = "unread_{table}_{kind}"
_TOLD = {
    "eligibility": (),
    "medical_claim": (
        "payer", "paid_amount", "claim_type", "claim_start_date", "claim_end_date", "facility_npi", "bill_type_code",
        "drg_code", "revenue_center_code", "hcpcs_code", "place_of_service_code", "discharge_disposition_code",
        "diagnosis_code_1",
    ),
    "pharmacy_claim": ("payer", "paid_amount"),
    "provider": (),
}  # fmt: skip
"""Columns without which figures look whole and are not; the others are told by their absence, or no metric rests on them."""
_ABSENT = -1
_OF_KIND = {Kind.DATE: "day", Kind.MONEY: "amount", Kind.NUMBER: "number"}


@dataclass(frozen=True, slots=True)
class Unread:
    """So many values of a column of some files could not be read; -1 where the files have no such column."""

    table: str
    column: str
    values: int


def count(engine: "Engine", inputs: Mapping[str, Files], wanted: Mapping[str, Collection[str]]) -> Answers:
    """Count the values that cannot be read, of columns that files give as text; typed columns have none."""
    from openum.analytics.reading import stripped, value_of

    found = {}
    for table, files in inputs.items():
        kinds = {
            column.name: column for column in TABLES[table] if column.kind in _OF_KIND and column.name in wanted[table]
        }
        for kind, paths in (("parquet", files.parquet), ("text", files.text)):
            if not paths or files.is_clean:
                continue
            given = (engine.parquet if kind == "parquet" else engine.csv)(paths, f"{table}_{kind}")
            heads = {head.strip().lower(): head for head in given.columns if given[head].type().is_string()}
            counts = {
                name: ((stripped(given[heads[name]]).nullif("").notnull()) & value_of(given[heads[name]], column).isnull()).sum()
                for name, column in kinds.items()
                if name in heads
            }  # fmt: skip
            if absent := set(_TOLD[table]) - {head.strip().lower() for head in given.columns}:
                counts |= {name: given.count() * 0 + _ABSENT for name in sorted(absent)}
            if counts:
                answer = _ANSWER.format(table=table, kind=kind)
                found[answer] = engine.fetch(given.aggregate(**counts), answer)
    return found


def unread_in(answers: Answers) -> Iterator[Unread]:
    """Yield what could not be read, by table and column."""
    for table in TABLES:
        for kind in ("parquet", "text"):
            for row in answers.get(_ANSWER.format(table=table, kind=kind), ()):
                for column, values in row.items():
                    if values:
                        yield Unread(table, column, int(values))


def sentences(found: Collection[Unread]) -> Iterator[str]:
    """Yield what a person is told of each column, and how to see the rows."""
    kinds = {(table, column.name): column.kind for table, columns in TABLES.items() for column in columns}
    for one in found:
        if one.values == _ABSENT:
            yield f"{one.table} has no column {one.column}: what rests on it is missing from the figures."
            continue
        word = _OF_KIND[kinds[one.table, one.column]]
        yield (
            f"{one.table}: {one.values:,} of {one.column} cannot be read as a{'n' if word == 'amount' else ''} {word} and "
            "count as missing."
        )
    if any(one.values > 0 for one in found):
        yield "openum claims load sets such rows aside and names file, line and cure for each."
