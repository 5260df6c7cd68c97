"""What became of a claim line, read from its status, its decision and its hold. No second truth is stored. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from openum.vocabulary.terms import LineStatus


class Outcome(StrEnum):
    """Approve, deny, hold or adjust; open before that."""

    OPEN = "open"
    HELD = "held"
    APPROVED = "approved"
    ADJUSTED = "adjusted"
    DENIED = "denied"
    ENDED = "ended"


Claimed = tuple[str, Decimal | None]
"""A code, and how many units of it."""


def outcome_of(*, status: LineStatus, is_open: bool, is_held: bool, billed: Claimed, certified: Claimed) -> Outcome:
    """Say what became of a claim line.

    A hold counts while the line is open; other than billed is adjusted, whoever agreed to it.
    """
    if is_open:
        return Outcome.HELD if is_held else Outcome.OPEN
    if status in {LineStatus.DENIED, LineStatus.DISMISSED}:
        return Outcome.DENIED
    if status is LineStatus.PARTIALLY_APPROVED:
        return Outcome.ADJUSTED
    if status is LineStatus.APPROVED:
        return Outcome.APPROVED if billed == certified else Outcome.ADJUSTED
    return Outcome.ENDED


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """One claim line for the sums: its outcome, the issue that stands, what was in question, whether a rebuttal held."""

    outcome: Outcome
    issue: str
    amount_cents: int
    was_sent: bool
    rebuttal_held: bool


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What reviews came to. No share of it is owed to anybody."""

    by_issue: dict[str, int]
    sent: int
    overturned: int


def sums(rows: Iterable[Reviewed]) -> Sums:
    """Add up what was not paid as billed, in cents by issue, and count findings that a rebuttal overturned."""
    by_issue: dict[str, int] = {}
    sent = overturned = 0
    for row in rows:
        sent += row.was_sent
        overturned += row.rebuttal_held
        if row.outcome in {Outcome.DENIED, Outcome.ADJUSTED} and row.issue:
            by_issue[row.issue] = by_issue.get(row.issue, 0) + row.amount_cents
    return Sums(by_issue=dict(sorted(by_issue.items())), sent=sent, overturned=overturned)
