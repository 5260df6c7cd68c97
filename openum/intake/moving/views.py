"""The page on which a paper is moved to the case where it belongs, and the list of what was moved."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.rules import Permission
from openum.cases.models import Attachment, Case
from openum.cases.panels import Panel, register
from openum.cases.queries import attachments_visible_to, cases_visible_to
from openum.db.clock import now
from openum.design.controls import TEXT, area
from openum.design.moments import short_moment
from openum.intake.models import PaperMove, Refiling
from openum.intake.moving import services
from openum.intake.moving.queries import moves_of, moves_visible_to, page_numbers
from openum.intake.refiling.queries import refilings_visible_to
from openum.vocabulary.errors import OpenUMError

_MOST = 200
_ORDER = 66


class MoveForm(forms.Form):
    """Where the paper belongs, which pages, and how that is known."""

    number = forms.CharField(
        label=gettext_lazy("Number of the case where it belongs"), max_length=40, widget=forms.TextInput(attrs=TEXT)
    )
    pages = forms.CharField(
        label=gettext_lazy("Only these pages"), required=False, max_length=200, widget=forms.TextInput(attrs=TEXT),
        help_text=gettext_lazy("For example 2, 4-6. Empty: the whole paper."),
    )  # fmt: skip
    reason = area(gettext_lazy("How is it known where it belongs?"), most=2000, rows=2, required=False)


@require_http_methods(["GET", "POST"])
@needs(Permission.MATCH_INTAKE)
def move(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the paper and the case it would go to; on a second word, move it."""
    user, at = actor(request), now()
    rows = attachments_visible_to(user).filter(kind=Attachment.DOCUMENT).defer("content")
    document = get_object_or_404(rows.select_related("case__member", "case__plan"), public_id=public_id)
    form, refusal, status = MoveForm(request.POST or None), "", 200
    target: Case | None = None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            visible = cases_visible_to(user).select_related("member", "plan")
            target = visible.filter(number=given["number"].strip().upper()).first()
            if target is None:
                form.add_error("number", _("No case that you see has this number."))
            elif request.POST.get("do") != "move":
                status = 200
                audit.record_reads(by=user, at=at, case_ids=[target.public_id], why="moving a paper")
            else:
                try:
                    services.move_paper(
                        document=document, to=target, pages=page_numbers(given["pages"]), reason=given["reason"],
                        by=user, at=at,
                    )  # fmt: skip
                except OpenUMError as error:
                    refusal, status = error.sentence, error.status
                else:
                    messages.success(request, _("The paper was moved. Both cases show it."))
                    return redirect("cases:case", public_id=target.public_id)
    audit.record_reads(by=user, at=at, case_ids=[document.case.public_id], why="moving a paper")
    context = {
        "document": document,
        "case": document.case,
        "form": form,
        "target": target,
        "is_other_member": target is not None and target.member_id != document.case.member_id,
        "received": short_moment(document.received_at, document.case.plan.time_zone),
        "refusal": refusal,
    }
    return render(request, "intake/move.html", context, status=status)


@require_GET
@needs(Permission.MATCH_INTAKE)
def moved(request: HttpRequest) -> HttpResponse:
    """List the papers and requests that were moved; another person's first, for who looks after privacy."""
    user = actor(request)
    context = {"papers": _told(moves_visible_to(user)[:_MOST]), "requests": _told(refilings_visible_to(user)[:_MOST])}
    return render(request, "intake/moved.html", context)


def _told(moves: Iterable[PaperMove | Refiling]) -> list[dict[str, Any]]:
    rows = sorted(moves, key=lambda row: not row.is_other_member)
    return [{"row": row, "when": short_moment(row.moved_at, row.source.plan.time_zone)} for row in rows]


@require_POST
@needs(Permission.MATCH_INTAKE)
def undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Put a paper back where it was."""
    user = actor(request)
    row = get_object_or_404(moves_visible_to(user), public_id=public_id)
    try:
        services.undo_move(move=row, reason=request.POST.get("reason", ""), by=user, at=now())
    except OpenUMError as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, _("The paper lies where it was."))
    return redirect("intake:moved")


def _context(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    documents = attachments_visible_to(user).filter(case=case, kind=Attachment.DOCUMENT).defer("content", "resource")
    return {
        "movable": list(documents.order_by("received_at", "pk")),
        "moves": [
            {"row": row, "when": short_moment(row.moved_at, case.plan.time_zone), "is_away": row.source_id == case.pk}
            for row in moves_of(case)
        ],
    }


def register_panel() -> None:
    """Register the section of the case page; called once at start."""
    title = gettext_noop("Papers of another case")
    register(Panel("moving", title, _ORDER, "intake/moving.html", _context, Permission.MATCH_INTAKE))
