"""Whether somebody has an interest in a decision about a line; folders above register what they know beside it."""

from collections.abc import Callable, Iterable
from datetime import date

from openum.accounts.models import User
from openum.cases.models import Party, ServiceLine

Source = Callable[[ServiceLine, User, date], Iterable[str]]
"""Returns interests of a person in a line on a day, a sentence each."""

_SOURCES: list[Source] = []


def register(source: Source) -> None:
    """Add a source of interests; called once at start."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def interests_in(line: ServiceLine, user: User, *, on: date) -> list[str]:
    """Return every interest of a person in a line: their own care, a part in the request, work for who asks, declarations."""
    found: list[str] = []
    if line.case.member.user_id == user.pk:
        found.append("Is the member whose care is asked for.")
    if user.npi and Party.objects.filter(request=line.request, npi=user.npi).exists():
        found.append("Takes part in this request as a provider.")
    organization = line.case.organization_id
    if organization is not None and any(each.organization_id == organization for each in user.memberships.all()):
        found.append("Works for the practice that asks.")
    for source in _SOURCES:
        found += source(line, user, on)
    return found
