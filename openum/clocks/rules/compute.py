"""Compute one clock from facts. Pure: the same facts always give the same reading.

Counting follows the regulations the rows cite: the receipt day is day 0 in the plan's zone, day clocks end at 23:59:59,
hour clocks count elapsed time, an extension counts from receipt and must be noticed in time, and only the laws whose
rows say so let missing information move anything.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from openum.clocks.rules.calendars import STANDARD_DAYS, BusinessDays
from openum.clocks.rules.chip import at_risk_from
from openum.clocks.rules.deadline import Deadline, Frame, deadline_of
from openum.clocks.rules.facts import SWITCHES, Fact, FactKind, first, known_facts, last
from openum.clocks.rules.holder import answer_ends_at, ball_now, split_of
from openum.clocks.rules.reading import ClockState, Reading, Split, Step, StepKind
from openum.clocks.rules.rule import Rule
from openum.vocabulary.terms import Ball, Urgency


def compute(
    rule: Rule,
    facts: Sequence[Fact],
    zone: tzinfo,
    *,
    book: Mapping[str, Rule] | None = None,
    days: BusinessDays = STANDARD_DAYS,
    lines: frozenset[str] = frozenset(),
    as_known_at: datetime | None = None,
) -> Reading:
    """Return what the clock of one obligation says.

    Args:
        rule: the row of law.
        facts: everything that happened to the request, in any order.
        zone: the plan's time zone; days begin and end in it.
        book: rows by id, needed when a fact upgrades or downgrades the request.
        days: the plan's business days.
        lines: the lines the obligation covers; it is met when all of them are. Empty means the whole request.
        as_known_at: replay the past: use only what was recorded by this aware instant, and judge lateness at it.
            None uses every fact and leaves an open clock running.

    Raises:
        KeyError: a fact switches the clock to a row that `book` does not hold.
    """
    known = known_facts(facts, as_known_at)
    if lines:
        known = [fact for fact in known if not fact.lines or fact.lines & lines]
    deadline = _governing_deadline(rule, known, book or {}, Frame(zone, days, as_known_at))
    governing, steps = deadline.rule, deadline.steps
    if deadline.started_at is None:
        if deadline.ended_by is not None:
            return _void(deadline, deadline.ended_by, zone)
        return _reading(deadline, ClockState.WAITING, ball=governing.ball)
    if as_known_at is None and len(known) == 1:  # its start alone
        return _reading(deadline, ClockState.RUNNING, ball=governing.ball)

    stopped = _covered_at(known, governing.stops, governing, lines, since=deadline.started_at)
    voided = _covered_at(known, governing.voided_by | {FactKind.WITHDRAWN}, None, lines, since=None)
    if stopped is None and voided is None and any(fact.kind is FactKind.WITHDRAWN for fact in known):
        stopped = _covered_at(known, governing.stops | {FactKind.WITHDRAWN}, governing, lines, since=None)
    if voided is not None and (stopped is None or voided.at < stopped.at):
        return _void(deadline, voided, zone)

    due = deadline.due_at
    decided = _covered_at(known, frozenset({FactKind.DECIDED}), None, lines, since=None)
    decided_at = decided.at if decided else None
    if decided is not None and FactKind.NOTICE_SENT in governing.stops and (not stopped or stopped.at > decided.at):
        steps.append(Step(StepKind.DECIDED, decided.at, governing.law, zone))
    end = stopped.at if stopped else as_known_at
    split = split_of(known, governing.ball, decided_at, deadline.started_at, end) if end else Split()
    if stopped is not None:
        timely = due is None or stopped.at <= due
        if not timely and governing.is_window:
            return _closed_window(deadline, split, zone)
        steps.append(Step(StepKind.STOPPED, stopped.at, governing.law, zone, event=stopped.kind.value, timely=timely))
        state = ClockState.MET if timely else ClockState.LATE
        return _reading(deadline, state, ball=Ball.PAYER, split=split, stopped_at=stopped.at)
    if due is None:
        return _reading(deadline, ClockState.TOLLED, ball=Ball.PROVIDER, split=split)
    ball = ball_now(known, governing.ball, decided_at, as_known_at)
    if as_known_at is not None and as_known_at > due:
        if governing.is_window:
            return _closed_window(deadline, split, zone)
        steps.append(Step(StepKind.PASSED, due, governing.missed_law or governing.law, zone))
        return _reading(deadline, ClockState.LATE, ball=ball, split=split)
    if as_known_at is not None:
        deadline.resumes_at = answer_ends_at(known, governing.ball, decided_at, as_known_at)
    return _reading(deadline, ClockState.RUNNING, ball=ball, split=split)


def _governing_deadline(rule: Rule, known: list[Fact], book: Mapping[str, Rule], frame: Frame) -> Deadline:
    """Return the deadline under the row that governs after the last upgrade or downgrade."""
    switch = last(known, *SWITCHES)
    if switch is None or rule.urgency is None:
        return deadline_of(rule, known, frame)
    if switch.kind is FactKind.UPGRADED:
        return _upgraded(rule, switch, known, book, frame)
    if rule.urgency is Urgency.STANDARD:
        return deadline_of(rule, known, frame)
    step = Step(StepKind.DOWNGRADED, switch.at, rule.law, frame.zone, event=switch.kind.value)
    if not rule.downgrades_to:  # an obligation that only expedited requests have
        deadline = deadline_of(rule, known, frame)
        deadline.ended_by, deadline.started_at = switch, None
        return deadline
    deadline = deadline_of(book[rule.downgrades_to], known, frame)
    deadline.steps.insert(0, step)
    return deadline


def _upgraded(rule: Rule, switch: Fact, known: list[Fact], book: Mapping[str, Rule], frame: Frame) -> Deadline:
    """Count the expedited limit from the request to expedite, never beyond the standard time already running."""
    if rule.urgency is Urgency.STANDARD and not rule.upgrades_to:
        return deadline_of(rule, known, frame)
    expedited = rule if rule.urgency is Urgency.EXPEDITED else book[rule.upgrades_to]
    since = [fact for fact in known if fact.at >= switch.at or fact.kind in _ALWAYS_KNOWN]
    own = first(known, expedited.starts)
    is_own = expedited.starts is not FactKind.RECEIVED and (own is None or own.at > switch.at)
    fast = deadline_of(expedited, since, frame, start=None if is_own else switch)
    fast.steps.insert(0, Step(StepKind.UPGRADED, switch.at, expedited.law, frame.zone, event=switch.kind.value))
    ordinary = rule if rule.urgency is Urgency.STANDARD else book.get(rule.downgrades_to)
    if ordinary is not None:
        before = [fact for fact in known if fact.at < switch.at or fact.kind in _MOVES_BOTH]
        standard = deadline_of(ordinary, before, frame)
        fast.started_at = standard.started_at or fast.started_at
        if standard.due_at is not None and (fast.due_at is None or standard.due_at < fast.due_at):
            fast.due_at = fast.latest_due_at = standard.due_at
            fast.steps.append(Step(StepKind.CAPPED, switch.at, ordinary.law, frame.zone, due_at=standard.due_at))
    return fast


_MOVES_BOTH = frozenset({FactKind.INFO_RECEIVED, FactKind.EXTENSION_TAKEN})
"""What moves the standard time as well when it comes after the request to expedite."""
_ALWAYS_KNOWN = frozenset(
    {FactKind.RECEIVED, FactKind.RATING_PERIOD_START, FactKind.LEVELS, FactKind.STATE_WINDOW_DAYS, FactKind.CONTRACTED}
)


def _covered_at(
    known: Sequence[Fact],
    kinds: frozenset[FactKind],
    rule: Rule | None,
    lines: frozenset[str],
    *,
    since: datetime | None,
) -> Fact | None:
    """Return the fact with which every line was covered by facts of these kinds (to the rule's recipient)."""
    open_lines = set(lines)
    for fact in known:
        if fact.kind not in kinds or (since is not None and fact.at < since):
            continue
        if rule is not None and fact.recipient and fact.recipient != rule.recipient:
            continue
        if not lines or not fact.lines:
            return fact
        open_lines -= fact.lines
        if not open_lines:
            return fact
    return None


def _void(deadline: Deadline, cause: Fact, zone: tzinfo) -> Reading:
    deadline.steps.append(Step(StepKind.VOIDED, cause.at, deadline.rule.law, zone, event=cause.kind.value))
    deadline.due_at = deadline.latest_due_at = deadline.resumes_at = None
    return _reading(deadline, ClockState.VOID, ball=Ball.PAYER, stopped_at=cause.at)


def _closed_window(deadline: Deadline, split: Split, zone: tzinfo) -> Reading:
    deadline.steps.append(Step(StepKind.WINDOW_CLOSED, deadline.due_at, deadline.rule.law, zone))
    return _reading(deadline, ClockState.VOID, ball=Ball.PAYER, split=split, stopped_at=deadline.due_at)


def _reading(
    deadline: Deadline,
    state: ClockState,
    *,
    ball: Ball,
    split: Split | None = None,
    stopped_at: datetime | None = None,
) -> Reading:
    started, due = deadline.started_at, deadline.due_at
    return Reading(
        rule_id=deadline.rule.id,
        rule_version=deadline.rule.version,
        citation=deadline.rule.law,
        state=state,
        ball=ball,
        started_at=started,
        due_at=due,
        latest_due_at=deadline.latest_due_at,
        resumes_at=deadline.resumes_at if state in {ClockState.TOLLED, ClockState.RUNNING} else None,
        at_risk_from=at_risk_from(started, due) if started and due else None,
        stopped_at=stopped_at,
        split=split or Split(),
        steps=tuple(deadline.steps),
    )
