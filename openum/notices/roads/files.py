"""Where files for other programs lie."""

from pathlib import Path

from django.conf import settings


def folder(*names: str) -> Path:
    """Return a folder below `OPENUM_DATA/outgoing`, made at need and closed to other users."""
    path = Path(settings.OPENUM_DATA, "outgoing", *names)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
