"""The list of cases, the case file, and the documents in it. Staff only; requesters have their own pages."""

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases import queries, services
from openum.cases.forms import NoteForm
from openum.cases.models import Attachment, Case
from openum.cases.panels import drawn, panels_for
from openum.db.clock import now
from openum.db.reading import reading
from openum.design.moments import day, short_moment
from openum.design.paging import page_asked
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import LineStatus

PAGE = 50
DRAWER_FROM = 100
"""Panels with an order from this number on stand in the right drawer."""

_SHOWN_IN_PAGE = {"application/pdf", "image/png", "image/jpeg", "image/gif", "text/plain"}


def age_on(birth_date: date | None, on: date) -> str:
    """Return the age in years as text, empty when the birth date is not known."""
    if birth_date is None:
        return ""
    years = on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
    return str(years)


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_PLAN_CASES)
def find(request: HttpRequest) -> HttpResponse:
    """List cases, newest first, or find some by number or member. The words looked for never stand in the address."""
    user = actor(request)
    text = request.POST.get("q", "").strip() if request.method == "POST" else ""
    page = page_asked(request)
    rows = _matching(user, text)
    start = (page - 1) * PAGE
    found = list(
        rows.select_related("member", "plan", "product").order_by("-opened_at", "pk")[start : start + PAGE + 1]
    )
    shown, has_more = found[:PAGE], len(found) > PAGE
    audit.record_reads(by=user, at=now(), case_ids=[case.public_id for case in shown], why="case list")
    if text and len(shown) == 1 and shown[0].number.casefold() == text.casefold():
        return redirect("cases:case", public_id=shown[0].public_id)
    statuses = queries.statuses_of(shown)
    listed = queries.shown_to(user, shown)
    context = {
        "rows": [
            {
                "case": case,
                "status": statuses.get(case.pk, LineStatus.RECEIVED),
                "opened": short_moment(case.opened_at, case.plan.time_zone),
            }
            for case in listed
        ],
        "find_text": text,
        "pages": {
            "words": _("Cases %(first)d to %(last)d") % {"first": start + 1, "last": start + len(shown)},
            "previous_url": f"?page={page - 1}" if page > 1 and not text else "",
            "next_url": f"?page={page + 1}" if has_more and not text else "",
        },
        "too_many": has_more and bool(text),
    }
    return render(request, "cases/find.html", context)


def _matching(user: User, text: str) -> QuerySet[Case]:
    """Find cases by number or member. A sealed case is found by its number alone: a name would tell whose it is."""
    listed = queries.cases_listed_to(user)
    if not text:
        return listed
    by_number = listed.filter(number__iexact=text)
    wanted = Q(member__member_number__iexact=text)
    words = text.split()
    if len(words) == 1:
        wanted |= Q(member__family_name__istartswith=text) | Q(number__iendswith=text)
    else:
        wanted |= Q(member__given_name__istartswith=words[0], member__family_name__istartswith=words[-1])
    return by_number | queries.cases_visible_to(user).filter(wanted)


@require_GET
@needs(Permission.SEE_PLAN_CASES)
def case_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the file: the sections every folder contributed, read in one place."""
    return _render_file(request, public_id, NoteForm())


@reading()
def _render_file(request: HttpRequest, public_id: UUID, form: NoteForm, status: int = 200) -> HttpResponse:
    user, at = actor(request), now()
    if queries.is_shut(user, public_id):
        return redirect("cases:break_seal", public_id=public_id)
    case = get_object_or_404(
        queries.cases_visible_to(user).select_related("member", "plan", "product", "organization"), public_id=public_id
    )
    panels = panels_for(scope_of(user).permissions)
    sections = drawn(panels, case, user, at=at, request=request, note_form=form)
    audit.record_reads(by=user, at=at, case_ids=[case.public_id], why="case file")
    context = {
        "case": case,
        "status": queries.status_of(case),
        "age": age_on(case.member.birth_date, at.date()),
        "birth_date": day(case.member.birth_date),
        "opened": short_moment(case.opened_at, case.plan.time_zone),
        "main_panels": [(panel, html) for panel, html in sections if panel.order < DRAWER_FROM],
        "drawer_panels": [(panel, html) for panel, html in sections if panel.order >= DRAWER_FROM],
    }
    return render(request, "cases/case.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs(Permission.BREAK_GLASS)
def break_seal(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say why a sealed case must be seen, and open it for an hour. Nothing of the person stands on this page."""
    user = actor(request)
    case = get_object_or_404(queries.sealed_cases_of(user).select_related("plan"), public_id=public_id)
    reason, refusal, status = request.POST.get("reason", ""), "", 200
    if request.method == "POST":
        try:
            services.break_seal(case=case, reason=reason, by=user, at=now())
        except OpenUMError as error:
            refusal, status = error.sentence, error.status
        else:
            return redirect("cases:case", public_id=public_id)
    facts = {"case": case, "reason": reason, "refusal": refusal, "minutes": services.OPEN_MINUTES}
    return render(request, "cases/seal.html", facts, status=status)


@require_POST
@needs(Permission.REVIEW_LINES, Permission.MATCH_INTAKE)
def add_note(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Add a note to the record or a working note."""
    user = actor(request)
    case = get_object_or_404(queries.cases_visible_to(user), public_id=public_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _render_file(request, public_id, form, status=422)
    services.write_note(case=case, by=user, at=now(), **form.cleaned_data)
    return redirect("cases:case", public_id=case.public_id)


@require_GET
@needs(
    Permission.SEE_PLAN_CASES,
    Permission.SEE_ORGANIZATION_CASES,
    Permission.SEE_OWN_CASES,
    Permission.SEE_SAMPLED_FILES,
)
def document(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out one document as it came. What a browser could run is downloaded, never shown."""
    user = actor(request)
    attachment = get_object_or_404(
        queries.attachments_visible_to(user).select_related("case").filter(kind=Attachment.DOCUMENT),
        public_id=public_id,
    )
    shown = attachment.content_type in _SHOWN_IN_PAGE
    response = HttpResponse(
        bytes(attachment.content or b""),
        content_type=attachment.content_type if shown else "application/octet-stream",
    )
    disposition = content_disposition_header(not shown, f"document-{attachment.public_id}")
    if disposition:
        response["Content-Disposition"] = disposition
    response["X-Content-Type-Options"] = "nosniff"
    audit.record_reads(by=user, at=now(), case_ids=[attachment.case.public_id], why="document")
    return response
