"""The shipped rows, and short ways to write instants and facts."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from openum.clocks.rules import Fact, FactKind, Reading, Rule, RuleBook, compute, read_book

PACKS = Path(__file__).resolve().parents[2] / "policies" / "deadlines"
BOOK: RuleBook = read_book(PACKS)
EASTERN = ZoneInfo("America/New_York")
PACIFIC = ZoneInfo("America/Los_Angeles")
CENTRAL = ZoneInfo("America/Chicago")


def eastern(text: str) -> datetime:
    """Read 2026-11-24 16:40 or 2026-11-24 16:40:05 as New York time."""
    return datetime.fromisoformat(text).replace(tzinfo=EASTERN)


def fact(kind: str, at: datetime, **values: object) -> Fact:
    """Make a fact."""
    return Fact(kind=FactKind(kind), at=at, **values)


def rule(business: str, request_type: str, received: datetime, *facts: Fact, state: str = "", zone=EASTERN) -> Rule:
    """Choose the row that a bare question names."""
    return BOOK.answer_for(
        line_of_business=business,
        request_type=request_type,
        state=state,
        received_on=received.astimezone(zone).date(),
        received_at=received,
        facts=facts,
    )


def read(
    business: str, request_type: str, received: datetime, *facts: Fact, state: str = "", zone=EASTERN, **options
) -> Reading:
    """Compute the clock of one question, as a case file of questions would ask it."""
    row = rule(business, request_type, received, *facts, state=state, zone=zone)
    opening = [Fact(kind=FactKind.RECEIVED, at=received)]
    if row.starts is not FactKind.RECEIVED and row.start_fallback is None:
        opening.append(Fact(kind=row.starts, at=received, reason=row.starts_reason))
    book = BOOK.in_force(received.astimezone(zone).date())
    return compute(row, [*opening, *facts], zone, book=book, **options)


def local(reading: Reading) -> str:
    """Write the due time in its zone, or None."""
    return reading.due_at.strftime("%Y-%m-%d %H:%M:%S") if reading.due_at else "None"


__all__ = ["BOOK", "CENTRAL", "EASTERN", "PACIFIC", "PACKS", "UTC", "date", "eastern", "fact", "local", "read", "rule"]
