"""Drawing a sample that anybody can draw again, and what its verdicts say. Pure."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

FIRST_PART = 8
"""The files read first under the 8/30 rule of accreditation file reviews."""


class Universe(StrEnum):
    """What a sample is drawn from."""

    DECISIONS = "decisions"
    APPEALS = "appeals"
    COMPLAINTS = "complaints"


class Element(StrEnum):
    """What is looked for in every file."""

    TIME = "time"
    DECIDER = "decider"
    GROUNDS = "grounds"
    NOTICE = "notice"


class Verdict(StrEnum):
    """What a reader found about one element of one file."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


def rank(seed: str, key: str) -> str:
    """Return the lot of a row: SHA-256 of the seed, a line feed and the key of the row, in hexadecimal digits."""
    return hashlib.sha256(f"{seed}\n{key}".encode()).hexdigest()


def draw(seed: str, keys: Iterable[str], size: int) -> list[str]:
    """Return the `size` keys with the lowest lots, lowest first: the order in which the files are read.

    The same seed and keys give the same sample, in whatever order the keys come; a larger sample begins with the smaller.
    """
    return sorted(set(keys), key=lambda key: (rank(seed, key), key))[:size]


def written(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a universe as a CSV file (UTF-8, line feeds, a row of heads)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return text.getvalue().encode()


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


class Step(StrEnum):
    """What is to be done about an element."""

    READ_FIRST = "read_first"
    MET_ON_FIRST = "met_on_first"
    READ_ALL = "read_all"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one element stands over the files of a sample."""

    passed: int
    failed: int
    not_applicable: int
    left: int
    step: Step

    @property
    def judged(self) -> int:
        """Return how many files count: passed and failed."""
        return self.passed + self.failed


def standing(verdicts: Sequence[Verdict | None]) -> Standing:
    """Say where an element stands by the verdicts of the files, in the order of the sample.

    8/30: if the first eight files to which it applies all pass, the element is met and the rest need not be read; if one
    of them fails, all are read. A sample of eight or fewer is read whole.
    """
    passed, failed = verdicts.count(Verdict.PASS), verdicts.count(Verdict.FAIL)
    without, left = verdicts.count(Verdict.NOT_APPLICABLE), verdicts.count(None)
    first = [verdict for verdict in verdicts if verdict is not Verdict.NOT_APPLICABLE][:FIRST_PART]
    if not left:
        step = Step.DONE
    elif Verdict.FAIL in verdicts:
        step = Step.READ_ALL
    elif len(first) == FIRST_PART and None not in first:
        step = Step.MET_ON_FIRST
    else:
        step = Step.READ_FIRST
    return Standing(passed=passed, failed=failed, not_applicable=without, left=left, step=step)
