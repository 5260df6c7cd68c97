"""The complaint of a member, and the dispute of a practice: other doors than the appeal, clearly named."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.appeals.queries import appealable_lines
from openum.cases.queries import cases_visible_to
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.determination.portal.standing import service_words
from openum.directory.models import Member
from openum.grievances import queries, services
from openum.grievances.forms import ABOUT, ComplaintForm, DisputeForm
from openum.grievances.rules import About
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Channel


def _uuid(text: str) -> UUID:
    """Return the id a form names, or one that belongs to nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_OWN_CASES)
def complain(request: HttpRequest) -> HttpResponse:
    """Show the member's complaints and take a new one, about one request or about none."""
    user, at = actor(request), now()
    member = get_object_or_404(Member.objects.select_related("plan"), user=user)
    form, status, refusal = ComplaintForm(), 200, ""
    if request.method == "POST":
        form, status = ComplaintForm(request.POST), 422
        if form.is_valid():
            case = None
            if request.POST.get("case"):
                case = get_object_or_404(cases_visible_to(user), public_id=_uuid(request.POST["case"]))
            given = form.cleaned_data
            try:
                services.file_grievance(
                    member=member, case=case, by=user, at=at,
                    complained=services.Complained(
                        about=About(given["about"]), issue=given["issue"], channel=Channel.PORTAL, received_at=at,
                        filer_name=given["filer_name"], proof="portal",
                    ),
                )  # fmt: skip
                return redirect("grievances:complain")
            except OpenUMError as no:
                refusal, status = no.sentence, no.status
    rows = list(queries.grievances_visible_to(user).order_by("-filed_at")[:50])
    words = dict(ABOUT)
    audit.record_reads(by=user, at=at, case_ids=list({row.request.case.public_id for row in rows}), why="complaints")
    context = {
        "form": form, "refusal": refusal, "phone": member.plan.phone,
        "cases": list(cases_visible_to(user).filter(lines__isnull=False).distinct().order_by("-opened_at")[:20]),
        "rows": [
            {"grievance": row, "about": words[About(row.about)], "filed": short_moment(row.filed_at, member.plan.time_zone)}
            for row in rows
        ],
    }  # fmt: skip
    return render(request, "grievances/complain.html", context, status=status)


@require_GET
@needs(Permission.SUBMIT_REQUEST)
def my_disputes(request: HttpRequest) -> HttpResponse:
    """List the disputes of a practice with their answers."""
    user, at = actor(request), now()
    rows = list(queries.disputes_visible_to(user).order_by("-filed_at", "-pk")[:50])
    audit.record_reads(by=user, at=at, case_ids=list({row.line.case.public_id for row in rows}), why="disputes")
    shown = [
        {
            "dispute": row, "case": row.line.case, "service": service_words(row.line, row.line.case),
            "filed": short_moment(row.filed_at, row.line.case.plan.time_zone),
            "answered": short_moment(row.answered_at, row.line.case.plan.time_zone),
        }
        for row in rows
    ]  # fmt: skip
    return render(request, "grievances/my_disputes.html", {"rows": shown})


@require_http_methods(["GET", "POST"])
@needs(Permission.SUBMIT_REQUEST)
def dispute(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the page on which a practice disputes a decision for itself, and take the dispute."""
    user, at = actor(request), now()
    line = get_object_or_404(
        appealable_lines(user).select_related("case__member", "case__plan", "case__organization", "request"),
        public_id=public_id,
    )
    form, status, refusal = DisputeForm(), 200, ""
    if request.method == "POST":
        form, status = DisputeForm(request.POST), 422
        if form.is_valid() and line.case.organization is not None:
            try:
                services.file_dispute(
                    line=line, organization=line.case.organization, issue=form.cleaned_data["issue"],
                    channel=Channel.PORTAL, received_at=at, by=user, at=at,
                )  # fmt: skip
                return redirect("grievances:my_disputes")
            except OpenUMError as no:
                refusal, status = no.sentence, no.status
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="dispute")
    context = {
        "line": line,
        "case": line.case,
        "form": form,
        "refusal": refusal,
        "service": service_words(line, line.case),
    }
    return render(request, "grievances/file_dispute.html", context, status=status)
