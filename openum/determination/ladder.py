"""The steps by which a plan seeks missing information after it asked: which is due when, and which are done. Pure.

What counts before a no for lack of information is the law's (`outreach`); the ladder only says whom to try, how and when.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from openum.determination.outreach import Try
from openum.vocabulary.errors import Invalid
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import Channel

LADDER = "outreach"
"""Kind of the policy rows."""
_WRONG = "wrong number"


class LadderInvalid(Invalid):
    """A ladder cannot be published as it stands."""

    code: ClassVar[str] = "ladder-invalid"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: the way, and when it is due as a share (0 to 1) of the time from the question to its end."""

    key: str
    way: Channel
    share: float


@dataclass(frozen=True, kw_only=True)
class Due:
    """A step of one question: due when, and the try that did it, or none yet."""

    step: Step
    due_at: datetime
    done_by: Try | None


def dues(steps: Sequence[Step], *, asked_at: datetime, ends_at: datetime, tries: Sequence[Try]) -> list[Due]:
    """Return the steps in order of time. A try does the first step of its way that is not done; a wrong number does none."""
    left = sorted((each for each in tries if each.at >= asked_at and each.outcome != _WRONG), key=lambda each: each.at)
    found: list[Due] = []
    for step in sorted(steps, key=lambda each: each.share):
        done = next((each for each in left if each.way == step.way), None)
        if done is not None:
            left.remove(done)
        found.append(Due(step=step, due_at=asked_at + (ends_at - asked_at) * step.share, done_by=done))
    return found


def next_due(rows: Sequence[Due]) -> Due | None:
    """Return the first step that is not done; none when all are."""
    return next((row for row in rows if row.done_by is None), None)


@lru_cache(maxsize=64)
def steps_of(body: str) -> tuple[Step, ...]:
    """Parse a ladder.

    Raises:
        LadderInvalid: no steps, a key twice, an unknown way, or a share that is none.
    """
    document: Any = read_yaml(body)
    given = document.get("steps") if isinstance(document, Mapping) else None
    if not isinstance(given, list) or not given:
        raise LadderInvalid("Write `steps` as a list.")
    steps = [_step(each, number) for number, each in enumerate(given, start=1)]
    if len({step.key for step in steps}) != len(steps):
        raise LadderInvalid("Two steps have the same key. Give each its own.")
    return tuple(steps)


def _step(given: Any, number: int) -> Step:
    if not isinstance(given, Mapping) or not given.get("key"):
        raise LadderInvalid(f"Step {number}: give it a `key`.")
    share, way = given.get("share"), given.get("way")
    if way not in {Channel.PHONE, Channel.FAX, Channel.PORTAL, Channel.MAIL}:
        raise LadderInvalid(f"Step {given['key']}: `way` is phone, fax, portal or mail.")
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 < share < 1:
        raise LadderInvalid(f"Step {given['key']}: `share` lies between 0 and 1.")
    return Step(key=str(given["key"]), way=Channel(way), share=float(share))
