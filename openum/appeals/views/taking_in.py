"""Taking an appeal in that came by telephone, mail or fax: which decision it is about, and what it says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.appeals import services
from openum.appeals.forms import IntakeAppealForm
from openum.appeals.queries import appealable_lines
from openum.appeals.rules.law import Filer
from openum.cases.models import ServiceLine
from openum.cases.queries import lines_visible_to
from openum.db.clock import now
from openum.design.moments import short_moment, typed_moment
from openum.intake.models import Paper
from openum.intake.papers.queries import paper_asked_for
from openum.intake.receipts import receipt_words
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Channel

PAGE = 100


@require_GET
@needs(Permission.FILE_APPEAL)
def deniable(request: HttpRequest) -> HttpResponse:
    """List the latest decisions that can be appealed, or those of one member, for somebody who takes an appeal in."""
    user, at = actor(request), now()
    paper = paper_asked_for(user, request.GET.get("paper", ""))
    number = request.GET.get("number", paper.member.member_number if paper and paper.member else "").strip()
    found = appealable_lines(user).select_related("case__member", "case__plan", "case__product")
    if paper is not None:
        found = found.filter(case__plan=paper.plan)
    if number:
        found = found.filter(case__member__member_number=number)
    lines = list(found.order_by("-status_since", "pk")[:PAGE])
    audit.record_reads(
        by=user, at=at, why="decisions to appeal", case_ids=list(dict.fromkeys(line.case.public_id for line in lines))
    )
    rows = [{"line": line, "since": short_moment(line.status_since, line.case.plan.time_zone)} for line in lines]
    context = {
        "rows": rows,
        "paper": paper,
        "number": number,
        "receipt": receipt_words(paper.submission) if paper else "",
    }
    return render(request, "appeals/deniable.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_APPEALS, Permission.MATCH_INTAKE)
def take_in(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take an appeal in; one that a paper brought keeps the paper's receipt and its pages."""
    user, at = actor(request), now()
    line = get_object_or_404(
        lines_visible_to(user).select_related("case__member", "case__plan", "case__product"), public_id=public_id
    )
    paper = paper_asked_for(user, request.GET.get("paper", ""))
    zone = ZoneInfo(line.case.plan.time_zone)
    first = {"received_at": f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"}
    form = IntakeAppealForm(
        request.POST if request.method == "POST" else None, initial=first, has_receipt=paper is not None
    )
    status, refusal = 200, ""
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                asked = _asked(form.cleaned_data, line, paper, at=at)
                if paper is None:
                    appeal = services.file_appeal(line=line, asked=asked, by=user, at=at)
                else:
                    appeal = services.file_from_paper(paper=paper, line=line, asked=asked, by=user, at=at)
                return redirect("appeals:appeal", public_id=appeal.public_id)
            except OpenUMError as no:
                refusal, status = no.sentence, no.status
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="appeal intake")
    context = {
        "line": line, "case": line.case, "form": form, "refusal": refusal, "paper": paper,
        "receipt": receipt_words(paper.submission) if paper else "",
    }  # fmt: skip
    return render(request, "appeals/take_in.html", context, status=status)


def _asked(given: Mapping[str, Any], line: ServiceLine, paper: Paper | None, *, at: datetime) -> services.AppealAsked:
    """Return what came as the form says it; of a paper the receipt is its own."""
    if paper is not None:
        channel, received = Channel(paper.submission.channel), paper.submission.received_at
    else:
        channel = Channel(given["channel"])
        received = typed_moment(given["received_at"], line.case.plan.time_zone, at=at)
    signed_on = given["signed_on"]
    return services.AppealAsked(
        filer=Filer(given["filer"]), name=given["name"], relationship=given["relationship"], address=given["address"],
        issue=given["issue"], wants_speed=given["wants_speed"], clinician_supports=given["clinician_supports"],
        channel=channel, received_at=received, proof=given.get("proof", ""),
        paper=services.StandingPaper(signed_on=signed_on) if signed_on else None,
    )  # fmt: skip
