"""Reads of clocks: what binds a case, all its clocks, how they stood at an earlier instant, provisional deadlines."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Field

from openum.accounts.models import Plan
from openum.cases.models import Case, Request
from openum.clocks.books import book_for
from openum.clocks.models import Clock, ClockFact
from openum.clocks.rules.chip import Chip, chip
from openum.clocks.rules.compute import compute
from openum.clocks.rules.facts import Fact, FactKind
from openum.clocks.rules.profile import request_type_of
from openum.clocks.rules.reading import ClockState, Reading
from openum.clocks.rules.rule import Recipient, Unit
from openum.clocks.stored import business_days_of, facts_of, lines_of, read_clock, setting_of
from openum.db import plain
from openum.directory.models import Product
from openum.vocabulary.terms import Ball, CertificationType, ClockPurpose, LineOfBusiness, RequestKind, Timing, Urgency

_SHOWN = (
    "case_id", "public_id", "governing_rule", "citation", "title", "purpose", "recipient", "state", "ball", "started_at",
    "due_at", "stopped_at", "zone",
)  # fmt: skip
"""The columns of a clock that `BindingClock` holds."""

_BINDING = f"SELECT {', '.join(_SHOWN)} FROM clocks_clock WHERE binds AND stopped_at IS NULL AND case_id IN ({{}})"  # noqa: S608 - names of our own columns


@lru_cache(maxsize=1)
def _shown_fields() -> tuple["Field[Any, Any]", ...]:
    return plain.fields_of(Clock, (name.removesuffix("_id") if name == "case_id" else name for name in _SHOWN))


@dataclass(frozen=True, slots=True)
class BindingClock:
    """The clock that counts on a list: the earliest open duty of law; a paused one when nothing else runs."""

    case_id: int
    public_id: Any
    rule: str
    citation: str
    title: str
    purpose: str
    recipient: str
    state: ClockState
    ball: Ball
    started_at: datetime | None
    due_at: datetime | None
    stopped_at: datetime | None
    zone: str

    def chip(self, now: datetime) -> Chip:
        """Return the sign of the clock as of `now`."""
        return chip(
            state=self.state,
            ball=self.ball,
            started_at=self.started_at,
            due_at=self.due_at,
            stopped_at=self.stopped_at,
            now=now,
            zone=ZoneInfo(self.zone),
        )


def binding_clocks(case_ids: Collection[int]) -> dict[int, BindingClock]:
    """Return the binding clock of each case that has an open one, in one query. Cases are given by primary key."""
    if not case_ids:
        return {}
    found: dict[int, BindingClock] = {}
    sql = f"{_BINDING.format(plain.marks(case_ids))} ORDER BY id"
    for row in plain.select(sql, list(case_ids), _shown_fields()):
        clock = _binding(row)
        known = found.get(clock.case_id)
        if known is None or _rank(clock) < _rank(known):
            found[clock.case_id] = clock
    return found


def binding_clock(case: Case) -> BindingClock | None:
    """Return the clock that binds a case: the earliest open duty; after the end the last that was stopped; or None."""
    open_one = binding_clocks([case.pk]).get(case.pk)
    if open_one is not None:
        return open_one
    last = (
        Clock.objects.filter(case=case, binds=True, stopped_at__isnull=False)
        .exclude(state=ClockState.VOID)
        .order_by("-stopped_at", "-pk")
        .values_list(*_SHOWN)
        .first()
    )
    return _binding(last) if last else None


def _binding(row: Sequence[Any]) -> BindingClock:
    known = dict(zip(_SHOWN, row, strict=True))
    known |= {"state": ClockState(known["state"]), "ball": Ball(known["ball"]), "rule": known.pop("governing_rule")}
    return BindingClock(**known)


def _rank(clock: BindingClock) -> tuple[bool, datetime | None]:
    return (clock.due_at is None, clock.due_at)


def clocks_of(case: Case) -> list[Clock]:
    """Return every clock of a case: open ones first by due time, then the ended ones, newest first."""
    clocks = list(Clock.objects.filter(case=case).select_related("request__case__product", "policy").order_by("pk"))
    running = sorted((c for c in clocks if c.stopped_at is None), key=_open_order)
    ended = sorted((c for c in clocks if c.stopped_at is not None), key=lambda c: (c.stopped_at, c.pk), reverse=True)
    return running + ended


def _open_order(clock: Clock) -> tuple[bool, bool, float, int]:
    due = clock.due_at.timestamp() if clock.due_at else 0.0
    return (not clock.binds, clock.due_at is None, due, clock.pk)


def chip_of(clock: Clock, now: datetime) -> Chip:
    """Return the sign of a clock as of `now`."""
    return chip(
        state=ClockState(clock.state),
        ball=Ball(clock.ball),
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        now=now,
        zone=ZoneInfo(clock.zone),
    )


def replay(case: Case, as_known_at: datetime) -> list[tuple[Clock, Reading]]:
    """Return what each clock of a case said at an instant, from the facts known then. Clocks unborn then are left out."""
    clocks = list(Clock.objects.filter(case=case).order_by("pk"))
    return [
        (clock, reading)
        for clock, reading in readings_of(clocks, as_known_at)
        if reading.started_at is not None or reading.stopped_at is not None
    ]


def reading_of(clock: Clock, now: datetime) -> Reading:
    """Return the present reading of one clock, with its split of time."""
    return readings_of([clock], now)[0][1]


def readings_of(clocks: Sequence[Clock], as_known_at: datetime) -> list[tuple[Clock, Reading]]:
    """Compute clocks from the facts known at an instant; three queries for each request, whatever the clocks."""
    requests = {clock.request_id for clock in clocks}
    known = {pk: (facts_of(pk), setting_of(pk), lines_of(pk)) for pk in requests}
    return [(clock, read_clock(clock, *known[clock.request_id], as_known_at)[1]) for clock in clocks]


@dataclass(frozen=True, slots=True)
class Provisional:
    """The earliest deadline that a request without a case could have."""

    due_at: datetime
    rule_id: str


def provisional_deadline(
    *, plan: Plan, urgency: Urgency, received_at: datetime, on: date | None = None
) -> Provisional | None:
    """Return the earliest deadline over the plan's products, for a message nobody could match yet."""
    book, _ = book_for(plan.pk)
    best: Provisional | None = None
    for product in Product.objects.filter(plan=plan):
        zone = ZoneInfo(product.time_zone)
        line_of_business = LineOfBusiness(product.line_of_business)
        request_type = request_type_of(
            line_of_business=line_of_business,
            kind=RequestKind.AUTHORIZATION,
            certification=CertificationType.INITIAL,
            timing=Timing.PROSPECTIVE,
            urgency=Urgency(urgency),
        )
        day = on or received_at.astimezone(zone).date()
        facts = [Fact(kind=FactKind.RECEIVED, at=received_at)]
        for rule in book.obligations(
            line_of_business=product.law,
            request_type=request_type or "",
            state=product.state,
            received_on=day,
            facts=facts,
        ):
            if not rule.binds or rule.starts is not FactKind.RECEIVED:
                continue
            due = compute(rule, facts, zone).due_at
            if due is not None and (best is None or due < best.due_at):
                best = Provisional(due, rule.id)
    return best


def facts_known(request: Request, as_known_at: datetime | None = None) -> Sequence[ClockFact]:
    """Return the stored facts of a request, as known at an instant (None: all)."""
    rows = ClockFact.objects.filter(request=request).order_by("at", "pk")
    return list(rows if as_known_at is None else rows.filter(recorded_at__lte=as_known_at))


def last_day_of_window(
    *, product: Product, request_type: str, trigger_at: datetime, effective_at: datetime | None = None
) -> date | None:
    """Return the last day of a filing window that opened at an instant, or None where no row gives one.

    Args:
        product: its law, its state, its zone and its business days.
        request_type: a window in the words of the rows, for example `appeal_filing_window`.
        trigger_at: the notice, or its receipt, as the row counts.
        effective_at: when what the notice tells takes effect, where a row counts the later of both.
    """
    book, _ = book_for(product.plan_id)
    zone = ZoneInfo(product.time_zone)
    opened_on = trigger_at.astimezone(zone).date()
    facts = [Fact(kind=FactKind.RECEIVED, at=trigger_at)]
    if effective_at is not None:
        facts.append(Fact(kind=FactKind.EFFECTIVE_DATE, at=effective_at))
    try:
        rule = book.answer_for(
            line_of_business=product.law, request_type=request_type, state=product.state,
            received_on=opened_on, received_at=trigger_at, facts=facts,
        )  # fmt: skip
    except KeyError:
        return None
    days = business_days_of(product.pk, product.holidays)
    due = compute(rule, facts, zone, book=book.in_force(opened_on), days=days).due_at
    return due.astimezone(zone).date() if due else None


def calls_owed(request: Request) -> list[Clock]:
    """Return the open duties of a request to tell its answer by telephone, the earliest first."""
    rows = Clock.objects.filter(
        request=request, purpose=ClockPurpose.NOTIFY_ORALLY, stopped_at__isnull=True, due_at__isnull=False
    )
    return list(rows.order_by("due_at", "pk"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideTime:
    """How long somebody outside has by the row that counts, and until when."""

    amount: int
    unit: Unit
    due_at: datetime


def outside_time_of(request: Request) -> OutsideTime | None:
    """Return the time of the independent reviewer of a request, from its open clock; None while none runs."""
    clock = (
        Clock.objects.filter(
            request=request, purpose=ClockPurpose.DECIDE, recipient=Recipient.INDEPENDENT_REVIEWER,
            stopped_at__isnull=True, due_at__isnull=False,
        )
        .select_related("case")
        .order_by("due_at", "pk")
        .first()
    )  # fmt: skip
    if clock is None or clock.due_at is None:
        return None
    limit = book_for(clock.case.plan_id)[0].rule(clock.governing_rule, clock.governing_version).limit
    return OutsideTime(amount=limit.amount, unit=limit.unit, due_at=clock.due_at)


def due_of(request: Request, *purposes: ClockPurpose, recipient: str = "") -> datetime | None:
    """Return the earliest due time of the open duties of one request with these purposes, or None."""
    rows = Clock.objects.filter(
        request=request, purpose__in=purposes, stopped_at__isnull=True, due_at__isnull=False
    ).order_by("due_at")
    if recipient:
        rows = rows.filter(recipient=recipient)
    return rows.values_list("due_at", flat=True).first()
