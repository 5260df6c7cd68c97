"""Reading claims: the columns of files as values of the input layer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis

from openum.analytics.engines import Engine, Table
from openum.analytics.inputs import Files, inputs_of
from openum.analytics.layout import TABLES, Column, Kind
from openum.vocabulary.errors import Invalid

KEPT = ("diagnosis_code_1",)
"""Repeated columns that the metrics name."""


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


def read_folder(engine: Engine, folder: Path, wanted: Mapping[str, Collection[str]] | None = None) -> Source:
    """Return the tables of a folder; `wanted` names the columns that will be read, by table; all when left out.

    Raises:
        NoClaims, StoreUnreadable: the folder holds no claims that can be read.
        ColumnMissing: a file lacks a needed column.
    """
    return read(engine, inputs_of(folder), wanted)


def read(engine: Engine, inputs: Mapping[str, Files], wanted: Mapping[str, Collection[str]] | None = None) -> Source:
    """Return the tables of some files.

    Raises:
        ColumnMissing: a file lacks a needed column.
    """
    columns = wanted or {}
    tables = {name: read_table(engine, files, wanted=columns.get(name)) for name, files in inputs.items()}
    return Source(tables["eligibility"], tables["medical_claim"], tables["pharmacy_claim"], tables["provider"])


def read_table(engine: Engine, files: Files, *, wanted: Collection[str] | None = None) -> Table:
    """Return one table in the layout; text files are read once and kept, Parquet is read again for each use.

    Raises:
        ColumnMissing: a needed column is in none of the files.
    """
    name = files.table
    parts = []
    if files.parquet:
        given = engine.parquet(files.parquet, f"{name}_parquet")
        parts.append(in_layout(name, given, str(files.parquet[0]), wanted=wanted, is_clean=files.is_clean))
    if files.text:
        typed = in_layout(name, engine.csv(files.text, f"{name}_text"), str(files.text[0]), wanted=wanted)
        parts.append(engine.keep(f"{name}_of_text", typed))
    if not parts:
        return engine.empty(f"no_{name}", {column.name: ibis_type(column) for column in TABLES[name]})
    if len(parts) == 1:
        return parts[0]
    shared = [name for name in parts[0].columns if all(name in part.columns for part in parts)]
    return ibis.union(*(part.select(*shared) for part in parts))


def in_layout(
    name: str,
    given: Table,
    file: str,
    *,
    beside: Sequence[str] = (),
    wanted: Collection[str] | None = None,
    is_clean: bool = False,
) -> Table:
    """Return a table with the layout's columns, each a value of its kind or null; repeated ones as far as the file has them.

    `beside` names columns of the file that are kept as they are; `wanted` the columns to return when not all; `is_clean` says
    that texts and codes need no cleaning.

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
                value_of(given[heads[column.name]], column, is_clean=is_clean)
                if column.name in heads
                else ibis.null().cast(ibis_type(column))
            )
            for column in TABLES[name]
            if (wanted is None or column.name in wanted)
            and (column.name in heads or not column.is_repeated or column.name in KEPT)
        },
    )


def ibis_type(column: Column) -> str:
    """Return the type that a column's kind has in expressions; money is whole cents."""
    return {Kind.TEXT: "string", Kind.CODE: "string", Kind.DATE: "date", Kind.MONEY: "int64", Kind.NUMBER: "float64"}[
        column.kind
    ]


def value_of(given: Any, column: Column, *, is_clean: bool = False) -> Any:
    """Return an input column as a value of its kind; what cannot be read as one is null."""
    if column.kind is Kind.DATE:
        return date_of(given)
    if column.kind in {Kind.MONEY, Kind.NUMBER}:
        number = number_of(given)
        return (number * 100).round().cast("int64") if column.kind is Kind.MONEY else number
    if is_clean and given.type().is_string():
        return given
    text = stripped(given.cast("string")).nullif("")
    if column.kind is Kind.TEXT:
        return text
    return code_of(text, column)


def stripped(text: Any) -> Any:
    """Return a text without blanks around it; most have none, and asking is cheaper than stripping."""
    blank_after = ibis.or_(*(text.endswith(blank) for blank in " \t\r\n"))
    return ibis.ifelse((text < "!") | blank_after, text.strip(), text)


def code_of(text: Any, column: Column) -> Any:
    """Return a code as it is compared: upper case, no dots, numeric ones with their leading zeros.

    A bill type of four digits has a leading zero that the input layer leaves out.
    """
    if not column.width:
        return text.upper().replace(".", "").nullif("")
    whole = text.upper().replace(".0", "")
    if column.name == "bill_type_code":
        whole = whole.re_replace(r"^0+", "")
    padded = (ibis.literal("0" * column.width) + whole).right(column.width)
    return ibis.ifelse(whole.length() < column.width, padded, whole)


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
