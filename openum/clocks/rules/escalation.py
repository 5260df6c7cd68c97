"""Who is told when a duty of law runs out of time, rung by rung. Pure: the ladder is data of the plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from openum.vocabulary.errors import Invalid
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import Role


class LadderInvalid(Invalid):
    """An escalation ladder cannot be published as it stands."""

    code: ClassVar[str] = "ladder-invalid"


class When(StrEnum):
    """What raises a rung."""

    AT_RISK = "at_risk"
    BEFORE = "before"
    PASSED = "passed"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step: when it is raised, and the roles it tells. `hours` counts from the due time, for before and after."""

    key: str
    when: When
    tells: tuple[Role, ...]
    hours: int = 0

    def at(self, due_at: datetime) -> datetime:
        """Return the instant of a timed rung for a due time."""
        return due_at + timedelta(hours=self.hours if self.when is When.AFTER else -self.hours)


Ladder = tuple[Rung, ...]


def read_ladder(text: str) -> Ladder:
    """Read a ladder from YAML.

    Raises:
        LadderInvalid: naming the rung and what is wrong with it.
    """
    front = read_yaml(text)
    if not isinstance(front, dict) or not front.get("rungs"):
        raise LadderInvalid("An escalation ladder is a YAML mapping with a list of rungs.")
    rungs = tuple(_rung(block) for block in front["rungs"])
    keys = [rung.key for rung in rungs]
    if len(set(keys)) < len(keys):
        raise LadderInvalid("Two rungs have the same key. Give each rung its own.")
    return rungs


def _rung(block: dict[str, Any]) -> Rung:
    key = str(block.get("key") or "")
    if not key:
        raise LadderInvalid("A rung has no key.")
    try:
        when = When(block.get("when", ""))
        tells = tuple(Role(word) for word in block.get("tells") or ())
    except ValueError as error:
        raise LadderInvalid(f"Rung {key}: {error}.") from error
    hours = block.get("hours", 0)
    is_timed = when in {When.BEFORE, When.AFTER}
    if not tells:
        raise LadderInvalid(f"Rung {key} tells nobody. Name at least one role.")
    if not isinstance(hours, int) or (hours > 0) is not is_timed:
        raise LadderInvalid(
            f"Rung {key}: `hours` is a whole number above zero for before and after, and left out else."
        )
    return Rung(key=key, when=when, tells=tells, hours=hours)


def of_kind(ladder: Sequence[Rung], when: When) -> list[Rung]:
    """Return the rungs that something raises, in the order of the ladder."""
    return [rung for rung in ladder if rung.when is when]
