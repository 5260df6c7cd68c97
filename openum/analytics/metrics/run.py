"""Every metric of a folder of claims, on the engine that is asked for."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from openum.analytics import script
from openum.analytics.damage import MemoryTooSmall, refusal_of
from openum.analytics.inputs import Files, inputs_of, references_of
from openum.analytics.metrics.columns import ELIGIBILITY, READ, is_read
from openum.analytics.metrics.more import More
from openum.analytics.metrics.report import Answers, write_report
from openum.analytics.metrics.unread import Unread, count, unread_in
from openum.analytics.tables.force import in_force, name_tables, used

if TYPE_CHECKING:
    from openum.analytics.engines import Engine

EMBEDDED, SPARK = "duckdb", "spark"


@dataclass(frozen=True)
class Options:
    """How metrics are computed: the engine (`duckdb`, `spark` or a connection string), its limits, own reference tables."""

    engine: str = EMBEDDED
    memory: str | None = None
    threads: int | None = None
    reference: Path | None = None
    more: More = field(default_factory=More)


def run(folder: Path, out: Path, options: Options) -> list[Unread]:
    """Compute the metrics of a folder of claims and write their files; the folder is made when it is not there.

    Returns:
        the columns in which values could not be read, and how many.

    Raises:
        NoClaims, ColumnMissing, FileUnreadable, StoreUnreadable, NoReference: the input cannot be read.
        EngineMissing, EngineUnknown: the engine cannot be opened.
        MemoryTooSmall: the limit is too small to spill.
    """
    looked_up = [] if options.reference else used(folder, ("drgs",))
    options = replace(options, reference=options.reference or in_force(folder))
    inputs, references = inputs_of(folder), references_of(options.reference)
    out.mkdir(parents=True, exist_ok=True)
    name_tables(looked_up, out)
    if options.engine == EMBEDDED:
        try:
            answers = embedded(inputs, references, out, options)
        except duckdb.OutOfMemoryException as error:
            raise MemoryTooSmall(
                f"The work does not fit into {options.memory or 'the memory'}, or the temporary folder is full. Give more "
                "with --memory, or free the disk."
            ) from error
        except duckdb.Error as error:
            paths = [path for files in inputs.values() for path in (*files.parquet, *files.text)]
            if refusal := refusal_of([*paths, *references.values()], str(error)):
                raise refusal from error
            raise
    else:
        with elsewhere(options) as engine:
            answers = computed(engine, inputs, out, options)
    write_report(answers, out)
    return list(unread_in(answers))


def embedded(inputs: Mapping[str, Files], references: Mapping[str, Path], out: Path, options: Options) -> Answers:
    """Compute in this process, by the script that is kept for input of these columns, else by a new one."""
    with script.database(memory_limit=options.memory, threads=options.threads) as database:
        found = facts(database, inputs, references)
        if options.more.is_asked:
            found["more"] = asdict(options.more)
        key = script.digest(found)
        if steps := script.shipped(key) or script.kept(key):
            return script.replay(database, steps, out)
        from openum.analytics.engines import DuckDB

        engine = DuckDB(database)
        answers = computed(engine, inputs, out, options)
        script.keep(key, engine.script)
        return answers


def facts(
    database: duckdb.DuckDBPyConnection, inputs: Mapping[str, Files], references: Mapping[str, Path]
) -> dict[str, object]:
    """Name the rows of every file as the script does, and return what the script depends on: their columns."""
    found: dict[str, object] = {}
    for table, files in inputs.items():
        found[table] = files.is_clean
        for kind, paths in (("parquet", files.parquet), ("text", files.text)):
            if paths:
                script.view(database, f"{table}_{kind}", paths, is_text=kind == "text")
                columns = script.columns_of(database, f"{table}_{kind}")
                found[f"{table}_{kind}"] = [column for column in columns if is_read(table, column[0])]
    for name, file in references.items():
        script.view(database, f"reference_{name}", [file], is_text=False)
        found[f"reference_{name}"] = script.columns_of(database, f"reference_{name}")
    return found


def computed(engine: "Engine", inputs: Mapping[str, Files], out: Path, options: Options) -> Answers:
    """Compute by the expressions."""
    from openum.analytics.metrics.compute import compute
    from openum.analytics.metrics.files import write_lists
    from openum.analytics.reading import read

    unread = count(engine, inputs, READ)
    if not options.more.is_asked:
        metrics = compute(engine, read(engine, inputs, READ), reference=options.reference)
        return {**write_lists(engine, metrics, out), **unread}
    from openum.analytics.metrics.cuts import write_more

    source = read(engine, inputs, READ | {"eligibility": (*READ["eligibility"], *ELIGIBILITY)})
    metrics = compute(engine, source, reference=options.reference)
    return {**write_lists(engine, metrics, out), **write_more(engine, metrics, source, options.more, out), **unread}


@contextmanager
def elsewhere(options: Options) -> "Iterator[Engine]":
    """Open the engine that is asked for.

    Raises:
        EngineMissing, EngineUnknown: it cannot be opened.
    """
    if options.engine == SPARK:
        from openum.analytics.spark import spark_engine

        with spark_engine(memory=options.memory, threads=options.threads) as engine:
            yield engine
        return
    from openum.analytics.engines import connected

    with connected(options.engine) as engine:
        yield engine
