"""The files of a folder of claims, by table; a folder that a load of ours wrote is known to be clean."""

from dataclasses import dataclass
from pathlib import Path

from openum.analytics.codes import REFERENCE
from openum.analytics.layout import TABLES
from openum.analytics.store.catalogue import Catalogue
from openum.vocabulary.errors import Missing

ENDINGS = (".parquet", ".csv", ".csv.gz")

REFERENCES = ("drgs", "diagnoses", "procedures")
"""The reference tables that metrics look codes up in."""


class NoClaims(Missing):
    """The folder holds no claims."""

    code = "no-claims"


class NoReference(Missing):
    """A reference table is not there."""

    code = "no-reference-table"


@dataclass(frozen=True)
class Files:
    """The files of one table; `is_clean` says that a load of ours wrote them, so that texts and codes need no cleaning."""

    table: str
    parquet: tuple[Path, ...]
    text: tuple[Path, ...]
    is_clean: bool = False


def files_of(folder: Path, table: str) -> list[Path]:
    """Return a table's files: `medical_claim.parquet`, `medical_claim_2024.csv.gz`, or any file in a folder of its name."""
    found = [file for ending in ENDINGS for file in folder.glob(f"{table}*{ending}")]
    found += [file for ending in ENDINGS for file in (folder / table).glob(f"*{ending}")]
    return sorted(found)


def inputs_of(folder: Path) -> dict[str, Files]:
    """Return the files of every table; a missing table has none, but without eligibility there are no members to count.

    Raises:
        NoClaims: there is no such folder, or it has no eligibility file.
        StoreUnreadable: the folder is a store whose catalogue is damaged.
    """
    if not folder.is_dir():
        raise NoClaims(
            f"There is no folder {folder}. Give the folder with the files eligibility, medical_claim, pharmacy_claim."
        )
    if not files_of(folder, "eligibility"):
        raise NoClaims(f"{folder} holds no eligibility file (.parquet, .csv or .csv.gz). Put it beside the claims.")
    store = Catalogue(folder)
    found = {}
    for table in TABLES:
        files = files_of(folder, table)
        parquet = tuple(file for file in files if ".parquet" in file.name)
        text = tuple(file for file in files if ".csv" in file.name)
        found[table] = Files(table, parquet, text, is_clean=set(files) <= set(store.parts(table)))
    return found


def references_of(folder: Path | None = None) -> dict[str, Path]:
    """Return the reference tables of a folder, or the shipped ones.

    Raises:
        NoReference: a file is missing.
    """
    base = folder or REFERENCE
    found = {name: base / f"{name}.parquet" for name in REFERENCES}
    for file in found.values():
        if not file.is_file():
            raise NoReference(f"{base} holds no {file.name}. Put the table there, or leave the option out.")
    return found
