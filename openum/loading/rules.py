"""Words of a load."""

from enum import StrEnum


class LoadState(StrEnum):
    """Where a load stands."""

    GIVEN = "given"
    LOADING = "loading"
    ENDED = "ended"


class FileState(StrEnum):
    """Where a file stands; the stages between waiting and its end come from the store."""

    WAITING = "waiting"
    CHECKING = "checking"
    READING = "reading"
    WRITING = "writing"
    LOADED = "loaded"
    KNOWN = "known"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


UNDER_WAY = frozenset({FileState.CHECKING, FileState.READING, FileState.WRITING})

DONE = {
    FileState.WAITING: 0, FileState.CHECKING: 10, FileState.READING: 40, FileState.WRITING: 70, FileState.LOADED: 100, FileState.KNOWN: 100,
    FileState.REFUSED: 100, FileState.TAKEN_BACK: 100,
}  # fmt: skip
"""How far a file is, in percent by stage."""
STAGE = 30
"""How many percent of a file its reading is, and its writing."""


def done(state: FileState, percent: int) -> int:
    """Return how far a file is, in percent, `percent` of its stage being done."""
    part = percent * STAGE // 100 if state in {FileState.READING, FileState.WRITING} else 0
    return DONE[state] + part
