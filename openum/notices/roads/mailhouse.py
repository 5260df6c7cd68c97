"""The mail house: a folder with a PDF and a slip for each letter, and a manifest of every hour.

`<letter>.pdf` is written first and `<letter>.csv`, its slip, last: the mail house takes a letter when its slip is there.
`manifest-<plan>-<hour>.csv` lists what was handed over in an hour, with `….csv.sha256` beside it, so that both sides
can count: what stands in the manifest and never came is missing, and a file whose hash differs was damaged.
"""

import csv
import hashlib
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from openum.notices.roads import files
from openum.outbox.files import write_whole

FOLDER = "mail"


@dataclass(frozen=True, kw_only=True)
class Slip:
    """One row: which letter, which file with which hash, on which paper, to which address."""

    letter: str
    file: str
    sha256: str
    pages: int
    paper: str
    language: str
    large_print: bool
    name: str
    address: str  # lines separated by " | "
    idempotency_key: str
    handed_over_at: str


COLUMNS = tuple(each.name for each in fields(Slip))


def as_csv(slips: Iterable[Slip]) -> bytes:
    """Write slips as CSV with a header row, UTF-8, lines ended by CR LF (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows(astuple(slip) for slip in slips)
    return out.getvalue().encode()


def drop(slip: Slip, pdf: bytes) -> str:
    """Put a letter into the folder and return the SHA-256 of its slip.

    Raises:
        OSError: the folder cannot be written; the outbox tries again.
    """
    folder, content = files.folder(FOLDER), as_csv([slip])
    write_whole(folder / slip.file, pdf)
    write_whole((folder / slip.file).with_suffix(".csv"), content)
    return hashlib.sha256(content).hexdigest()


def write_manifest(name: str, slips: Iterable[Slip]) -> Path:
    """Write the manifest of an hour and its hash; the same hour again gives the same bytes.

    Args:
        name: plan and hour, for example `harbor-2026-11-22T13`.
    """
    content = as_csv(slips)
    path = files.folder(FOLDER) / f"manifest-{name}.csv"
    write_whole(path, content)
    digest = f"{hashlib.sha256(content).hexdigest()}  {path.name}\n".encode()
    write_whole(path.with_suffix(".csv.sha256"), digest)
    return path
