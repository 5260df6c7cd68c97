"""A file before it is loaded: its identity, its encoding, its table and its rows as they stand in it."""

import codecs
import csv
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from openum.analytics.damage import CHUNK_BYTES, SEPARATORS, FileUnreadable, check_text, unreadable
from openum.analytics.engines import Engine, Table
from openum.analytics.inputs import ENDINGS
from openum.analytics.layout import TABLES
from openum.vocabulary.errors import Invalid, Missing

ROW = "row_of_file"
"""The number of a row in its file, the first one after the header being 1."""


class TableUnknown(Invalid):
    """It is not known what a file holds."""

    code = "claims-table-unknown"


class MappingWrong(Invalid):
    """A mapping of headers that does not fit."""

    code = "claims-mapping-wrong"


class NoFiles(Missing):
    """There is nothing to load."""

    code = "no-claims-files"


@dataclass(frozen=True)
class Plan:
    """How files are read: headers by our column, the table when names do not tell it, source and encoding."""

    mapping: Mapping[str, Mapping[str, str]]
    table: str = ""
    source: str = ""
    encoding: str = "utf-8"


def chosen(paths: list[Path]) -> list[Path]:
    """Return the files to load: those given, and in folders those of the known endings, members first.

    Raises:
        NoFiles: a path that does not exist, or a folder without such files.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [file for ending in ENDINGS for file in path.rglob(f"*{ending}")]
            if not inside:
                raise NoFiles(f"{path} holds no .parquet, .csv or .csv.gz file.")
            found += [file for file in sorted(inside) if any(file.name.startswith(table) for table in TABLES)]
        elif path.is_file():
            found.append(path)
        else:
            raise NoFiles(f"There is no file or folder {path}.")
    if not found:
        raise NoFiles(f"No file is named after a table ({', '.join(TABLES)}). Give the files, with --table NAME.")
    return found


def table_of(file: Path, plan: Plan) -> str:
    """Return the table a file holds: the one asked for, or the one its name begins with.

    Raises:
        TableUnknown: neither.
    """
    named = plan.table or next((table for table in TABLES if file.name.startswith(table)), "")
    if named not in TABLES:
        raise TableUnknown(f"{file}: it is not known which table it holds. Add --table, one of {', '.join(TABLES)}.")
    return named


def identity(file: Path, encoding: str) -> str:
    """Return the hash of a file's bytes, in one pass that also checks the encoding of its text.

    Raises:
        FileUnreadable: a byte that the encoding does not have, named by row; a damaged archive; an empty file.
    """
    hashed = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(CHUNK_BYTES):
            hashed.update(block)
    if not file.stat().st_size:
        raise FileUnreadable(f"{file} is empty. Fetch it again.")
    if file.suffix != ".parquet":
        check_text(file, encoding)
    return hashed.hexdigest()


def in_utf8(file: Path, encoding: str, folder: Path) -> Path:
    """Return the file as UTF-8: itself, or a copy written by chunks."""
    if encoding.lower() in {"utf-8", "utf8"} or file.suffix == ".parquet":
        return file
    copy = folder / f"{file.stem}.utf-8.csv"
    decoder = codecs.getincrementaldecoder(encoding)()
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as given, copy.open("wb") as written:
        while block := given.read(CHUNK_BYTES):
            written.write(decoder.decode(block).encode())
    return copy


def raw_rows(engine: Engine, file: Path, shown: Path) -> Table:
    """Return a file's rows as they stand, numbered; CSV as text. `shown` is the name for messages.

    Raises:
        FileUnreadable: no complete Parquet file, or a CSV row of another shape, named by its line.
    """
    connection = engine.connection.con
    try:
        if file.suffix == ".parquet":
            connection.read_parquet(str(file), file_row_number=True).create_view("given", replace=True)
            connection.execute(PARQUET_ROWS).fetchall()
        else:
            heads, separator = header_of(file, shown)
            given = connection.read_csv(
                str(file), columns=dict.fromkeys(heads, "VARCHAR"), auto_detect=False, header=True, delimiter=separator,
                quotechar='"', escapechar='"',
            )  # fmt: skip
            given.create_view("given", replace=True)
            connection.execute(CSV_ROWS).fetchall()
        connection.execute("select count(*), max(length(columns(*)::varchar)) from raw_rows").fetchall()
    except duckdb.Error as error:
        raise FileUnreadable(unreadable(shown, str(error))) from error
    return engine.connection.table("raw_rows")


PARQUET_ROWS = """create or replace view raw_rows as
    select file_row_number + 1 as row_of_file, * exclude (file_row_number) from given"""
CSV_ROWS = "create or replace view raw_rows as select row_number() over () as row_of_file, * from given"


def header_of(file: Path, shown: Path) -> tuple[list[str], str]:
    """Return the headers of a CSV file and the separator, the one that the first line has most of.

    Raises:
        FileUnreadable: a header stands there twice.
    """
    with (
        gzip.open(file, "rt", encoding="utf-8-sig")
        if file.suffix == ".gz"
        else file.open(encoding="utf-8-sig") as stream
    ):
        line = stream.readline()
    separator = max(SEPARATORS, key=line.count)
    heads = next(csv.reader([line], delimiter=separator), [])
    if twice := sorted({head for head in heads if heads.count(head) > 1}):
        raise FileUnreadable(
            f"{shown}, line 1: the header {', '.join(twice)} stands there twice. Give each column its own name."
        )
    return heads, separator


def renamed(rows: Table, table: str, plan: Plan, file: Path) -> Table:
    """Return the rows with our column names, in the order of the file.

    Raises:
        MappingWrong: the mapping names a column or a header that does not exist.
    """
    mapping: dict[str, Any] = dict(plan.mapping.get(table, {}))
    columns = {column.name for column in TABLES[table]}
    if strange := sorted(set(mapping) - columns):
        raise MappingWrong(f"The mapping of {table} names {', '.join(strange)}, which the table does not have.")
    if absent := sorted(set(mapping.values()) - set(rows.columns)):
        raise MappingWrong(f"The mapping names the header {', '.join(absent)}, which {file} does not have.")
    if not mapping:
        return rows
    named: dict[str, list[str]] = {}
    for name, head in sorted(mapping.items()):
        named.setdefault(head, []).append(name)
    own = ((head, named.get(head, [] if head in mapping else [head])) for head in rows.columns)
    return rows.select(**{name: rows[head] for head, names in own for name in names})
