"""Start clocks, record facts, and compute again what a fact moves. The only writer of the two tables."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import ClassVar
from uuid import UUID

from openum import audit
from openum.accounts.models import User
from openum.cases import working
from openum.cases.models import ServiceLine
from openum.clocks.events import ClockStarted
from openum.clocks.models import Clock, ClockFact
from openum.clocks.rules.compute import compute
from openum.clocks.rules.facts import Fact, FactKind
from openum.clocks.rules.reading import ClockState
from openum.clocks.rules.rule import Missed, Rule
from openum.clocks.services.breaches import set_aside_unfounded
from openum.clocks.services.movements import Movement, record_movements
from openum.clocks.stored import (
    STORED_FIELDS,
    NewFact,
    Setting,
    codes_of,
    diagnoses_of,
    fact_of,
    facts_of,
    lines_of,
    modifiers_of,
    read_clock,
    services_of,
    setting_of,
    type_of,
    write_reading,
)
from openum.db.plain import insert, new, select_of_request, update
from openum.db.transactions import atomic
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import ClockPurpose, LineOfBusiness, NetworkStatus, Urgency


class FactInTheFuture(Invalid):
    """Nothing can be recorded before it happened."""

    code: ClassVar[str] = "fact-in-the-future"


@atomic
def start_request(
    *,
    request_id: int,
    by: User,
    at: datetime,
    event_id: UUID | None = None,
    counts_from: datetime | None = None,
    values: Sequence[NewFact] = (),
) -> list[Clock]:
    """Open every clock that runs from the receipt of a request; return them. A notification opens none.

    Costs one read and two inserts, whatever the number of obligations.

    Args:
        counts_from: the instant that counts as receipt where the law waits for a valid form (42 CFR 422.561); the
            receipt itself by default.
        values: plain values that choose between rows, known to the caller: the levels of an appeal, a Part B drug.
    """
    setting = setting_of(request_id, lock=True)
    opening = [NewFact(kind=FactKind.RECEIVED, at=counts_from or setting.received_at), *_plain_values(setting), *values]
    facts = _insert_facts(setting, opening, by=by, at=at, event_id=event_id)
    clocks = _open(setting, facts, [], {FactKind.RECEIVED}, lines=(), at=at)
    working.remember(("clocks", request_id), (facts, clocks))
    if clocks:
        _record_started(setting, clocks, by=by, at=at)
    return clocks


@atomic
def record_facts(
    *, request_id: int, facts: Sequence[NewFact], by: User, at: datetime, event_id: UUID | None = None
) -> list[Clock]:
    """Record facts of one request, open the clocks they start, compute the others again, record what moved.

    Args:
        request_id: primary key of the request; it is locked.
        facts: what happened, in any order.
        by: who recorded it.
        at: aware instant of recording, not before the facts.
        event_id: the audit event that told us; the same event tells a fact of a kind only once.

    Raises:
        FactInTheFuture: a fact happened after `at`.
    """
    if any(fact.at > at for fact in facts if fact.kind not in _MAY_LIE_AHEAD):
        raise FactInTheFuture("What has not happened yet cannot be recorded. Check the date, the time and the zone.")
    setting = setting_of(request_id, lock=True)
    added = _insert_facts(setting, facts, by=by, at=at, event_id=event_id)
    return _recompute(
        setting, {fact.kind for fact in facts}, lines=_common_lines(facts), by=by, at=at, known=_at_hand(setting, added)
    )


@atomic
def correct_received_at(*, request_id: int, by: User, at: datetime, event_id: UUID | None = None) -> list[Clock]:
    """Follow a corrected receipt: the old fact stays for replay, the new one counts from now on."""
    setting = setting_of(request_id, lock=True)
    current = (
        ClockFact.objects.filter(request_id=request_id, kind=FactKind.RECEIVED, replaced_by__isnull=True)
        .order_by("-pk")
        .first()
    )
    fact = NewFact(kind=FactKind.RECEIVED, at=setting.received_at)
    _insert_facts(setting, [fact], by=by, at=at, event_id=event_id, replaces=current)
    clocks = _correct_expiry(setting, _recompute(setting, set(), lines=(), by=by, at=at), by=by, at=at)
    set_aside_unfounded(request_id=request_id, by=by, at=at)
    return clocks


def _correct_expiry(setting: Setting, clocks: Sequence[Clock], *, by: User, at: datetime) -> list[Clock]:
    """Let the end of a time to decide follow a corrected receipt: taken back where it had not passed, else moved to its true instant.

    The time to send the file on counts from it; the facts that were believed before stay for replay.
    """
    standing = list(
        ClockFact.objects.filter(
            request_id=setting.request_id, kind=FactKind.TIME_EXPIRED, replaced_by__isnull=True
        ).order_by("pk")
    )
    passed = [clock.due_at for clock in clocks if _sends_on_when_late(clock, setting) and clock.due_at is not None]
    true_end = min(passed, default=None)
    moved = [row for row in standing if row.at != true_end]
    for row in moved:
        lines = tuple(row.line_ids)
        fact = (
            NewFact(kind=FactKind.TAKEN_BACK, at=at, reason="receipt_corrected", line_ids=lines)
            if true_end is None
            else NewFact(kind=FactKind.TIME_EXPIRED, at=true_end, line_ids=lines)
        )
        _insert_facts(setting, [fact], by=by, at=at, event_id=None, replaces=row)
    return _recompute(setting, set(), lines=(), by=by, at=at) if moved else list(clocks)


def _sends_on_when_late(clock: Clock, setting: Setting) -> bool:
    """Say whether a clock is late whose law then sends the file to the independent reviewer."""
    if clock.state != ClockState.LATE or clock.purpose != ClockPurpose.DECIDE:
        return False
    rule = setting.book.rule(clock.governing_rule, clock.governing_version)
    return rule.missed is Missed.FORWARD_TO_INDEPENDENT_REVIEW


@atomic
def take_back_withdrawal(*, request_id: int, reason: str, by: User, at: datetime) -> list[Clock]:
    """Let the clocks that a withdrawal or dismissal ended run again, from the receipt they counted from.

    The time in between counts: a closing that did not hold gives the plan no days. The fact of the withdrawal stays
    for replay. A request that was not withdrawn, or whose withdrawal was taken back, is left as it is.
    """
    setting = setting_of(request_id, lock=True)
    ended = ClockFact.objects.filter(request_id=request_id, kind=FactKind.WITHDRAWN, replaced_by__isnull=True).order_by(
        "pk"
    )
    for row in ended:
        fact = NewFact(kind=FactKind.TAKEN_BACK, at=at, reason=reason)
        _insert_facts(setting, [fact], by=by, at=at, event_id=None, replaces=row)
    return _recompute(setting, set(), lines=(), by=by, at=at)


@atomic
def recompute(*, request_id: int, by: User, at: datetime) -> list[Clock]:
    """Compute the clocks of a request from its facts as known at `at`; write and record what changed."""
    return _recompute(setting_of(request_id, lock=True), set(), lines=(), by=by, at=at)


def _recompute(
    setting: Setting,
    opening: set[FactKind],
    *,
    lines: tuple[str, ...],
    by: User,
    at: datetime,
    known: tuple[list[Fact], list[Clock]] | None = None,
) -> list[Clock]:
    facts, clocks = known or (
        facts_of(setting.request_id),
        select_of_request(Clock, setting.request_id, order="id", lock=True),
    )
    request_lines = lines_of(setting.request_id)
    moved: list[Movement] = []
    for clock in clocks:
        before = Movement.of(clock)
        rule, reading = read_clock(clock, facts, setting, request_lines, at)
        write_reading(clock, rule, reading, at=at)
        if before.is_changed(clock):
            moved.append(before)
    update([before.clock for before in moved], STORED_FIELDS)
    opened = _open(setting, facts, clocks, opening, lines=lines, at=at) if opening else []
    if opened:
        _record_started(setting, opened, by=by, at=at)
    record_movements(moved, setting=setting, by=by, at=at)
    clocks = clocks + opened
    working.remember(("clocks", setting.request_id), (facts, clocks))
    return clocks


def _at_hand(setting: Setting, added: Sequence[Fact]) -> tuple[list[Fact], list[Clock]] | None:
    """Return the facts and clocks of a request that this transaction took in, with the facts just added, or None."""
    known: tuple[list[Fact], list[Clock]] | None = working.recall(("clocks", setting.request_id))
    if known is None:
        return None
    facts, clocks = known
    return sorted([*facts, *added], key=attrgetter("at")), clocks


_PART_B_DRUG = "part_b_drug_standard"
_CLINICAL_TRIAL = "clinical_trial_coverage"
_PHARMACY_DRUG = "drug_pa_standard"
_MEDICAID = frozenset({LineOfBusiness.MEDICAID_MANAGED_CARE, LineOfBusiness.MEDICAID_FFS})
_MAY_LIE_AHEAD = frozenset({FactKind.COURSE_ENDS, FactKind.EFFECTIVE_DATE, FactKind.RATING_PERIOD_START})


def _insert_facts(
    setting: Setting,
    facts: Sequence[NewFact],
    *,
    by: User,
    at: datetime,
    event_id: UUID | None,
    replaces: ClockFact | None = None,
) -> list[Fact]:
    rows = [
        new(
            ClockFact,
            request_id=setting.request_id,
            kind=fact.kind,
            at=fact.at,
            recorded_at=at,
            recorded_by_id=by.pk,
            event_id=event_id,
            line_ids=list(fact.line_ids),
            details=fact.details(),
            replaces=replaces,
        )
        for fact in facts
    ]
    insert(rows, ignore_conflicts=event_id is not None)
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
    request_type = type_of(setting, facts)
    if request_type is None:
        return []
    in_force = setting.book.in_force(setting.received_on, facts)
    rows = setting.book.obligations(
        line_of_business=setting.law,
        request_type=request_type,
        state=setting.state,
        received_on=setting.received_on,
        received_at=setting.received_at,
        facts=facts,
    )
    switched = bool(kinds & {FactKind.UPGRADED, FactKind.DOWNGRADED})
    exist = {(clock.rule, clock.lines_key) for clock in clocks}
    twins = {in_force[rule].upgrades_to for rule, _ in exist if rule in in_force}
    twins |= {in_force[rule].downgrades_to for rule, _ in exist if rule in in_force}
    made = []
    for rule in rows:
        covered = () if rule.starts is FactKind.RECEIVED else lines
        begins = rule.starts in kinds or (switched and rule.starts is FactKind.RECEIVED) or _is_opened_by(rule, kinds)
        if not begins or (rule.id, ",".join(covered)) in exist or rule.id in twins:
            continue
        clock = _new_clock(rule, setting, covered)
        reading = compute(
            rule, facts, setting.zone, book=in_force, days=setting.days, lines=frozenset(covered), as_known_at=at
        )
        if reading.started_at is None:
            continue
        write_reading(clock, rule, reading, at=at)
        made.append(clock)
    insert(made)
    return made


def _is_opened_by(rule: Rule, kinds: set[FactKind]) -> bool:
    """Say whether a plain value just recorded opens an obligation that counts from the receipt all the same.

    A reversal in Medicare Advantage is carried out within the time that the reconsideration itself had.
    """
    return any(condition.equals is not None and condition.fact in kinds for condition in rule.when)


def _new_clock(rule: Rule, setting: Setting, lines: tuple[str, ...]) -> Clock:
    return new(
        Clock,
        case_id=setting.case_id,
        request_id=setting.request_id,
        policy_id=setting.policies.get((rule.id, rule.version)),
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


def _record_started(setting: Setting, clocks: Sequence[Clock], *, by: User, at: datetime) -> None:
    audit.record(
        ClockStarted(
            case_id=setting.case,
            request_id=setting.request,
            clock_ids=tuple(clock.public_id for clock in clocks),
            rules=tuple(clock.rule for clock in clocks),
        ),
        by=by,
        at=at,
    )


def _plain_values(setting: Setting) -> list[NewFact]:
    """Return the values that choose between rows: the rating period; in Medicaid care in a clinical trial; under
    state law a drug of the pharmacy benefit; in Medicare a Part B drug, and our own provider.
    """
    values = []
    if setting.rating_period_start is not None:
        values.append(
            NewFact(kind=FactKind.RATING_PERIOD_START, at=setting.received_at, value=setting.rating_period_start)
        )
    if setting.line_of_business in _MEDICAID and _is_in_a_trial(setting):
        values.append(NewFact(kind=FactKind.CLINICAL_TRIAL, at=setting.received_at, value=1))
    if setting.line_of_business is LineOfBusiness.COMMERCIAL_STATE and _is_pharmacy_drug(setting):
        values.append(NewFact(kind=FactKind.PHARMACY_DRUG, at=setting.received_at, value=1))
    if setting.line_of_business is not LineOfBusiness.MEDICARE_ADVANTAGE:
        return values
    if setting.book.names_code(_PART_B_DRUG, codes_of(setting.request_id)):
        values.append(NewFact(kind=FactKind.PART_B_DRUG, at=setting.received_at, value=1))
    if setting.urgency is Urgency.EXPEDITED:
        outside = ServiceLine.objects.filter(
            request_id=setting.request_id, network_status=NetworkStatus.OUT_OF_NETWORK
        ).exists()
        values.append(NewFact(kind=FactKind.CONTRACTED, at=setting.received_at, value=0 if outside else 1))
    return values


def _is_pharmacy_drug(setting: Setting) -> bool:
    """Say whether a line is a drug of the pharmacy benefit where the state has a time of its own for it."""
    services = partial(services_of, setting.request_id)
    return setting.book.names_service(_PHARMACY_DRUG, services, state=setting.state)


def _is_in_a_trial(setting: Setting) -> bool:
    """Say whether a code, a modifier or a diagnosis names care in a clinical trial; any one of them is enough."""
    request_id, book = setting.request_id, setting.book
    return book.names_code(_CLINICAL_TRIAL, codes_of(request_id)) or book.names_mark(
        _CLINICAL_TRIAL, modifiers=modifiers_of(request_id), diagnoses=diagnoses_of(request_id)
    )


def _common_lines(facts: Sequence[NewFact]) -> tuple[str, ...]:
    return tuple(sorted({line for fact in facts for line in fact.line_ids}))
