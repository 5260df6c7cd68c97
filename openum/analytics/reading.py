"""Reading a folder of claims: which files it holds, and their columns as values of the input layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis

from openum.analytics.engines import Engine, Table
from openum.analytics.layout import TABLES, Column, Kind
from openum.vocabulary.errors import Invalid, Missing

ENDINGS = (".parquet", ".csv", ".csv.gz")

KEPT = ("diagnosis_code_1",)
"""Repeated columns that the metrics name."""


class NoClaims(Missing):
    """The folder holds no claims."""

    code = "no-claims"


class ColumnMissing(Invalid):
    """A table lacks columns without which it means nothing."""

    code = "column-missing"


@dataclass(frozen=True)
class Source:
    """The input tables as expressions: named columns of the layout, values of their kinds, nothing left out yet."""

    eligibility: Table
    medical: Table
    pharmacy: Table
    provider: Table


def files_of(folder: Path, table: str) -> list[Path]:
    """Return a table's files: `medical_claim.parquet`, `medical_claim_2024.csv.gz`, or any file in a folder of its name."""
    found = [file for ending in ENDINGS for file in folder.glob(f"{table}*{ending}")]
    found += [file for ending in ENDINGS for file in (folder / table).glob(f"*{ending}")]
    return sorted(found)


def read_folder(engine: Engine, folder: Path) -> Source:
    """Return the tables of a folder; a missing one is empty, but without eligibility there are no members to count.

    Raises:
        NoClaims: there is no such folder, or it has no eligibility file.
        ColumnMissing: a file lacks a needed column.
    """
    if not folder.is_dir():
        raise NoClaims(
            f"There is no folder {folder}. Give the folder with the files eligibility, medical_claim, pharmacy_claim."
        )
    if not files_of(folder, "eligibility"):
        raise NoClaims(f"{folder} holds no eligibility file (.parquet, .csv or .csv.gz). Put it beside the claims.")
    tables = {name: read_table(engine, name, files_of(folder, name)) for name in TABLES}
    return Source(tables["eligibility"], tables["medical_claim"], tables["pharmacy_claim"], tables["provider"])


def read_table(engine: Engine, name: str, files: list[Path]) -> Table:
    """Return one table in the layout.

    Raises:
        ColumnMissing: a needed column is in none of the files.
    """
    layout = TABLES[name]
    if not files:
        return engine.rows({column.name: ibis_type(column) for column in layout}, [])
    parts = []
    for ending, read in ((".parquet", engine.parquet), (".csv", engine.csv)):
        if chosen := [file for file in files if ending in file.name]:
            parts.append(in_layout(name, read(chosen), str(chosen[0])))
    if len(parts) == 1:
        return parts[0]
    shared = [name for name in parts[0].columns if all(name in part.columns for part in parts)]
    return ibis.union(*(part.select(*shared) for part in parts))


def in_layout(name: str, given: Table, file: str, *, beside: Sequence[str] = ()) -> Table:
    """Return a table with the layout's columns, each a value of its kind or null; repeated ones as far as the file has them.

    `beside` names columns of the file that are kept as they are.

    Raises:
        ColumnMissing: a needed column is not there.
    """
    heads = {head.strip().lower(): head for head in given.columns}
    missing = [column.name for column in TABLES[name] if column.needed and column.name not in heads]
    if missing:
        raise ColumnMissing(
            f"{file} has no column {', '.join(missing)}. Add it, or load the file with a mapping of its headers: "
            "openum claims load --mapping FILE."
        )
    return given.select(
        *beside,
        **{
            column.name: (
                value_of(given[heads[column.name]], column)
                if column.name in heads
                else ibis.null().cast(ibis_type(column))
            )
            for column in TABLES[name]
            if column.name in heads or not column.is_repeated or column.name in KEPT
        },
    )


def ibis_type(column: Column) -> str:
    """Return the type that a column's kind has in expressions; money is whole cents."""
    return {Kind.TEXT: "string", Kind.CODE: "string", Kind.DATE: "date", Kind.MONEY: "int64", Kind.NUMBER: "float64"}[
        column.kind
    ]


def value_of(given: Any, column: Column) -> Any:
    """Return an input column as a value of its kind; what cannot be read as one is null."""
    if column.kind is Kind.DATE:
        return date_of(given)
    if column.kind in {Kind.MONEY, Kind.NUMBER}:
        number = number_of(given)
        return (number * 100).round().cast("int64") if column.kind is Kind.MONEY else number
    text = given.cast("string").strip().nullif("")
    if column.kind is Kind.TEXT:
        return text
    return code_of(text, column)


def code_of(text: Any, column: Column) -> Any:
    """Return a code as it is compared: upper case, no dots, numeric ones with their leading zeros.

    A bill type of four digits has a leading zero that the input layer leaves out.
    """
    if not column.width:
        return text.upper().replace(".", "").nullif("")
    upper = text.upper()
    whole = ibis.ifelse(upper.endswith(".0"), upper.replace(".0", ""), upper)
    if column.name == "bill_type_code":
        whole = ibis.ifelse((whole.length() == 4) & whole.startswith("0"), whole.substr(1), whole)
    return ibis.ifelse(whole.length() < column.width, whole.lpad(column.width, "0"), whole)


def number_of(given: Any) -> Any:
    """Return a number; text may carry a currency sign and thousands separators."""
    if given.type().is_string():
        return given.strip().re_replace(r"[$,]", "").nullif("").try_cast("float64")
    return given.cast("float64")


def date_of(given: Any) -> Any:
    """Return a date; text as YYYY-MM-DD, YYYYMMDD or MM/DD/YYYY."""
    if given.type().is_string():
        iso = (
            given.strip()
            .re_replace(r"^(\d{2})/(\d{2})/(\d{4}).*$", r"\3-\1-\2")
            .re_replace(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3")
        )
        return iso.substr(0, 10).try_cast("date")
    return given if given.type().is_date() else given.cast("date")
