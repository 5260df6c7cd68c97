"""A computation as the statements that carry it out: made once by the expressions, kept, and run again without making them anew.

Making SQL of expressions takes longer than running it on ten thousand members. The statements depend on the program, the code
lists and the columns of the input, never on its rows, so they are kept under a digest of just these, in the user's cache folder
(`XDG_CACHE_HOME`). A kept script that is missing or damaged is made anew. Scripts for the columns of the samples come with the program.
"""

import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

import openum
from openum.analytics.codes import PACK

Row = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One statement: a `table` to keep, a `file` to write or an `answer` to hand back, named, with the query behind it."""

    kind: str
    name: str
    query: str


@contextmanager
def database(
    *, memory_limit: str | None = None, threads: int | None = None, ordered: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB in memory; beyond the limit (as `2GB`) it spills to a folder that is removed at the end.

    `ordered` keeps rows in the order of their file, which numbering them needs.
    """
    with TemporaryDirectory(prefix="openum-metrics-") as folder:
        settings: dict[str, Any] = {"temp_directory": folder, "preserve_insertion_order": ordered}
        if memory_limit:
            settings["memory_limit"] = memory_limit
        if threads:
            settings["threads"] = threads
        with duckdb.connect(config=settings) as connection:
            connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
            yield connection


def quoted(name: str) -> str:
    """Return a name or a path as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def perform(connection: duckdb.DuckDBPyConnection, step: Step, folder: Path | None = None) -> list[Row]:
    """Carry out one step; an answer returns its rows, a file goes to the folder."""
    if step.kind == "table":
        connection.execute(f"CREATE OR REPLACE TABLE {quoted(step.name)} AS {step.query}")
        return []
    if step.kind == "file":
        target = str(folder / step.name) if folder else step.name
        connection.execute(f"COPY ({step.query}) TO {literal(target)} (FORMAT csv, HEADER)")
        return []
    result = connection.execute(step.query)
    heads = [column[0] for column in result.description or ()]
    return [dict(zip(heads, row, strict=True)) for row in result.fetchall()]


def view(connection: duckdb.DuckDBPyConnection, name: str, files: Iterable[Path], *, is_text: bool) -> None:
    """Name the rows of files of one layout; text files have a header and every column is text, so that leading zeros stay."""
    listed = ", ".join(literal(str(file)) for file in files)
    reader = "read_csv([{}], all_varchar=true, header=true, union_by_name=true)"
    read = reader if is_text else "read_parquet([{}], union_by_name=true)"
    connection.execute(f"CREATE OR REPLACE VIEW {quoted(name)} AS SELECT * FROM {read.format(listed)}")  # noqa: S608 - our own names and quoted paths


def columns_of(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple[str, str]]:
    """Return the columns of a view with their types, by name: their order in the file means nothing."""
    return sorted((row[0], row[1]) for row in connection.execute(f"DESCRIBE {quoted(name)}").fetchall())


PROGRAM = (
    "codes", "engines", "final", "inputs", "layout", "reading", "reference", "script", "usable", "metrics.claims", "metrics.columns",
    "metrics.completion", "metrics.compute", "metrics.cost", "metrics.files", "metrics.membership", "metrics.readmissions",
    "metrics.report", "metrics.stays", "metrics.summary", "metrics.unread", "metrics.visits",
)  # fmt: skip
"""The modules under `openum.analytics` that make the statements of every run."""

OF_CUTS = ("metrics.cuts", "metrics.items", "metrics.more")
"""Those that make the statements of what is asked for beside."""

SHIPPED = PACK / "scripts"
"""Scripts for the columns that the samples have, made by `python -m tools.metrics_scripts`."""


def digest(facts: Mapping[str, Any]) -> str:
    """Return what a script is kept under: program, code lists, libraries and the facts given, all in one hash."""
    hashed = hashlib.sha256()
    package = Path(openum.__file__).parent / "analytics"
    modules, lists = list(PROGRAM), ["codes"]
    if "more" in facts:
        modules, lists = [*PROGRAM, *OF_CUTS], ["codes", "cuts", "definitions"]
    for file in (
        *(package / f"{name.replace('.', '/')}.py" for name in modules),
        *(PACK / f"{name}.yaml" for name in lists),
    ):
        hashed.update(file.read_bytes())
    versions = [version(name) for name in ("duckdb", "ibis-framework", "sqlglot")]
    hashed.update(json.dumps([versions, facts], sort_keys=True).encode())
    return hashed.hexdigest()


def folder_of_scripts() -> Path:
    """Return where scripts are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "openum" / "metrics"


def kept(key: str) -> list[Step] | None:
    """Return a kept script, or None when there is none that can be read."""
    try:
        return [Step(**row) for row in json.loads((folder_of_scripts() / f"{key}.json").read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return None


def shipped(key: str) -> list[Step] | None:
    """Return a script that comes with the program, or None when there is none for this key."""
    for file in sorted(SHIPPED.glob("*.json.gz")):
        found = json.loads(gzip.decompress(file.read_bytes()))
        if found["key"] == key:
            return [Step(**row) for row in found["steps"]]
    return None


def keep(key: str, steps: Iterable[Step]) -> None:
    """Keep a script; a folder that cannot be written only means that it is made again."""
    folder = folder_of_scripts()
    draft = folder / f"{key}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps([asdict(step) for step in steps]), "utf-8")
        draft.replace(folder / f"{key}.json")
    except OSError:
        return


def replay(connection: duckdb.DuckDBPyConnection, steps: Iterable[Step], folder: Path) -> Mapping[str, list[Row]]:
    """Carry out a script; the answers by name."""
    return {step.name: rows for step in steps if (rows := perform(connection, step, folder)) or step.kind == "answer"}
