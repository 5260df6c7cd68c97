"""The only writer of intake findings: eligibility, look-alikes, document checklist."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.queries import check_user_may
from openum.accounts.rules import Permission
from openum.audit import Recorded
from openum.cases.models import Party, Request, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.directory.models import CodeList, Coverage
from openum.directory.queries import (
    codes_by_value,
    coverage_on,
    exclusions_on,
    licensed_practitioners,
    network_members,
)
from openum.intake.events import DuplicateNoticed, DuplicateSettled, LineTriaged
from openum.intake.models import DuplicateHint, EligibilityCheck
from openum.intake.rules import CodeSpan, ProviderFact, code_is_valid, provider_reasons, triage
from openum.submission.events import CaseSubmitted, RequestAdded
from openum.vocabulary.terms import LineStatus, NetworkStatus, PartyRole, Standing

_CHECKED_ROLES = {PartyRole.REQUESTER, PartyRole.ORDERING, PartyRole.TREATING, PartyRole.SERVICING, PartyRole.FACILITY}
_LOOK_BACK_LINES = 20


def triage_request(event: CaseSubmitted | RequestAdded, recorded: Recorded) -> None:
    """Check coverage, providers and codes of the lines of a request and send each on its way."""
    request = (
        Request.objects.select_related("case", "case__plan", "case__product", "case__member")
        .get(public_id=event.request_id)
    )
    lines = list(ServiceLine.objects.filter(public_id__in=event.line_ids).order_by("sequence", "pk"))
    if not lines:
        return
    for line in lines:
        line.case, line.request = request.case, request
    parties = [party for party in request.parties.all() if party.role in _CHECKED_ROLES]
    receipt_day = request.received_at.astimezone(ZoneInfo(request.case.product.time_zone)).date()
    complete = set(CodeList.objects.filter(is_complete=True).values_list("system", flat=True))
    codes = codes_by_value((line.code_system, line.code) for line in lines if line.code)
    coverages: dict[date, Coverage | None] = {}
    checks, outcomes = [], []
    for line in lines:
        day = line.service_from or receipt_day
        if day not in coverages:
            coverages[day] = coverage_on(member=request.case.member, day=day, known_at=recorded.at)
        facts = _provider_facts(parties, request, day)
        problems = provider_reasons(facts)
        spans = [CodeSpan(row.valid_from, row.valid_to) for row in codes.get((line.code_system, line.code), [])]
        is_checked = bool(line.code) and (line.code_system in complete or bool(spans))
        valid = code_is_valid(is_list_loaded=is_checked, spans=spans, day=day)
        coverage = coverages[day]
        outcome = triage(
            is_covered=coverage is not None,
            provider_problems=problems,
            code_valid=valid,
            is_members_own=request.standing in {Standing.MEMBER, Standing.REPRESENTATIVE},
        )
        reasons = list(problems)
        if coverage is None:
            reasons.append("The member has no active coverage on the date of service.")
        if valid is False:
            reasons.append("The service code is not valid on the date of service. Correct the code or the date.")
        checks.append(
            EligibilityCheck(
                line=line, coverage=coverage, is_covered=coverage is not None, are_providers_in_order=not problems,
                is_code_valid=valid, reasons=reasons, checked_at=recorded.at,
            )
        )  # fmt: skip
        outcomes.append((line, outcome))
    EligibilityCheck.objects.bulk_create(checks)
    _network(lines, parties, request, receipt_day)
    _look_alikes(request, lines, recorded)
    for line, outcome in outcomes:
        audit.record(
            LineTriaged(case_id=event.case_id, line_ids=(line.public_id,), outcome=outcome), by=recorded.by, at=recorded.at
        )


def _provider_facts(parties: Sequence[Party], request: Request, day: date) -> list[ProviderFact]:
    npis = [party.npi for party in parties if party.npi]
    barred = {row.npi: row.list_name for row in exclusions_on(plan=request.case.plan, npis=npis, day=day)}
    practitioners = [party.practitioner_id for party in parties if party.practitioner_id]
    licensed = licensed_practitioners(practitioner_ids=practitioners, day=day) if practitioners else set()
    return [
        ProviderFact(
            role=party.role,
            is_known=bool(party.practitioner_id or party.facility_id or party.organization_id),
            is_practitioner=party.practitioner_id is not None,
            is_licensed=party.practitioner_id in licensed,
            excluded_by=barred.get(party.npi, ""),
        )
        for party in parties
    ]


def _network(lines: Sequence[ServiceLine], parties: Sequence[Party], request: Request, receipt_day: date) -> None:
    """Keep the servicing provider's network status on the service date, where the product has a network."""
    serving = [party for party in parties if party.role in {PartyRole.SERVICING, PartyRole.FACILITY} and party.npi]
    if not serving or not request.case.product.networks.exists():
        return
    for line in lines:
        inside = network_members(
            product_id=request.case.product_id,
            npis=[party.npi for party in serving],
            day=line.service_from or receipt_day,
        )
        line.network_status = (
            NetworkStatus.IN_NETWORK if all(party.npi in inside for party in serving) else NetworkStatus.OUT_OF_NETWORK
        )
        ServiceLine.objects.filter(pk=line.pk).update(network_status=line.network_status)


def _look_alikes(request: Request, lines: Sequence[ServiceLine], recorded: Recorded) -> None:
    """Note requests of the same member for the same service that wait or stand approved. A person judges them."""
    codes = [line.code for line in lines if line.code]
    if not codes:
        return
    standing = sorted(OPEN_STATUSES | {LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED})
    rows = (
        ServiceLine.objects.filter(case__member=request.case.member, code__in=codes, status__in=standing)
        .exclude(case=request.case)
        .filter(replaced_by__isnull=True)
        .select_related("case")
        .order_by("-pk")[:_LOOK_BACK_LINES]
    )
    seen: set[int] = set()
    for other in rows:
        if other.case_id in seen or not any(_overlaps(line, other) for line in lines if line.code == other.code):
            continue
        seen.add(other.case_id)
        hint = DuplicateHint.objects.create(
            request=request,
            looks_like=other.case,
            why="The same service for the same member stands open or approved for an overlapping time.",
            noticed_at=recorded.at,
        )
        audit.record(
            DuplicateNoticed(case_id=request.case.public_id, hint_id=hint.public_id), by=recorded.by, at=recorded.at
        )


def _overlaps(line: ServiceLine, other: ServiceLine) -> bool:
    if line.service_from is None or other.service_from is None:
        return True
    return (other.service_to is None or line.service_from < other.service_to) and (
        line.service_to is None or other.service_from < line.service_to
    )


@transaction.atomic
def settle_duplicate(*, hint: DuplicateHint, is_duplicate: bool, by: User, at: datetime) -> DuplicateHint:
    """Record what a person says of a look-alike. Closing a true duplicate is a separate, administrative act."""
    check_user_may(by, Permission.MATCH_INTAKE)
    hint = DuplicateHint.objects.select_for_update().get(pk=hint.pk)
    hint.is_duplicate, hint.settled_by, hint.settled_at = is_duplicate, by, at
    hint.save(update_fields=["is_duplicate", "settled_by", "settled_at"])
    audit.record(
        DuplicateSettled(case_id=hint.request.case.public_id, hint_id=hint.public_id, is_duplicate=is_duplicate),
        by=by,
        at=at,
    )
    return hint
