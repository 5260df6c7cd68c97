"""What must be true before an appeal is decided, and what a reversal teaches. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from openum.appeals.rules.states import Outcome
from openum.vocabulary.errors import Conflict, Invalid

LEAST_PANEL = 3


class CauseMissing(Invalid):
    """A reversal names the criterion, fact or step that failed."""

    code: ClassVar[str] = "cause-missing"


class NothingNew(Conflict):
    """An early reversal rests on something that came after the no."""

    code: ClassVar[str] = "nothing-new"


class PanelOpen(Conflict):
    """The second opinion was asked for and is not complete."""

    code: ClassVar[str] = "panel-open"


class PartIsWrong(Invalid):
    """Units of a partial reversal are fewer than asked and more than none or than before."""

    code: ClassVar[str] = "part-is-wrong"


class CauseKind(StrEnum):
    """What failed when a decision is reversed."""

    NODE = "node"
    FACT = "fact"
    STEP = "step"


def check_cause(*, outcome: Outcome, kind: str, words: str) -> None:
    """Refuse a reversal that teaches nothing.

    Raises:
        CauseMissing: the kind or the words are missing.
    """
    if outcome is Outcome.UPHELD:
        return
    if kind not in set(CauseKind) or not words.strip():
        raise CauseMissing(
            "Say what failed at the first decision: the criterion, the fact or the step, in a sentence. The next "
            "reviewer of such a request reads it."
        )


def check_part(*, outcome: Outcome, units: Decimal | None, asked: Decimal | None, approved: Decimal | None) -> None:
    """Refuse a partial reversal that is none.

    Args:
        units: what the appeal gives in all.
        asked: what was asked for; None when no number was.
        approved: what stands approved already; None when nothing.

    Raises:
        PartIsWrong: not between what stands and what was asked.
    """
    if outcome is not Outcome.PARTLY:
        return
    least = approved or Decimal(0)
    if units is None or units <= least or (asked is not None and units >= asked):
        raise PartIsWrong("Give more units than stand approved and fewer than were asked. To give all, overturn.")


def check_is_new(*, came_after: int, all_met: bool, has_guideline: bool, rationale: str) -> None:
    """Refuse an early reversal without something new that answers what was open.

    Raises:
        NothingNew: nothing came since the no, or the criteria are still open, or the reason is missing.
    """
    if came_after == 0:
        raise NothingNew("Nothing has arrived since the decision. An early reversal rests on new evidence.")
    if has_guideline and not all_met:
        raise NothingNew("Criteria are still open. Link the new evidence to them first, or let the reviewer decide.")
    if not rationale.strip():
        raise NothingNew("Write which new evidence answers what was open.")


def check_panel(*, votes: int, members: int) -> None:
    """Refuse to decide while a panel that was asked has not voted.

    Raises:
        PanelOpen: votes are missing.
    """
    if members and votes < members:
        raise PanelOpen(f"{votes} of {members} physicians of the panel have voted. Wait for the others.")


def check_panel_size(members: int) -> None:
    """Refuse a panel that can tie or is too small.

    Raises:
        PanelSize: an even number, or fewer than three.
    """
    if members < LEAST_PANEL or members % 2 == 0:
        raise PanelSize(f"A panel has an odd number of physicians, at least {LEAST_PANEL}.")


class PanelSize(Invalid):
    """A panel can decide only with an odd number of members."""

    code: ClassVar[str] = "panel-size"


def panel_result(votes: Sequence[bool]) -> Outcome:
    """Return what the majority of a complete panel advises; True is for the member."""
    return Outcome.OVERTURNED if sum(votes) * 2 > len(votes) else Outcome.UPHELD
