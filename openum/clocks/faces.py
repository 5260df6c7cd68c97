"""How clocks look: the chip's face, the ladder's rungs, who held a request how long."""

from datetime import datetime

from openum.clocks.models import Clock
from openum.clocks.queries import BindingClock, binding_clocks
from openum.clocks.rules.reading import ClockState
from openum.design.clock import Face, Rung
from openum.design.moments import moment
from openum.design.telling import told

_RUNG_KINDS = {
    "due": "due", "later_of": "due", "tolled": "pause", "passed": "late", "waits": "open", "window_closed": "late",
}  # fmt: skip


def face_of(clock: Clock | BindingClock, *, at: datetime) -> Face:
    """Return what the chip of a clock shows; before its start it counts from now."""
    return Face(
        started_at=clock.started_at or at,
        due_at=clock.due_at,
        now=at,
        zone=clock.zone,
        ball=clock.ball,
        rule=clock.citation,
        purpose=clock.title,
        stopped_at=clock.stopped_at,
        in_time=ClockState(clock.state) is not ClockState.LATE,
    )


def faces_of(case_ids: list[int], *, at: datetime) -> dict[int, Face]:
    """Return the face of the clock that binds each case, by the case's primary key, with one query."""
    return {case_id: face_of(clock, at=at) for case_id, clock in binding_clocks(case_ids).items()}


def rungs_of(clock: Clock) -> list[Rung]:
    """Return the steps of a clock as a ladder, each with the law that moved it."""
    rungs = []
    for step in clock.explanation:
        shown = step["due_at"] if step["kind"] in {"due", "later_of"} else step["at"]
        rungs.append(
            Rung(
                text=told(step["text"]),
                at=moment(datetime.fromisoformat(shown), clock.zone) if shown else "",
                cause=step["law"],
                kind=_RUNG_KINDS.get(step["kind"], "done"),
            )
        )
    return rungs
