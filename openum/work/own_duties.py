"""What a person owes for themselves, beside tasks and cases. A higher folder tells; work stands below it and cannot look."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from openum.accounts.models import User


@dataclass(frozen=True, kw_only=True)
class OwnDuty:
    """A page that a person has to see to from time to time.

    Attributes:
        name: what the page is called, in the reader's language.
        url: where it is.
        due: why it is due now, in a sentence; empty while it is not.
    """

    name: str
    url: str
    due: str


Duties = Callable[[User, datetime], list[OwnDuty]]
_TOLD_BY: list[Duties] = []


def register(tells: Duties) -> None:
    """Add what knows duties of a person; called once at start."""
    if tells not in _TOLD_BY:
        _TOLD_BY.append(tells)


def duties_of(user: User, *, at: datetime) -> list[OwnDuty]:
    """Return what a person owes for themselves, due or not, as things stand at an aware instant."""
    return [duty for tells in _TOLD_BY for duty in tells(user, at)]
