"""Provider disputes for staff: the list in due order, and one dispute with its answer. Kept apart from appeals."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.clocks.dockets import earliest_clocks, in_due_order
from openum.clocks.faces import face_of
from openum.clocks.models import Clock
from openum.db.clock import now
from openum.design.moments import moment, short_moment
from openum.design.paging import page_of
from openum.grievances import queries, services
from openum.grievances.forms import DisputeAnswerForm
from openum.grievances.rules import DisputeState
from openum.vocabulary.errors import OpenUMError

PAGE = 100


@require_GET
@needs(Permission.MANAGE_APPEALS)
def disputes(request: HttpRequest) -> HttpResponse:
    """List disputes, the open ones first by their deadline; `?view=answered` lists the answered ones."""
    user, at = actor(request), now()
    wanted = DisputeState.ANSWERED if request.GET.get("view") == "answered" else DisputeState.OPEN
    found = queries.disputes_visible_to(user).filter(state=wanted)
    ordered = in_due_order(found) if wanted is DisputeState.OPEN else found.order_by("-filed_at", "-pk")
    shown, pages = page_of(ordered, request, size=PAGE)
    clocks = earliest_clocks(row.request_id for row in shown)
    rows = [
        {
            "dispute": row,
            "clock": face_of(clocks[row.request_id], at=at) if row.request_id in clocks else None,
            "received": short_moment(row.filed_at, row.line.case.plan.time_zone),
        }
        for row in shown
    ]
    audit.record_reads(
        by=user, at=at, why="provider disputes",
        case_ids=list(dict.fromkeys(row.line.case.public_id for row in shown)),
    )  # fmt: skip
    return render(request, "grievances/disputes.html", {"rows": rows, "pages": pages, "wanted": wanted})


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_APPEALS)
def dispute_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one dispute; answer it. No line moves by the answer."""
    user, at = actor(request), now()
    row = get_object_or_404(queries.disputes_visible_to(user), public_id=public_id)
    form, status, refusal = DisputeAnswerForm(), 200, ""
    if request.method == "POST":
        form, status = DisputeAnswerForm(request.POST), 422
        if form.is_valid():
            try:
                services.answer_dispute(dispute=row, by=user, at=at, **form.cleaned_data)
                return redirect("grievances:dispute", public_id=row.public_id)
            except OpenUMError as no:
                refusal, status = no.sentence, no.status
    zone = row.line.case.plan.time_zone
    audit.record_reads(by=user, at=at, case_ids=[row.line.case.public_id], why="provider dispute")
    context = {
        "dispute": row, "line": row.line, "case": row.line.case, "form": form, "refusal": refusal,
        "is_open": row.state == DisputeState.OPEN, "filed": moment(row.filed_at, zone),
        "acknowledged": moment(row.acknowledged_at, zone), "answered": moment(row.answered_at, zone),
        "clocks": [
            {"clock": clock, "face": face_of(clock, at=at)}
            for clock in Clock.objects.filter(request=row.request).order_by("stopped_at", "due_at", "pk")
        ],
    }  # fmt: skip
    return render(request, "grievances/dispute.html", context, status=status)
