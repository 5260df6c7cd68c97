"""What else may be done with a line in review. Higher folders register, as they do for the case page.

The nurse's page stands below `determination` and still offers its approval, with the sentence why it is not allowed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.forms import BoundField
from django.utils.functional import Promise

from openum.accounts.models import User
from openum.cases.models import ServiceLine


@dataclass(frozen=True, kw_only=True)
class Action:
    """One button: where it posts, what it asks with it, and why not when it may not be pressed."""

    key: str
    label: str | Promise
    url: str
    shortcut: str = ""
    why_not: str = ""
    asks_authority: bool = False
    fields: tuple[BoundField, ...] = ()


Offer = Callable[[ServiceLine, User], Action | None]
_OFFERS: list[Offer] = []


def register(offer: Offer) -> None:
    """Add what offers an action; called once at start."""
    if offer not in _OFFERS:
        _OFFERS.append(offer)


def actions_for(line: ServiceLine, user: User) -> list[Action]:
    """Return the actions on a line for a person, in order of registration."""
    found = [offer(line, user) for offer in _OFFERS]
    return [action for action in found if action is not None]
