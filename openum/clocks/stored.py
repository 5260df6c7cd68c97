"""Between rows and rules: facts from the table, readings into it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from openum.cases import working
from openum.cases.models import Case, Diagnosis, Request, ServiceLine
from openum.clocks.books import book_for
from openum.clocks.models import BusinessDayOverride, Clock, ClockFact
from openum.clocks.rules.book import RuleBook
from openum.clocks.rules.calendars import BusinessDays
from openum.clocks.rules.compute import compute
from openum.clocks.rules.facts import Fact, FactKind
from openum.clocks.rules.profile import request_type_of
from openum.clocks.rules.reading import Reading
from openum.clocks.rules.rule import Rule
from openum.db.plain import fields_of, select, select_of_request
from openum.directory.models import Product, governing_law
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
    """What the law of one request hangs on: its receipt and kind, the product's zone, days and state, the plan's rows."""

    request_id: int
    request: UUID
    case_id: int
    case: UUID
    plan_id: int
    received_at: datetime
    kind: RequestKind
    certification: CertificationType
    timing: Timing
    urgency: Urgency
    line_of_business: LineOfBusiness
    law: LineOfBusiness
    state: str
    rating_period_start: date | None
    zone: ZoneInfo
    days: BusinessDays
    book: RuleBook
    policies: Mapping[tuple[str, int], int]

    @property
    def received_on(self) -> date:
        """The local day of receipt; it chooses the rows."""
        return self.received_at.astimezone(self.zone).date()


_SETTING_FIELDS = (
    *fields_of(Request, ("id", "public_id", "case", "received_at", "kind", "certification", "timing", "urgency")),
    *fields_of(Case, ("public_id", "plan")),
    *fields_of(
        Product,
        ("id", "line_of_business", "state", "rating_period_start", "time_zone", "holidays", "is_integrated_dsnp"),
    ),
)
_SETTING_SQL = """
SELECT r.id, r.public_id, r.case_id, r.received_at, r.kind, r.certification, r.timing, r.urgency, c.public_id,
  c.plan_id, p.id, p.line_of_business, p.state, p.rating_period_start, p.time_zone, p.holidays,
  p.is_integrated_dsnp
FROM cases_request r JOIN cases_case c ON c.id = r.case_id JOIN directory_product p ON p.id = c.product_id
WHERE r.id = %s"""


def setting_of(request_id: int, *, lock: bool = False) -> Setting:
    """Return the setting of a request, by its primary key; with `lock`, nobody else moves its clocks meanwhile.

    Raises:
        Request.DoesNotExist: there is none.
    """
    known: Setting | None = working.recall(("clock setting", request_id))
    if known is not None:  # the request is new in this transaction: nobody else can reach it
        return known
    end = " FOR UPDATE OF r" if lock and connection.vendor == "postgresql" else ""
    rows = select(_SETTING_SQL + end, [request_id], _SETTING_FIELDS)
    if not rows:
        raise Request.DoesNotExist("There is no such request.")
    (
        pk, request, case_id, received_at, kind, certification, timing, urgency, case,
        plan_id, product_id, line_of_business, state, rating_period_start, time_zone, holidays,
        is_integrated,
    ) = rows[0]  # fmt: skip
    book, policies = book_for(plan_id)
    found = Setting(
        request_id=pk,
        request=request,
        case_id=case_id,
        case=case,
        plan_id=plan_id,
        received_at=received_at,
        kind=RequestKind(kind),
        certification=CertificationType(certification),
        timing=Timing(timing),
        urgency=Urgency(urgency),
        line_of_business=LineOfBusiness(line_of_business),
        law=governing_law(line_of_business, is_integrated=is_integrated),
        state=state,
        rating_period_start=rating_period_start,
        zone=ZoneInfo(time_zone),
        days=business_days_of(product_id, holidays),
        book=book,
        policies=policies,
    )
    at_hand = working.current()
    if at_hand is not None and at_hand.request.pk == request_id:
        working.remember(("clock setting", request_id), found)
    return found


_OVERRIDE_FIELDS = fields_of(BusinessDayOverride, ("day", "is_business_day"))


class _LazyDays(BusinessDays):
    """Business days that read the plan's overrides only when a business day is counted."""

    def __init__(self, product_id: int, holidays: Sequence[str]) -> None:
        super().__init__({date.fromisoformat(day): False for day in holidays})
        self._product_id: int | None = product_id

    def counts(self, day: date, calendar: str = "federal") -> bool:
        if self._product_id is not None:
            sql = "SELECT day, is_business_day FROM clocks_businessdayoverride WHERE product_id = %s"
            for overridden, counts in select(sql, [self._product_id], _OVERRIDE_FIELDS):
                self._overrides[overridden] = counts
            self._product_id = None
        return super().counts(day, calendar)


def business_days_of(product_id: int, holidays: Sequence[str]) -> BusinessDays:
    """Return a product's business days: the law's calendar, its added holidays, its override table."""
    return _LazyDays(product_id, holidays)


def type_of(setting: Setting, facts: Iterable[Fact]) -> str | None:
    """Return the request type now: the last upgrade or downgrade counts, else the urgency it came with."""
    urgency, is_part_b_drug = setting.urgency, False
    for fact in facts:
        if fact.kind is FactKind.UPGRADED:
            urgency = Urgency.EXPEDITED
        elif fact.kind is FactKind.DOWNGRADED:
            urgency = Urgency.STANDARD
        elif fact.kind is FactKind.PART_B_DRUG:
            is_part_b_drug = fact.value == 1
    return request_type_of(
        line_of_business=setting.line_of_business,
        kind=setting.kind,
        certification=setting.certification,
        timing=setting.timing,
        urgency=urgency,
        is_part_b_drug=is_part_b_drug,
    )


def read_clock(
    clock: Clock,
    facts: Sequence[Fact],
    setting: Setting,
    request_lines: frozenset[str],
    as_known_at: datetime | None,
) -> tuple[Rule, Reading]:
    """Compute one stored clock again from facts; return the row that opened it and what it says."""
    rule = setting.book.rule(clock.rule, clock.rule_version)
    reading = compute(
        rule,
        facts,
        setting.zone,
        book=setting.book.in_force(setting.received_on, facts),
        days=setting.days,
        lines=frozenset(clock.line_ids) or request_lines,
        as_known_at=as_known_at,
    )
    return rule, reading


def facts_of(request_id: int) -> list[Fact]:
    """Return all facts of a request in the order they happened."""
    return [fact_of(row) for row in select_of_request(ClockFact, request_id, order="at, id")]


_LINE_FIELDS = fields_of(ServiceLine, ("public_id",))
_CODE_FIELDS = fields_of(ServiceLine, ("code",))


def codes_of(request_id: int) -> frozenset[str]:
    """Return the codes of a request's lines."""
    at_hand = working.current()
    if at_hand is not None and at_hand.request.pk == request_id:
        return frozenset(line.code for line in at_hand.lines)
    sql = "SELECT code FROM cases_serviceline WHERE request_id = %s"
    return frozenset(code for (code,) in select(sql, [request_id], _CODE_FIELDS))


_SERVICE_FIELDS = fields_of(ServiceLine, ("code_system", "benefit"))


def services_of(request_id: int) -> frozenset[tuple[str, str]]:
    """Return code system and benefit of a request's lines."""
    at_hand = working.current()
    if at_hand is not None and at_hand.request.pk == request_id:
        return frozenset((line.code_system, line.benefit) for line in at_hand.lines)
    sql = "SELECT code_system, benefit FROM cases_serviceline WHERE request_id = %s"
    return frozenset((system, benefit) for system, benefit in select(sql, [request_id], _SERVICE_FIELDS))


_MODIFIER_FIELDS = fields_of(ServiceLine, ("modifiers",))
_DIAGNOSIS_FIELDS = fields_of(Diagnosis, ("code",))


def modifiers_of(request_id: int) -> frozenset[str]:
    """Return the modifiers of a request's lines."""
    at_hand = working.current()
    if at_hand is not None and at_hand.request.pk == request_id:
        return frozenset(modifier for line in at_hand.lines for modifier in line.modifiers)
    sql = "SELECT modifiers FROM cases_serviceline WHERE request_id = %s"
    return frozenset(one for (modifiers,) in select(sql, [request_id], _MODIFIER_FIELDS) for one in modifiers)


def diagnoses_of(request_id: int) -> frozenset[str]:
    """Return the codes of a request's diagnoses, as they were sent."""
    at_hand = working.current()
    if at_hand is not None and at_hand.request.pk == request_id:
        return frozenset(diagnosis.code for diagnosis in at_hand.diagnoses)
    sql = "SELECT code FROM cases_diagnosis WHERE request_id = %s"
    return frozenset(code for (code,) in select(sql, [request_id], _DIAGNOSIS_FIELDS))


def lines_of(request_id: int) -> frozenset[str]:
    """Return the public ids of a request's lines, as text."""
    at_hand = working.current()
    if at_hand is not None and at_hand.request.pk == request_id:
        return frozenset(str(line.public_id) for line in at_hand.lines)
    sql = "SELECT public_id FROM cases_serviceline WHERE request_id = %s"
    return frozenset(str(line) for (line,) in select(sql, [request_id], _LINE_FIELDS))


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
