"""Where an appeal stands and what may follow. One table, pure; `docs/generated/appeal-states.md` is drawn from it."""

from enum import StrEnum
from typing import ClassVar

from openum.vocabulary.errors import Conflict, NotAllowed


class AppealState(StrEnum):
    """Where an appeal stands."""

    WAITING_FOR_FORM = "waiting_for_form"
    LATE_FILING = "late_filing"
    OPEN = "open"
    ASSIGNED = "assigned"
    PRELIMINARY = "preliminary"
    TO_BE_SENT = "to_be_sent"
    OUTSIDE = "outside"
    DECIDED = "decided"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    SENT_ELSEWHERE = "sent_elsewhere"
    MADE_COMPLAINT = "made_complaint"
    TAKEN_BACK = "taken_back"


S = AppealState
_ENDS = frozenset({S.DISMISSED, S.WITHDRAWN, S.SENT_ELSEWHERE, S.MADE_COMPLAINT})
MAY_BECOME: dict[AppealState, frozenset[AppealState]] = {
    S.WAITING_FOR_FORM: frozenset({S.OPEN, S.LATE_FILING, S.PRELIMINARY, S.TO_BE_SENT}) | _ENDS,
    S.LATE_FILING: frozenset({S.OPEN, S.PRELIMINARY, S.TO_BE_SENT}) | _ENDS,
    S.OPEN: frozenset({S.ASSIGNED, S.DECIDED}) | _ENDS,
    S.ASSIGNED: frozenset({S.OPEN, S.ASSIGNED, S.DECIDED}) | _ENDS,
    S.PRELIMINARY: frozenset({S.TO_BE_SENT, S.DISMISSED, S.DECIDED, S.WITHDRAWN}),
    S.TO_BE_SENT: frozenset({S.OUTSIDE, S.DECIDED, S.WITHDRAWN, S.TAKEN_BACK}),
    S.OUTSIDE: frozenset({S.DECIDED, S.WITHDRAWN, S.TAKEN_BACK}),
    S.DECIDED: frozenset({S.CLOSED}),
    S.CLOSED: frozenset(),
    S.DISMISSED: frozenset({S.OPEN, S.WAITING_FOR_FORM, S.PRELIMINARY, S.TO_BE_SENT}),
    S.WITHDRAWN: frozenset(),
    S.SENT_ELSEWHERE: frozenset(),
    S.MADE_COMPLAINT: frozenset(),
    S.TAKEN_BACK: frozenset(),
}
OPEN_STATES = frozenset({S.WAITING_FOR_FORM, S.LATE_FILING, S.OPEN, S.ASSIGNED, S.PRELIMINARY, S.TO_BE_SENT, S.OUTSIDE})
WITH_PLAN = frozenset({S.OPEN, S.ASSIGNED})
"""The plan itself has to decide."""


class NotYourAppeal(NotAllowed):
    """The appeal is somebody else's to decide."""

    code: ClassVar[str] = "not-your-appeal"


class IllegalAppealStep(Conflict):
    """The appeal stands where the wanted step cannot follow."""

    code: ClassVar[str] = "illegal-appeal-step"


def check_step(*, current: AppealState, target: AppealState) -> None:
    """Refuse a step that cannot follow.

    Raises:
        IllegalAppealStep: naming both.
    """
    if target not in MAY_BECOME[current]:
        raise IllegalAppealStep(
            f"This appeal is {words_of(current)}; it cannot become {words_of(target)}. Reload the page to see what "
            "changed."
        )


def words_of(state: AppealState) -> str:
    """Return the state in plain words, for a sentence."""
    return state.value.replace("_", " ")


class Outcome(StrEnum):
    """How an appeal ended."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"
    PARTLY = "partly"


class Counted(StrEnum):
    """What the outcome counts as: an early reversal by new evidence is never mixed with a decision (settled 8)."""

    DECISION = "decision"
    EARLY_REVERSAL = "early_reversal"
    OUTSIDE = "outside"
