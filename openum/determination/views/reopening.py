"""Reopening a decision: what stands, how the criteria stood then and stand now, the ground, and the reason."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases.rules import STATUS_TABLE
from openum.criteria.queries import current_map
from openum.db.clock import now
from openum.determination import services
from openum.determination.forms import ReopenForm
from openum.determination.views.line import find_line, history_of
from openum.review.keeping import NOTHING, kept_forms
from openum.review.services import forget_form
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import LineStatus


@require_http_methods(["GET", "POST"])
@needs(Permission.DECIDE_ADVERSELY)
def reopen(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show what would be reopened, and reopen it with a ground and an explanation; the decision stays on file."""
    line, user, at = find_line(request, public_id), actor(request), now()
    kept = kept_forms(line, user).get("reopen", NOTHING)
    form, status = ReopenForm(initial=kept.fields), 200
    if request.method == "POST":
        form, status = ReopenForm(request.POST), 422
        if form.is_valid():
            try:
                services.reopen_line(line=line, by=user, at=at, **form.cleaned_data)
                forget_form(line=line, form="reopen", by=user)
                return redirect("determination:decide", public_id=line.public_id)
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="reopening")
    context = {
        "line": line,
        "case": line.case,
        "form": form,
        "kept": kept,
        "may_reopen": LineStatus.REOPENED in STATUS_TABLE[LineStatus(line.status)].may_become,
        **history_of(line, current_map(line)),
    }
    return render(request, "determination/reopen.html", context, status=status)
