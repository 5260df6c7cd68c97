"""Reads what protects a line from a no: the published rows, the flags of the case, and what was approved before."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import get_language

from openum.cases.holdings import holds
from openum.cases.models import Attachment, Case, ServiceLine
from openum.clocks.models import Breach
from openum.clocks.rules.reading import ClockState
from openum.clocks.rules.rule import Missed
from openum.criteria.queries import guideline_for
from openum.criteria.rules import age_on
from openum.db.reading import once_a_page
from openum.determination.models import Authorization, AuthorizationSegment, CaseFlag
from openum.determination.protections import (
    PROTECTIONS,
    Birth,
    DeemedApproved,
    Law,
    LegalReason,
    No,
    ProofMissing,
    ProtectionRow,
    Rows,
    Subject,
    check_may_refuse,
    rows_in_force,
    statement_guard,
    statements_asked,
    takes_back,
)
from openum.determination.rules import Guard
from openum.directory.queries import policies_on
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import LineStatus, ReasonClass, RequestKind, Timing

_EMERGENCY_ROOM = "23"
"""Place-of-service code of an emergency department."""
_AFTER_THE_FACT = frozenset({RequestKind.RETROSPECTIVE, RequestKind.POST_SERVICE_PAYMENT})


@lru_cache(maxsize=64)
def _rows_of(digest: str, body: str) -> tuple[ProtectionRow, ...]:
    """Parse a published table of protections; the digest names the content."""
    return tuple(
        ProtectionRow(
            key=row["key"],
            law=Law(row["law"]),
            lines_of_business=frozenset(row.get("lines_of_business", [])),
            states=frozenset(row.get("states", [])),
            citation=row["citation"],
            source_verified=row["source_verified"],
            effective_from=row["effective_from"],
            effective_to=row.get("effective_to"),
            numbers=row.get("numbers", {}),
            grounds=tuple(row.get("grounds", [])),
            question=row.get("question", {}),
            bodies=tuple(row.get("bodies", [])),
        )
        for row in read_yaml(body)["rows"]
    )


def rows_for(line: ServiceLine, *, on: date) -> Rows:
    """Return the protections in force for a line on a day."""
    rows: list[ProtectionRow] = []
    for policy in policies_on(plan=line.case.plan, kind=PROTECTIONS, on=on):
        rows += _rows_of(policy.digest, policy.body)
    product = line.case.product
    own = rows_in_force(rows, line_of_business=product.line_of_business, state=product.state, on=on)
    if not product.is_integrated_dsnp:
        return own
    return rows_in_force(rows, line_of_business=product.law, state=product.state, on=on) | own


@once_a_page(lambda case: case.pk)
def flags_of(case: Case) -> list[CaseFlag]:
    """Return the flags of a case, open and cleared, newest first."""
    if not holds(case, CaseFlag):
        return []
    return list(CaseFlag.objects.filter(case=case).select_related("set_by", "cleared_by").order_by("-set_at", "-pk"))


def has_court_order(case: Case, flags: list[CaseFlag]) -> bool:
    """Say whether a court order stands: flagged on the case or known of the member, and not cleared here."""
    own = [flag for flag in flags if flag.kind == CaseFlag.COURT_ORDER]
    return own[0].cleared_at is None if own else case.member.has_court_order


def subject_of(line: ServiceLine, *, on: date, cited_authority: str = "") -> Subject:
    """Return what the protections ask of a line.

    Args:
        cited_authority: what the clinician cites where no guideline of ours applies.
    """
    flags = flags_of(line.case)
    standing = {flag.kind: flag for flag in flags if flag.cleared_at is None}
    birth = standing.get(CaseFlag.BIRTH)
    coverage = line.case.coverage
    goes_on = CaseFlag.COURSE_OF_TREATMENT in standing or line.request.kind == RequestKind.CONTINUITY
    return Subject(
        age=age_on(line.case.member.birth_date, on),
        is_integrated=line.case.product.is_integrated_dsnp,
        has_court_order=has_court_order(line.case, flags),
        is_emergency=CaseFlag.EMERGENCY in standing or line.place == _EMERGENCY_ROOM,
        is_after_stabilization=CaseFlag.AFTER_STABILIZATION in standing,
        birth=Birth(starts_at=birth.starts_at, is_caesarean=birth.is_caesarean) if birth and birth.starts_at else None,
        service_class=line.service_class,
        network_status=line.network_status,
        stay_from=line.service_from if line.parity_benefit_class.startswith("inpatient") else None,
        asked_units=line.requested_units,
        approved_units=_approved_units(line),
        rests_on=_rests_on(line, cited_authority),
        course_since=coverage.valid_from if goes_on and coverage is not None else None,
    )


def _rests_on(line: ServiceLine, cited_authority: str) -> str:
    """Return whose criteria a decision rests on: those of the guideline that applies, else the cited authority."""
    guideline = guideline_for(line).guideline
    if guideline is None:
        return cited_authority
    titles = [each.title for each in guideline.sources] + [each.name for each in guideline.authorities]
    return "; ".join([guideline.owner, *titles])


@once_a_page(lambda line: line.pk)
def _approved_units(line: ServiceLine) -> Decimal | None:
    """Return what stands approved of a service: on the line itself, or for its dates once the service was given."""
    own = Q(authorization__line=line)
    is_after = line.request.timing == Timing.RETROSPECTIVE or line.request.kind in _AFTER_THE_FACT
    if is_after and line.service_from is not None:
        after = line.service_to or line.service_from
        own |= Q(
            authorization__case__member=line.case.member,
            authorization__line__status__in=[LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED],
            code_system=line.code_system,
            code=line.code,
            valid_from__lte=after,
        ) & (Q(valid_to__isnull=True) | Q(valid_to__gt=line.service_from))
    elif not holds(line.case, Authorization):
        return None
    return _units_of(line, own)


def standing_units(line: ServiceLine) -> Decimal | None:
    """Return how many units of a line itself stand approved; None where nothing does."""
    return _units_of(line, Q(authorization__line=line))


def _units_of(line: ServiceLine, which: Q) -> Decimal | None:
    segments = list(AuthorizationSegment.objects.filter(which, superseded_at__isnull=True))
    if not segments:
        return None
    asked = line.requested_units if line.requested_units is not None else Decimal(1)
    return sum((row.units if row.units is not None else asked for row in segments), Decimal(0))


def check_protections(
    line: ServiceLine,
    *,
    reason_class: ReasonClass,
    units: Decimal,
    legal_reason: LegalReason | None,
    at: datetime,
    cited_authority: str = "",
    settled: Collection[Law] = (),
) -> None:
    """Refuse a no that the law forbids for this line (raises as protections.check_may_refuse).

    Args:
        settled: what the decision that is looked at again has answered already, for example with a proof that is kept.
    """
    on = at.astimezone(ZoneInfo(line.case.product.time_zone)).date()
    no = No(reason_class=reason_class, units=units, at=at, on=on, legal_reason=legal_reason)
    rows = {law: row for law, row in rows_for(line, on=on).items() if law not in settled}
    check_may_refuse(subject_of(line, on=on, cited_authority=cited_authority), no, rows)
    if legal_reason is not None and legal_reason.document:
        documents = Attachment.objects.filter(case=line.case, kind=Attachment.DOCUMENT)
        if not documents.filter(public_id=legal_reason.document).exists():
            raise ProofMissing("The document that proves it is not part of this case. Choose one that is.")


def statement_guards(line: ServiceLine, *, statements: Mapping[str, str], on: date) -> list[Guard]:
    """Return the questions that the law asks about this person before a no, answered or not; none of a sandbox."""
    if line.case.is_sandbox:
        return []
    asked = statements_asked(subject_of(line, on=on), rows_for(line, on=on))
    language = (get_language() or "en").split("-")[0]
    return [statement_guard(row, statements.get(row.law, ""), language=language) for row in asked]


def grounds_against_approval(line: ServiceLine, *, on: date) -> tuple[str, ...]:
    """Return the grounds on which the law lets an approval be taken back; empty where nothing was approved."""
    row = rows_for(line, on=on).get(Law.APPROVED_BEFORE)
    return row.grounds if row is not None and takes_back(subject_of(line, on=on), units=Decimal(0)) else ()


def check_not_deemed_approved(line: ServiceLine) -> None:
    """Refuse a no to what the law treats as approved because the plan did not answer in time.

    Raises:
        DeemedApproved: such a time passed on the request of the line.
    """
    passed = Breach.objects.filter(
        clock__request_id=line.request_id, missed=Missed.DEEMED_APPROVED, set_aside_at__isnull=True
    )
    missed = passed.exclude(clock__state=ClockState.VOID).order_by("pk").first()
    if missed is not None:
        raise DeemedApproved(
            f"The time to answer passed without an answer, so the law treats this as approved ({missed.citation}). "
            "Approve the line and cite that law."
        )
