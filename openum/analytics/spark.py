"""Spark in local mode, or on the cluster that its own configuration names: the same expressions, the same answers."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis

from openum.analytics.engines import Connected, EngineMissing, Table, write_csv
from openum.analytics.script import Row

PARTITIONS = 8
"""Of a shuffle, for data of one machine; a cluster's configuration says otherwise by spark.sql.shuffle.partitions."""


class Spark(Connected):
    """A Spark session. Files are read by Spark itself, so they must lie where its workers reach them."""

    def __init__(self, session: Any) -> None:
        super().__init__(ibis.pyspark.connect(session))
        self.session = session

    def parquet(self, files: Sequence[Path], name: str = "") -> Table:
        """Return the rows of Parquet files."""
        reader = self.session.read.option("mergeSchema", value=True)
        return self._seen(reader.parquet(*map(str, files)), name)

    def csv(self, files: Sequence[Path], name: str = "") -> Table:
        """Return the rows of CSV files; columns go by name, so files are read one by one."""
        reader = self.session.read.option("header", value=True).option("escape", '"').option("multiLine", value=True)
        rows = [reader.csv(str(file), inferSchema=False) for file in files]
        whole = rows[0]
        for part in rows[1:]:
            whole = whole.unionByName(part, allowMissingColumns=True)
        return self._seen(whole, name)

    def keep(self, name: str, expression: Table) -> Table:
        """Compute a table; its columns have the types that the expression says."""
        shown = f"{self.prefix}{name}"
        rows = self.session.sql(self.connection.compile(expression))
        from ibis.backends.pyspark.datatypes import PySparkSchema

        fields = PySparkSchema.from_ibis(expression.schema()).fields
        rows = rows.select(*(rows[f"`{field.name}`"].cast(field.dataType) for field in fields))
        rows.toDF(*expression.columns).write.saveAsTable(shown, format="parquet", mode="overwrite")
        self.tables.append(shown)
        return self.connection.table(shown)

    def _seen(self, rows: Any, name: str) -> Table:
        shown = f"{self.prefix}{name or self.name_given()}"
        rows.createOrReplaceTempView(shown)
        return self.connection.table(shown)

    def fetch(self, expression: Table, name: str = "") -> list[Row]:
        """Return rows."""
        return [row.asDict() for row in self.session.sql(self.connection.compile(expression)).collect()]

    def write(self, expression: Table, order: Sequence[Any], file: Path) -> None:
        """Write a file; rows come partition by partition."""
        rows = self.session.sql(self.connection.compile(expression.order_by(list(order))))
        write_csv(file, expression.columns, rows.toLocalIterator())


@contextmanager
def spark_engine(*, memory: str | None = None, threads: int | None = None) -> Iterator[Spark]:
    """Open Spark; what it keeps lies in a folder that is removed at the end.

    Raises:
        EngineMissing: the extra or Java is not there.
    """
    if find_spec("pyspark") is None:
        raise EngineMissing('Spark needs the extra “spark”: run make spark, or pip install "openum[spark]".')
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise EngineMissing(
            "Spark needs Java 17. Install it with your system's package manager (openjdk-17-jre-headless)."
        )
    from pyspark.sql import SparkSession

    with TemporaryDirectory(prefix="openum-spark-") as folder:
        session = (
            SparkSession.builder.master(os.environ.get("SPARK_MASTER", f"local[{threads or '*'}]"))
            .appName("openum metrics")
            .config("spark.ui.enabled", value=False)
            .config("spark.driver.memory", (memory or "2GB").rstrip("Bb"))
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", PARTITIONS)
            .config("spark.sql.warehouse.dir", f"{folder}/warehouse")
            .config("spark.local.dir", f"{folder}/local")
            .config("spark.ui.showConsoleProgress", value=False)
            .config("spark.log.level", "OFF")
            .config("spark.sql.ansi.enabled", value=False)
            .getOrCreate()
        )
        engine = Spark(session)
        try:
            yield engine
        finally:
            engine.close()
            session.stop()
