"""From stored rows to what an answer says. Nothing here decides: change a row, and the answer changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from openum.accounts.models import Plan
from openum.adapters.fhir import codes
from openum.adapters.fhir.bundle import Bundle, Entry
from openum.adapters.fhir.pas import words
from openum.adapters.fhir.pas.findings import finding_notes
from openum.adapters.fhir.pas.mapping import Parts
from openum.adapters.fhir.pas.rows import DiagnosisRow, PartyRow, Rows, SegmentRow, rows_of
from openum.adapters.fhir.pas.view import (
    PREAUTHORIZATION,
    AnswerView,
    AskedItem,
    AskView,
    AuthorizationView,
    ErrorView,
    LineView,
    Part,
    ProviderView,
    Reviewer,
    ServiceView,
    unknown,
)
from openum.cases.models import Case, InformationItem, InformationRequest, Request, ServiceLine
from openum.cases.queries import open_information_requests
from openum.determination.models import Determination
from openum.submission.arming import SandboxAnswer
from openum.submission.incoming import Problem
from openum.submission.prior import told_as
from openum.submission.services import arming_of
from openum.vocabulary.terms import LineStatus, PartyRole, ReasonClass

Json = dict[str, Any]

CODE_NOT_VALID = (
    "The service code is not valid on the date of service. Send the request again with the right code or date."
)


class Holdings:
    """The resources an answer may repeat: those of one or more received Bundles, the first that has one wins."""

    def __init__(self, bundles: Sequence[Bundle]) -> None:
        """Take the Bundles, the most recent first."""
        self._bundles = bundles
        self.parts: dict[str, Json] = {}

    def entry(self, url: str) -> tuple[Bundle, Entry] | None:
        """Return the entry with this address, and the Bundle that holds it."""
        for bundle in self._bundles:
            found = bundle.at(url)
            if found is not None:
                return bundle, found
        return None

    def include(self, bundle: Bundle, entry: Entry) -> None:
        """Add a resource and everything it refers to, except Claims."""
        self.parts.setdefault(entry.url, entry.resource)
        for one in bundle.reached_from(entry, leave_out=frozenset({"Claim"})):
            self.parts.setdefault(one.url, one.resource)

    def provider(self, party: PartyRow) -> ProviderView | None:
        """Return a party as an authorized provider, and add its resources.

        The profile wants a Practitioner or an Organization: a PractitionerRole leads to one of the two. A party
        that came by another channel is written from its row.
        """
        found = self.entry(party.source_key) if party.source_key else None
        role = PartyRole(party.role)
        if found is None:
            part = _written(party)
            self.parts.setdefault(part.url, part.resource)
            return ProviderView(url=part.url, role=role)
        bundle, entry = found
        self.include(bundle, entry)
        if entry.kind in {"Practitioner", "Organization"}:
            return ProviderView(url=entry.url, role=role)
        for name in ("practitioner", "organization", "managingOrganization"):
            target = bundle.resolve(entry.resource.get(name), within=entry)
            if target is not None:
                return ProviderView(url=target.url, role=role)
        return None


def _written(party: PartyRow) -> Part:
    """Write a party as a resource from its row."""
    identity = str(party.public_id)
    identifier = {"identifier": [{"system": codes.NPI, "value": party.npi}]} if party.npi else {}
    if party.practitioner_id is None and party.role in {PartyRole.FACILITY, PartyRole.REQUESTER}:
        resource: Json = {"resourceType": "Organization", "id": identity, **identifier, "active": True}
        resource |= {"name": party.name} if party.name else {"_name": unknown()}
    else:
        given, _, family = party.name.rpartition(" ")
        name: Json = {"family": family} if family else {"_family": unknown()}
        name |= {"given": [given]} if given else {}
        resource = {"resourceType": "Practitioner", "id": identity, **identifier, "name": [name]}
    return Part(f"urn:uuid:{identity}", resource)


def insurer_part(plan: Plan) -> Part:
    """Write the plan as the insurer Organization, for requests that name none."""
    identity = str(plan.public_id)
    resource: Json = {"resourceType": "Organization", "id": identity, "active": True, "name": plan.name}
    if plan.npi:
        resource["identifier"] = [{"system": codes.NPI, "value": plan.npi}]
    resource["type"] = [{"coding": [{"system": codes.X12_ENTITY, "code": "PR"}]}]
    return Part(f"urn:uuid:{identity}", resource)


def answer_of_case(
    case: Case, request: Request, *, parts: Parts, bundles: Sequence[Bundle], base_url: str, at: datetime
) -> AnswerView:
    """Return the present state of a case as the answer to one of its requests.

    Args:
        case: with plan and product loaded.
        request: the request that is answered; its echo and faults are repeated.
        parts: who the asking message speaks of; they keep the addresses that the asker uses.
        bundles: the asking message first, then the message the request came in, if it is another.
        base_url: absolute base of this FHIR service.
        at: instant of the answer.
    """
    holdings = Holdings(bundles)
    people = _frame(parts, case.plan, holdings, bundles[0])
    rows = rows_of(case.pk)
    zone = ZoneInfo(case.product.time_zone)
    findings = finding_notes(rows.lines)
    views = tuple(_line_view(line, rows, findings.get(line.pk, ()), holdings, zone) for line in rows.lines)
    shown = told_as(request, rows.lines)
    views = tuple(sorted((_shown_as(line, shown) for line in views), key=lambda line: line.sequence))
    for line in views:
        ordered = line.source.get("requested_service")
        if line.is_substituted and ordered and (found := holdings.entry(ordered["key"])):
            holdings.include(*found)
    echo, levels = request.echo, request.levels
    frame = _framed(people, holdings, echo, identifier=str(request.public_id), base_url=base_url, at=at)
    return replace(
        frame,
        admission=(_iso_day(levels.get("admission")), _iso_day(levels.get("admission_to"))),
        discharge=_iso_day(levels.get("discharge")),
        lines=views,
        asks=_asks(case, rows.lines, zone, shown),
        warnings=tuple(f"Warning. {one['path']}: {one['text']}" for one in request.faults),
        reviewer=_reviewer(rows.decisions.values()),
    )


def answer_of_problems(
    problems: Iterable[Problem],
    *,
    identifier: str,
    parts: Parts,
    bundle: Bundle,
    plan: Plan,
    base_url: str,
    at: datetime,
    echo: Json,
) -> AnswerView:
    """Return the answer to a well-formed request that cannot be acted on (X12 AAA)."""
    holdings = Holdings([bundle])
    people = _frame(parts, plan, holdings, bundle)
    frame = _framed(people, holdings, echo, identifier=identifier, base_url=base_url, at=at)
    return replace(frame, errors=tuple(_error_view(one, parts) for one in problems))


def _framed(
    people: tuple[Part, Part, Part | None],
    holdings: Holdings,
    echo: Json,
    *,
    identifier: str,
    base_url: str,
    at: datetime,
) -> AnswerView:
    """Return an answer that says who speaks of whom, and nothing of a service yet."""
    for one in people:
        if one is not None:
            holdings.parts.pop(one.url, None)
    patient, insurer, requestor = people
    return AnswerView(
        identifier=identifier,
        answered_at=at,
        base_url=base_url,
        claim_url=echo.get("claim", ""),
        patient=patient,
        insurer=insurer,
        requestor=requestor,
        use=echo.get("use", PREAUTHORIZATION),
        identifiers=tuple(echo.get("identifier", ())),
        claim_type=echo.get("type"),
        transmission=echo.get("transmission"),
        others=tuple(Part(url, resource) for url, resource in holdings.parts.items()),
    )


def _error_view(problem: Problem, parts: Parts) -> ErrorView:
    """Write a problem with its wire codes; paths that start at the Claim are completed to the Bundle."""
    wire = words.AAA.get(problem.code, words.OTHER_PROBLEM)
    path = problem.path
    if path == "Claim" or path.startswith("Claim."):
        path = parts.claim.path + path.removeprefix("Claim")
    return ErrorView(
        reject=wire.reject, follow_up=wire.follow_up, element=wire.element, path=path or "Bundle", text=problem.text
    )


def _frame(parts: Parts, plan: Plan, holdings: Holdings, bundle: Bundle) -> tuple[Part, Part, Part | None]:
    """Return patient, insurer and requestor with the addresses of the asking message; add what they refer to."""
    insurer = parts.insurer
    for entry in (parts.patient, insurer, parts.requester):
        if entry is not None:
            holdings.include(bundle, entry)
    return (
        Part(parts.patient.url, parts.patient.resource),
        Part(insurer.url, insurer.resource) if insurer is not None else insurer_part(plan),
        Part(parts.requester.url, parts.requester.resource) if parts.requester is not None else None,
    )


def _line_view(
    line: ServiceLine, rows: Rows, findings: tuple[str, ...], holdings: Holdings, zone: ZoneInfo
) -> LineView:
    decision, segment = rows.decisions.get(line.pk), rows.segments.get(line.pk)
    reason_codes: tuple[str, ...] = ()
    notes = list(findings)
    if line.pk in rows.with_invalid_code:
        notes.insert(0, CODE_NOT_VALID)
    if decision is not None and decision.is_adverse:
        code = words.DECISION_REASON.get(ReasonClass(decision.reason_class))
        reason_codes = (code,) if code else ()
        notes = [text for text in (decision.rationale, decision.cited_authority) if text] + notes
    diagnoses: list[DiagnosisRow] = rows.diagnoses.get(line.pk, [])
    parties: list[PartyRow] = rows.providers.get(line.pk, [])
    return LineView(
        sequence=line.sequence,
        trace=str(line.public_id),
        status=LineStatus(line.status),
        asked=_asked(line),
        source=line.source,
        traces=tuple(line.traces),
        previous_authorization_number=line.previous_authorization_number,
        administrative_number=line.administrative_number,
        diagnoses=tuple((one.system, one.code) for one in diagnoses),
        providers=tuple(view for party in parties if (view := holdings.provider(party)) is not None),
        authorization=_authorization(segment, line, zone) if segment is not None else None,
        reason_codes=reason_codes,
        notes=tuple(notes),
    )


def _asked(line: ServiceLine) -> ServiceView:
    return ServiceView(
        code_system=line.code_system,
        code=line.code,
        code_end=line.code_end,
        modifiers=tuple(line.modifiers),
        units=line.requested_units,
        unit=line.unit,
        unit_price_cents=line.unit_price_cents,
        place=line.place,
        valid_from=line.service_from,
        valid_to=line.service_to,
    )


def _authorization(segment: SegmentRow, line: ServiceLine, zone: ZoneInfo) -> AuthorizationView:
    return AuthorizationView(
        number=segment.number,
        issued_on=segment.issued_at.astimezone(zone).date(),
        previous_number=segment.previous_number,
        service=ServiceView(
            code_system=segment.code_system,
            code=segment.code,
            code_end=segment.code_end,
            modifiers=tuple(segment.modifiers),
            units=segment.units,
            unit=segment.unit,
            unit_price_cents=line.unit_price_cents,
            place=segment.place,
            valid_from=segment.valid_from,
            valid_to=segment.valid_to,
        ),
    )


def _shown_as(line: LineView, shown: Mapping[int, int]) -> LineView:
    return replace(line, sequence=shown[line.sequence]) if line.sequence in shown else line


def _asks(case: Case, lines: list[ServiceLine], zone: ZoneInfo, shown: Mapping[int, int]) -> tuple[AskView, ...]:
    if not any(line.status == LineStatus.PENDED_WITH_PROVIDER for line in lines):
        return ()
    return tuple(ask_view(question, zone, shown=shown, open_only=True) for question in open_information_requests(case))


def ask_view(question: InformationRequest, zone: ZoneInfo, *, shown: Mapping[int, int], open_only: bool) -> AskView:
    """Return a question as plain data.

    Args:
        question: with its items and their lines loaded.
        zone: the plan's zone, in which days are written.
        shown: the sequence by which the asker knows each line, where it is not the line's own.
        open_only: leave out what has arrived or is no longer needed.
    """
    items = list(question.items.all())
    return AskView(
        identifier=str(question.public_id),
        asked_on=question.asked_at.astimezone(zone).date(),
        respond_by=question.respond_by.astimezone(zone).date() if question.respond_by else None,
        message=question.message,
        **_carriers(question),
        progress=progress_of([item.state for item in items]),
        items=tuple(
            AskedItem(
                identifier=str(item.public_id),
                line=shown.get(item.line.sequence, item.line.sequence),
                text=item.text,
                loinc=words.DOCUMENT_LOINC.get(item.document_kind, ""),
                modifier=words.MONTHS_BACK_LOINC.get(item.months_back or 0, ""),
                is_open=item.state == InformationItem.REQUESTED,
            )
            for item in items
            if not open_only or item.state == InformationItem.REQUESTED
        ),
    )


def progress_of(states: list[str]) -> str:
    """Return the Task status of a question whose items stand so."""
    open_items = states.count(InformationItem.REQUESTED)
    if open_items == len(states):
        return "requested"
    if open_items:
        return "in-progress"
    return "cancelled" if set(states) == {InformationItem.WAIVED} else "completed"


def _carriers(question: InformationRequest) -> dict[str, bool]:
    """Say which carriers a question travels in; both, unless a sandbox was armed for one."""
    arming = arming_of(question.request.submission) if question.case.is_sandbox else None
    answer = arming.answer if arming is not None else ""
    return {
        "by_task": answer != SandboxAnswer.ASK_BY_COMMUNICATION_REQUEST,
        "by_communication": answer != SandboxAnswer.ASK_BY_TASK,
    }


def _reviewer(decisions: Iterable[Determination]) -> Reviewer | None:
    """Say whether a person decided; of several decisions, the adverse one is named, else the latest by a person."""
    found = sorted(decisions, key=lambda one: (one.is_adverse, not one.decided_by_machine, one.decided_at))
    if not found:
        return None
    shown = found[-1]
    if shown.decided_by_machine:
        return Reviewer(is_person=False)
    return Reviewer(is_person=True, npi=shown.decided_by.npi, specialty=shown.specialty)


def _iso_day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None
