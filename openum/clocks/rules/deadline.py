"""The due time under one row: its start, its limit, its one extension, and what missing information does to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import ClassVar

from openum.clocks.rules.calendars import BusinessDays
from openum.clocks.rules.counting import add_hours, add_wall_clock_days, due_after, end_of, local_day
from openum.clocks.rules.facts import Fact, FactKind, first, plain_value
from openum.clocks.rules.reading import Step, StepKind
from openum.clocks.rules.rule import Information, Rule, Unit
from openum.vocabulary.errors import Invalid


class WindowOutsideTheLaw(Invalid):
    """A state cannot set this window: the federal row names the fewest and the most days."""

    code: ClassVar[str] = "window-outside-the-law"


@dataclass(frozen=True, slots=True)
class Frame:
    """What holds for the whole computation: the plan's zone and business days, and the instant of a replay."""

    zone: tzinfo
    days: BusinessDays
    as_known_at: datetime | None


@dataclass(slots=True)
class Deadline:
    """The deadline while it is being worked out.

    Attributes:
        due_at: None while paused; `latest_due_at` then says when it is due if nobody answers.
        resumes_at: the instant at which a pause ends of its own accord.
        ended_by: the fact that made the obligation void, if any.
    """

    rule: Rule
    started_at: datetime | None = None
    due_at: datetime | None = None
    latest_due_at: datetime | None = None
    resumes_at: datetime | None = None
    ended_by: Fact | None = None
    steps: list[Step] = field(default_factory=list)


def deadline_of(rule: Rule, known: Sequence[Fact], frame: Frame, *, start: Fact | None = None) -> Deadline:
    """Return when the obligation is due under this row. `start` replaces the row's own start event (an upgrade).

    Raises:
        WindowOutsideTheLaw: a state's own window is shorter or longer than the law admits.
    """
    deadline, zone = Deadline(rule), frame.zone
    start_at = _start(deadline, known, zone, start)
    if start_at is None:
        return deadline
    amount = _amount(rule, known)
    due = due_after(start_at, rule.limit, amount, zone, frame.days)
    steps = deadline.steps
    steps.append(Step(StepKind.DUE, start_at, rule.law, zone, due_at=due, amount=amount, unit=rule.limit.unit.value))
    if rule.later_of is not None:
        other = first(known, rule.later_of)
        if other is not None and end_of(local_day(other.at, zone), zone) > due:
            due = end_of(local_day(other.at, zone), zone)
            steps.append(Step(StepKind.LATER_OF, other.at, rule.law, zone, due_at=due, event=other.kind.value))
    deadline.due_at = deadline.latest_due_at = due
    if len(known) > 1:
        if rule.information.effect is Information.URGENT_INCOMPLETE:
            _urgent_incomplete(deadline, known, start_at, zone)
        else:
            _extension(deadline, known, start_at, amount, frame)
            _note_information_without_effect(deadline, known, zone)
    return deadline


def _amount(rule: Rule, known: Sequence[Fact]) -> int:
    """Return the length of the row's limit: a state's own, where it set one within what the law admits."""
    limit = rule.limit
    given = None if limit.amount_from is None else plain_value(known, limit.amount_from)
    if not isinstance(given, int):
        return limit.amount
    least, most = limit.given_least, limit.given_most
    if (least is not None and given < least) or (most is not None and given > most):
        raise WindowOutsideTheLaw(
            f"A window of {given} days is none that {rule.law} admits: at least {least}, at most {most}. "
            "Check the number that the state set."
        )
    return min(given, limit.amount)


def _start(deadline: Deadline, known: Sequence[Fact], zone: tzinfo, start: Fact | None) -> datetime | None:
    """Find the instant to count from; `started_at` is always the first receipt or start event itself."""
    rule, steps = deadline.rule, deadline.steps
    event = start or _start_event(rule, known)
    fallback = rule.start_fallback
    if fallback is not None:
        receipt = first(known, FactKind.RECEIVED)
        if receipt is not None:
            latest = end_of(local_day(receipt.at, zone) + timedelta(days=fallback.days), zone)
            if event is not None and fallback.caps and event.at < receipt.at:
                event = receipt  # what came before the request, or with it, was there when the time began
            if event is None or (fallback.caps and event.at > latest):
                deadline.started_at = receipt.at
                steps.append(Step(StepKind.STARTED_BY_FALLBACK, latest, rule.law, zone, why=fallback.why))
                return latest
    if event is None:
        steps.append(Step(StepKind.WAITS, None, rule.law, zone, event=rule.starts.value))
        return None
    deadline.started_at = event.at
    steps.append(Step(StepKind.STARTED, event.at, rule.law, zone, event=event.kind.value))
    if rule.information.effect is Information.STARTS_THE_CLOCK:
        return _complete_at(deadline, known, event.at, zone)
    return event.at


def _start_event(rule: Rule, known: Sequence[Fact]) -> Fact | None:
    """Return the event the row counts from: the first of its kind, or the latest where each begins the time anew."""
    return first(reversed(known) if rule.starts_anew else known, rule.starts, reason=rule.starts_reason)


def _complete_at(deadline: Deadline, known: Sequence[Fact], received_at: datetime, zone: tzinfo) -> datetime | None:
    """Return when the information needed was there: on receipt, or when the answer to the last question came.

    Where the law says so, information that came without a question starts the clock too.
    """
    terms = deadline.rule.information
    complete: datetime | None = received_at
    was_asked = any(fact.kind is FactKind.INFO_REQUESTED for fact in known)
    if terms.even_unasked and not was_asked:
        came = first(known, FactKind.INFO_RECEIVED, since=received_at)
        if came is not None:
            step = Step(StepKind.STARTED_AGAIN, came.at, terms.law, zone, event=came.kind.value)
            deadline.steps.append(step)
            return came.at
    for fact in known:
        if fact.kind is FactKind.INFO_REQUESTED:
            complete = None
            deadline.steps.append(Step(StepKind.INFORMATION_ASKED, fact.at, terms.law, zone))
        elif fact.kind is FactKind.INFO_RECEIVED and complete is None:
            complete = fact.at
            deadline.steps.append(Step(StepKind.STARTED_AGAIN, fact.at, terms.law, zone, event=fact.kind.value))
    return complete


def _extension(deadline: Deadline, known: Sequence[Fact], start_at: datetime, amount: int, frame: Frame) -> None:
    """Apply the first extension that was noticed in time; every other one counts for nothing, and says so."""
    rule, steps, terms, zone = deadline.rule, deadline.steps, deadline.rule.extension, frame.zone
    used = False
    for fact in known:
        if fact.kind is not FactKind.EXTENSION_TAKEN:
            continue
        law, event = (terms.law if terms else rule.law), fact.kind.value
        if terms is None:
            steps.append(Step(StepKind.EXTENSION_NOT_ALLOWED, fact.at, law, zone, event=event))
        elif used:
            steps.append(Step(StepKind.EXTENSION_USED, fact.at, law, zone, event=event))
        elif deadline.due_at is None or fact.at > deadline.due_at:
            steps.append(Step(StepKind.EXTENSION_VOID, fact.at, law, zone, due_at=deadline.due_at, event=event))
        else:
            used = True
            taken = max(0, min(terms.days if fact.days is None else fact.days, terms.days))
            if rule.limit.unit is Unit.CALENDAR_DAYS:  # counted from receipt
                due = due_after(start_at, rule.limit, amount + taken, zone, frame.days)
            else:  # from the end of the original time, at the same time on the wall clock
                due = add_wall_clock_days(deadline.due_at, taken, zone)
            deadline.due_at = deadline.latest_due_at = due
            steps.append(
                Step(StepKind.EXTENDED, fact.at, law, zone, due_at=due, amount=taken, unit="calendar_days", event=event)
            )
            if rule.information.effect is Information.TOLLS_AFTER_EXTENSION and fact.reason == "info":
                _toll(deadline, fact, known, frame)


def _toll(deadline: Deadline, notice: Fact, known: Sequence[Fact], frame: Frame) -> None:
    """Pause from the day of the extension notice to the day of the answer; then the unused days run."""
    terms, steps, due, zone = deadline.rule.information, deadline.steps, deadline.due_at, frame.zone
    if due is None:
        return
    sent_on = local_day(notice.at, zone)
    until = end_of(sent_on + timedelta(days=terms.claimant_days), zone)
    until = max([until, *_times_given(notice, known)])
    answer = first(known, FactKind.INFO_RECEIVED, since=notice.at)
    in_time = answer is not None and answer.at <= until
    ended_at = answer.at if answer is not None and in_time else until
    pause = local_day(ended_at, zone) - sent_on
    resumed_due = end_of(local_day(due, zone) + pause, zone)
    deadline.latest_due_at = resumed_due
    event = notice.kind.value
    steps.append(Step(StepKind.TOLLED, notice.at, terms.law, zone, until=until, event=event))
    if in_time:
        kind, event = StepKind.RESUMED, FactKind.INFO_RECEIVED.value
    elif answer is not None or (frame.as_known_at is not None and frame.as_known_at > until):
        kind = StepKind.RESUMED_UNANSWERED
    else:
        deadline.due_at, deadline.resumes_at = None, until
        return
    deadline.due_at = resumed_due
    steps.append(
        Step(kind, ended_at, terms.law, zone, due_at=resumed_due, amount=pause.days, unit="calendar_days", event=event)
    )


def _times_given(notice: Fact, known: Sequence[Fact]) -> list[datetime]:
    """Return the times the claimant was given to answer: by the notice, and by each question still open at it."""
    answered = [fact.at for fact in known if fact.kind is FactKind.INFO_RECEIVED and fact.at < notice.at]
    questions = [
        fact for fact in known if fact.kind is FactKind.INFO_REQUESTED and not any(at >= fact.at for at in answered)
    ]
    return [fact.respond_by for fact in (notice, *questions) if fact.respond_by is not None]


def _urgent_incomplete(deadline: Deadline, known: Sequence[Fact], start_at: datetime, zone: tzinfo) -> None:
    """Apply the rule for incomplete urgent claims: name what is missing in time, then decide soon after the answer."""
    terms, steps = deadline.rule.information, deadline.steps
    asked = first(known, FactKind.INFO_REQUESTED, since=start_at)
    if asked is None:
        return
    event = asked.kind.value
    if asked.at > add_hours(start_at, terms.ask_within_hours, zone):
        steps.append(Step(StepKind.INFORMATION_ASKED_LATE, asked.at, terms.law, zone, event=event))
        return
    least = add_hours(asked.at, terms.claimant_hours, zone)
    until = max(asked.respond_by or least, least)
    due = add_hours(until, terms.decide_within_hours, zone)
    amount, unit = terms.decide_within_hours, Unit.HOURS.value
    steps.append(Step(StepKind.INCOMPLETE_URGENT, asked.at, terms.law, zone, due, until, amount, unit, event))
    answer = first(known, FactKind.INFO_RECEIVED, since=asked.at)
    if answer is not None and answer.at < until:
        due = add_hours(answer.at, terms.decide_within_hours, zone)
        steps.append(
            Step(StepKind.INFORMATION_ARRIVED, answer.at, terms.law, zone, due_at=due, event=answer.kind.value)
        )
    deadline.due_at = deadline.latest_due_at = due


def _note_information_without_effect(deadline: Deadline, known: Sequence[Fact], zone: tzinfo) -> None:
    """Say plainly, once for each request for information, that this law does not let it stop the clock."""
    terms = deadline.rule.information
    if terms.effect is not Information.NO_EFFECT or FactKind.INFO_REQUESTED in deadline.rule.stops:
        return
    for fact in known:
        if fact.kind is FactKind.INFO_REQUESTED:
            law, event = terms.law or deadline.rule.law, fact.kind.value
            deadline.steps.append(Step(StepKind.INFORMATION_CHANGES_NOTHING, fact.at, law, zone, event=event))
