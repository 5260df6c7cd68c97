"""The small sign beside a case: how much time is left, in words, shape and state (never colour alone)."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from openum.clocks.rules.reading import ClockState
from openum.clocks.rules.words import instant_words, length_words
from openum.vocabulary.terms import Ball

_FOUR_HOURS = timedelta(hours=4)


class ChipState(StrEnum):
    """How a clock looks: the first four are open, `paused` waits for an answer, the rest are over."""

    COMFORTABLE = "comfortable"
    TODAY = "today"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    PAUSED = "paused"
    MET = "met"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Chip:
    """What the sign shows.

    Attributes:
        words: the remaining time or the outcome, carrying the state in text.
        fraction: elapsed part of the whole time, 0.0 to 1.0.
        eighths: the same as a pie in eight steps.
        due_words: the due time with its zone; empty when paused.
        ball_words: who has to act now; empty when over.
    """

    state: ChipState
    words: str
    fraction: float
    eighths: int
    due_words: str
    ball: Ball
    ball_words: str


_BALL_WORDS = {Ball.PAYER: "with the plan", Ball.PROVIDER: "with the provider", Ball.TRANSIT: "on its way"}


def at_risk_from(started_at: datetime, due_at: datetime) -> datetime:
    """Return when a clock begins to be at risk: a fifth of its time left, or four hours (on a short clock: half)."""
    length = max(due_at - started_at, timedelta())
    return due_at - max(length / 5, min(_FOUR_HOURS, length / 2))


def chip(
    *,
    state: ClockState,
    ball: Ball,
    started_at: datetime | None,
    due_at: datetime | None,
    stopped_at: datetime | None,
    now: datetime,
    zone: tzinfo,
) -> Chip:
    """Make the sign of one clock, as of `now` (aware)."""
    due_words = instant_words(due_at, zone) if due_at else ""
    if stopped_at is not None or state is ClockState.VOID:
        is_late = state is ClockState.LATE
        if is_late and due_at and stopped_at:
            words = f"Done {length_words(stopped_at - due_at)} late"
        else:
            words = "Ended" if state is ClockState.VOID else "Done in time"
        shown = ChipState.BREACHED if is_late else ChipState.ENDED if state is ClockState.VOID else ChipState.MET
        return Chip(shown, words, 1.0, 8, due_words, ball, "")
    if due_at is None or started_at is None:
        words = "Paused" if state is ClockState.TOLLED else "Not started"
        return Chip(ChipState.PAUSED, words, 0.0, 0, "", ball, _BALL_WORDS[ball])
    length = (due_at - started_at).total_seconds()
    fraction = min(1.0, max(0.0, (now - started_at).total_seconds() / length)) if length > 0 else 1.0
    left = due_at - now
    if left < timedelta():
        shown, words = ChipState.BREACHED, f"Late by {length_words(left)}"
    elif now >= at_risk_from(started_at, due_at):
        shown, words = ChipState.AT_RISK, f"At risk: {length_words(left)} left"
    elif due_at.astimezone(zone).date() == now.astimezone(zone).date():
        shown, words = ChipState.TODAY, f"Due today: {length_words(left)} left"
    else:
        shown, words = ChipState.COMFORTABLE, f"{length_words(left)} left"
    return Chip(shown, words, fraction, int(fraction * 8), due_words, ball, _BALL_WORDS[ball])
