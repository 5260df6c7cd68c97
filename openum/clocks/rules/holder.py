"""Who has the ball: the plan, the provider whose answer is awaited, or a letter on its way."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from openum.clocks.rules.facts import Fact, FactKind
from openum.clocks.rules.reading import Split
from openum.vocabulary.terms import Ball


def _turns(
    known: Sequence[Fact], first_holder: Ball, decided_at: datetime | None, until: datetime | None
) -> list[tuple[datetime, Ball]]:
    """Return the instants at which the ball changed hands, in order, and who held it from then on."""
    turns: list[tuple[datetime, Ball]] = []
    holder = first_holder
    respond_by: datetime | None = None
    for fact in known:
        if holder is Ball.PROVIDER and respond_by is not None and respond_by < fact.at:
            turns.append((respond_by, Ball.PAYER))
            holder, respond_by = Ball.PAYER, None
        asks = fact.kind is FactKind.INFO_REQUESTED or (fact.kind is FactKind.EXTENSION_TAKEN and fact.reason == "info")
        if asks and holder is not Ball.TRANSIT:
            respond_by = max(filter(None, (respond_by, fact.respond_by)), default=None)
            holder = Ball.PROVIDER
        elif fact.kind is FactKind.INFO_RECEIVED and holder is Ball.PROVIDER:
            holder = Ball.PAYER
        elif fact.kind is FactKind.DECIDED and fact.at == decided_at:
            holder = Ball.TRANSIT
        elif fact.kind is FactKind.REOPENED:
            holder = Ball.PAYER
        else:
            continue
        turns.append((fact.at, holder))
    if holder is Ball.PROVIDER and respond_by is not None and until is not None and respond_by < until:
        turns.append((respond_by, Ball.PAYER))
    return turns


def ball_now(known: Sequence[Fact], first_holder: Ball, decided_at: datetime | None, until: datetime | None) -> Ball:
    """Return who has to act, as of `until` (None: after all facts). `decided_at` is when the last line was decided."""
    turns = _turns(known, first_holder, decided_at, until) if len(known) > 1 else []
    return turns[-1][1] if turns else first_holder


def answer_ends_at(
    known: Sequence[Fact], first_holder: Ball, decided_at: datetime | None, now: datetime
) -> datetime | None:
    """Return when the time given to answer ends, while the provider has the ball and that time lies ahead."""
    if ball_now(known, first_holder, decided_at, now) is not Ball.PROVIDER or first_holder is Ball.PROVIDER:
        return None
    ends = [fact.respond_by for fact in known if fact.respond_by is not None and fact.respond_by > now]
    return max(ends, default=None)


def split_of(
    known: Sequence[Fact], first_holder: Ball, decided_at: datetime | None, start: datetime, end: datetime
) -> Split:
    """Split the elapsed time from start to end by who had the ball. The parts always sum to the whole."""
    spent = {Ball.PAYER: timedelta(), Ball.PROVIDER: timedelta(), Ball.TRANSIT: timedelta()}
    holder, since = first_holder, start
    for turned_at, next_holder in _turns(known, first_holder, decided_at, end):
        at = min(max(turned_at, since), end)
        spent[holder] += at - since
        holder, since = next_holder, at
    spent[holder] += max(end - since, timedelta())
    return Split(spent[Ball.PAYER], spent[Ball.PROVIDER], spent[Ball.TRANSIT])
