"""Ending an approval early: what is approved, what the law of the product needs, the guards, and the form."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.criteria.queries import current_map
from openum.db.clock import now
from openum.design.moments import day, local_day
from openum.determination import queries, services
from openum.determination.ending import grounds_of
from openum.determination.forms import GROUNDS_TO_END, EndEarlyForm
from openum.determination.readings import reading_beside
from openum.determination.services.ending import ENDS_EARLY
from openum.determination.views.guarding import answers_in, fitness, guards_beside
from openum.determination.views.line import find_line, history_of
from openum.determination.views.readings import decide_or_ask
from openum.review.keeping import NOTHING, kept_forms
from openum.review.services import forget_form
from openum.review.workspace import workspace
from openum.vocabulary.errors import OpenUMError


@require_http_methods(["GET", "POST"])
@needs(Permission.DECIDE_ADVERSELY)
def end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show what is approved and what an early end needs, and end it; a refusal keeps what was typed."""
    line, user, at = find_line(request, public_id), actor(request), now()
    kept = kept_forms(line, user).get("end", NOTHING)
    form, status = EndEarlyForm(initial=kept.fields), 200
    if request.method == "POST":
        form, status = EndEarlyForm(request.POST), 422
        if form.is_valid():
            try:
                reading = decide_or_ask(
                    request, line,
                    lambda: services.end_early(
                        line=line, by=user, at=at, node_answers=answers_in(request.POST),
                        statements=answers_in(request.POST, "statement-"), **form.cleaned_data,
                    ),
                    at=at,
                )  # fmt: skip
                if reading is not None:
                    return redirect("determination:reading", public_id=reading.public_id)
                forget_form(line=line, form="end", by=user)
                return redirect("determination:decided", public_id=line.public_id)
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
    typed = request.POST if request.method == "POST" else kept.fields
    answers = answers_in(typed)
    nodes = workspace(line, user, shown=None, at=at)["nodes"]
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="early end")
    context = {
        "line": line,
        "case": line.case,
        "form": form,
        "kept": kept,
        "may_end_early": line.status in ENDS_EARLY,
        "answers": answers,
        "open_nodes": [node for node in nodes if node.leaf is not None and node.leaf.is_open],
        **_approved(line),
        "grounds": _grounds(line, at=at),
        **reading_beside(line, at=at),
        **fitness(line, user, at=at),
        **guards_beside(line, user, answers=answers, form=form, typed=typed, at=at),
        **history_of(line, current_map(line)),
    }
    return render(request, "determination/end.html", context, status=status)


def _approved(line: ServiceLine) -> dict[str, Any]:
    authorization = queries.authorization_of(line)
    segments = queries.current_segments(authorization) if authorization else []
    return {
        "authorization": authorization,
        "segments": [
            {
                "segment": each,
                "from": day(each.valid_from),
                "to": day(each.valid_to - timedelta(days=1)) if each.valid_to else each.end_circumstance,
            }
            for each in segments
        ],
    }


def _grounds(line: ServiceLine, *, at: datetime) -> list[dict[str, Any]]:
    """Return what each ground of the law needs; a ground without a row is not one."""
    product = line.case.product
    told_on = local_day(at, product.time_zone)
    rows = {ground: (first, law) for ground, first, law in grounds_of(product.law, told_on=told_on)}
    return [
        {"words": words, "first": day(rows[ground][0]) if ground in rows else "", "law": rows[ground][1] if ground in rows else ""}
        for ground, words in GROUNDS_TO_END
    ]  # fmt: skip
