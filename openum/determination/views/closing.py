"""The page where one line is closed for an administrative reason, apart from every clinical decision."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.design.status import LINE_LOOKS
from openum.determination import services
from openum.determination.closing_forms import CloseForm
from openum.determination.queries import twins_of
from openum.determination.views.line import find_line
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import LineStatus, ReasonClass

_TWINS = 50


@require_http_methods(["GET", "POST"])
@needs(Permission.CLOSE_ADMINISTRATIVELY)
def close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Close one open line, with the reason and the sentence that the letter quotes."""
    line, user, at = find_line(request, public_id), actor(request), now()
    twins = {str(twin.public_id): twin for twin in twins_of(line)[:_TWINS]}
    choices = [(key, _told(twin)) for key, twin in twins.items()]
    form, status = CloseForm(request.POST if request.method == "POST" else None, twins=choices), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                services.close_administratively(
                    line=line, reason_class=ReasonClass(form.cleaned_data["reason_class"]),
                    explanation=form.cleaned_data["explanation"], words_kept=form.cleaned_data["words_kept"],
                    repeats=twins.get(form.cleaned_data.get("repeats", "")), by=user, at=at,
                )  # fmt: skip
                messages.success(request, _("Closed. The letter tells why, and how to have it looked at again."))
                return redirect("cases:case", public_id=line.case.public_id)
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="administrative closing")
    context = {
        "line": line, "case": line.case, "form": form, "is_open": LineStatus(line.status) in OPEN_STATUSES,
    }  # fmt: skip
    return render(request, "determination/close.html", context, status=status)


def _told(line: ServiceLine) -> str:
    status = LINE_LOOKS[line.status].staff if line.status in LINE_LOOKS else line.status
    return f"{line.case.number}, {short_moment(line.request.received_at, line.case.plan.time_zone)}: {status}"
