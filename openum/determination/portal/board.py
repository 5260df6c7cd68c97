"""The provider office's board and the page of one request."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import scope_of, user_may
from openum.accounts.rules import Permission
from openum.cases import services as cases
from openum.cases.models import Case, InformationRequest, ServiceLine
from openum.cases.panels import panels_for
from openum.cases.queries import attachments_visible_to, cases_visible_to, current_lines, initial_request
from openum.cases.rules import ADVERSE_STATUSES, OPEN_STATUSES
from openum.criteria.queries import current_map
from openum.criteria.renderers.provider import points_of
from openum.db.clock import now
from openum.design.moments import day, moment, short_moment
from openum.design.paging import page_asked
from openum.determination.added_words import added_codes_of
from openum.determination.going_on import earlier_authorization
from openum.determination.portal.forms import AmendForm, PaperForm, WithdrawForm
from openum.determination.portal.stages import next_step_for_office, stops
from openum.determination.portal.standing import (
    authorization_numbers,
    authorizations_of,
    is_added,
    service_words,
    standings,
    units_words,
)
from openum.determination.services import amend_approval
from openum.determination.services.amending import NotApproved
from openum.review.asked import asked_for
from openum.review.models import PeerToPeer
from openum.review.queries import still_open
from openum.review.rules.offers import Outcome
from openum.submission.drafts import MAX_FILE_BYTES, FileNotUsable, kind_of_file
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Channel, LineStatus

PAGE = 50
TABS = ("needs", "plan", "approved", "denied", "all")
_RENEWABLE = {LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED}
_OVER = {LineStatus.WITHDRAWN, LineStatus.CANCELLED, LineStatus.TRANSFERRED, LineStatus.VOIDED_IN_ERROR}


def _of_tab(rows: QuerySet[Case], tab: str, at: datetime) -> QuerySet[Case]:
    lines = ServiceLine.objects.filter(case=OuterRef("pk"), replaced_by__isnull=True)
    asked = Exists(InformationRequest.objects.filter(case=OuterRef("pk"), closed_at__isnull=True))
    talk = Exists(PeerToPeer.objects.filter(still_open(at), case=OuterRef("pk"), state=PeerToPeer.OFFERED))
    if tab == "needs":
        return rows.filter(Q(is_open=True) & asked | talk)
    if tab == "plan":
        return rows.filter(is_open=True).exclude(asked)
    if tab == "approved":
        approved = [LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED]
        return rows.filter(Exists(lines.filter(status__in=approved)))
    if tab == "denied":
        return rows.filter(Exists(lines.filter(status__in=[LineStatus.DENIED, LineStatus.PARTIALLY_APPROVED])))
    return rows


@require_GET
@needs(Permission.SEE_ORGANIZATION_CASES)
def board(request: HttpRequest) -> HttpResponse:
    """Show the office's requests by what they need, with who has the ball and the next date."""
    user, at = actor(request), now()
    tab = request.GET.get("tab", "needs")
    tab = tab if tab in TABS else "needs"
    page = page_asked(request)
    rows = cases_visible_to(user)
    start = (page - 1) * PAGE
    found = list(
        _of_tab(rows, tab, at).select_related("member", "plan").order_by("-opened_at", "pk")[start : start + PAGE + 1]
    )
    shown = found[:PAGE]
    where = standings(shown)
    questions = {
        item.case_id: item
        for item in InformationRequest.objects.filter(case__in=shown, closed_at__isnull=True, case__is_open=True)
    }
    talks = {item.case_id: item for item in PeerToPeer.objects.filter(still_open(at), case__in=shown)}
    numbers = {row.authorization.case_id: row for row in authorizations_of(shown) if not is_added(row)}
    audit.record_reads(by=user, at=at, case_ids=[case.public_id for case in shown], why="request board")
    words = [_("Needs you"), _("With the plan"), _("Approved"), _("Denied"), _("All")]
    context = {
        "tab": tab,
        "tabs": [
            {"key": key, "words": label, "count": _of_tab(rows, key, at).count()}
            for key, label in zip(TABS, words, strict=True)
        ],
        "rows": [
            {
                "case": case,
                "standing": where[case.pk],
                "next": next_step_for_office(where[case.pk], may_talk=case.pk in talks),
                "question": questions.get(case.pk),
                "talk": talks.get(case.pk),
                "number": numbers[case.pk].authorization.number if case.pk in numbers else "",
                "units": units_words(numbers[case.pk]) if case.pk in numbers else "",
                "received": short_moment(case.opened_at, case.plan.time_zone),
            }
            for case in shown
        ],
        "pages": {
            "words": _("Page %(n)d") % {"n": page},
            "previous_url": f"?tab={tab}&page={page - 1}" if page > 1 else "",
            "next_url": f"?tab={tab}&page={page + 1}" if len(found) > PAGE else "",
        },
    }
    return render(request, "determination/board.html", context)


def _case(request: HttpRequest, public_id: UUID) -> Case:
    return get_object_or_404(
        cases_visible_to(actor(request)).select_related("member", "plan", "product", "organization"),
        public_id=public_id,
    )


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_ORGANIZATION_CASES)
def request_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one request like a parcel; send papers, change it, or take it back."""
    case = _case(request, public_id)
    if request.method == "GET":
        return _render(request, case)
    user, at, doing = actor(request), now(), request.POST.get("do", "")
    withdraw, amend, paper = WithdrawForm(), AmendForm(), PaperForm()
    status, refusal = 422, ""
    named = _uuid(request.POST.get("line", ""))
    line = ServiceLine.objects.filter(case=case, public_id=named).first() if named else None
    try:
        if doing == "withdraw" and line is not None:
            withdraw = WithdrawForm(request.POST)
            if withdraw.is_valid():
                cases.withdraw_line(
                    line=line, reason=withdraw.cleaned_data["reason"], requested_by=user.name, channel=Channel.PORTAL,
                    by=user, at=at,
                )  # fmt: skip
                return redirect("determination:request", public_id=case.public_id)
        elif doing == "amend" and line is not None:
            amend = AmendForm(request.POST)
            if amend.is_valid():
                _amend(line, amend.cleaned_data, by=user, at=at)
                return redirect("determination:request", public_id=case.public_id)
        elif doing == "paper":
            paper = PaperForm(request.POST, request.FILES)
            if paper.is_valid():
                upload = paper.cleaned_data["file"]
                if upload.size > MAX_FILE_BYTES:
                    raise FileNotUsable("The file is larger than 15 MB. Split it, or send it in a lower resolution.")
                content = upload.read()
                document = cases.NewDocument(
                    title=paper.cleaned_data["title"] or upload.name[:200], content_type=kind_of_file(content),
                    content=content, document_kind=paper.cleaned_data["document_kind"],
                )  # fmt: skip
                cases.attach(
                    case=case,
                    request=initial_request(case),
                    documents=[document],
                    channel=Channel.PORTAL,
                    by=user,
                    at=at,
                )
                return redirect("determination:request", public_id=case.public_id)
        else:
            refusal = _("Choose the service it is about.")
    except OpenUMError as error:
        refusal, status = error.sentence, error.status
    return _render(request, case, withdraw=withdraw, amend=amend, paper=paper, refusal=refusal, status=status)


def _amend(line: ServiceLine, given: dict[str, Any], *, by: User, at: datetime) -> None:
    """Change an open line, or move an approval; an approval keeps its units."""
    if line.status == LineStatus.APPROVED:
        if given["requested_units"]:
            raise NotApproved("The approved number stays as it is. For another number send a new request.")
        amend_approval(
            line=line, first_day=given["service_from"], last_day=given["service_to"], place=given["place"],
            reason=given["reason"], requested_by=by.name, channel=Channel.PORTAL, by=by, at=at,
        )  # fmt: skip
        return
    changes = {field: value for field, value in given.items() if field != "reason"}
    cases.amend_line(
        line=line, changes=changes, reason=given["reason"], requested_by=by.name, channel=Channel.PORTAL, by=by, at=at
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _render(
    request: HttpRequest,
    case: Case,
    *,
    withdraw: WithdrawForm | None = None,
    amend: AmendForm | None = None,
    paper: PaperForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    user, at, zone = actor(request), now(), case.plan.time_zone
    standing = standings([case])[case.pk]
    lines = current_lines(case)
    for line in lines:
        line.case = case
    numbers, added = authorization_numbers(case), added_codes_of(case)
    language = get_language() or "en"
    panels = [
        (panel, render_to_string(panel.template, {"case": case, **panel.context(case, user, at)}, request))
        for panel in panels_for(scope_of(user).permissions)
    ]
    panels = [(panel, html) for panel, html in panels if html.strip()]
    questions = InformationRequest.objects.filter(case=case).prefetch_related(
        "items__line__case__product", "items__line__case__plan", "items__line__request"
    )
    questions = questions.order_by("-asked_at", "-pk")
    documents = attachments_visible_to(user).filter(case=case, kind="document").defer("content").order_by("received_at")
    audit.record_reads(by=user, at=at, case_ids=[case.public_id], why="request page")
    open_talks = PeerToPeer.objects.filter(still_open(at), case=case)
    still = set(open_talks.values_list("pk", flat=True))
    may_ask = user_may(user, Permission.SUBMIT_REQUEST)
    context: dict[str, Any] = {
        "case": case,
        "standing": standing,
        "stops": stops(standing),
        "next": next_step_for_office(standing, may_talk=open_talks.exists()),
        "received": moment(case.opened_at, zone),
        "lines": [
            {
                "line": line,
                "words": service_words(line, case),
                "authorization": numbers.get(line.pk),
                "valid_from": day(numbers[line.pk]["from"]) if line.pk in numbers else "",
                "last_day": day(numbers[line.pk]["to"]) if line.pk in numbers else "",
                "is_open": line.status in OPEN_STATUSES,
                "earlier": earlier_authorization(line) if line.previous_authorization_number else None,
                "may_renew": line.pk in numbers and line.status in _RENEWABLE and may_ask and line.pk not in added,
                "may_add": line.pk in numbers and line.status in _RENEWABLE and may_ask and line.pk not in added,
                "added": added.get(line.pk),
            }
            for line in lines
        ],
        "may_send_papers": any(LineStatus(line.status) not in _OVER for line in lines),
        "amendable_lines": [
            (line, service_words(line, case))
            for line in lines
            if line.status in OPEN_STATUSES | {LineStatus.APPROVED} and line.pk not in added
        ],
        "open_lines": [(line, service_words(line, case)) for line in lines if line.status in OPEN_STATUSES],
        "criteria": [
            point
            for line in lines
            if line.status in OPEN_STATUSES
            for point in points_of(current_map(line), language)
        ],
        "questions": [
            {
                "question": item, "parts": asked_for(item.items.all()), "asked": moment(item.asked_at, zone), "respond_by": moment(item.respond_by, zone),
                "is_open": item.closed_at is None and case.is_open,
            }
            for item in questions
        ],
        "talks": [
            {
                "talk": item, "when": moment(item.slot.starts_at, zone) if item.slot else "", "is_open": item.pk in still,
                "is_agreed": item.outcome == Outcome.CHANGED_REQUEST,
            }
            for item in PeerToPeer.objects.filter(case=case).select_related("slot").order_by("-offered_at")
        ],
        "may_talk": [
            (line, service_words(line, case))
            for line in lines
            if line.status in OPEN_STATUSES | ADVERSE_STATUSES and not open_talks.filter(line=line).exists()
        ],
        "may_ask_again": user_may(user, Permission.SUBMIT_REQUEST),
        "documents": [{"attachment": item, "received": short_moment(item.received_at, zone)} for item in documents],
        "panels": panels,
        "withdraw_form": withdraw or WithdrawForm(),
        "amend_form": amend or AmendForm(),
        "paper_form": paper or PaperForm(),
        "refusal": refusal,
    }  # fmt: skip
    return render(request, "determination/request.html", context, status=status)
