"""Make the scripts that `openum metrics` ships: the statements for input of known columns, so that a first run needs no Ibis.

`python -m tools.metrics_scripts` makes the shipped ones anew after a change of the metrics. `--add NAME DIR` notes the columns of
a folder of claims (not its rows) and makes the script for them.
"""

import argparse
import gzip
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from openum.analytics import script
from openum.analytics.engines import DuckDB
from openum.analytics.inputs import inputs_of, references_of
from openum.analytics.layout import TABLES
from openum.analytics.metrics.run import Options, computed, facts

Facts = dict[str, Any]

ENDINGS = {"parquet": ".parquet", "text": ".csv"}


def facts_of(folder: Path) -> Facts:
    """Return the columns of a folder of claims, as a script depends on them."""
    with script.database() as database:
        return facts(database, inputs_of(folder), references_of())


def empty_files(columns: Facts, folder: Path) -> Path:
    """Write files of the given columns without rows."""
    for table in TABLES:
        for kind, ending in ENDINGS.items():
            if heads := columns.get(f"{table}_{kind}"):
                nothing = ", ".join(f"NULL::{of_type} AS {script.quoted(name)}" for name, of_type in heads)
                target = script.literal(str(folder / f"{table}{ending}"))
                with duckdb.connect() as database:
                    database.execute(f"COPY (SELECT {nothing} LIMIT 0) TO {target}")
    return folder


def made(columns: Facts) -> Facts:
    """Return the script for some columns: `facts`, `key` and `steps`."""
    with TemporaryDirectory() as folder:
        inputs = inputs_of(empty_files(columns, Path(folder)))
        with script.database() as database:
            found = facts(database, inputs, references_of())
            engine = DuckDB(database)
            computed(engine, inputs, Path(folder), Options())
    steps = [{"kind": step.kind, "name": step.name, "query": step.query} for step in engine.script]
    return json.loads(json.dumps({"facts": found, "key": script.digest(found), "steps": steps}))  # type: ignore[no-any-return]


def shipped(file: Path) -> Facts:
    """Read a shipped script."""
    return json.loads(gzip.decompress(file.read_bytes()))  # type: ignore[no-any-return]


def main() -> None:
    """Make the shipped scripts, and those of folders that are named."""
    parser = argparse.ArgumentParser(description="make the scripts that openum metrics ships")
    parser.add_argument("--add", nargs=2, action="append", default=[], metavar=("NAME", "DIR"))
    wanted = {file: shipped(file)["facts"] for file in script.SHIPPED.glob("*.json.gz")}
    for name, folder in parser.parse_args().add:
        wanted[script.SHIPPED / f"{name}.json.gz"] = facts_of(Path(folder))
    script.SHIPPED.mkdir(exist_ok=True)
    for file, columns in wanted.items():
        text = json.dumps(made(columns), sort_keys=True)
        file.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
