"""Reading and searching what a client may see: ClaimResponse, Claim, Task, CommunicationRequest, letters as
Communication, and told Bundles.

A client sees the cases it may inquire about (submission.queries.cases_findable_by); for it, others do not exist. Every
answer is built from the rows as they stand, and every case shown is written down.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from openum import audit
from openum.adapters.fhir.bundle import Bundle
from openum.adapters.fhir.dtr.wanted import forms_asked
from openum.adapters.fhir.elements import text
from openum.adapters.fhir.letters import communication_of as letter_of
from openum.adapters.fhir.outcome import Json
from openum.adapters.fhir.pas.alone import standing_alone
from openum.adapters.fhir.pas.answers import ask_view, progress_of
from openum.adapters.fhir.pas.asks import ASKS_FOR_FORM, ASKS_FOR_RECORDS, communication_of, task_of
from openum.adapters.fhir.pas.cdex import PROFILE as CDEX_PROFILE
from openum.adapters.fhir.pas.cdex import attachment_request_of
from openum.adapters.fhir.pas.response import response_bundle
from openum.adapters.fhir.pas.standing import answer_standing, claim_as_received
from openum.adapters.fhir.pas.view import AnswerView, AskView, Part
from openum.adapters.fhir.rest import Exchange, answered, interact, nothing_here
from openum.adapters.fhir.search import (
    Query,
    id_of,
    ids_of,
    instants,
    only,
    page_of,
    query_of,
    searchset,
    token,
)
from openum.adapters.fhir.subscriptions.models import SubscriptionEvent
from openum.adapters.fhir.subscriptions.notifications import standing_bundle
from openum.cases.kinds import FORM
from openum.cases.models import Case, InformationItem, InformationRequest, Request
from openum.notices.models import Notice
from openum.submission.prior import told_as
from openum.submission.queries import cases_findable_by
from openum.vocabulary.terms import RequestKind

_OURS = ("Task", "CommunicationRequest", "ClaimResponse")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one resource type is found and written.

    Attributes:
        name: the resource type.
        searched_by: its search parameters.
        visible: the rows a client may see.
        narrowed: those of them that a search wants.
        case_of: the case that is shown with a row.
        written: the row as a resource.
    """

    name: str
    searched_by: frozenset[str]
    visible: Callable[[Exchange], QuerySet[Any]]
    narrowed: Callable[[QuerySet[Any], Query, Exchange], QuerySet[Any]]
    case_of: Callable[[Any], Case]
    written: Callable[[Any, Exchange], Json]


def _cases(exchange: Exchange) -> QuerySet[Case, Any]:
    return cases_findable_by(exchange.client).values("pk")


def _loaded(prefix: str) -> list[str]:
    return [prefix + one for one in ("case", "case__plan", "case__product", "case__member", "submission", "client")]


def _requests(exchange: Exchange) -> QuerySet[Request]:
    visible = Request.objects.filter(case__in=_cases(exchange))
    return visible.select_related(*_loaded("")).order_by("-received_at", "-pk")


def _claims(exchange: Exchange) -> QuerySet[Request]:
    return _requests(exchange).filter(channel="fhir", submission__raw__isnull=False)


def _questions(exchange: Exchange) -> QuerySet[InformationRequest]:
    items = InformationItem.objects.select_related("line").order_by("pk")
    visible = InformationRequest.objects.filter(case__in=_cases(exchange)).select_related("case", *_loaded("request__"))
    return visible.prefetch_related(Prefetch("items", queryset=items)).order_by("-asked_at", "-pk")


def _items(exchange: Exchange) -> QuerySet[InformationItem]:
    visible = InformationItem.objects.filter(information_request__case__in=_cases(exchange))
    loaded = _loaded("information_request__request__")
    return visible.select_related("line", "information_request", *loaded).order_by(
        "-information_request__asked_at", "pk"
    )


def _patient(query: Query, prefix: str) -> Q:
    """Return the filter of `patient`: the address the client uses, or its Type/id; and of the member's number."""
    wanted = Q()
    if (values := query.one_of("patient")) is not None:
        found = Q(pk__in=[])
        for one in values:
            local = one if "/" in one or ":" in one else f"Patient/{one}"
            found |= Q(**{f"{prefix}echo__patient": local}) | Q(**{f"{prefix}echo__patient__endswith": f"/{local}"})
        wanted &= found
    return wanted & token(query, "patient.identifier", value_column=f"{prefix}case__member__member_number")


def _narrow_requests(found: QuerySet[Any], query: Query, exchange: Exchange) -> QuerySet[Any]:
    wanted = (
        _patient(query, "")
        & token(query, "identifier", value_column="identifier_value", system_column="identifier_system")
        & only(query, "status", "active")
        & _use(query)
    )
    zone = exchange.client.plan.time_zone
    for name in ("created", "_lastUpdated"):
        wanted &= instants(query, name, "received_at", zone=zone)
    if (ids := ids_of(query)) is not None:
        wanted &= Q(public_id__in=ids)
    if (asked := query.one_of("request")) is not None:
        wanted &= Q(echo__claim__in=asked)
    return found.filter(wanted)


def _use(query: Query) -> Q:
    """Return the filter of `use`: what was asked for a decision beforehand, or for an estimate."""
    if (wanted := query.one_of("use")) is None:
        return Q()
    estimate = Q(kind=RequestKind.PRE_DETERMINATION)
    found = Q(pk__in=[])
    if "predetermination" in wanted:
        found |= estimate
    return found | ~estimate if "preauthorization" in wanted else found


def _narrow_questions(found: QuerySet[Any], query: Query, exchange: Exchange) -> QuerySet[Any]:
    wanted = _patient(query, "request__")
    if (identifiers := query.one_of("identifier")) is not None:
        wanted &= Q(public_id__in=_uuids(identifiers))
    if (ids := ids_of(query)) is not None:
        wanted &= Q(public_id__in=ids)
    if (states := query.one_of("status")) is not None:
        stands = {one.rpartition("|")[2] for one in states}
        if not stands & {"completed", "cancelled"}:
            wanted &= Q(closed_at__isnull=True)
        wanted &= Q(pk__in=[row.pk for row in found.filter(wanted) if _progress(row) in stands])
    wanted &= _code(query)
    for name in ("authored-on", "_lastUpdated"):
        wanted &= instants(query, name, "asked_at", zone=exchange.client.plan.time_zone)
    return found.filter(wanted)


def _code(query: Query) -> Q:
    """Return the filter of a Task's `code`: asks for a form, or for records alone."""
    if (values := query.one_of("code")) is None:
        return Q()
    for_form = Q(pk__in=InformationItem.objects.filter(document_kind=FORM).values("information_request"))
    found = {ASKS_FOR_FORM: for_form, ASKS_FOR_RECORDS: ~for_form}
    return reduce(or_, [found.get(one.rpartition("|")[2], Q(pk__in=[])) for one in values], Q(pk__in=[]))


def _progress(row: InformationRequest) -> str:
    return progress_of([item.state for item in row.items.all()])


def _narrow_items(found: QuerySet[Any], query: Query, exchange: Exchange) -> QuerySet[Any]:
    wanted = _patient(query, "information_request__request__")
    for name in ("_id", "identifier"):
        if (values := query.one_of(name)) is not None:
            wanted &= Q(public_id__in=_uuids(values))
    if (states := query.one_of("status")) is not None:
        is_open = Q(state=InformationItem.REQUESTED)
        wanted &= {(True, False): is_open, (False, True): ~is_open, (True, True): Q()}.get(
            ("active" in states, "completed" in states), Q(pk__in=[])
        )
    return found.filter(wanted)


def _uuids(values: Iterable[str]) -> list[Any]:
    """Read ids of ours, written plainly, as urn:uuid, or as system|value."""
    plain = (one.rpartition("|")[2].removeprefix("urn:uuid:").rpartition("/")[2] for one in values)
    return [found for one in plain if (found := id_of(one)) is not None]


def _answer(case: Case, request: Request, exchange: Exchange) -> AnswerView:
    return answer_standing(case, request, base_url=exchange.base_url, at=exchange.at)


def _claim_response(row: Request, exchange: Exchange) -> Json:
    return _alone(_answer(row.case, row, exchange), row, exchange)


def _alone(answer: AnswerView, request: Request, exchange: Exchange, asked: Part | None = None) -> Json:
    """Return the ClaimResponse of an answer, or the Task or CommunicationRequest that asks, fit to stand by itself."""
    written = response_bundle(answer, version=exchange.version)
    if asked is not None:
        written["entry"].append({"fullUrl": asked.url, "resource": asked.resource})
    bundle = Bundle(written)
    readable = {
        entry.url: f"{exchange.base_url}/{entry.kind}/{entry.resource['id']}"
        for entry in bundle.entries
        if entry.kind in _OURS and entry.url.startswith("urn:uuid:")
    }
    if not answer.claim_url.startswith(("http://", "https://")):
        readable[answer.claim_url] = f"{exchange.base_url}/Claim/{request.public_id}"
    start = bundle.entries[0] if asked is None else bundle.entries[-1]
    return standing_alone(bundle, start, readable=readable)


def _claim(row: Request, exchange: Exchange) -> Json:
    return claim_as_received(row)


def _task(row: InformationRequest, exchange: Exchange) -> Json:
    answer, view = _answer(row.request.case, row.request, exchange), _question_view(row)
    task = task_of(view, answer, exchange.version)
    if exchange.http.GET.get("_profile", "").partition("|")[0] != CDEX_PROFILE:
        return _alone(answer, row.request, exchange, task)
    case = row.request.case
    return attachment_request_of(
        task.resource, patient=answer.patient.resource, member_number=case.member.member_number,
        case_number=case.number, forms=_forms(row, view, exchange),
    )  # fmt: skip


def _forms(row: InformationRequest, view: AskView, exchange: Exchange) -> dict[int, str]:
    lines = {str(item.public_id): item.line for item in row.items.all()}
    site = exchange.base_url.removesuffix(f"/fhir/{exchange.version.base}")
    asked = [(item.line, lines[item.identifier]) for item in view.items if item.is_form]
    return forms_asked(asked, client=exchange.client, site=site, at=exchange.at)


def _question_view(row: InformationRequest) -> AskView:
    zone = ZoneInfo(row.request.case.product.time_zone)
    return ask_view(row, zone, shown=told_as(row.request, row.request.case.lines.all()), open_only=False)


def _communication(row: InformationItem, exchange: Exchange) -> Json:
    question = row.information_request
    answer = _answer(question.request.case, question.request, exchange)
    item = next(one for one in _question_view(question).items if one.identifier == str(row.public_id))
    return _alone(answer, question.request, exchange, communication_of(item, answer, exchange.version))


def _letters(exchange: Exchange) -> QuerySet[Notice]:
    """Return the letters to providers: of a client that works for one organization, those to it."""
    visible = Notice.objects.filter(case__in=_cases(exchange), audience="provider", state="sent")
    own = exchange.client.organization_id
    if own is not None:
        visible = visible.filter(
            Q(recipient__organization=own) | Q(recipient__organization=None, case__organization=own)
        )
    loaded = ("case__plan", "case__organization", "recipient", "request")
    return visible.select_related(*loaded).prefetch_related("sendings").order_by("-sent_at", "-pk")


def _narrow_letters(found: QuerySet[Any], query: Query, exchange: Exchange) -> QuerySet[Any]:
    wanted = _patient(query, "request__") & only(query, "status", "completed") & only(query, "category", "notification")
    for name in ("_id", "identifier"):
        if (values := query.one_of(name)) is not None:
            wanted &= Q(public_id__in=_uuids(values))
    for name in ("sent", "_lastUpdated"):
        wanted &= instants(query, name, "sent_at", zone=exchange.client.plan.time_zone)
    return found.filter(wanted)


def _letter(row: Notice, exchange: Exchange) -> Json:
    patient = (row.request.echo or {}).get("patient", "") if row.request else ""
    return letter_of(row, patient=text(patient))


_REQUEST_PARAMETERS = frozenset(
    {"_id", "identifier", "patient", "patient.identifier", "status", "use", "created", "_lastUpdated"}
)
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            name="ClaimResponse",
            searched_by=_REQUEST_PARAMETERS | {"request"},
            visible=_requests,
            narrowed=_narrow_requests,
            case_of=lambda row: row.case,
            written=_claim_response,
        ),
        Kind(
            name="Claim",
            searched_by=_REQUEST_PARAMETERS,
            visible=_claims,
            narrowed=_narrow_requests,
            case_of=lambda row: row.case,
            written=_claim,
        ),
        Kind(
            name="Task",
            searched_by=frozenset(
                {"_id", "identifier", "patient", "patient.identifier", "status", "code", "authored-on", "_lastUpdated"}
            ),
            visible=_questions,
            narrowed=_narrow_questions,
            case_of=lambda row: row.request.case,
            written=_task,
        ),
        Kind(
            name="Communication",
            searched_by=frozenset(
                {"_id", "identifier", "patient", "patient.identifier", "status", "category", "sent", "_lastUpdated"}
            ),
            visible=_letters,
            narrowed=_narrow_letters,
            case_of=lambda row: row.case,
            written=_letter,
        ),
        Kind(
            name="CommunicationRequest",
            searched_by=frozenset({"_id", "identifier", "patient", "patient.identifier", "status"}),
            visible=_items,
            narrowed=_narrow_items,
            case_of=lambda row: row.information_request.request.case,
            written=_communication,
        ),
    )
}
"""What can be read and searched, beside Subscription."""


def _search(kind: Kind, exchange: Exchange) -> HttpResponse:
    query = query_of(exchange, kind.searched_by)
    page, total = page_of(kind.narrowed(kind.visible(exchange), query, exchange), query)
    resources = [kind.written(row, exchange) for row in page]
    shown = list(dict.fromkeys(kind.case_of(row).public_id for row in page))
    audit.record_reads(by=exchange.client.user, at=exchange.at, case_ids=shown, why=f"FHIR {kind.name} search")
    return answered(searchset(exchange, kind.name, resources, total=total, query=query))


def _read(kind: Kind, identity: str, exchange: Exchange) -> HttpResponse:
    wanted = id_of(identity)
    row = kind.visible(exchange).filter(public_id=wanted).first() if wanted is not None else None
    if row is None:
        return nothing_here()
    resource = kind.written(row, exchange)
    shown = [kind.case_of(row).public_id]
    audit.record_reads(by=exchange.client.user, at=exchange.at, case_ids=shown, why=f"FHIR {kind.name} read")
    return answered(resource)


@csrf_exempt
def search(request: HttpRequest, base: str, kind: str) -> HttpResponse:
    """Answer GET [base]/[type] and POST [base]/[type]/_search."""
    methods = {"POST" if request.path_info.endswith("/_search") else "GET": lambda one: _search(KINDS[kind], one)}
    return interact(request, base, **methods)


@csrf_exempt
def read(request: HttpRequest, base: str, kind: str, identity: str) -> HttpResponse:
    """Answer GET [base]/[type]/[id]."""
    return interact(request, base, GET=lambda exchange: _read(KINDS[kind], identity, exchange))


@csrf_exempt
def told_bundle(request: HttpRequest, base: str, public_id: str) -> HttpResponse:
    """Answer GET [base]/Bundle/[id]: what a notification was about, as it stands now."""

    def serve(exchange: Exchange) -> HttpResponse:
        wanted = id_of(public_id)
        event = (
            SubscriptionEvent.objects.filter(
                public_id=wanted, subscription__client=exchange.client, subscription__base=exchange.version.base
            )
            .select_related("subscription", "case", *_loaded("request__"))
            .first()
            if wanted is not None
            else None
        )
        if event is None:
            return nothing_here()
        bundle = standing_bundle(event, event.subscription, at=exchange.at)
        shown = [event.request.case.public_id]
        audit.record_reads(by=exchange.client.user, at=exchange.at, case_ids=shown, why="FHIR Bundle read")
        return answered(bundle)

    return interact(request, base, GET=serve)
