"""Complaints for staff: the list in due order, one complaint, taking one in, the trend as page and CSV."""

import csv
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan, User
from openum.accounts.queries import plans_visible_to, user_may
from openum.accounts.rules import Permission
from openum.appeals.models import Appeal
from openum.appeals.queries import appealable_lines, appeals_visible_to
from openum.clocks.dockets import earliest_clocks, in_due_order
from openum.clocks.faces import face_of
from openum.clocks.models import Clock
from openum.criteria.faces.words import LINES_OF_BUSINESS, known
from openum.db.clock import now
from openum.design.moments import moment, short_moment, typed_moment
from openum.design.paging import page_of
from openum.directory.models import Member
from openum.grievances import queries, services
from openum.grievances.forms import ABOUT_AT_THE_DESK, AnswerForm, ExtendForm, IntakeForm, TellForm
from openum.grievances.models import Grievance
from openum.grievances.rules import About, GrievanceState
from openum.intake.models import Paper
from openum.intake.papers.queries import paper_asked_for
from openum.intake.receipts import receipt_words
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Channel

PAGE = 100


def _uuid(text: str) -> UUID:
    """Return the id a form names, or one that belongs to nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


_TREND_DAYS = 400


@require_GET
@needs(Permission.MANAGE_GRIEVANCES)
def docket(request: HttpRequest) -> HttpResponse:
    """List open complaints, the earliest deadline first, by pages."""
    user, at = actor(request), now()
    found = queries.grievances_visible_to(user).filter(state=GrievanceState.OPEN)
    shown, pages = page_of(in_due_order(found), request, size=PAGE)
    clocks = earliest_clocks(row.request_id for row in shown)
    words = dict(ABOUT_AT_THE_DESK)
    rows = [
        {
            "grievance": row,
            "about": words[About(row.about)],
            "clock": face_of(clocks[row.request_id], at=at) if row.request_id in clocks else None,
            "received": short_moment(row.filed_at, row.request.case.plan.time_zone),
        }
        for row in shown
    ]
    audit.record_reads(
        by=user, at=at, why="complaints", case_ids=list(dict.fromkeys(row.request.case.public_id for row in shown))
    )
    return render(request, "grievances/docket.html", {"rows": rows, "pages": pages})


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_GRIEVANCES)
def grievance_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one complaint; answer it, or treat it as the appeal that it is."""
    user, at = actor(request), now()
    row = get_object_or_404(queries.grievances_visible_to(user), public_id=public_id)
    form, status, refusal = AnswerForm(), 200, ""
    given: dict[str, Form] = {"extend": ExtendForm(auto_id="extend_%s"), "tell": TellForm(auto_id="tell_%s")}
    steps: dict[str, Callable[..., object]] = {"extend": services.extend_grievance, "tell": services.tell_by_phone}
    if request.method == "POST":
        status = 422
        try:
            if request.POST.get("do") == "move":
                line = get_object_or_404(
                    appealable_lines(user).filter(case__member=row.request.case.member),
                    public_id=_uuid(request.POST.get("line", "")),
                )
                appeal = services.move_to_appeal(grievance=row, line=line, by=user, at=at)
                return redirect("appeals:appeal", public_id=appeal.public_id)
            if request.POST.get("do") in steps:
                key, step = request.POST["do"], steps[request.POST["do"]]
                given[key] = type(given[key])(request.POST, auto_id=f"{key}_%s")
                if given[key].is_valid():
                    step(grievance=row, by=user, at=at, **given[key].cleaned_data)
                    return redirect("grievances:grievance", public_id=row.public_id)
                return _page(request, row, form, given, refusal="", status=422)
            form = AnswerForm(request.POST)
            if form.is_valid():
                services.answer_grievance(grievance=row, by=user, at=at, **form.cleaned_data)
                return redirect("grievances:grievance", public_id=row.public_id)
        except OpenUMError as no:
            refusal, status = no.sentence, no.status
    return _page(request, row, form, given, refusal=refusal, status=status)


def _page(
    request: HttpRequest, row: Grievance, form: Form, given: dict[str, Form], *, refusal: str, status: int
) -> HttpResponse:
    user, at = actor(request), now()
    zone = row.request.case.plan.time_zone
    clocks = Clock.objects.filter(request=row.request).order_by("due_at", "pk")
    lines = appealable_lines(user).filter(case__member=row.request.case.member).select_related("case")[:20]
    audit.record_reads(by=user, at=at, case_ids=[row.request.case.public_id], why="complaint")
    context = {
        "grievance": row, "case": row.request.case, "form": form, "refusal": refusal,
        "about": dict(ABOUT_AT_THE_DESK)[About(row.about)], "received": moment(row.filed_at, zone),
        "acknowledged": moment(row.acknowledged_at, zone), "answered": moment(row.answered_at, zone),
        "clocks": [{"clock": clock, "face": face_of(clock, at=at)} for clock in clocks], "lines": lines,
        "is_open": row.state == GrievanceState.OPEN, "extended": moment(row.extended_at, zone),
        "may_be_told": row.is_fast and row.state == GrievanceState.ANSWERED,
        **{f"{key}_form": each for key, each in given.items()},
    }  # fmt: skip
    return render(request, "grievances/grievance.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_GRIEVANCES, Permission.MATCH_INTAKE)
def take_in(request: HttpRequest) -> HttpResponse:
    """Take in a complaint that came by telephone, mail or fax, as a paper, or as an appeal that is none.

    One that a paper or an appeal brought keeps its receipt.
    """
    user, at = actor(request), now()
    plans = plans_visible_to(user, Permission.FILE_GRIEVANCE)
    source = _source(request, user)
    plan = source.line.case.plan if isinstance(source, Appeal) else source.plan if source else next(iter(plans), None)
    zone = plan.time_zone if plan else "America/New_York"
    form = IntakeForm(
        request.POST if request.method == "POST" else None, initial=_first(source, zone, at=at),
        has_receipt=source is not None, has_member=isinstance(source, Appeal),
    )  # fmt: skip
    status, refusal = 200, ""
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                row = _filed(form, source, [plan] if source and plan else plans, zone=zone, by=user, at=at)
            except OpenUMError as no:
                refusal, status = no.sentence, no.status
            else:
                if row is not None and user_may(user, Permission.MANAGE_GRIEVANCES):
                    return redirect("grievances:grievance", public_id=row.public_id)
                if row is not None:
                    messages.success(request, _("Filed as complaint %(number)s.") % {"number": row.number})
                    return redirect("cases:case", public_id=row.request.case.public_id)
    context = {
        "form": form, "refusal": refusal, "paper": source if isinstance(source, Paper) else None,
        "appeal": source if isinstance(source, Appeal) else None,
        "receipt": receipt_words(source.submission) if isinstance(source, Paper) else "",
        "filed": moment(source.filed_at, zone) if isinstance(source, Appeal) else "",
    }  # fmt: skip
    return render(request, "grievances/take_in.html", context, status=status)


def _source(request: HttpRequest, user: User) -> Paper | Appeal | None:
    """Return the paper or the appeal that an address names."""
    if "appeal" not in request.GET:
        return paper_asked_for(user, request.GET.get("paper", ""))
    found = appeals_visible_to(user) if user_may(user, Permission.MANAGE_GRIEVANCES) else Appeal.objects.none()
    return get_object_or_404(found, public_id=_uuid(request.GET["appeal"]))


def _first(source: Paper | Appeal | None, zone: str, *, at: datetime) -> dict[str, str]:
    """Return what stands in the form at first."""
    if isinstance(source, Appeal):
        return {"issue": source.issue}
    known = source.member.member_number if source is not None and source.member is not None else ""
    return {"received_at": f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}", "member_number": known}


def _filed(
    form: IntakeForm, source: Paper | Appeal | None, plans: Iterable[Plan], *, zone: str, by: User, at: datetime
) -> Grievance | None:
    """File a complaint as the form says it, with the receipt of what brought it; None where nobody has the number."""
    given = form.cleaned_data
    is_new = source is None
    complained = services.Complained(
        about=About(given["about"]), issue=given["issue"], filer_name=given.get("filer_name", ""), proof=given.get("proof", ""),
        channel=Channel(given["channel"]) if is_new else Channel.MAIL,
        received_at=typed_moment(given["received_at"], zone, at=at) if is_new else at,
    )  # fmt: skip
    if isinstance(source, Appeal):
        return services.move_to_complaint(appeal=source, complained=complained, by=by, at=at)
    member = Member.objects.filter(plan__in=list(plans), member_number=given["member_number"].strip()).first()
    if member is None:
        form.add_error("member_number", _("No member has this number. Check it on the card."))
        return None
    if source is not None:
        return services.complain_by_paper(paper=source, member=member, complained=complained, by=by, at=at)
    return services.file_grievance(member=member, case=None, complained=complained, by=by, at=at)


@require_GET
@needs(Permission.MANAGE_GRIEVANCES, Permission.SEE_AUDIT)
def trend(request: HttpRequest) -> HttpResponse:
    """Show complaints by month, line of business and matter; `?as=csv` downloads them."""
    user, at = actor(request), now()
    rows = list(queries.trend(user, since=at - timedelta(days=_TREND_DAYS)))
    if request.GET.get("as") == "csv":
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="complaints.csv"'
        writer = csv.writer(response)
        writer.writerow(["month", "line_of_business", "about", "filed", "answered", "in_time", "substantiated"])
        for row in rows:
            writer.writerow(
                [row.month, row.line_of_business, row.about, row.filed, row.answered, row.in_time, row.substantiated]
            )
        return response
    words = dict(ABOUT_AT_THE_DESK)
    shown = [
        {
            "row": row,
            "about": words[About(row.about)],
            "line_of_business": known(LINES_OF_BUSINESS, row.line_of_business),
        }
        for row in rows
    ]
    return render(request, "grievances/trend.html", {"rows": shown})
