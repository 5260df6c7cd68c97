"""Where the payer's own records tell of services that were really used; folders above register what they know."""

from collections.abc import Callable
from datetime import date

from openum.cases.models import ServiceLine
from openum.criteria.record import Resource

Ledger = Callable[[ServiceLine, date], list[Resource]]
"""Returns the services the member of a line used up to a day, as Claim resources (`record.paid_service_fact`)."""

_LEDGERS: list[Ledger] = []


def register(ledger: Ledger) -> None:
    """Let the criteria read a ledger; called once at start."""
    if ledger not in _LEDGERS:
        _LEDGERS.append(ledger)


def used_services(line: ServiceLine, day: date) -> list[Resource]:
    """Return what every ledger knows of the member of a line up to a day."""
    return [fact for ledger in _LEDGERS for fact in ledger(line, day)]
