"""Where metrics are computed: DuckDB inside the process. The expressions themselves name no engine."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import pyarrow as pa

Table = Any
"""An Ibis table expression; Ibis builds its columns at run time, so a type checker knows none of them."""


class Engine:
    """A connection that reads files, keeps intermediate tables and hands out results as Arrow."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def parquet(self, files: Sequence[Path]) -> Table:
        """Return the rows of Parquet files of one layout; a column that one of them lacks is null there."""
        return self.connection.read_parquet([str(file) for file in files], union_by_name=True)

    def csv(self, files: Sequence[Path]) -> Table:
        """Return the rows of CSV files with a header, every column as text, so that leading zeros stay."""
        return self.connection.read_csv(
            [str(file) for file in files], all_varchar=True, header=True, union_by_name=True
        )

    def rows(self, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> Table:
        """Return a small table of constants; `columns` names each one's Ibis type."""
        named = [dict(zip(columns, row, strict=True)) for row in rows]
        return ibis.memtable(pa.Table.from_pylist(named, schema=ibis.schema(columns).to_pyarrow()))

    def keep(self, name: str, expression: Table) -> Table:
        """Compute a table once and return it, so that what builds on it does not compute it again."""
        return self.connection.create_table(name, expression, overwrite=True)

    def is_empty(self, expression: Table) -> bool:
        """Say whether a table has no row."""
        return not self.fetch(expression.limit(1)).num_rows

    def write(self, expression: Table, order: Sequence[Any], file: Path) -> None:
        """Write a table as a CSV file with a header, in a stated order; a null is empty."""
        self.connection.to_csv(expression.order_by(list(order)), str(file), header=True)

    def fetch(self, expression: Table) -> pa.Table:
        """Return a result; only aggregates and lists that a person opens leave the engine."""
        return self.connection.to_pyarrow(expression)


@contextmanager
def duckdb_engine(
    *, memory_limit: str | None = None, threads: int | None = None, ordered: bool = False
) -> Iterator[Engine]:
    """Open DuckDB in memory; beyond the limit (as `2GB`) it spills to a folder that is removed at the end.

    `ordered` keeps rows in the order of their file, which numbering them needs.
    """
    with TemporaryDirectory(prefix="openum-metrics-") as folder:
        settings: dict[str, Any] = {"temp_directory": folder, "preserve_insertion_order": ordered}
        if memory_limit:
            settings["memory_limit"] = memory_limit
        if threads:
            settings["threads"] = threads
        connection = ibis.duckdb.connect(**settings)
        try:
            yield Engine(connection)
        finally:
            connection.disconnect()
