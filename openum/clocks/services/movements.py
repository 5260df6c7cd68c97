"""Which clocks moved, and the events that say so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from openum import audit
from openum.accounts.models import User
from openum.audit import Event
from openum.clocks.events import ClockExtended, ClockLapsed, ClockMoved, ClockResumed, ClockStopped, ClockTolled
from openum.clocks.models import Clock
from openum.clocks.rules.reading import ClockState, StepKind
from openum.clocks.stored import Setting


@dataclass(frozen=True)
class Movement:
    """A clock, and how it stood before."""

    clock: Clock
    state: str
    ball: str
    due_at: datetime | None
    stopped_at: datetime | None
    steps: int
    was_extended: bool

    @classmethod
    def of(cls, clock: Clock) -> "Movement":
        """Remember how a clock stands."""
        return cls(
            clock, clock.state, clock.ball, clock.due_at, clock.stopped_at, len(clock.explanation), _extended(clock)
        )

    def is_changed(self, clock: Clock) -> bool:
        """Say whether anything a reader sees has changed."""
        return (self.state, self.ball, self.due_at, self.stopped_at, self.steps) != (
            clock.state, clock.ball, clock.due_at, clock.stopped_at, len(clock.explanation)
        )  # fmt: skip


def _extended(clock: Clock) -> bool:
    return any(step["kind"] == StepKind.EXTENDED for step in clock.explanation)


def record_movements(moved: Sequence[Movement], *, setting: Setting, by: User, at: datetime) -> None:
    """Record one event for all clocks that moved the same way."""
    groups: dict[Event, list[Clock]] = {}
    for before in moved:
        for event in _events_of(before, setting):
            groups.setdefault(event, []).append(before.clock)
    for event, clocks in groups.items():
        if isinstance(event, ClockLapsed):
            Clock.objects.filter(pk__in=[clock.pk for clock in clocks]).update(lapsed_at=at)
        audit.record(replace(event, clock_ids=tuple(clock.public_id for clock in clocks)), by=by, at=at)  # type: ignore[call-arg]


def _events_of(before: Movement, setting: Setting) -> list[Event]:
    clock, case, request, rule = before.clock, setting.case, setting.request, before.clock.governing_rule
    due, nobody = clock.due_at, ()
    events: list[Event] = []
    if _extended(clock) and not before.was_extended:
        events.append(ClockExtended(case_id=case, request_id=request, clock_ids=nobody, due_at=due, cause=rule))
    if clock.stopped_at is not None and before.stopped_at is None:
        if clock.state == ClockState.LATE and clock.lapsed_at is None and due is not None:
            events.append(lapse_of(clock, setting))
        events.append(ClockStopped(case_id=case, request_id=request, clock_ids=nobody, state=clock.state))
    elif clock.state == ClockState.TOLLED and before.state != ClockState.TOLLED:
        events.append(ClockTolled(case_id=case, request_id=request, clock_ids=nobody, cause=rule))
    elif before.state == ClockState.TOLLED and clock.state != ClockState.TOLLED:
        events.append(ClockResumed(case_id=case, request_id=request, clock_ids=nobody, due_at=due, cause=rule))
    elif due != before.due_at and not events:
        events.append(ClockMoved(case_id=case, request_id=request, clock_ids=nobody, due_at=due, cause=rule))
    return events


def lapse_of(clock: Clock, setting: Setting) -> ClockLapsed:
    """Return the event of a due time that passed, naming what the law makes of it."""
    rule = setting.book.rule(clock.governing_rule, clock.governing_version)
    assert clock.due_at is not None
    return ClockLapsed(
        case_id=setting.case,
        request_id=setting.request,
        clock_ids=(),
        due_at=clock.due_at,
        missed=rule.missed.value,
        cause=rule.id,
    )
