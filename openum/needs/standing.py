"""Where authorizations in force are looked up; the folder that issues them registers its answer at start."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from openum.accounts.models import ApiClient, Organization
from openum.directory.models import Member
from openum.needs.rules import Service, Standing


@dataclass(frozen=True, kw_only=True)
class Found:
    """An authorization in force, and the case whose data it shows."""

    standing: Standing
    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class Search:
    """Whose authorization, for which service, on which day; only what the asker may see is found.

    Attributes:
        npis: numbers of those who will treat.
        organization: the provider organization that asks; None: a system of the plan itself, which sees all of it.
        sandbox_client: the tester that asks in a shared sandbox; it sees what came of its own requests alone.
        units: how many units are wanted; None: not said.
        unit: the code they are counted in, as in `Balance.unit`; empty: not said.
    """

    member: Member
    services: Collection[Service]
    on: date
    place: str
    npis: frozenset[str]
    organization: Organization | None
    sandbox_client: ApiClient | None = None
    units: Decimal | None = None
    unit: str = ""


Source = Callable[[Search], Found | None]
_SOURCES: list[Source] = []


def register(source: Source) -> None:
    """Let needs see authorizations; called once at start."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def standing_for(search: Search) -> Found | None:
    """Return the first authorization in force that any source knows."""
    return next((found for source in _SOURCES if (found := source(search)) is not None), None)
