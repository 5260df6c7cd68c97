"""Where expressions are computed: DuckDB inside the process, Spark, or any engine that Ibis reaches by a connection string."""

import csv
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from ibis.backends.sql.datatypes import DuckDBType

from openum.analytics.script import Row, Step, database, perform, quoted, view
from openum.vocabulary.errors import Invalid, Missing

Table = Any
"""An Ibis table expression; Ibis builds its columns at run time, so a type checker knows none of them."""


class EngineMissing(Missing):
    """The packages or programs of an engine are not installed."""

    code = "engine-missing"


class EngineUnknown(Invalid):
    """A connection string that no engine answers to."""

    code = "engine-unknown"


class Engine(ABC):
    """A connection that reads files, keeps intermediate tables and hands out results."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._given = 0

    @abstractmethod
    def parquet(self, files: Sequence[Path], name: str = "") -> Table:
        """Return the rows of Parquet files of one layout; a column that one of them lacks is null there."""

    @abstractmethod
    def csv(self, files: Sequence[Path], name: str = "") -> Table:
        """Return the rows of CSV files with a header, every column as text, so that leading zeros stay."""

    @abstractmethod
    def empty(self, name: str, columns: Mapping[str, str]) -> Table:
        """Return a table without rows; `columns` names each one's Ibis type."""

    @abstractmethod
    def keep(self, name: str, expression: Table) -> Table:
        """Compute a table once and return it, so that what builds on it does not compute it again."""

    @abstractmethod
    def fetch(self, expression: Table, name: str = "") -> list[Row]:
        """Return the rows of a result; only aggregates and lists that a person opens leave the engine."""

    @abstractmethod
    def write(self, expression: Table, order: Sequence[Any], file: Path) -> None:
        """Write a table as a CSV file with a header, in a stated order; a null is empty."""

    def name_given(self) -> str:
        """Return a name for files that were given none."""
        self._given += 1
        return f"given_{self._given}"


class DuckDB(Engine):
    """DuckDB in this process. What it carries out can be noted in `script`, to be run again without Ibis."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(ibis.duckdb.from_connection(connection))
        self.database = connection
        self.script: list[Step] = []

    def parquet(self, files: Sequence[Path], name: str = "") -> Table:
        """Return the rows of Parquet files."""
        return self._seen(name or self.name_given(), files, is_text=False)

    def csv(self, files: Sequence[Path], name: str = "") -> Table:
        """Return the rows of CSV files."""
        return self._seen(name or self.name_given(), files, is_text=True)

    def _seen(self, name: str, files: Sequence[Path], *, is_text: bool) -> Table:
        view(self.database, name, files, is_text=is_text)
        return self.connection.table(name)

    def empty(self, name: str, columns: Mapping[str, str]) -> Table:
        """Return a table without rows."""
        nothing = ibis.range(0, 0).unnest().name("n").as_table()
        return self.keep(name, nothing.select(**{key: ibis.null(kind) for key, kind in columns.items()}))

    def keep(self, name: str, expression: Table) -> Table:
        """Compute a table."""
        self._do("table", name, expression)
        return self.connection.table(name)

    def fetch(self, expression: Table, name: str = "") -> list[Row]:
        """Return rows."""
        return self._do("answer", name, expression)

    def write(self, expression: Table, order: Sequence[Any], file: Path) -> None:
        """Write a file."""
        self._do("file", file.name, expression.order_by(list(order)), file.parent)

    def _do(self, kind: str, name: str, expression: Table, folder: Path | None = None) -> list[Row]:
        query = str(self.connection.compile(expression))
        step = Step(kind, name, typed(query, expression.schema()) if kind == "table" else query)
        self.script.append(step)
        return perform(self.database, step, folder)


def typed(query: str, schema: Any) -> str:
    """Return a query whose columns have the types that the expression says; DuckDB makes a timestamp of a month's first day."""
    kinds = DuckDBType()
    columns = ", ".join(
        f"CAST({quoted(name)} AS {kinds.to_string(kind)}) AS {quoted(name)}" for name, kind in schema.items()
    )
    return f"SELECT {columns} FROM ({query})"  # noqa: S608 - names and types of our own expression


@contextmanager
def duckdb_engine(
    *, memory_limit: str | None = None, threads: int | None = None, ordered: bool = False
) -> Iterator[DuckDB]:
    """Open DuckDB for expressions."""
    with database(memory_limit=memory_limit, threads=threads, ordered=ordered) as connection:
        yield DuckDB(connection)


class Connected(Engine):
    """An engine outside this process. Its tables carry a prefix, so that they meet no other ones, and go at the end."""

    prefix = "openum_metrics_"

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.tables: list[str] = []

    def parquet(self, files: Sequence[Path], name: str = "") -> Table:
        """Send the rows of Parquet files to the engine."""
        read = [pyarrow.parquet.read_table(file) for file in files]
        return self._made(name or self.name_given(), pa.concat_tables(read, promote_options="default"))

    def csv(self, files: Sequence[Path], name: str = "") -> Table:
        """Send the rows of CSV files to the engine."""
        read = [text_rows(file) for file in files]
        return self._made(name or self.name_given(), pa.concat_tables(read, promote_options="default"))

    def empty(self, name: str, columns: Mapping[str, str]) -> Table:
        """Return a table without rows."""
        return self._made(name, schema=ibis.schema(columns))

    def keep(self, name: str, expression: Table) -> Table:
        """Compute a table."""
        return self._made(name, expression)

    def fetch(self, expression: Table, name: str = "") -> list[Row]:
        """Return rows."""
        rows: list[Row] = self.connection.to_pyarrow(expression).to_pylist()
        return rows

    def write(self, expression: Table, order: Sequence[Any], file: Path) -> None:
        """Write a file."""
        batches = self.connection.to_pyarrow(expression.order_by(list(order))).to_batches()
        rows = (row.values() for batch in batches for row in batch.to_pylist())
        write_csv(file, expression.columns, rows)

    def close(self) -> None:
        """Remove what was made."""
        for name in self.tables:
            self.connection.drop_table(name, force=True)

    def _made(self, name: str, *content: Any, **options: Any) -> Table:
        self.tables.append(f"{self.prefix}{name}")
        return self.connection.create_table(self.tables[-1], *content, **options, overwrite=True)


def text_rows(file: Path) -> pa.Table:
    """Return the rows of a CSV file, every column as text."""
    with pyarrow.csv.open_csv(file) as opened:
        heads = opened.schema.names
    convert = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(heads, pa.string()), strings_can_be_null=True)
    return pyarrow.csv.read_csv(file, convert_options=convert)


def write_csv(file: Path, heads: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write rows as DuckDB does: a null is empty, truth is `true` or `false`."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(heads)
        for row in rows:
            writer.writerow([str(value).lower() if isinstance(value, bool) else value for value in row])


@contextmanager
def connected(url: str) -> Iterator[Engine]:
    """Open the engine of a connection string.

    Raises:
        EngineUnknown: Ibis has no engine of that name.
        EngineMissing: its packages are not installed, or it does not answer.
    """
    kind = url.partition("://")[0]
    try:
        connection = ibis.connect(url)
    except (ValueError, AttributeError, NotImplementedError) as error:
        raise EngineUnknown(
            f"There is no engine {kind}. Write duckdb, spark, or a connection string of Ibis such as postgres://host/database."
        ) from error
    except Exception as error:  # every driver has errors of its own
        raise EngineMissing(
            f"The engine {kind} cannot be opened ({type(error).__name__}). Install its packages, as in pip install "
            f'"ibis-framework[{kind}]", and check the connection string.'
        ) from error
    engine = Connected(connection)
    try:
        yield engine
    finally:
        engine.close()
        connection.disconnect()
