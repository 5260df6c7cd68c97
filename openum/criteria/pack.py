"""Finds guideline documents, their test patients and the shared logic in the files of a policy pack. Reads files only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from openum.criteria.document import sibling_of


@dataclass(frozen=True, slots=True)
class PackFile:
    """One guideline document with what belongs to it."""

    name: str
    text: str
    patients: str
    """Its sibling file with more test patients, or an empty text."""
    libraries: Mapping[str, str]


def guideline_files(root: Path) -> Iterator[PackFile]:
    """Yield every guideline document of a policy pack, by name.

    Args:
        root: the folder that holds `guidelines/`.
    """
    libraries = libraries_in(root / "guidelines/libraries")
    for file in sorted((root / "guidelines").glob("*/*.md")):
        if not file.name.endswith(".patients.md"):
            yield _read(file, name=str(file.relative_to(root)), libraries=libraries)


def guideline_file(file: Path, *, root: Path) -> PackFile:
    """Read one document; the shared logic is the one beside its folder, else that of the pack.

    Raises:
        OSError: the file cannot be read.
    """
    beside = file.resolve().parent.parent / "libraries"
    libraries = libraries_in(root / "guidelines/libraries") | libraries_in(beside)
    return _read(file, name=str(file), libraries=libraries)


def libraries_in(folder: Path) -> dict[str, str]:
    """Return the shared CQL of a folder by library name."""
    return {file.stem: file.read_text("utf-8") for file in sorted(folder.glob("*.cql"))}


def _read(file: Path, *, name: str, libraries: Mapping[str, str]) -> PackFile:
    beside = sibling_of(file)
    patients = beside.read_text("utf-8") if beside.is_file() else ""
    return PackFile(name, file.read_text("utf-8"), patients, libraries)
