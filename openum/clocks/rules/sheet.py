"""Deadlines for a sheet of cases: one row asks for the due time of one obligation, by facts alone. Pure.

A row names the line of business, the request type, the state, the instant of receipt and what happened since, in the
words of `policies/deadlines`. The answer is the row of law that this question names, its due time, and why.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from openum.clocks.rules.book import RuleBook
from openum.clocks.rules.compute import compute
from openum.clocks.rules.counting import end_of
from openum.clocks.rules.deadline import WindowOutsideTheLaw
from openum.clocks.rules.facts import SWITCHES, Fact, FactKind
from openum.clocks.rules.reading import Reading
from openum.clocks.rules.rule import Force, Rule
from openum.vocabulary.terms import ClockPurpose, LineOfBusiness

QUESTION_COLUMNS = ("case_id", "line_of_business", "request_type", "state", "received_at", "events", "time_zone")
ANSWER_COLUMNS = ("case_id", "due_at", "rule_id", "citation", "explanation")

_EVENT = re.compile(r"\s*([a-z_]+)\s*(?:[@=]\s*([^()]*?))?\s*(?:\(([^()]*)\))?\s*")
_STATE_CODES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC "
    "ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR GU VI AS MP EX"
)
_STATES = frozenset(_STATE_CODES.split())
_BUSINESSES = frozenset(LineOfBusiness)
_NEEDS_STATE = LineOfBusiness.COMMERCIAL_STATE
_NO_OVERLAY = frozenset({Force.LAW, Force.PLAN})
_WHOLE_DAY_KINDS = frozenset({FactKind.RATING_PERIOD_START})
_NUMBER_KINDS = frozenset({FactKind.LEVELS, FactKind.STATE_WINDOW_DAYS, FactKind.CONTRACTED})
_MOVES = frozenset({FactKind.INFO_REQUESTED, FactKind.EXTENSION_TAKEN, *SWITCHES})
_KEYS = frozenset({"respond_by", "days", "reason", "value", "recipient", "channel"})


class RowUnanswerable(ValueError):
    """The row cannot be answered; the message is a sentence that says what to change."""


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the sheet, as text."""

    line_of_business: str
    request_type: str
    state: str
    received_at: str
    events: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The row that answers a question, and what its clock says; `beside` is the law's, where an overlay is earlier."""

    rule: Rule
    reading: Reading
    beside: Reading | None = None

    @property
    def explanation(self) -> str:
        """All steps as one paragraph, and what the law alone would say where a licensed standard is shorter."""
        if self.beside is None:
            return self.reading.explanation
        return f"{self.reading.explanation} The law itself ({self.beside.citation}): due {self.beside.due_words}."

    @property
    def due_at(self) -> datetime | None:
        """The due time; while a clock is paused, the time at which it is due if nobody ever answers."""
        return self.reading.due_at or self.reading.latest_due_at


def answer(question: Question, book: RuleBook) -> Answered:
    """Answer one row.

    Raises:
        RowUnanswerable: a word, an instant or a zone is not usable, or no row of law answers.
    """
    if question.line_of_business not in _BUSINESSES:
        raise RowUnanswerable(
            f"The line of business “{question.line_of_business}” is none of: {', '.join(sorted(_BUSINESSES))}."
        )
    if question.state and question.state not in _STATES:
        raise RowUnanswerable(f"“{question.state}” is no state; write two capital letters, for example CA, or nothing.")
    if question.line_of_business == _NEEDS_STATE and not question.state:
        raise RowUnanswerable("Insured coverage needs its state, for example CA: the state's own law may be shorter.")
    zone = _zone(question)
    received = _instant(question.received_at, zone, what="received_at")
    facts = [_fact(text, received, zone) for text in question.events.split(";") if text.strip()]
    received_on = received.astimezone(zone).date()
    try:
        rule = book.answer_for(
            line_of_business=question.line_of_business,
            request_type=question.request_type,
            state=question.state,
            received_on=received_on,
            received_at=received,
            facts=facts,
        )
    except KeyError:
        facts.append(Fact(kind=FactKind.RECEIVED, at=received))
        alone = _overlay(question, book, facts, received_on, received, zone)
        if alone is None:
            raise RowUnanswerable(_no_row(question, received_on, book)) from None
        return alone
    _refuse_before_receipt(rule, facts, received)
    facts.append(Fact(kind=FactKind.RECEIVED, at=received))
    if rule.starts is not FactKind.RECEIVED and rule.start_fallback is None:
        facts = _triggered(facts, rule, received)
    try:
        answered = _computed(rule, question, book, facts, received_on, zone)
        if not book.has_overlay or answered.due_at is None:
            return answered
        overlay = _overlay(question, book, facts, received_on, received, zone)
    except KeyError:
        raise RowUnanswerable(f"No row to switch to from {rule.id} was in force on {received_on}.") from None
    except WindowOutsideTheLaw as refusal:
        raise RowUnanswerable(refusal.english) from None
    except (OverflowError, ValueError):
        raise RowUnanswerable("The dates are outside the years 1 to 9999.") from None
    if overlay is None or overlay.due_at is None or overlay.due_at >= answered.due_at:
        return answered
    return replace(overlay, beside=answered.reading)


def _overlay(
    question: Question, book: RuleBook, facts: Sequence[Fact], received_on: date, received: datetime, zone: tzinfo
) -> Answered | None:
    """Return what the earliest row of the accreditation overlays says, or None where none applies."""
    if not book.has_overlay:
        return None
    answers = [
        _computed(row, question, book, facts, received_on, zone)
        for row in book.obligations(
            line_of_business=question.line_of_business, request_type=question.request_type, state=question.state,
            received_on=received_on, received_at=received, facts=facts, without=_NO_OVERLAY,
        )
    ]  # fmt: skip
    return min(
        (each for each in answers if each.due_at is not None), key=lambda each: each.due_at or received, default=None
    )


def _computed(
    rule: Rule, question: Question, book: RuleBook, facts: Sequence[Fact], received_on: date, zone: tzinfo
) -> Answered:
    rows: Mapping[str, Rule] = {}
    if len(facts) > 1 and any(fact.kind in SWITCHES for fact in facts):
        rows = book.switches(
            rule, line_of_business=question.line_of_business, state=question.state, received_on=received_on, facts=facts
        )
    return Answered(rule, compute(rule, facts, zone, book=rows))


def _refuse_before_receipt(rule: Rule, facts: Sequence[Fact], received: datetime) -> None:
    """Refuse what cannot be: an answer to a request moved before the request came."""
    if not facts or rule.starts is not FactKind.RECEIVED or rule.purpose is not ClockPurpose.DECIDE:
        return
    for fact in facts:
        if fact.kind in _MOVES and fact.at < received:
            raise RowUnanswerable(f"The event {fact.kind} lies before the receipt of the request, which it follows.")


def _triggered(facts: Sequence[Fact], rule: Rule, received: datetime) -> list[Fact]:
    """Return the facts with the event that starts the clock: as the row tells it, else the receipt is the trigger."""
    told = [
        replace(fact, reason=rule.starts_reason) if fact.kind is rule.starts and not fact.reason else fact
        for fact in facts
    ]
    if not any(fact.kind is rule.starts and fact.reason == rule.starts_reason for fact in told):
        told.append(Fact(kind=rule.starts, at=received, reason=rule.starts_reason))
    return told


def _no_row(question: Question, received_on: date, book: RuleBook) -> str:
    known = sorted(book.request_types(question.line_of_business))
    if question.request_type not in known:
        return (
            f"The request type “{question.request_type}” is not known for {question.line_of_business}; "
            f"known are: {', '.join(known)}."
        )
    where = f" in {question.state}" if question.state else " without a state"
    return f"No row for {question.line_of_business}, {question.request_type}{where} was in force on {received_on}."


def _zone(question: Question) -> tzinfo:
    name = question.time_zone
    if name:
        zone = _zone_named(name)
        if zone is None:
            raise RowUnanswerable(f"“{name}” is no time zone; write a name such as America/New_York.")
        return zone
    try:
        offset = datetime.fromisoformat(question.received_at).tzinfo
    except ValueError:
        offset = None
    if offset is None:
        raise RowUnanswerable("The row needs time_zone, for example America/New_York: days begin and end in it.")
    return offset


@lru_cache(maxsize=1024)
def _zone_named(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not a name; a folder of the zone database
        return None


def _instant(text: str, zone: tzinfo, *, what: str) -> datetime:
    """Read an instant; without an offset it is wall-clock time of the row's zone, a bare day its beginning."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        if not text:
            raise RowUnanswerable(f"{what} is empty; write an instant such as 2026-05-01T09:30:00-04:00.") from None
        raise RowUnanswerable(
            f"{what}: “{text[:40]}” is no instant; write it like 2026-05-01T09:30:00-04:00."
        ) from None
    return at if at.tzinfo is not None else at.replace(tzinfo=zone).astimezone(UTC)


def _fact(text: str, received: datetime, zone: tzinfo) -> Fact:
    """Read one event: `name@instant`, `name@instant(key=value, key=value)`, or a plain value `name=value`."""
    found = _EVENT.fullmatch(text)
    if found is None:
        raise RowUnanswerable(
            f"The event “{text.strip()[:60]}” is not readable; write name@instant or name@instant(key=value)."
        )
    name, at, inner = found.groups()
    kind = _kind(name)
    if kind in _WHOLE_DAY_KINDS or kind in _NUMBER_KINDS:
        return _plain(kind, at or "", inner or "", received)
    values = _values(inner, name) if inner else {}
    if not at:
        raise RowUnanswerable(f"The event {name} needs an instant: {name}@2026-05-01T09:30:00-04:00.")
    fact = Fact(kind=kind, at=_instant(at, zone, what=name))
    if not values:
        return fact
    if "value" in values:
        raise RowUnanswerable(f"The event {name} takes no value.")
    respond_by = values.get("respond_by")
    return replace(
        fact,
        days=_whole(values["days"], f"days of {name}") if "days" in values else None,
        respond_by=_end(respond_by, zone) if respond_by else None,
        reason=values.get("reason", ""),
        recipient=values.get("recipient", ""),
        channel=values.get("channel", ""),
    )


@lru_cache(maxsize=256)
def _kind(name: str) -> FactKind:
    try:
        return FactKind(name)
    except ValueError:
        raise RowUnanswerable(f"The event “{name}” is not known; known are: {', '.join(sorted(FactKind))}.") from None


def _values(inner: str, name: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for part in inner.split(","):
        key, equals, value = part.partition("=")
        key = key.strip()
        if not equals and not key:
            continue
        if not equals:  # a bare value, as in levels(2)
            key, value = "value", key
        if key not in _KEYS:
            raise RowUnanswerable(f"“{key}” of {name} is none of: {', '.join(sorted(_KEYS))}.")
        values[key] = value.strip()
    return values


def _plain(kind: FactKind, at: str, inner: str, received: datetime) -> Fact:
    """Read a plain value, which holds from the receipt on: after @ or =, or in brackets with any name or none."""
    text = inner.rpartition("=")[2].strip() or at
    if not text:
        raise RowUnanswerable(f"{kind} needs its value, for example {kind}=2.")
    if kind in _NUMBER_KINDS:
        return Fact(kind=kind, at=received, value=_whole(text, str(kind)))
    try:
        return Fact(kind=kind, at=received, value=date.fromisoformat(text[:10]))  # the day as it is written
    except ValueError:
        raise RowUnanswerable(f"{kind}: “{text[:40]}” is no day; write it like 2026-07-01.") from None


def _whole(text: str, what: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise RowUnanswerable(f"{what}: “{text[:20]}” is no whole number.")
    return int(text)


def _end(text: str, zone: tzinfo) -> datetime:
    """Read the end of the time to answer; a bare day ends with its last second."""
    at = _instant(text, zone, what="respond_by")
    return end_of(at.astimezone(zone).date(), zone) if len(text) == 10 else at
