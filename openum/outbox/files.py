"""Files handed over to others."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read; it stands under its name when all of it is on the disk."""
    part = path.with_suffix(path.suffix + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
