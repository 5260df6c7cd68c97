"""The only writer of intake findings: eligibility, look-alikes, document checklist."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.audit import Recorded
from openum.cases import working
from openum.cases.events import LineAmended
from openum.cases.models import Party, Request, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.db import plain
from openum.directory.models import CodeList, Coverage
from openum.directory.queries import (
    codes_by_value,
    coverage_on,
    exclusions_on,
    has_network,
    licensed_practitioners,
    network_members,
)
from openum.intake.events import DuplicateNoticed, DuplicateSettled, LineTriaged, MemberTied, MemberUntied
from openum.intake.models import DuplicateHint, EligibilityCheck
from openum.intake.rules import (
    CodeSpan,
    ProviderFact,
    Triage,
    benefit_class_of,
    benefit_of,
    code_is_valid,
    provider_reasons,
    service_class_of,
    triage,
)
from openum.submission.events import CaseSubmitted, RequestAdded
from openum.vocabulary.terms import LineStatus, NetworkStatus, PartyRole, Standing

_CHECKED_ROLES = {PartyRole.REQUESTER, PartyRole.ORDERING, PartyRole.TREATING, PartyRole.SERVICING, PartyRole.FACILITY}
_LOOK_BACK_LINES = 20
_STANDING_STATUSES = OPEN_STATUSES | {LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED}


def triage_request(event: CaseSubmitted | RequestAdded, recorded: Recorded) -> None:
    """Check coverage, providers and codes of the lines of a request and send each on its way."""
    lines = working.lines_by_public_id(event.line_ids)
    if lines:
        request = working.request_by_public_id(event.request_id)
        outcomes = _check(request, lines, recorded)
        _look_alikes(request, lines, recorded)
        _send_on(request, outcomes, recorded)


def triage_amended(event: LineAmended, recorded: Recorded) -> None:
    """Check an open line again after a change; an approved one is checked before its change is made."""
    lines = [line for line in working.lines_by_public_id(event.line_ids) if line.status in OPEN_STATUSES]
    if lines:
        _send_on(lines[0].request, _check(lines[0].request, lines, recorded), recorded)


def triage_tied(event: MemberTied | MemberUntied, recorded: Recorded) -> None:
    """The case is another row's now: check the coverage of its open lines again."""
    by_request: dict[int, list[ServiceLine]] = {}
    for line in working.lines_by_public_id(event.line_ids):
        by_request.setdefault(line.request_id, []).append(line)
    for lines in by_request.values():
        _send_on(lines[0].request, _check(lines[0].request, lines, recorded), recorded)


def _send_on(request: Request, outcomes: Sequence[tuple[ServiceLine, Triage]], recorded: Recorded) -> None:
    for line, outcome in outcomes:
        audit.record(
            LineTriaged(case_id=request.case.public_id, line_ids=(line.public_id,), outcome=outcome),
            by=recorded.by,
            at=recorded.at,
        )


def _check(request: Request, lines: Sequence[ServiceLine], recorded: Recorded) -> list[tuple[ServiceLine, Triage]]:
    """Keep what the plan's own files say of each line now, and where it goes."""
    parties = [party for party in working.parties_of(request) if party.role in _CHECKED_ROLES]
    receipt_day = request.received_at.astimezone(ZoneInfo(request.case.product.time_zone)).date()
    codes = working.recall("codes")
    if codes is None:
        codes = codes_by_value((line.code_system, line.code) for line in lines if line.code)
    complete = _complete_lists(line for line in lines if line.code and (line.code_system, line.code) not in codes)
    coverages = _coverages(request, lines, receipt_day, recorded)
    facts_on: dict[date, list[ProviderFact]] = {}
    checks: list[EligibilityCheck] = []
    outcomes: list[tuple[ServiceLine, Triage]] = []
    for line in lines:
        day = line.service_from or receipt_day
        if day not in facts_on:
            facts_on[day] = _provider_facts(parties, request, day)
        problems = provider_reasons(facts_on[day])
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
            plain.new(
                EligibilityCheck, line=line, coverage=coverage, is_covered=coverage is not None, are_providers_in_order=not problems,
                is_code_valid=valid, reasons=reasons, checked_at=recorded.at,
            )
        )  # fmt: skip
        outcomes.append((line, outcome))
    for check in plain.insert(checks):
        working.remember(("check", check.line_id), check)
    _network(lines, parties, request, receipt_day)
    _parity(lines, request)
    return outcomes


def _complete_lists(unlisted: Iterable[ServiceLine]) -> set[str]:
    """Return the code systems of unlisted codes whose loaded list claims to be complete."""
    systems = {line.code_system for line in unlisted}
    if not systems:
        return set()
    return {row.system for row in plain.select_where(CodeList, "is_complete AND system IN (%s)", [systems])}


def _coverages(
    request: Request, lines: Sequence[ServiceLine], receipt_day: date, recorded: Recorded
) -> dict[date, Coverage | None]:
    """Return the coverage on each service day; the one found at the door is asked for only once."""
    known = working.recall("coverage")
    found: dict[date, Coverage | None] = {}
    for day in {line.service_from or receipt_day for line in lines}:
        is_known = known is not None and known.valid_from <= day and (known.valid_to is None or day < known.valid_to)
        found[day] = known if is_known else coverage_on(member=request.case.member, day=day, known_at=recorded.at)
    return found


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
    serving = {party.npi for party in parties if party.role in {PartyRole.SERVICING, PartyRole.FACILITY} and party.npi}
    if not serving:
        return
    product = request.case.product
    inside_on: dict[date, set[str]] = {}
    for line in lines:
        day = line.service_from or receipt_day
        if day not in inside_on:
            inside_on[day] = network_members(product_id=product.pk, npis=serving, day=day)
        if not inside_on[day] and not has_network(product_id=product.pk):
            return
        line.network_status = NetworkStatus.IN_NETWORK if serving <= inside_on[day] else NetworkStatus.OUT_OF_NETWORK


def _parity(lines: Sequence[ServiceLine], request: Request) -> None:
    """Keep the benefit and the parity class of each line with its network status."""
    for line in lines:
        line.benefit = benefit_of(line.code_system)
        diagnoses = working.diagnoses_of(line)
        line.service_class = service_class_of(diagnoses[0].code if diagnoses else "")
        line.parity_benefit_class = benefit_class_of(
            benefit=line.benefit, kind=request.kind, place=line.place, network=line.network_status
        )
    plain.update(lines, ["network_status", "benefit", "service_class", "parity_benefit_class"])


def _look_alikes(request: Request, lines: Sequence[ServiceLine], recorded: Recorded) -> None:
    """Note requests of the same member for the same service that wait or stand approved. A person judges them."""
    codes = {line.code for line in lines if line.code}
    if not codes:
        return
    earlier = working.lines_of_other_cases(request.case)
    replaced = {other.replaces_id for other in earlier}
    rows = [
        other
        for other in reversed(earlier)
        if other.code in codes and other.status in _STANDING_STATUSES and other.pk not in replaced
    ]
    seen: set[int] = set()
    for other in rows[:_LOOK_BACK_LINES]:
        if other.case_id in seen or not any(_overlaps(line, other) for line in lines if line.code == other.code):
            continue
        seen.add(other.case_id)
        hint = DuplicateHint(
            request=request,
            looks_like_id=other.case_id,
            why="The same service for the same member stands open or approved for an overlapping time.",
            noticed_at=recorded.at,
        )
        plain.insert([hint])
        audit.record(
            DuplicateNoticed(case_id=request.case.public_id, hint_id=hint.public_id), by=recorded.by, at=recorded.at
        )


def _overlaps(line: ServiceLine, other: ServiceLine) -> bool:
    if line.service_from is None or other.service_from is None:
        return True
    return (other.service_to is None or line.service_from < other.service_to) and (
        line.service_to is None or other.service_from < line.service_to
    )


@permitted(Permission.MATCH_INTAKE, on="hint.request.case")
@transaction.atomic
def settle_duplicate(*, hint: DuplicateHint, is_duplicate: bool, by: User, at: datetime) -> DuplicateHint:
    """Record what a person says of a look-alike. Closing a true duplicate is a separate, administrative act."""
    hint = DuplicateHint.objects.select_for_update().get(pk=hint.pk)
    hint.is_duplicate, hint.settled_by, hint.settled_at = is_duplicate, by, at
    hint.save(update_fields=["is_duplicate", "settled_by", "settled_at"])
    audit.record(
        DuplicateSettled(case_id=hint.request.case.public_id, hint_id=hint.public_id, is_duplicate=is_duplicate),
        by=by,
        at=at,
    )
    return hint
