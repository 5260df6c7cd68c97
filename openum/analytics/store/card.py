"""The scorecard of a store, with the tables that it holds."""

from pathlib import Path

from openum.analytics.engines import duckdb_engine
from openum.analytics.reading import read_folder
from openum.analytics.reference import reference_tables
from openum.analytics.store.quality import scorecard
from openum.analytics.store.score import Score
from openum.analytics.tables.force import in_force
from openum.analytics.tables.held import taken


def card_of(store: Path, memory: str = "2GB") -> list[Score]:
    """Return every check of the scorecard; code lists of all loaded versions are taken together.

    Raises:
        NoClaims, StoreUnreadable, ColumnMissing: the store cannot be read.
    """
    lists: dict[str, list[Path]] = {}
    for row in taken(store):
        lists.setdefault(row.kind, []).append(store / row.part)
    with duckdb_engine(memory_limit=memory) as engine:
        return list(scorecard(engine, read_folder(engine, store), reference_tables(engine, in_force(store)), lists))
