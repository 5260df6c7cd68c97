# ruff: noqa: S608 - statements of our own names, quoted headers and paths
"""Take reference tables into a store, all or nothing, each with version, hash, licence and first day; refusals name file, row and cure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from openum.analytics.engines import Engine, duckdb_engine
from openum.analytics.script import literal, quoted
from openum.analytics.store.catalogue import open_store
from openum.analytics.store.files import identity, in_utf8, raw_rows
from openum.analytics.tables.held import FOLDER, Taken, keep, taken
from openum.analytics.tables.kinds import Field, Kind, heads_of, kind_of
from openum.vocabulary.errors import Conflict, Invalid, Missing


class ReferenceWrong(Invalid):
    """A reference table that cannot be used; nothing of it is kept."""

    code: ClassVar[str] = "reference-table-wrong"


class VersionKnown(Conflict):
    """Another table of this version was loaded."""

    code: ClassVar[str] = "reference-version-known"


class VersionUnknown(Missing):
    """No such table was loaded."""

    code: ClassVar[str] = "reference-version-unknown"


@dataclass(frozen=True, kw_only=True)
class Given:
    """A table to take: `version` may stand in the file (`fiscal_year`), `effective` follows from it when left out."""

    kind: str
    file: Path
    version: str = ""
    effective: date | None = None
    licence: str = ""
    encoding: str = "utf-8"


def check(given: Given, *, at: datetime) -> Taken:
    """Read a table and say what would be taken; nothing is written.

    Raises:
        KindUnknown, ReferenceWrong, FileUnreadable: it cannot be used.
    """
    with TemporaryDirectory(prefix="openum-reference-") as spare:
        return read(given, Path(spare) / "table.parquet", at=at)


def take(given: Given, store: Path, *, at: datetime, in_place: bool = False) -> Taken:
    """Take a table into a store; the same file twice does nothing. `in_place` lets it take the place of another of its version.

    Raises:
        KindUnknown, ReferenceWrong, FileUnreadable: it cannot be used.
        VersionKnown: another file of the version is there.
        StoreInUse, StoreUnreadable: the store cannot be written.
    """
    with open_store(store):
        folder = store / FOLDER / given.kind
        kind_of(given.kind)
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / "draft.parquet"
        try:
            row = read(given, draft, at=at)
            there = taken(store)
            same = next((one for one in there if (one.kind, one.version) == (row.kind, row.version)), None)
            if same and same.sha256 == row.sha256 and (same.effective, same.licence) == (row.effective, row.licence):
                return same
            if same and same.sha256 != row.sha256 and not in_place:
                raise VersionKnown(
                    f"{row.kind} {row.version} was loaded from another file ({same.file}, {same.sha256[:12]}). Give the new one another "
                    "--version, or let it take the old one's place with --replace."
                )
            part = folder / f"{row.sha256[:16]}.parquet"
            draft.replace(part)
        finally:
            draft.unlink(missing_ok=True)
        row = replace(row, part=str(part.relative_to(store)))
        keep(store, [one for one in there if one != same] + [row])
        if same and same.part != row.part:
            (store / same.part).unlink(missing_ok=True)
        return row


def remove(store: Path, kind: str, version: str) -> Taken:
    """Take a table out of a store.

    Raises:
        VersionUnknown: it is not there.
        StoreInUse, StoreUnreadable: the store cannot be written.
    """
    with open_store(store):
        there = taken(store)
        row = next((one for one in there if (one.kind, one.version) == (kind, version)), None)
        if row is None:
            raise VersionUnknown(f"{store} holds no {kind} {version}. See openum reference list.")
        keep(store, [one for one in there if one != row])
        if not any(one.part == row.part for one in there if one != row):
            (store / row.part).unlink(missing_ok=True)
        return row


def read(given: Given, target: Path, *, at: datetime) -> Taken:
    """Check a file and write its columns of the kind as Parquet.

    Raises:
        KindUnknown, ReferenceWrong, FileUnreadable: it cannot be used.
    """
    kind, file = kind_of(given.kind), given.file
    if not file.is_file():
        raise ReferenceWrong(f"There is no file {file}.")
    if kind.licence and not given.licence.strip():
        raise ReferenceWrong(
            f"{file}: {kind.licence}. Give your licensed copy, and say with --licence under which agreement you hold it."
        )
    sha256 = identity(file, given.encoding)
    with TemporaryDirectory(prefix="openum-reference-") as spare, duckdb_engine(ordered=True) as engine:
        rows = raw_rows(engine, in_utf8(file, given.encoding, Path(spare)), file)
        heads = heads_of(kind, list(rows.columns))
        check_heads(kind, heads, file)
        columns = ", ".join(
            f"{expression(field, heads.get(field.name))} as {quoted(field.name)}" for field in kind.fields
        )
        sql(engine, f"create table found as select row_of_file, {columns} from raw_rows")
        empty = " and ".join(f"{quoted(field.name)} is null" for field in kind.fields)
        sql(engine, f"delete from found where {empty}")
        check_rows(engine, kind, file)
        version = version_of(engine, kind, given)
        names = ", ".join(f"{typed(field)} as {quoted(field.name)}" for field in kind.fields)
        sql(engine, f"copy (select distinct {names} from found order by all) to {literal(str(target))} (format parquet, compression zstd)")  # fmt: skip
        whole = sql(engine, "select count(*) from found")[0][0]
        count = sql(engine, f"select count(*) from read_parquet({literal(str(target))})")[0][0]
    if not count:
        raise ReferenceWrong(f"{file} holds no rows. Fetch it again.")
    effective = given.effective or kind.effective(version) or at.date()
    return Taken(
        kind=kind.id, version=version, effective=effective.isoformat(), file=file.name, sha256=sha256, part="", rows=count,
        licence=given.licence.strip() or kind.source, loaded_at=at.isoformat(timespec="seconds"), repeated=whole - count,
    )  # fmt: skip


def sql(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    """Run a statement."""
    found: list[tuple[Any, ...]] = engine.connection.con.execute(query).fetchall()
    return found


def check_heads(kind: Kind, heads: Mapping[str, str], file: Path) -> None:
    """Check that every needed column is there.

    Raises:
        ReferenceWrong: naming what is missing, and which headers would do.
    """
    missing = [field for field in kind.fields if field.name not in heads and not field.optional]
    if missing:
        said = "; ".join(f"{field.name} (or {', '.join(field.also)})" if field.also else field.name for field in missing)  # fmt: skip
        raise ReferenceWrong(
            f"{file}, line 1: there is no column {said}. Name it so in the first line, and leave out lines above the header."
        )


def expression(field: Field, head: str | None) -> str:
    """Return a column's text as it is compared; empty is null. Codes are upper case and have no dots."""
    if head is None:
        return "null::varchar"
    text = f"trim({quoted(head)}::varchar)"
    if field.number:
        text = f"regexp_replace({text}, '[$,]', '', 'g')"
    elif field.name in {"code", "column1", "column2"}:
        text = f"upper(replace({text}, '.', ''))"
        if field.width:
            text = f"case when length({text}) < {field.width} then lpad({text}, {field.width}, '0') else {text} end"
    elif field.lower:
        text = f"lower({text})"
    return f"nullif({text}, '')"


def typed(field: Field) -> str:
    """Return a checked column as its type."""
    return f"try_cast({quoted(field.name)} as double)" if field.number else quoted(field.name)


def check_rows(engine: Engine, kind: Kind, file: Path) -> None:
    """Check each value, and that no key has two meanings.

    Raises:
        ReferenceWrong: naming the first row of the first column that is wrong.
    """
    for field in kind.fields:
        name = quoted(field.name)
        wrong = f"{name} is null" if not field.optional else "false"
        if field.number:
            wrong += f" or ({name} is not null and coalesce(try_cast({name} as double), -1) < 0)" if field.name != "weight" else f" or ({name} is not null and try_cast({name} as double) is null)"  # fmt: skip
            if field.optional:  # the originals write N/A or a dot where a group has no figure
                sql(engine, f"update found set {name} = null where lower({name}) in ('.', '-', '*', 'n/a', 'na', 'none')")  # fmt: skip
        elif field.pattern:
            wrong += f" or not regexp_full_match({name}, {literal(field.pattern)})"
        bad = sql(engine, f"select row_of_file, {name} from found where {wrong} order by 1 limit 1")
        if bad:
            row, value = bad[0]
            shown = f"“{value[:40]}”" if value else "empty"
            what = "a number of zero or more" if field.number else f"written as {field.pattern}"
            raise ReferenceWrong(
                f"{file}, row {row}: {field.name} is {shown}, and must be {what}. Correct the row, or fetch the file again; nothing was taken."
            )
    keys = ", ".join(quoted(name) for name in kind.key)
    rest = [quoted(field.name) for field in kind.fields if not field.key]
    if rest:
        twice = sql(
            engine,
            f"select max(row_of_file), {keys} from found group by {keys} having count(distinct ({', '.join(rest)})) > 1 order by 1 limit 1",
        )
        if twice:
            row, *values = twice[0]
            raise ReferenceWrong(
                f"{file}, row {row}: {' '.join(str(value) for value in values if value)} stands there a second time with other values. Keep one of the "
                "rows; nothing was taken."
            )


def version_of(engine: Engine, kind: Kind, given: Given) -> str:
    """Return the version: what was given, or the fiscal year that all rows name.

    Raises:
        ReferenceWrong: neither, or the two differ.
    """
    named = given.version.strip()
    if any(field.name == "fiscal_year" for field in kind.fields):
        years = [row[0] for row in sql(engine, "select distinct fiscal_year from found where fiscal_year is not null order by 1")]  # fmt: skip
        if len(years) > 1:
            raise ReferenceWrong(
                f"{given.file} holds several fiscal years ({', '.join(years)}). Load each as a file of its own."
            )
        digits = re.search(r"20[0-9]{2}", named)
        if years and named and (digits is None or digits.group() != years[0]):
            raise ReferenceWrong(
                f"{given.file} says fiscal year {years[0]}, and --version {named}. Correct the one that is wrong."
            )
        named = named or (f"FY{years[0]}" if years else "")
    if not named:
        raise ReferenceWrong(f"{given.file} does not say its {kind.version}. Add --version, as in --version 2026.")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}", named):
        raise ReferenceWrong(
            "A version has letters, digits, dots and dashes, up to 31 of them, as in --version FY2026."
        )
    return named
