"""Reference tables that metrics look codes up in: public ones shipped with the program, or the user's own folder."""

from dataclasses import dataclass
from pathlib import Path

from openum.analytics.codes import REFERENCE
from openum.analytics.engines import Engine, Table
from openum.vocabulary.errors import Missing


class NoReference(Missing):
    """A reference table is not there."""

    code = "no-reference-table"


@dataclass(frozen=True)
class Reference:
    """The tables by name; see policies/analytics/README.md for their sources and columns."""

    drgs: Table
    diagnoses: Table
    procedures: Table


def reference_tables(engine: Engine, folder: Path | None = None) -> Reference:
    """Return the tables of a folder, or the shipped ones.

    Raises:
        NoReference: a file is missing.
    """
    base = folder or REFERENCE
    for name in ("drgs", "diagnoses", "procedures"):
        if not (base / f"{name}.parquet").is_file():
            raise NoReference(f"{base} holds no {name}.parquet. Put the table there, or leave the option out.")
    return Reference(*(engine.parquet([base / f"{name}.parquet"]) for name in ("drgs", "diagnoses", "procedures")))
