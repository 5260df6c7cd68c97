"""From a message to rows: a new case, or a further request on a case that exists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from openum import audit
from openum.accounts.models import ApiClient, Organization, User
from openum.cases.models import Case, Diagnosis, Party, Request, ServiceLine
from openum.cases.queries import current_lines
from openum.cases.rules import OPEN_STATUSES, timing_of
from openum.cases.services import NewDocument, attach, cancel_line, next_case_number
from openum.cases.working import Working, at_hand
from openum.db import plain
from openum.db.text import clean
from openum.directory.models import Code
from openum.directory.queries import codes_by_value, organization_of
from openum.needs.services import cite_assertions
from openum.submission.events import CaseSubmitted, RequestAdded, SubmissionReceived
from openum.submission.incoming import IncomingEvidence, IncomingLine, IncomingProvider, IncomingRequest, Problem
from openum.submission.models import SandboxArming, Submission
from openum.submission.prior import Prior, in_terms_of, prior_of
from openum.submission.rules import problem
from openum.submission.services.arming import use_arming
from openum.submission.services.people import Resolved
from openum.vocabulary.periods import Period
from openum.vocabulary.terms import CertificationType, LineStatus, PartyRole, Standing

Codes = Mapping[tuple[str, str], Sequence[Code]]
_CANCELLABLE = OPEN_STATUSES | {LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED}


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """The rows made, or the problems that kept an update out."""

    case: Case | None = None
    request: Request | None = None
    problems: tuple[Problem, ...] = ()


def admit(
    *,
    request: IncomingRequest,
    submission: Submission,
    people: Resolved,
    by: User,
    client: ApiClient | None,
    organization: Organization | None,
    at: datetime,
    arming: SandboxArming | None = None,
) -> Admitted:
    """Make the rows of a request whose people are known, and record what happened; the lifecycle goes on from there.

    The rows stay at hand for what follows in this transaction (cases/working.py).
    """
    prior = prior_of(
        request=request, member=people.member, plan=submission.plan, client=client, organization=organization
    )
    request = in_terms_of(prior, request)
    refusal = _update_problem(request, prior)
    if refusal is not None:
        return Admitted(problems=(refusal,))
    codes = codes_by_value((item.code_system, item.code) for item in request.lines if item.code)
    owner = organization or _asking_organization(request, people)
    case = prior.case if prior is not None else _open_case(request, submission, people, owner, codes, at=at)
    submission.state, submission.case, submission.problems = Submission.ADMITTED, case, []
    if submission._state.adding:  # noqa: SLF001 - documented by Django
        plain.insert([submission])
    else:
        submission.save()
    if arming is not None:
        use_arming(arming=arming, submission=submission, at=at)
    row = _request_row(request, submission, case, client, prior=prior, at=at)
    row.case = case
    with at_hand(Working(case=case, request=row, is_new_case=prior is None)) as working:
        working.known["coverage"] = people.coverage
        working.known["codes"] = codes
        working.parties = _parties(request, row, people)
        working.diagnoses = _diagnoses(request, row)
        audit.record(
            SubmissionReceived(case_id=case.public_id, submission_id=submission.public_id, state=submission.state),
            by=by,
            at=at,
        )
        _lines(request, working, codes, prior=prior, by=by, at=at)
        if request.evidence:
            working.attachments = attach(
                case=case, request=row, documents=[new_document(item) for item in request.evidence],
                channel=request.channel, by=by, at=at, is_new_case=prior is None,
            )  # fmt: skip
        if request.cited_assertions:
            cite_assertions(ids=request.cited_assertions, request=row, client=client, by=by, at=at)
        line_ids = tuple(line.public_id for line in working.lines)
        event: CaseSubmitted | RequestAdded
        if prior is None:
            event = CaseSubmitted(case_id=case.public_id, line_ids=line_ids, request_id=row.public_id)
        else:
            event = RequestAdded(
                case_id=case.public_id, line_ids=line_ids, request_id=row.public_id, certification=request.certification
            )
        audit.record(event, by=by, at=at)
    return Admitted(case=case, request=row)


def new_document(item: IncomingEvidence) -> NewDocument:
    """Return evidence as a document to attach."""
    return NewDocument(
        title=item.title,
        content_type=item.content_type,
        content=item.data,
        resource=item.resource,
        document_kind=item.document_kind,
        source_key=item.source_key,
        page_texts=item.page_texts,
        page_origins=item.page_origins,
    )


def _update_problem(request: IncomingRequest, prior: Prior | None) -> Problem | None:
    """A denied request cannot be updated (PAS §3.3); the requester sends a new one or an appeal."""
    if prior is None:
        if request.is_whole_cancellation:
            return problem("prior-not-found", path="Claim.related[0].claim")
        return None
    statuses = {LineStatus(line.status) for line in current_lines(prior.case) if prior.means(line.sequence)}
    if statuses and statuses <= {LineStatus.DENIED}:
        return problem("update-of-denied", path="Claim.related[0].claim")
    if request.is_whole_cancellation and not statuses & _CANCELLABLE:
        return problem("update-nothing-open", path="Claim.related[0].claim")
    return None


def _open_case(
    request: IncomingRequest,
    submission: Submission,
    people: Resolved,
    organization: Organization | None,
    codes: Codes,
    *,
    at: datetime,
) -> Case:
    if people.member is None or people.product is None:
        raise AssertionError("a case is opened only for a member who was found")
    names = dict.fromkeys(
        _wording(codes.get((item.code_system, item.code), [])) or item.code or item.category for item in request.lines
    )
    case = plain.new(
        Case,
        number=next_case_number(at=at),
        plan=submission.plan,
        product=people.product,
        member=people.member,
        coverage=people.coverage,
        organization=organization,
        opened_at=request.received_at,
        summary="; ".join(names)[:200],
        is_sandbox=submission.plan.is_sandbox,
    )
    return plain.insert([case])[0]


def _wording(codes: Sequence[Code]) -> str:
    return codes[-1].wording if codes else ""


def _request_row(
    request: IncomingRequest,
    submission: Submission,
    case: Case,
    client: ApiClient | None,
    *,
    prior: Prior | None,
    at: datetime,
) -> Request:
    receipt_day = request.received_at.astimezone(ZoneInfo(case.product.time_zone)).date()
    starts = [line.first_day for line in request.lines if line.first_day]
    ends = [line.last_day or line.first_day for line in request.lines if line.first_day]
    identifier = request.identifiers[0] if request.identifiers else None
    relates_to = case.requests.order_by("-received_at", "-pk").first() if prior is not None else None
    made = plain.new(
        Request,
        case=case,
        submission=submission,
        kind=request.kind,
        certification=request.certification,
        timing=timing_of(
            service_start_days=(min(starts) - receipt_day).days if starts else None,
            service_end_days=(max(day for day in ends if day) - receipt_day).days if starts else None,
        ),
        urgency=request.urgency,
        urgency_attested_by=request.urgency_attested_by,
        urgency_attested_at=request.received_at if request.urgency_attested_by else None,
        channel=request.channel,
        standing=request.standing,
        client=client,
        identifier_system=identifier.system if identifier else "",
        identifier_value=identifier.value if identifier else "",
        identifiers=[{"system": item.system, "value": item.value} for item in request.identifiers],
        administrative_number=f"{case.number}-{1 if prior is None else case.requests.count() + 1}",
        relates_to=relates_to,
        received_at=request.received_at,
        received_proof=request.received_proof,
        entered_at=at,
        free_text=clean(request.free_text),
        faults=[{"path": item.path, "text": item.text} for item in request.faults],
        levels=request.levels,
        echo=request.echo,
    )
    return plain.insert([made])[0]


def _parties(request: IncomingRequest, row: Request, people: Resolved) -> list[Party]:
    member = people.member
    parties = [
        plain.new(
            Party,
            request=row,
            role=PartyRole.MEMBER,
            name=clean(f"{request.member.given} {request.member.family}".strip())
            or (member.full_name if member else ""),
            phone=request.member.phone,
            source_key=request.member.key,
            resources=[request.member.resource] if request.member.resource else [],
        )
    ]
    parties += [_party(provider, row, people) for provider in request.providers]
    return plain.insert(parties)


def _party(provider: IncomingProvider, row: Request, people: Resolved) -> Party:
    known = people.providers
    practitioner = known.practitioners.get(provider.npi)
    facility = known.facilities.get(provider.npi)
    organization = known.organizations.get(provider.npi) or (facility.organization if facility else None)
    return plain.new(
        Party,
        request=row,
        role=provider.role,
        name=clean(provider.name or provider.organization_name)
        or (practitioner.full_name if practitioner else facility.name if facility else ""),
        npi=provider.npi,
        practitioner=practitioner,
        facility=facility,
        organization=organization,
        phone=provider.phone or (practitioner.phone if practitioner else ""),
        fax=provider.fax or (practitioner.fax if practitioner else ""),
        specialty=provider.specialty or (practitioner.specialty if practitioner else ""),
        source_key=provider.key,
        resources=list(provider.resources),
    )


def _asking_organization(request: IncomingRequest, people: Resolved) -> Organization | None:
    """Return the organization that asks: the request stands on its board."""
    known = people.providers
    for provider in request.providers:
        if provider.role not in {PartyRole.REQUESTER, PartyRole.ORDERING} or not provider.npi:
            continue
        facility = known.facilities.get(provider.npi)
        organization = known.organizations.get(provider.npi) or (facility.organization if facility else None)
        practitioner = known.practitioners.get(provider.npi)
        if organization is None and practitioner is not None:
            organization = organization_of(practitioner)
        if organization is not None:
            return organization
    return None


def _diagnoses(request: IncomingRequest, row: Request) -> list[Diagnosis]:
    return plain.insert(
        [
            plain.new(
                Diagnosis, request=row, sequence=item.sequence, system=item.system, code=item.code, kind=item.kind,
                recorded_on=item.on,
            )
            for item in request.diagnoses
        ]
    )  # fmt: skip


def _lines(
    request: IncomingRequest, working: Working, codes: Codes, *, prior: Prior | None, by: User, at: datetime
) -> None:
    before = {line.sequence: line for line in current_lines(prior.case)} if prior is not None else {}
    if request.is_whole_cancellation and prior is not None:
        for line in before.values():
            if prior.means(line.sequence) and LineStatus(line.status) in _CANCELLABLE:
                cancel_line(line=line, by=by, at=at, cause="whole request cancelled by the requester")
        return
    incoming: list[IncomingLine] = []
    for item in request.lines:
        known = before.get(item.sequence)
        if known is not None and _is_cancelled(item):
            if LineStatus(known.status) in _CANCELLABLE:
                cancel_line(line=known, by=by, at=at, cause="line cancelled by the requester")
        elif known is None or _is_changed(item, known):
            incoming.append(item)
    working.lines = plain.insert(
        [
            _line(item, working.request, codes.get((item.code_system, item.code), []), before.get(item.sequence), at=at)
            for item in incoming
        ]
    )
    _link(incoming, working)
    for line in working.lines:
        if line.replaces is not None and LineStatus(line.replaces.status) in OPEN_STATUSES:
            cancel_line(line=line.replaces, by=by, at=at, cause="replaced by a revised line", replaced_by=line)
    for item, line in zip(incoming, working.lines, strict=True):
        if _is_cancelled(item):
            cancel_line(line=line, by=by, at=at, cause="sent as cancelled; no earlier line is on file")
    working.lines = [line for item, line in zip(incoming, working.lines, strict=True) if not _is_cancelled(item)]


def _link(incoming: Sequence[IncomingLine], working: Working) -> None:
    """Tie each line to its diagnoses and providers."""
    by_sequence = {diagnosis.sequence: diagnosis for diagnosis in working.diagnoses}
    by_key = {party.source_key: party for party in working.parties if party.source_key}
    with_diagnoses, with_providers = [], []
    for item, line in zip(incoming, working.lines, strict=True):
        wanted = dict.fromkeys(item.diagnosis_sequences or by_sequence)
        working.diagnoses_of[line.pk] = [by_sequence[sequence] for sequence in wanted if sequence in by_sequence]
        with_diagnoses += [
            ServiceLine.diagnoses.through(serviceline_id=line.pk, diagnosis_id=diagnosis.pk)
            for diagnosis in working.diagnoses_of[line.pk]
        ]
        with_providers += [
            ServiceLine.providers.through(serviceline_id=line.pk, party_id=by_key[key].pk)
            for key in dict.fromkeys(item.provider_keys)
            if key in by_key
        ]
    plain.insert(with_diagnoses)
    plain.insert(with_providers)


def _is_cancelled(item: IncomingLine) -> bool:
    return item.change == "cancelled" or item.certification == CertificationType.CANCEL


def _is_changed(item: IncomingLine, known: ServiceLine) -> bool:
    """Say whether a line of an update asks for something else than the line on file, marked or not."""
    if item.change == "changed" or item.certification in {
        CertificationType.EXTENSION,
        CertificationType.RENEWAL,
    }:
        return True
    period = _period(item)
    return (
        (item.code, item.code_end, list(item.modifiers), item.units)
        != (known.code, known.code_end, list(known.modifiers), known.requested_units)
        or (period.start if period else None) != known.service_from
        or (period.end if period else None) != known.service_to
    )


def _period(item: IncomingLine) -> Period | None:
    if item.first_day is None:
        return None
    last = item.last_day if item.last_day is None or item.last_day >= item.first_day else item.first_day
    return Period.from_inclusive(item.first_day, last)


def _line(
    item: IncomingLine, row: Request, codes: Sequence[Code], before: ServiceLine | None, *, at: datetime
) -> ServiceLine:
    code = codes[-1] if codes else None
    period = _period(item)
    return plain.new(
        ServiceLine,
        case=row.case,
        request=row,
        sequence=item.sequence,
        replaces=before,
        status=LineStatus.RECEIVED,
        status_since=at,
        code_system=item.code_system,
        code=item.code,
        code_end=item.code_end,
        modifiers=list(item.modifiers),
        category=item.category,
        wording=code.wording if code else "",
        specialty=code.specialty if code else "",
        requested_units=item.units,
        unit=item.unit,
        frequency=item.frequency,
        service_from=period.start if period else None,
        service_to=period.end if period else None,
        place=item.place,
        unit_price_cents=item.unit_price_cents,
        traces=[{"system": trace.system, "value": trace.value} for trace in item.traces],
        previous_authorization_number=item.previous_authorization_number,
        administrative_number=item.administrative_number or f"{row.administrative_number}-{item.sequence}",
        source=item.source,
    )


def is_members_own(request: IncomingRequest) -> bool:
    """Say whether a member or representative asks: then we contact the doctor."""
    return request.standing in {Standing.MEMBER, Standing.REPRESENTATIVE}


def governing_day(request: Request) -> date:
    """Return the receipt day in the plan's zone: the date by which policies are chosen."""
    return request.received_at.astimezone(ZoneInfo(request.case.product.time_zone)).date()
