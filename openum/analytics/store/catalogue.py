"""The catalogue of a claims store: which files were loaded, into which part, with what left aside.

A store is a folder: `catalogue.json`, one folder of Parquet parts per table, and `quarantine`. A file counts once it is in the
catalogue, which is replaced as a whole: a load that is broken off leaves the store as it was.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from openum.vocabulary.errors import Conflict, Invalid

FILE, LOCK, QUARANTINE = "catalogue.json", ".lock", "quarantine"

VERSION = 1


class StoreInUse(Conflict):
    """Another load is writing."""

    code = "claims-store-in-use"


class StoreUnreadable(Invalid):
    """The catalogue is damaged."""

    code = "claims-store-unreadable"


@dataclass(frozen=True)
class Loaded:
    """One loaded file. Counts are rows."""

    file: str
    sha256: str
    table: str
    source: str
    part: str
    loaded_at: str
    rows: int
    taken: int
    already_there: int
    set_aside: int
    quarantine: str = ""
    """The file of rows set aside, below the store; empty when there are none or they were admitted again."""
    columns_not_taken: tuple[str, ...] = ()


class Catalogue:
    """The loaded files of a store."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.loaded = self._read()

    def _read(self) -> list[Loaded]:
        file = self.store / FILE
        if not file.exists():
            return []
        try:
            content = json.loads(file.read_text("utf-8"))
            return [
                Loaded(**(row | {"columns_not_taken": tuple(row["columns_not_taken"])})) for row in content["files"]
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise StoreUnreadable(
                f"{file} is no catalogue of claims. Restore it from a copy, or load the files into a new store."
            ) from error

    def find(self, sha256: str) -> Loaded | None:
        """Return the loaded file of this content, whatever its name was."""
        return next((row for row in self.loaded if row.sha256 == sha256), None)

    def parts(self, table: str) -> list[Path]:
        """Return the Parquet files of a table."""
        return [self.store / row.part for row in self.loaded if row.table == table and row.part]

    def add(self, row: Loaded) -> None:
        """Enter a file."""
        self._write([*self.loaded, row])

    def settle(self, row: Loaded) -> None:
        """Note that a file's rows set aside were dealt with."""
        done = Loaded(**(asdict(row) | {"quarantine": ""}))
        self._write([done if entry == row else entry for entry in self.loaded])

    def drop(self, rows: list[Loaded]) -> None:
        """Take files out."""
        self._write([entry for entry in self.loaded if entry not in rows])

    def _write(self, rows: list[Loaded]) -> None:
        draft = self.store / f"{FILE}.draft"
        with draft.open("w", encoding="utf-8") as stream:
            json.dump({"version": VERSION, "files": [asdict(row) for row in rows]}, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(self.store / FILE)
        self.loaded = rows


@contextmanager
def open_store(store: Path) -> Iterator[Catalogue]:
    """Open a store for loading, alone; parts that no catalogue names are left from a load that broke off, and go.

    Raises:
        StoreInUse: another load holds it.
        StoreUnreadable: its catalogue is damaged.
    """
    store.mkdir(parents=True, exist_ok=True)
    with (store / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreInUse(f"Another load is writing to {store}. Wait until it has ended.") from error
        catalogue = Catalogue(store)
        known = {(store / row.part).resolve() for row in catalogue.loaded if row.part}
        for part in store.glob("*/*.parquet"):
            if part.resolve() not in known:
                part.unlink()
        yield catalogue
