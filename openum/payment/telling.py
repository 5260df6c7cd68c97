"""Changes of authorizations as they are told: one by one, and as files."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openum.outbox.files import write_whole
from openum.payment.models import FeedEntry

COLUMNS = (
    "position", "change", "at", "number", "status", "member_number", "product", "system", "code", "code_end", "modifiers", "from",
    "to", "ends_when", "units", "used", "left", "unit", "npi", "place", "level_of_care",
)  # fmt: skip
SUFFIXES = (".ndjson", ".csv")


def shown(entry: FeedEntry) -> dict[str, Any]:
    """Return one change as it is told."""
    return {"position": entry.position, "change": entry.kind, "at": entry.written_at.isoformat(), **entry.body}


def write_file(path: Path, entries: Iterable[FeedEntry]) -> str:
    """Write changes as NDJSON, or as CSV with a row for each part, and the digest beside it; return the digest.

    The file's end says which; `SUFFIXES` are known.
    """
    rows = [shown(entry) for entry in entries]
    content = _lines(rows) if path.suffix == ".ndjson" else _table(rows)
    digest = hashlib.sha256(content).hexdigest()
    write_whole(path, content)
    write_whole(path.with_name(f"{path.name}.sha256"), f"{digest}  {path.name}\n".encode())
    return digest


def _lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows).encode()


def _table(rows: Iterable[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    for row in rows:
        for part in row["parts"]:
            cells = {**row, **part, "modifiers": " ".join(part["modifiers"])}
            table.writerow({name: "" if cells.get(name) is None else cells[name] for name in COLUMNS})
    return text.getvalue().encode()
