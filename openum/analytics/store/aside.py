"""Rows that a load set aside: read by the page, repaired value by value, and taking a loaded file back."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from openum.analytics.store.catalogue import QUARANTINE, Catalogue, Loaded, open_store
from openum.analytics.store.load import NUMBER, REASON
from openum.vocabulary.errors import Conflict, Missing


class FileHeld(Conflict):
    """A later file left rows out because this one holds them."""

    code: ClassVar[str] = "claims-file-held"


class FileNotLoaded(Missing):
    """The store does not have the file."""

    code: ClassVar[str] = "claims-file-not-loaded"


@dataclass(frozen=True)
class Aside:
    """A row set aside: its place in the quarantine file from 1, its number in the file that was loaded, the reason, its values."""

    place: int
    number: str
    reason: str
    values: Mapping[str, str]


def aside_rows(file: Path) -> Iterator[Aside]:
    """Yield the rows of a quarantine file."""
    with file.open(encoding="utf-8", newline="") as stream:
        for place, row in enumerate(csv.DictReader(stream), start=1):
            values = {name: value or "" for name, value in row.items() if name not in {REASON, NUMBER}}
            yield Aside(place, row.get(NUMBER) or "", row.get(REASON) or "", values)


def repaired_copy(file: Path, changes: Mapping[int, Mapping[str, str]], target: Path) -> None:
    """Write a quarantine file anew with changed values, by place of the row and column."""
    with (
        file.open(encoding="utf-8", newline="") as given,
        target.open("w", encoding="utf-8", newline="") as written,
    ):
        reader = csv.DictReader(given)
        writer = csv.DictWriter(written, reader.fieldnames or [], lineterminator="\n")
        writer.writeheader()
        for place, row in enumerate(reader, start=1):
            writer.writerow(row | dict(changes.get(place, {})))


def take_back(store: Path, sha256: str) -> list[Loaded]:
    """Take a loaded file out of a store, with the rows of it that were repaired and admitted; return what went.

    Raises:
        FileNotLoaded: the store does not have it.
        FileHeld: a later file left rows out because this one holds them.
        StoreInUse, StoreUnreadable: the store cannot be written.
    """
    with open_store(store) as catalogue:
        first = catalogue.find(sha256)
        if first is None:
            raise FileNotLoaded("The store does not hold this file any more. Reload the page.")
        going = [first, *offspring(catalogue, first)]
        later = next(
            (
                row
                for row in catalogue.loaded[catalogue.loaded.index(first) + 1 :]
                if row.table == first.table and row.already_there and row not in going
            ),
            None,
        )
        if later is not None:
            raise FileHeld(
                f"{later.file} was loaded after it and left {later.already_there:,} rows out that the store held. Take {later.file} back first, "
                "then load it again."
            )
        catalogue.drop(going)
        for row in going:
            for name in (row.part, row.quarantine):
                if name:
                    (store / name).unlink(missing_ok=True)
    return going


def offspring(catalogue: Catalogue, row: Loaded) -> list[Loaded]:
    """Return the repaired rows of a file that were admitted, and those of these."""
    name = f"{row.table}-{row.sha256[:16]}.csv"
    children = [each for each in catalogue.loaded if each.file == name and each != row]
    return [found for child in children for found in (child, *offspring(catalogue, child))]


def quarantine_of(store: Path, row: Loaded) -> Path | None:
    """Return the file of the rows set aside that still wait; None when there are none."""
    file = store / QUARANTINE / Path(row.quarantine).name
    return file if row.quarantine and file.is_file() else None
