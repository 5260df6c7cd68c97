"""The reference tables that a store holds, listed in `reference/catalogue.json` beside the claims."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from openum.analytics.store.catalogue import StoreUnreadable

FOLDER, FILE = "reference", "catalogue.json"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A table of the store. `effective` is its first day, an ISO date."""

    kind: str
    version: str
    effective: str
    file: str
    sha256: str
    part: str
    rows: int
    licence: str
    loaded_at: str
    repeated: int = 0
    """Rows that the file has more than once, kept once."""

    @property
    def name(self) -> str:
        """Return what names the table in an outcome."""
        return f"{self.kind} {self.version} (loaded {self.loaded_at[:10]}, {self.sha256[:12]})"


def taken(store: Path) -> list[Taken]:
    """Return the tables of a store, by kind, the newest first.

    Raises:
        StoreUnreadable: the list is damaged.
    """
    file = store / FOLDER / FILE
    if not file.is_file():
        return []
    try:
        rows = [Taken(**row) for row in json.loads(file.read_text("utf-8"))["tables"]]
    except (ValueError, KeyError, TypeError) as error:
        raise StoreUnreadable(
            f"{file} is no list of reference tables. Restore it from a copy, or remove it and load them again."
        ) from error
    return sorted(sorted(rows, key=lambda row: (row.effective, row.loaded_at), reverse=True), key=lambda row: row.kind)


def keep(store: Path, rows: list[Taken]) -> None:
    """Write the list as a whole."""
    folder = store / FOLDER
    folder.mkdir(exist_ok=True)
    draft = folder / f"{FILE}.draft"
    draft.write_text(json.dumps({"tables": [asdict(row) for row in rows]}, indent=1), "utf-8")
    draft.replace(folder / FILE)
