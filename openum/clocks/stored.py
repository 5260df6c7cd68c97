"""Between rows and rules: facts from the table, readings into it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from openum.cases.models import Request, ServiceLine
from openum.clocks.books import book_for
from openum.clocks.models import BusinessDayOverride, Clock, ClockFact
from openum.clocks.rules.calendars import BusinessDays
from openum.clocks.rules.compute import compute
from openum.clocks.rules.facts import Fact, FactKind
from openum.clocks.rules.profile import request_type_of
from openum.clocks.rules.reading import Reading
from openum.clocks.rules.rule import Rule
from openum.vocabulary.terms import CertificationType, LineOfBusiness, RequestKind, Timing, Urgency


@dataclass(frozen=True, kw_only=True)
class NewFact:
    """A fact to be recorded. Fields as in `rules.facts.Fact`; lines are public ids as text."""

    kind: FactKind
    at: datetime
    days: int | None = None
    respond_by: datetime | None = None
    reason: str = ""
    recipient: str = ""
    channel: str = ""
    line_ids: tuple[str, ...] = ()
    value: int | date | None = None

    def details(self) -> dict[str, Any]:
        """Return what the table keeps beside kind, instant and lines."""
        values = {
            "days": self.days,
            "respond_by": self.respond_by.isoformat() if self.respond_by else None,
            "reason": self.reason,
            "recipient": self.recipient,
            "channel": self.channel,
            "value": self.value.isoformat() if isinstance(self.value, date) else self.value,
        }
        return {key: value for key, value in values.items() if value not in {None, ""}}


def fact_of(row: ClockFact) -> Fact:
    """Return the fact that a row keeps."""
    details = row.details
    respond_by, value = details.get("respond_by"), details.get("value")
    return Fact(
        kind=FactKind(row.kind),
        at=row.at,
        known_at=row.recorded_at,
        days=details.get("days"),
        respond_by=datetime.fromisoformat(respond_by) if respond_by else None,
        reason=details.get("reason", ""),
        recipient=details.get("recipient", ""),
        channel=details.get("channel", ""),
        lines=frozenset(row.line_ids),
        value=date.fromisoformat(value) if isinstance(value, str) else value,
        key=str(row.pk),
        replaces=str(row.replaces_id or ""),
    )


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the law of one request hangs on: rows, zone, business days, type and state."""

    request: Request
    zone: ZoneInfo
    days: BusinessDays
    line_of_business: LineOfBusiness
    state: str
    received_on: date

    @property
    def plan_id(self) -> int:
        """The plan whose rows count."""
        return self.request.case.plan_id


def setting_of(request: Request) -> Setting:
    """Return the setting of a request; `request.case.product` should be loaded."""
    product = request.case.product
    zone = ZoneInfo(product.time_zone)
    return Setting(
        request=request,
        zone=zone,
        days=business_days_of(product.pk, product.holidays),
        line_of_business=LineOfBusiness(product.line_of_business),
        state=product.state,
        received_on=request.received_at.astimezone(zone).date(),
    )


class _LazyDays(BusinessDays):
    """Business days that read the plan's overrides only when a business day is counted."""

    def __init__(self, product_id: int, holidays: Sequence[str]) -> None:
        super().__init__({date.fromisoformat(day): False for day in holidays})
        self._product_id: int | None = product_id

    def counts(self, day: date, calendar: str = "federal") -> bool:
        if self._product_id is not None:
            rows = BusinessDayOverride.objects.filter(product_id=self._product_id)
            self._overrides.update(rows.values_list("day", "is_business_day"))
            self._product_id = None
        return super().counts(day, calendar)


def business_days_of(product_id: int, holidays: Sequence[str]) -> BusinessDays:
    """Return a product's business days: the law's calendar, its added holidays, its override table."""
    return _LazyDays(product_id, holidays)


def type_of(request: Request, line_of_business: LineOfBusiness, facts: Iterable[Fact]) -> str | None:
    """Return the request type now: the last upgrade or downgrade counts, else the urgency it came with."""
    urgency = Urgency(request.urgency)
    for fact in facts:
        if fact.kind is FactKind.UPGRADED:
            urgency = Urgency.EXPEDITED
        elif fact.kind is FactKind.DOWNGRADED:
            urgency = Urgency.STANDARD
    return request_type_of(
        line_of_business=line_of_business,
        kind=RequestKind(request.kind),
        certification=CertificationType(request.certification),
        timing=Timing(request.timing),
        urgency=urgency,
    )


def read_clock(
    clock: Clock,
    facts: Sequence[Fact],
    setting: Setting,
    request_lines: frozenset[str],
    as_known_at: datetime | None,
) -> tuple[Rule, Reading]:
    """Compute one stored clock again from facts; return the row that opened it and what it says."""
    book, _ = book_for(setting.plan_id)
    rule = book.rule(clock.rule, clock.rule_version)
    reading = compute(
        rule,
        facts,
        setting.zone,
        book=book.in_force(setting.received_on),
        days=setting.days,
        lines=frozenset(clock.line_ids) or request_lines,
        as_known_at=as_known_at,
    )
    return rule, reading


def facts_of_requests(request_ids: Collection[int]) -> dict[int, list[Fact]]:
    """Return the facts of several requests, in one query, in the order they happened."""
    facts: dict[int, list[Fact]] = {request_id: [] for request_id in request_ids}
    for row in ClockFact.objects.filter(request_id__in=list(request_ids)).order_by("at", "pk"):
        facts[row.request_id].append(fact_of(row))
    return facts


def lines_of_request(request: Request) -> frozenset[str]:
    """Return the public ids of a request's lines, as text."""
    ids = ServiceLine.objects.filter(request=request).values_list("public_id", flat=True)
    return frozenset(str(line) for line in ids)


STORED_FIELDS = (
    "governing_rule", "governing_version", "citation", "state", "ball", "started_at", "due_at", "warn_at",
    "resumes_at", "stopped_at", "warned_at", "lapsed_at", "computed_at", "explanation",
)  # fmt: skip


def write_reading(clock: Clock, rule: Rule, reading: Reading, *, at: datetime) -> None:
    """Put a reading into a clock (not saved). A due time that moved later lets the warning come again."""
    if clock.warned_at is not None and clock.due_at != reading.due_at:
        clock.warned_at = None
    if reading.state in {"running", "tolled", "waiting"}:
        clock.lapsed_at = None
    clock.governing_rule, clock.governing_version = reading.rule_id, reading.rule_version
    clock.citation = reading.citation
    clock.state, clock.ball = reading.state, reading.ball
    clock.started_at, clock.due_at = reading.started_at, reading.due_at
    clock.warn_at = None if rule.is_window else reading.at_risk_from
    clock.resumes_at, clock.stopped_at = _just_after(reading.resumes_at), reading.stopped_at
    clock.computed_at = at
    clock.explanation = steps_of(reading)


def steps_of(reading: Reading) -> list[dict[str, str]]:
    """Return the steps as the table keeps them: sentences in English with their instants, law and cause."""
    return [
        {
            "kind": step.kind.value,
            "text": step.text,
            "law": step.law,
            "cause": step.cause,
            "at": step.at.isoformat() if step.at else "",
            "due_at": step.due_at.isoformat() if step.due_at else "",
        }
        for step in reading.steps
    ]


def _just_after(instant: datetime | None) -> datetime | None:
    return instant + timedelta(seconds=1) if instant else None
