"""Which services may go to another case. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from openum.cases.rules import STATUS_TABLE
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import LineStatus as S

UNDECIDED = frozenset({S.RECEIVED, S.PENDED_WITH_PAYER, S.PENDED_WITH_PROVIDER, S.PENDED_WITH_PHYSICIAN})
"""Services on which nothing was decided. A reopened one was decided: its letters speak of the person they went to."""
LEAST_WORDS = 5


class CannotRefile(Conflict):
    """The services cannot go there, or something was done meanwhile."""

    code: ClassVar[str] = "cannot-refile"


def check_lines(chosen: Sequence[int], statuses: Mapping[int, S]) -> None:
    """Refuse services that are not of the request, or on which something was decided.

    Args:
        chosen: sequences of the lines to move.
        statuses: of the current lines of the request, by sequence.

    Raises:
        Invalid: none chosen, or one that the request has not.
        CannotRefile: one was decided or has ended.
    """
    if not chosen:
        raise Invalid("Choose at least one service to move.")
    if set(chosen) - set(statuses):
        raise Invalid("The request has not all of these services. Reload the page.")
    for number in chosen:
        if statuses[number] not in UNDECIDED:
            raise CannotRefile(
                f"Service {number} is {STATUS_TABLE[statuses[number]].staff.lower()}. What was decided or has ended is "
                "not moved: correct it at its case, and enter the request anew where it belongs."
            )


def check_people(*, is_other_member: bool, came_as_data: bool) -> None:
    """Refuse to give another person's case what a record system sent for this one.

    Raises:
        CannotRefile: the sender would be answered with another person's data.
    """
    if is_other_member and came_as_data:
        raise CannotRefile(
            "A record system sent this request for this very person, and would be answered with another person's data. "
            "Ask the sender to withdraw it and to send it for the right person."
        )


def check_reason(reason: str) -> str:
    """Return the reason.

    Raises:
        Invalid: hardly anything was said.
    """
    if len(reason.strip()) < LEAST_WORDS:
        raise Invalid("Say how it is known where the request belongs.")
    return reason.strip()


def sequences_after(used: Collection[int], count: int) -> list[int]:
    """Return numbers for lines that join others on a case: the sender knows each line of a case by its number."""
    first = max(used, default=0) + 1
    return list(range(first, first + count))
