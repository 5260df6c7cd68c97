"""What a routing document would do to the open lines, before it is published. Nothing is written."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from openum.accounts.models import Plan
from openum.work.queries.routing import current_placements, facts_of, in_chunks, open_counts, open_lines
from openum.work.rules.routing import Routing, complexity_of, rule_for

NOWHERE = ""
"""Stands for a line that is in no queue."""


@dataclass(frozen=True)
class Move:
    """One line that would go elsewhere."""

    case_id: UUID
    case_number: str
    line: int
    from_queue: str
    to_queue: str
    rule: str
    because: str
    points: int
    is_held: bool


@dataclass
class Simulation:
    """What would change: counts over all lines looked at, and the moves."""

    looked_at: int = 0
    staying: int = 0
    points: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    flows: Counter[tuple[str, str]] = field(default_factory=Counter)
    moves: list[Move] = field(default_factory=list)
    is_whole: bool = True

    @property
    def moving(self) -> int:
        """How many lines would go elsewhere."""
        return self.looked_at - self.staying


def simulate(
    *, plan: Plan, routing: Routing, at: datetime, most_lines: int | None = None, most_moves: int | None = None
) -> Simulation:
    """Route every open line of a plan on paper and compare with where it is.

    Args:
        plan: whose lines.
        routing: the document, published or not.
        at: the instant.
        most_lines: stop after so many; the answer then says that it is not whole.
        most_moves: keep so many moves; all are counted.
    """
    found, last = Simulation(), 0
    on = at.astimezone(ZoneInfo(plan.time_zone)).date()
    rows = open_lines(plan)
    for chunk in in_chunks(rows, most=most_lines):
        counts = open_counts(chunk)
        known = current_placements([line.pk for line in chunk])
        for line in chunk:
            facts = facts_of(line, lines=counts[line.case_id], on=on)
            complexity = complexity_of(routing, facts)
            rule = rule_for(routing, facts, complexity.points)
            placement = known.get(line.pk)
            before = placement.queue.key if placement else NOWHERE
            found.looked_at += 1
            found.points += complexity.points
            found.by_rule[rule.key] += 1
            if before == rule.queue:
                found.staying += 1
                continue
            found.flows[before, rule.queue] += 1
            if most_moves is None or len(found.moves) < most_moves:
                found.moves.append(
                    Move(
                        line.case.public_id, line.case.number, line.sequence, before, rule.queue, rule.key, rule.because,
                        complexity.points, bool(placement and placement.holder_id),
                    )
                )  # fmt: skip
        last = chunk[-1].pk
    if most_lines is not None and found.looked_at >= most_lines:
        found.is_whole = not rows.filter(pk__gt=last).exists()
    return found
