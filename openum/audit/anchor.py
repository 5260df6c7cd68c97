"""The last seals once more outside the database, so that seals cut off at the end are missed."""

import os
from pathlib import Path

from django.conf import settings


def _file() -> Path:
    return Path(settings.OPENUM_DATA) / "audit-seals.log"


def append_anchor(*, number: int, mac: str) -> None:
    """Add one line to audit-seals.log in the data directory and force it to disk."""
    with os.fdopen(os.open(_file(), os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "a") as stream:
        stream.write(f"{number} {mac}\n")
        stream.flush()
        os.fsync(stream.fileno())


def anchored() -> dict[int, str]:
    """Return the mac of every seal that was written to the file; empty when there is no file."""
    if not _file().is_file():
        return {}
    lines = _file().read_text(encoding="ascii").split("\n")
    return {int(parts[0]): parts[1] for parts in (line.split() for line in lines) if len(parts) == 2}
