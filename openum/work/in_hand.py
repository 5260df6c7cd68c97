"""Which lines somebody is at work on right now. A higher folder tells; work stands below it and cannot look."""

from collections.abc import Callable, Collection

InHand = Callable[[Collection[int]], set[int]]
_TOLD_BY: list[InHand] = []


def register(tells: InHand) -> None:
    """Add what knows lines in hand, by primary key; called once at start."""
    if tells not in _TOLD_BY:
        _TOLD_BY.append(tells)


def lines_in_hand(line_ids: Collection[int]) -> set[int]:
    """Return those of the lines that somebody has opened for review and not finished."""
    return set().union(*(tells(line_ids) for tells in _TOLD_BY))
