"""Start clocks, record facts, and compute again what a fact moves. The only writer of the two tables."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.cases.models import Request, ServiceLine
from openum.clocks.books import book_for
from openum.clocks.events import ClockStarted
from openum.clocks.models import Clock, ClockFact
from openum.clocks.rules.compute import compute
from openum.clocks.rules.facts import Fact, FactKind
from openum.clocks.rules.rule import Rule
from openum.clocks.services.movements import Movement, record_movements
from openum.clocks.stored import (
    STORED_FIELDS,
    NewFact,
    Setting,
    fact_of,
    facts_of_requests,
    lines_of_request,
    read_clock,
    setting_of,
    type_of,
    write_reading,
)
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import LineOfBusiness, NetworkStatus, Urgency


class FactInTheFuture(Invalid):
    """Nothing can be recorded before it happened."""

    code: ClassVar[str] = "fact-in-the-future"


@transaction.atomic
def start_request(*, request: Request, by: User, at: datetime, event_id: UUID | None = None) -> list[Clock]:
    """Open every clock that runs from the receipt of a request; return them. A notification opens none.

    `request.case.product` should be loaded. Costs two inserts and one read, whatever the number of obligations.
    """
    setting = setting_of(request)
    opening = [NewFact(kind=FactKind.RECEIVED, at=request.received_at), *_plain_values(setting)]
    facts = _insert_facts(request, opening, by=by, at=at, event_id=event_id)
    clocks = _open(setting, facts, [], {FactKind.RECEIVED}, lines=(), at=at)
    if clocks:
        _record_started(request, clocks, by=by, at=at)
    return clocks


@transaction.atomic
def record_facts(
    *, request: Request, facts: Sequence[NewFact], by: User, at: datetime, event_id: UUID | None = None
) -> list[Clock]:
    """Record facts of one request, open the clocks they start, compute the others again, record what moved.

    Args:
        request: the request; it is locked.
        facts: what happened, in any order.
        by: who recorded it.
        at: aware instant of recording, not before the facts.
        event_id: the audit event that told us; the same event tells a fact of a kind only once.

    Raises:
        FactInTheFuture: a fact happened after `at`.
    """
    if any(fact.at > at for fact in facts if fact.kind not in _MAY_LIE_AHEAD):
        raise FactInTheFuture("What has not happened yet cannot be recorded. Check the date, the time and the zone.")
    request = lock_request(request)
    kinds = {fact.kind for fact in facts}
    _insert_facts(request, facts, by=by, at=at, event_id=event_id)
    return recompute(request=request, by=by, at=at, opening=kinds, lines=_common_lines(facts))


@transaction.atomic
def correct_received_at(*, request: Request, by: User, at: datetime, event_id: UUID | None = None) -> list[Clock]:
    """Follow a corrected receipt: the old fact stays for replay, the new one counts from now on."""
    request = lock_request(request)
    current = (
        ClockFact.objects.filter(request=request, kind=FactKind.RECEIVED, replaced_by__isnull=True)
        .order_by("-pk")
        .first()
    )
    _insert_facts(
        request,
        [NewFact(kind=FactKind.RECEIVED, at=request.received_at)],
        by=by,
        at=at,
        event_id=event_id,
        replaces=current,
    )
    return recompute(request=request, by=by, at=at)


@transaction.atomic
def recompute(
    *, request: Request, by: User, at: datetime, opening: Iterable[FactKind] = (), lines: tuple[str, ...] = ()
) -> list[Clock]:
    """Compute the clocks of a request from its facts as known at `at`; write and record what changed."""
    setting = setting_of(request)
    facts = facts_of(request)
    clocks = list(Clock.objects.select_for_update().filter(request=request).order_by("pk"))
    request_lines = lines_of_request(request)
    moved: list[Movement] = []
    for clock in clocks:
        rule, reading = read_clock(clock, facts, setting, request_lines, at)
        before = Movement.of(clock)
        write_reading(clock, rule, reading, at=at)
        if before.is_changed(clock):
            moved.append(before)
            clock.save(update_fields=STORED_FIELDS)
    kinds = set(opening)
    opened = _open(setting, facts, clocks, kinds, lines=lines, at=at) if kinds else []
    if opened:
        _record_started(request, opened, by=by, at=at)
    record_movements(moved, request=request, by=by, at=at)
    return clocks + opened


def lock_request(request: Request) -> Request:
    """Read a request again under a lock, with what its clocks hang on."""
    return Request.objects.select_for_update(of=("self",)).select_related("case", "case__product").get(pk=request.pk)


def facts_of(request: Request) -> list[Fact]:
    """Return all facts of a request in the order they happened."""
    return facts_of_requests([request.pk])[request.pk]


_MAY_LIE_AHEAD = frozenset({FactKind.COURSE_ENDS, FactKind.EFFECTIVE_DATE, FactKind.RATING_PERIOD_START})


def _insert_facts(
    request: Request,
    facts: Sequence[NewFact],
    *,
    by: User,
    at: datetime,
    event_id: UUID | None,
    replaces: ClockFact | None = None,
) -> list[Fact]:
    rows = [
        ClockFact(
            request=request,
            kind=fact.kind,
            at=fact.at,
            recorded_at=at,
            recorded_by=by,
            event_id=event_id,
            line_ids=list(fact.line_ids),
            details=fact.details(),
            replaces=replaces,
        )
        for fact in facts
    ]
    ClockFact.objects.bulk_create(rows, ignore_conflicts=event_id is not None)
    return [fact_of(row) for row in rows]


def _open(
    setting: Setting,
    facts: Sequence[Fact],
    clocks: Sequence[Clock],
    kinds: set[FactKind],
    *,
    lines: tuple[str, ...],
    at: datetime,
) -> list[Clock]:
    """Make the clocks of obligations that begin with facts of these kinds and do not exist yet."""
    request = setting.request
    book, policies = book_for(setting.plan_id)
    request_type = type_of(request, setting.line_of_business, facts)
    if request_type is None:
        return []
    rows = book.obligations(
        line_of_business=setting.line_of_business,
        request_type=request_type,
        state=setting.state,
        received_on=setting.received_on,
        received_at=request.received_at,
        facts=facts,
    )
    in_force = book.in_force(setting.received_on)
    switched = bool(kinds & {FactKind.UPGRADED, FactKind.DOWNGRADED})
    exist = {(clock.rule, clock.lines_key) for clock in clocks}
    twins = {in_force[rule].upgrades_to for rule, _ in exist if rule in in_force}
    twins |= {in_force[rule].downgrades_to for rule, _ in exist if rule in in_force}
    made = []
    for rule in rows:
        covered = () if rule.starts is FactKind.RECEIVED else lines
        begins = rule.starts in kinds or (switched and rule.starts is FactKind.RECEIVED)
        if not begins or (rule.id, ",".join(covered)) in exist or rule.id in twins:
            continue
        clock = _new_clock(rule, setting, policies.get((rule.id, rule.version)), covered)
        reading = compute(
            rule, facts, setting.zone, book=in_force, days=setting.days, lines=frozenset(covered), as_known_at=at
        )
        if reading.started_at is None:
            continue
        write_reading(clock, rule, reading, at=at)
        made.append(clock)
    Clock.objects.bulk_create(made)
    return made


def _new_clock(rule: Rule, setting: Setting, policy_id: int | None, lines: tuple[str, ...]) -> Clock:
    return Clock(
        case=setting.request.case,
        request=setting.request,
        policy_id=policy_id,
        rule=rule.id,
        rule_version=rule.version,
        source_verified=rule.source_verified,
        force=rule.force,
        binds=rule.binds,
        purpose=rule.purpose,
        recipient=rule.recipient,
        title=rule.title,
        line_ids=list(lines),
        lines_key=",".join(lines),
        zone=str(setting.zone),
    )


def _record_started(request: Request, clocks: Sequence[Clock], *, by: User, at: datetime) -> None:
    audit.record(
        ClockStarted(
            case_id=request.case.public_id,
            request_id=request.public_id,
            clock_ids=tuple(clock.public_id for clock in clocks),
            rules=tuple(clock.rule for clock in clocks),
        ),
        by=by,
        at=at,
    )


def _plain_values(setting: Setting) -> list[NewFact]:
    """Return the values that choose between rows: the rating period, and whether a fast request's provider is ours."""
    request, product = setting.request, setting.request.case.product
    values = []
    if product.rating_period_start is not None:
        values.append(
            NewFact(kind=FactKind.RATING_PERIOD_START, at=request.received_at, value=product.rating_period_start)
        )
    if setting.line_of_business is LineOfBusiness.MEDICARE_ADVANTAGE and request.urgency == Urgency.EXPEDITED:
        outside = ServiceLine.objects.filter(request=request, network_status=NetworkStatus.OUT_OF_NETWORK).exists()
        values.append(NewFact(kind=FactKind.CONTRACTED, at=request.received_at, value=0 if outside else 1))
    return values


def _common_lines(facts: Sequence[NewFact]) -> tuple[str, ...]:
    return tuple(sorted({line for fact in facts for line in fact.line_ids}))
