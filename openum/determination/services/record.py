"""What every decision does once it is lawful: keep the determination, move the line, tell the rest."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from openum import audit
from openum.accounts.models import User
from openum.cases import working
from openum.cases.models import ServiceLine
from openum.cases.rules import ADVERSE_STATUSES
from openum.cases.services import cancel_line, next_authorization_number, set_line_status
from openum.criteria.models import EvidenceMap
from openum.criteria.services import freeze_map
from openum.db import plain
from openum.determination.events import AuthorizationIssued, LineDecided
from openum.determination.models import AddedCode, Authorization, AuthorizationSegment, Determination, SecondReading
from openum.determination.models.decisions import BY_PLAN
from openum.determination.network import check_network_told
from openum.determination.services.second_readings import check_read_twice
from openum.directory.models import Policy
from openum.vocabulary.terms import LineStatus, PartyRole, ReasonClass, RequestKind

VALID_DAYS = 90
"""Days an approval is valid after the day of the decision, where neither rule nor service dates say otherwise."""
_AFTER = {LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED}


@dataclass(frozen=True, kw_only=True)
class Certified:
    """The service that is certified where it is not the one asked for."""

    code_system: str
    code: str
    code_end: str = ""
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EarlyEnd:
    """Care that is approved now and ends early, or goes on with fewer units (`Decision.units`).

    Attributes:
        last_day: of the care as it is now, inclusive.
        because: `early_end:` and the ground.
        segment: in force now.
    """

    last_day: date
    because: str
    segment: AuthorizationSegment


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was decided and on which ground, before it becomes a row."""

    outcome: LineStatus
    reason_class: ReasonClass
    reason: str
    rationale: str = ""
    cited_authority: str = ""
    approval_rule: Policy | None = None
    licence: str = ""
    specialty: str = ""
    node_answers: dict[str, str] = field(default_factory=dict)
    evidence_opened: list[dict[str, str]] = field(default_factory=list)
    evidence_guard: str = ""
    evidence_guard_reason: str = ""
    conversation_guard: str = ""
    conversation_guard_reason: str = ""
    different_from_overturned: str = ""
    statements: dict[str, str] = field(default_factory=dict)
    supersedes: Determination | None = None
    supersedes_because: str = ""
    is_sandbox: bool = False
    units: Decimal | None = None
    certified: Certified | None = None
    valid_days: int = VALID_DAYS
    early_end: EarlyEnd | None = None
    function: str = BY_PLAN


def record_decision(
    *, line: ServiceLine, decision: Decision, by: User, at: datetime, is_read_twice: bool = False
) -> Determination:
    """Write a decision on a locked line and record it; letters and answers follow the event in this transaction.

    Args:
        is_read_twice: the plan's policy may want a second clinician's agreement to it.

    Raises:
        NetworkNotTold: the letter of an approval in New York would lack what it has to tell of the network.
        SecondReadingMissing: it does, and no agreement with this content holds.
    """
    if decision.outcome in _AFTER and decision.early_end is None:
        check_network_told(line)
    reading = check_read_twice(line, decision, by=by, at=at) if is_read_twice else None
    with audit.batch():
        is_adverse = decision.outcome in ADVERSE_STATUSES
        frozen = freeze_map(line=line, reason=EvidenceMap.DECIDED, by=by, at=at)
        determination = plain.new(
            Determination,
            line=line,
            outcome=decision.outcome,
            is_adverse=is_adverse,
            reason_class=decision.reason_class,
            reason=decision.reason,
            rationale=decision.rationale.strip(),
            node_answers=decision.node_answers,
            guideline=frozen.policy if frozen else None,
            evidence_map=frozen,
            cited_authority=decision.cited_authority.strip(),
            approval_rule=decision.approval_rule,
            decided_by=by,
            decided_by_machine=by.is_machine,
            decided_at=at,
            licence=decision.licence,
            specialty=decision.specialty,
            deciding_organization=line.case.delegate,
            deciding_function=decision.function,
            evidence_opened=decision.evidence_opened,
            evidence_guard=decision.evidence_guard,
            evidence_guard_reason=decision.evidence_guard_reason,
            conversation_guard=decision.conversation_guard,
            conversation_guard_reason=decision.conversation_guard_reason,
            different_from_overturned=decision.different_from_overturned,
            statements=decision.statements,
            coverage_snapshot=coverage_snapshot(line, at=at),
            internal_criteria=f"{frozen.policy.key} {frozen.policy.version}" if frozen and frozen.policy else "",
            supersedes=decision.supersedes,
            supersedes_because=decision.supersedes_because,
            is_sandbox=decision.is_sandbox,
            plan_is_sandbox=line.case.plan.is_sandbox,
        )
        plain.insert([determination])
        if reading is not None:
            SecondReading.objects.filter(pk=reading.pk).update(determination=determination)
        working.remember(("determination", line.pk), determination)
        set_line_status(line, decision.outcome, by=by, at=at, cause=decision.reason_class)
        if decision.outcome in _AFTER:
            _authorize(line, determination, decision, by=by, at=at)
        if decision.early_end is not None:
            _end_early(determination, decision.early_end, units=decision.units, at=at)
        audit.record(
            LineDecided(
                case_id=line.case.public_id,
                line_ids=(line.public_id,),
                determination_id=determination.public_id,
                outcome=decision.outcome,
                is_adverse=is_adverse,
                supersedes=decision.supersedes.public_id if decision.supersedes else None,
                cause=decision.reason_class,
            ),
            by=by,
            at=at,
        )
    return determination


def coverage_snapshot(line: ServiceLine, *, at: datetime) -> dict[str, Any]:
    """Keep what was known of the coverage when the line was decided."""
    coverage = line.case.coverage
    if coverage is None:
        return {"known_at": at.isoformat(), "coverage": None}
    return {
        "known_at": at.isoformat(),
        "coverage": str(coverage.public_id),
        "product": line.case.product.key,
        "valid_from": coverage.valid_from.isoformat(),
        "valid_to": coverage.valid_to.isoformat() if coverage.valid_to else None,
        "rank": coverage.rank,
    }


def validity(line: ServiceLine, *, at: datetime, days: int) -> tuple[date, date]:
    """Return the half-open period of an approval: from the decision day, or the service dates where they say more.

    A service that is already over is approved for its own dates.
    """
    decided_on = at.astimezone(ZoneInfo(line.case.product.time_zone)).date()
    usual = decided_on + timedelta(days=days + 1)
    first, after = line.service_from, line.service_to
    if first is None:
        return decided_on, usual
    if after is not None and after <= decided_on:
        return first, after
    return min(decided_on, first), max(usual, after or usual, first + timedelta(days=1))


def _end_early(determination: Determination, end: EarlyEnd, *, units: Decimal | None, at: datetime) -> None:
    """Put a shorter segment in the place of the one in force, and one with fewer units after it where care goes on."""
    AuthorizationSegment.objects.filter(pk=end.segment.pk).update(superseded_at=at)
    for part in cut(end.segment, last_day=end.last_day, units_after=units):
        part.determination = determination
        part.save()


def cut(
    segment: AuthorizationSegment, *, last_day: date, units_after: Decimal | None
) -> tuple[AuthorizationSegment, ...]:
    """Return a segment as it is until a day, and what goes on with fewer units after it; unsaved copies."""
    day_after, parts = last_day + timedelta(days=1), []
    for start, stop, amount in (
        (segment.valid_from, day_after, segment.units), (day_after, segment.valid_to, units_after),
    ):  # fmt: skip
        if start == day_after and units_after is None:
            continue
        part = AuthorizationSegment.objects.get(pk=segment.pk)
        part.pk, part.superseded_at = None, None
        part._state.adding = True  # noqa: SLF001 - the documented way to copy a row
        part.valid_from, part.valid_to, part.units = start, stop, amount
        parts.append(part)
    return tuple(parts)


def _added(line: ServiceLine) -> AddedCode | None:
    """Return what a line added to an authorization after an operation; only reviews after the service can have."""
    if line.request.kind != RequestKind.RETROSPECTIVE:
        return None
    return AddedCode.objects.select_related("authorization").filter(line=line).first()


def _standing_authorization(line: ServiceLine) -> Authorization | None:
    """Return the authorization a line already has, or that one of the lines it revises had, the latest first."""
    known = line.replaces if working.new_line(line.pk) else line
    while known is not None:
        authorization = Authorization.objects.filter(line=known).order_by("-issued_at").first()
        if authorization is not None:
            return authorization
        known = known.replaces
    return None


def _authorize(line: ServiceLine, determination: Determination, decision: Decision, *, by: User, at: datetime) -> None:
    """Issue the number, or go on with the one that the replaced or extended line had; older segments end.

    A code added after the operation gets a segment of its own beside them, for the day of the operation.
    """
    added = _added(line)
    authorization = added.authorization if added else _standing_authorization(line)
    if authorization is None:
        authorization = plain.new(
            Authorization,
            number=next_authorization_number(at=at),
            case=line.case,
            line=line,
            issued_at=at,
            previous_number=line.previous_authorization_number,
        )
        plain.insert([authorization])
    else:
        if added is None and authorization.line_id != line.pk:
            Authorization.objects.filter(pk=authorization.pk).update(line=line)
        standing = authorization.segments.filter(superseded_at__isnull=True)
        standing = standing.filter(determination__line__added_code=added)
        standing.update(superseded_at=at)
    start, end = validity(line, at=at, days=decision.valid_days)
    if added is not None and line.service_from is not None and line.service_to is not None:
        start, end = line.service_from, line.service_to
    serving = [
        party
        for party in working.parties_of(line.request)
        if party.role in {PartyRole.SERVICING, PartyRole.FACILITY} and party.npi
    ]
    other = decision.certified
    segment = plain.new(
        AuthorizationSegment,
        authorization=authorization,
        determination=determination,
        valid_from=start,
        valid_to=end,
        units=decision.units if decision.units is not None else line.requested_units,
        unit=line.unit,
        frequency=line.frequency,
        code_system=other.code_system if other else line.code_system,
        code=other.code if other else line.code,
        code_end=other.code_end if other else line.code_end,
        modifiers=list(other.modifiers) if other else line.modifiers,
        servicing_npi=serving[0].npi if serving else "",
        place=line.place,
    )
    plain.insert([segment])
    audit.record(
        AuthorizationIssued(
            case_id=line.case.public_id,
            line_ids=(line.public_id,),
            authorization_id=authorization.public_id,
            determination_id=determination.public_id,
        ),
        by=by,
        at=at,
    )
    if line.replaces is not None and line.replaces.status in _AFTER:
        cancel_line(
            line=line.replaces, by=by, at=at, cause="the revised line is approved in its place", replaced_by=line
        )
