"""A fax line: takes a document for a number, and says later what became of it.

`FolderLine` is the line of an installation whose fax server watches a folder. `OPENUM_FAX_LINE` names another class.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import orjson
from django.conf import settings
from django.utils.module_loading import import_string

from openum.notices.roads import files
from openum.outbox.files import write_whole
from openum.vocabulary.errors import Invalid

FOLDER = "fax"


class FaxStatusUnreadable(Invalid):
    """The fax server's status file is not what was agreed."""

    code = "fax-status-unreadable"


class FaxState(StrEnum):
    """What became of a fax."""

    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class FaxJob:
    """One document for one number; `key` names it for both sides, and twice the same key is one fax."""

    key: str
    number: str
    pdf: bytes
    pages: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class FaxStatus:
    """What the line says. `reason` is the line's own word, such as busy or no-answer."""

    state: FaxState
    at: datetime
    reason: str = ""


class FaxLine(Protocol):
    """What a fax adapter does."""

    def place(self, job: FaxJob) -> None:
        """Take a document; repeatable by its key."""

    def status(self, key: str) -> FaxStatus | None:
        """Say what became of it; None while it is still tried."""


class FolderLine:
    """`<key>.pdf` and `<key>.job.json` go in; the fax server answers with `<key>.status.json`.

    The status file: `{"state": "delivered" or "failed", "at": ISO instant with offset, "reason": "…"}`.
    """

    def place(self, job: FaxJob) -> None:
        """Write the document, then its job.

        Raises:
            OSError: the folder cannot be written; the outbox tries again.
        """
        folder = files.folder(FOLDER)
        write_whole(folder / f"{job.key}.pdf", job.pdf)
        order = {
            "key": job.key,
            "number": job.number,
            "file": f"{job.key}.pdf",
            "pages": job.pages,
            "sha256": job.sha256,
        }
        write_whole(folder / f"{job.key}.job.json", orjson.dumps(order, option=orjson.OPT_SORT_KEYS))

    def status(self, key: str) -> FaxStatus | None:
        """Read the status file.

        Raises:
            FaxStatusUnreadable: it is not what was agreed.
        """
        path = files.folder(FOLDER) / f"{key}.status.json"
        if not path.exists():
            return None
        try:
            raw = orjson.loads(path.read_bytes())
            at = datetime.fromisoformat(raw["at"])
            found = FaxStatus(state=FaxState(raw["state"]), at=at, reason=str(raw.get("reason", "")))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise FaxStatusUnreadable(
                f"The status file of fax {key} cannot be read ({type(error).__name__}). It needs state and at."
            ) from error
        if at.tzinfo is None:
            raise FaxStatusUnreadable(f"The status file of fax {key} gives an instant without its offset.")
        return found


def line() -> FaxLine:
    """Return this installation's fax line."""
    made: FaxLine = import_string(settings.OPENUM_FAX_LINE)()
    return made
