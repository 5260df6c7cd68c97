"""The complaint of a member: another door than the appeal, clearly named."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases.queries import cases_visible_to
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.directory.models import Member
from openum.grievances import queries, services
from openum.grievances.forms import ABOUT, ComplaintForm
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
