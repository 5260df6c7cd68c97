"""Reference tables that metrics look codes up in: public ones shipped with the program, or the user's own folder."""

from dataclasses import dataclass
from pathlib import Path

from openum.analytics.engines import Engine, Table
from openum.analytics.inputs import references_of


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
    return Reference(
        **{name: engine.parquet([file], f"reference_{name}") for name, file in references_of(folder).items()}
    )
