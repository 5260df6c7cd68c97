"""Patterns in leads: one service for one diagnosis by one provider in one population. Pure. Nobody is accused by one."""

from collections.abc import Iterable
from dataclasses import dataclass

from openum.retrospective.rules.leads import LeadState
from openum.retrospective.rules.outcomes import Outcome


@dataclass(frozen=True, kw_only=True, order=True)
class PatternKey:
    """What a pattern is about; empty where claims are silent. The population is the payer's, as the file names it."""

    service: str
    diagnosis: str
    provider: str
    population: str


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One lead for the board; `outcome` is None where it was not taken up."""

    key: PatternKey
    state: LeadState
    outcome: Outcome | None
    amount_cents: int


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """How often something was found, out of all that was found with the provider, and what people made of it."""

    key: PatternKey
    leads: int
    of_provider: int
    dismissed: int
    in_review: int
    confirmed: int
    amount_cents: int


def patterns(leads: Iterable[Counted], *, at_least: int = 1) -> list[Pattern]:
    """Return the patterns with so many leads, the most frequent first."""
    rows = list(leads)
    by_provider: dict[str, int] = {}
    groups: dict[PatternKey, list[Counted]] = {}
    for row in rows:
        by_provider[row.key.provider] = by_provider.get(row.key.provider, 0) + 1
        groups.setdefault(row.key, []).append(row)
    found = [
        Pattern(
            key=key,
            leads=len(group),
            of_provider=by_provider[key.provider],
            dismissed=sum(row.state is LeadState.DISMISSED for row in group),
            in_review=sum(row.outcome in {Outcome.OPEN, Outcome.HELD} for row in group),
            confirmed=sum(row.outcome in {Outcome.ADJUSTED, Outcome.DENIED} for row in group),
            amount_cents=sum(row.amount_cents for row in group),
        )
        for key, group in groups.items()
        if len(group) >= at_least
    ]
    return sorted(found, key=lambda pattern: (-pattern.leads, pattern.key))
