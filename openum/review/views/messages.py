"""The thread between a provider office and the plan, for both sides, and the list of what waits to be read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import offices_of, user_may
from openum.accounts.rules import Permission
from openum.cases.holdings import declare, holds
from openum.cases.models import Case
from openum.cases.panels import Panel, register
from openum.cases.queries import cases_visible_to
from openum.cases.services import NewDocument
from openum.db.clock import now
from openum.design.controls import area
from openum.design.moments import moment, short_moment
from openum.review import services
from openum.review.models import CaseMessage
from openum.review.queries.messages import thread_of, unread_for, writes_for_office
from openum.submission.drafts import MAX_FILE_BYTES, FileNotUsable, kind_of_file
from openum.vocabulary.errors import OpenUMError

MOST_SHOWN = 200


class MessageForm(forms.Form):
    """What is written, and for the office a paper."""

    text = area(_("Message"), most=20_000, rows=5)
    file = forms.FileField(
        label=_("A paper"), required=False, help_text=_("PDF, picture or text, up to 15 MB."),
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".pdf,.png,.jpg,.jpeg,.txt,application/pdf,image/*"}),
    )  # fmt: skip

    def __init__(self, *args: Any, is_office: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_office:
            del self.fields["file"]


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_ORGANIZATION_CASES, Permission.REVIEW_LINES, Permission.MATCH_INTAKE)
def thread(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the messages of a case with their read marks, and write one."""
    user, at = actor(request), now()
    case = get_object_or_404(
        cases_visible_to(user).select_related("plan", "member", "organization"), public_id=public_id
    )
    is_office = writes_for_office(user, case)
    form, refusal, status = MessageForm(is_office=is_office), "", 200
    if request.method == "POST":
        form, status = MessageForm(request.POST, request.FILES, is_office=is_office), 422
        if form.is_valid():
            try:
                paper = _paper(form.cleaned_data.get("file"))
                services.write_message(case=case, text=form.cleaned_data["text"], paper=paper, by=user, at=at)
            except OpenUMError as error:
                refusal, status = error.sentence, error.status
            else:
                return redirect("review:messages", public_id=case.public_id)
    new = {one.pk for one in services.mark_read(case=case, by=user, at=at)}
    audit.record_reads(by=user, at=at, case_ids=[case.public_id], why="messages")
    context = {
        "case": case,
        "is_office": is_office,
        "skin": "design/public.html" if is_office else "design/workbench.html",
        "messages_of_case": shown(case, new=new),
        "form": form,
        "refusal": refusal,
        "line": case.lines.order_by("sequence").first() if user_may(user, Permission.REVIEW_LINES) else None,
    }
    return render(request, "review/messages.html", context, status=status)


def _paper(upload: Any) -> NewDocument | None:
    if upload is None:
        return None
    if (upload.size or 0) > MAX_FILE_BYTES:
        raise FileNotUsable("The file is larger than 15 MB. Split it, or send it in a lower resolution.")
    content = upload.read()
    return NewDocument(title=(upload.name or "Document")[:200], content_type=kind_of_file(content), content=content)


def shown(case: Case, *, new: set[int]) -> list[dict[str, Any]]:
    """Return the messages of a case as both sides read them."""
    zone = case.plan.time_zone
    return [
        {
            "message": one,
            "written": moment(one.written_at, zone),
            "read": moment(one.read_at, zone) if one.read_at else "",
            "is_new": one.pk in new,
        }
        for one in thread_of(case)
    ]


@require_GET
@needs(Permission.SEE_ORGANIZATION_CASES, Permission.REVIEW_LINES, Permission.MATCH_INTAKE)
def inbox(request: HttpRequest) -> HttpResponse:
    """List what the other side wrote and nobody here read yet, the oldest first."""
    user, at = actor(request), now()
    rows = list(unread_for(user)[:MOST_SHOWN])
    audit.record_reads(by=user, at=at, case_ids=list(dict.fromkeys(row.case.public_id for row in rows)), why="messages")
    context = {
        "rows": [{"message": row, "written": short_moment(row.written_at, row.case.plan.time_zone)} for row in rows],
        "skin": "design/public.html" if offices_of(user) else "design/workbench.html",
    }
    return render(request, "review/inbox.html", context)


def register_panels() -> None:
    """Register the sections of both sides, and what a case may lack; called once at start."""
    declare((CaseMessage,), "case")
    register(Panel("messages", gettext_noop("Messages"), 42, "review/panels/messages.html", _panel))
    office = Permission.SEE_ORGANIZATION_CASES
    register(
        Panel("office-messages", gettext_noop("Messages"), 42, "review/panels/messages.html", _panel, needs=office)
    )


def _panel(case: Case, user: User, at: datetime) -> dict[str, Any]:
    """Return what the section of the case page and of the office's page shows."""
    rows = list(thread_of(case)) if holds(case, CaseMessage) else []
    is_office = writes_for_office(user, case)
    may_write = is_office or user_may(user, Permission.REVIEW_LINES) or user_may(user, Permission.MATCH_INTAKE)
    last = rows[-1] if rows else None
    return {
        "messages_count": len(rows),
        "messages_new": sum(1 for one in rows if one.is_from_office != is_office and one.read_at is None),
        "messages_last": short_moment(last.written_at, case.plan.time_zone) if last else "",
        "may_write_messages": may_write and case.organization_id is not None,
    }
