"""What a clock says: when it is due, in which state it is, who has to act, and every step that led there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from string import Formatter

from openum.clocks.rules.facts import EVENT_WORDS, FactKind
from openum.clocks.rules.words import instant_words, limit_words
from openum.vocabulary.sentences import sentence
from openum.vocabulary.terms import Ball


class ClockState(StrEnum):
    """Where an obligation stands. LATE may be open (still owed) or stopped (done, but after the due time)."""

    WAITING = "waiting"
    RUNNING = "running"
    TOLLED = "tolled"
    MET = "met"
    LATE = "late"
    VOID = "void"


class StepKind(StrEnum):
    """The kinds of movement; each has one sentence in `SENTENCES`."""

    WAITS = "waits"
    STARTED = "started"
    STARTED_BY_FALLBACK = "started_by_fallback"
    STARTED_AGAIN = "started_again"
    DUE = "due"
    LATER_OF = "later_of"
    INFORMATION_ASKED = "information_asked"
    INFORMATION_CHANGES_NOTHING = "information_changes_nothing"
    INFORMATION_ASKED_LATE = "information_asked_late"
    INCOMPLETE_URGENT = "incomplete_urgent"
    INFORMATION_ARRIVED = "information_arrived"
    EXTENDED = "extended"
    EXTENSION_VOID = "extension_void"
    EXTENSION_NOT_ALLOWED = "extension_not_allowed"
    EXTENSION_USED = "extension_used"
    TOLLED = "tolled"
    RESUMED = "resumed"
    RESUMED_UNANSWERED = "resumed_unanswered"
    UPGRADED = "upgraded"
    CAPPED = "capped"
    DOWNGRADED = "downgraded"
    DECIDED = "decided"
    STOPPED = "stopped"
    VOIDED = "voided"
    PASSED = "passed"
    WINDOW_CLOSED = "window_closed"


SENTENCES: dict[StepKind, str] = {
    StepKind.WAITS: sentence("This clock has not started: it waits for {event}."),
    StepKind.STARTED: sentence("Started by {event} on {at}. That day is day 0."),
    StepKind.STARTED_BY_FALLBACK: sentence("Counted from {at}: {why}."),
    StepKind.STARTED_AGAIN: sentence(
        "The information needed arrived on {at}; the clock counts from then. That day is day 0."
    ),
    StepKind.DUE: sentence("{limit}: due {due}."),
    StepKind.LATER_OF: sentence("The later of the two days counts: due {due}."),
    StepKind.INFORMATION_ASKED: sentence("Information was asked for on {at}."),
    StepKind.INFORMATION_CHANGES_NOTHING: sentence(
        "Information was asked for on {at}. Under this law the clock keeps running."
    ),
    StepKind.INFORMATION_ASKED_LATE: sentence(
        "Information was asked for on {at}, later than the law allows for that; the clock keeps running."
    ),
    StepKind.INCOMPLETE_URGENT: sentence(
        "What is missing was named on {at}, to be answered by {until}. "
        "The decision is due {limit} after the answer or after that time, whichever is earlier: {due}."
    ),
    StepKind.INFORMATION_ARRIVED: sentence("The information arrived on {at}: due {due}."),
    StepKind.EXTENDED: sentence("Extended by {limit}, by a notice of {at}, in time: due {due}."),
    StepKind.EXTENSION_VOID: sentence(
        "An extension notice of {at} came after the time had run out ({due}); it is void."
    ),
    StepKind.EXTENSION_NOT_ALLOWED: sentence("An extension of {at} counts for nothing: this law allows none."),
    StepKind.EXTENSION_USED: sentence("A further extension of {at} counts for nothing: only one is allowed."),
    StepKind.TOLLED: sentence(
        "Paused from {at} until the claimant answers, or until {until} when the time to answer ends."
    ),
    StepKind.RESUMED: sentence("The answer arrived on {at}. The pause took {limit}; due {due}."),
    StepKind.RESUMED_UNANSWERED: sentence(
        "The time to answer ended on {at} without an answer. The pause took {limit}; due {due}."
    ),
    StepKind.UPGRADED: sentence("A faster answer was asked for on {at}; the expedited limit counts from then."),
    StepKind.CAPPED: sentence("The standard time that already ran ends earlier and stays the limit: due {due}."),
    StepKind.DOWNGRADED: sentence(
        "The request to expedite was refused on {at}. The standard limit counts from the first receipt."
    ),
    StepKind.DECIDED: sentence("Decided on {at}. The clock runs until the notice is out."),
    StepKind.STOPPED: sentence("Stopped by {event} on {at}, in time."),
    StepKind.VOIDED: sentence("Ended without being owed: {event} on {at}."),
    StepKind.PASSED: sentence("The due time passed on {at}. The duty stays open."),
    StepKind.WINDOW_CLOSED: sentence("The window closed on {at}."),
}


@lru_cache(maxsize=256)
def _event_words(event: str) -> str:
    return EVENT_WORDS.get(FactKind(event), event.replace("_", " ")) if event else ""


@dataclass(frozen=True, slots=True)
class Step:
    """One movement of a clock: what, when, under which law, and the due time after it."""

    kind: StepKind
    at: datetime | None
    law: str
    zone: tzinfo
    due_at: datetime | None = None
    until: datetime | None = None
    amount: int = 0
    unit: str = ""
    event: str = ""
    why: str = ""
    timely: bool = True

    @property
    def text(self) -> str:
        """The movement in one plain sentence."""
        is_late = self.kind is StepKind.STOPPED and not self.timely
        said = _STOPPED_LATE if is_late else SENTENCES[self.kind]
        return said.format(**{name: _SAID[name](self) for name in _NAMED[self.kind]})

    @property
    def cause(self) -> str:
        """The stable word for what caused the movement."""
        return self.event or self.kind.value


_STOPPED_LATE = sentence("Stopped by {event} on {at}, after the due time.")
_SAID: dict[str, Callable[[Step], str]] = {
    "at": lambda step: instant_words(step.at, step.zone) if step.at else "",
    "due": lambda step: instant_words(step.due_at, step.zone, seconds=True) if step.due_at else "",
    "until": lambda step: instant_words(step.until, step.zone) if step.until else "",
    "limit": lambda step: limit_words(step.amount, step.unit) if step.unit else "",
    "event": lambda step: _event_words(step.event),
    "why": lambda step: step.why,
}
_NAMED: dict[StepKind, tuple[str, ...]] = {
    kind: tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(said) if name))
    for kind, said in SENTENCES.items()
}
"""What a sentence says of a step, and which of it each kind of sentence names: only that is worked out."""


@dataclass(frozen=True, slots=True)
class Split:
    """Who had the ball for how long, from the start of the clock."""

    payer: timedelta = timedelta()
    provider: timedelta = timedelta()
    transit: timedelta = timedelta()

    @property
    def total(self) -> timedelta:
        """All time that passed."""
        return self.payer + self.provider + self.transit


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The result of computing one clock.

    Attributes:
        due_at: aware instant in the plan's zone; None while the clock is paused or has not started.
        latest_due_at: while paused, the due time if nobody ever answers; else the same as `due_at`.
        resumes_at: the instant at which a pause, or the time given to answer, ends of its own accord.
        at_risk_from: the instant from which the clock is at risk (see `at_risk_from` in chip.py).
        stopped_at: when the obligation was met or ended; None while it is open.
        rule_id, rule_version, citation: the row that governs now (an upgrade or downgrade changes it).
    """

    rule_id: str
    rule_version: int
    citation: str
    state: ClockState
    ball: Ball
    started_at: datetime | None
    due_at: datetime | None
    latest_due_at: datetime | None
    resumes_at: datetime | None
    at_risk_from: datetime | None
    stopped_at: datetime | None
    split: Split
    steps: tuple[Step, ...] = field(repr=False)

    @property
    def explanation(self) -> str:
        """All steps as one paragraph."""
        return " ".join(step.text for step in self.steps)

    @property
    def due_words(self) -> str:
        """The due time as people read it, or an empty text."""
        return instant_words(self.due_at, self.steps[0].zone, seconds=True) if self.due_at else ""
