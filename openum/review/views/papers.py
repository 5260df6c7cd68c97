"""The papers a request should carry: on the case page and in the nurse's workspace, and what is done with them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.cases.models import Attachment, Case
from openum.cases.panels import Panel, register
from openum.cases.queries import attachments_visible_to, lines_visible_to, requests_visible_to
from openum.db.clock import now
from openum.design.moments import day, short_moment
from openum.design.status import CHANNEL_WORDS
from openum.intake.checklist.queries import ShownPaper, papers_of
from openum.review import services
from openum.vocabulary.errors import OpenUMError

_ORDER = 45
STATES = {
    "required": (gettext_noop("Required"), "ring", "attention"),
    "received": (gettext_noop("Received"), "check", "ok"),
    "unreadable": (gettext_noop("Unreadable"), "times", "danger"),
    "waived": (gettext_noop("Waived"), "dash", "muted"),
}
"""Word, shape and tone of each state."""


def papers_context(case: Case, user: User) -> dict[str, Any]:
    """Return what the section shows: each line's papers, and the requests for which something can be asked."""
    zone, found = case.plan.time_zone, papers_of(case)
    may_mark = user_may(user, Permission.REVIEW_LINES) or user_may(user, Permission.MATCH_INTAKE)
    to_ask: dict[UUID, int] = {}
    for each in found:
        if each.is_to_be_asked:
            to_ask[each.line.request.public_id] = to_ask.get(each.line.request.public_id, 0) + 1
    several = len({each.line.pk for each in found}) > 1
    documents = attachments_visible_to(user).filter(case=case, kind=Attachment.DOCUMENT).defer("content", "resource")
    return {
        "papers": [_row(each, zone, several=several) for each in found],
        "papers_to_ask": list(to_ask.items()) if may_mark else [],
        "papers_documents": list(documents.order_by("-received_at", "-pk")) if found and may_mark else [],
        "may_mark": may_mark,
        "may_waive": user_may(user, Permission.REVIEW_LINES),
    }


def _row(each: ShownPaper, zone: str, *, several: bool) -> dict[str, Any]:
    word, shape, tone = STATES[each.standing.state]
    document, mark = each.document, each.mark
    asked = each.asked.information_request if each.asked else None
    return {
        "line": each.line, "code": each.line.code if several else "", "kind": each.paper.kind,
        "wording": each.paper.in_language(get_language() or "en"), "state": each.standing.state,
        "word": _(word), "shape": shape, "tone": tone, "document": document,
        "came": short_moment(document.received_at, zone) if document else "",
        "sender": "" if document is None else document.received_from.name,
        "channel": "" if document is None else CHANNEL_WORDS.get(document.channel, document.channel),
        "said_by": mark.said_by.name if mark else "", "said_at": short_moment(mark.said_at, zone) if mark else "",
        "reason": mark.reason if mark else "", "months_back": each.paper.months_back,
        "asked_at": short_moment(asked.asked_at, zone) if asked else "",
        "respond_by": day(asked.respond_by) if asked and asked.respond_by else "",
        "list": f"{each.listed.papers.name}, {each.listed.papers.version}", "source": each.listed.papers.source,
    }  # fmt: skip


def _panel(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    return papers_context(case, user)


def register_panel() -> None:
    """Contribute the papers to the case page."""
    register(
        Panel("papers", gettext_noop("Papers of this kind of request"), _ORDER, "review/panels/papers.html", _panel)
    )


@require_POST
@needs(Permission.REVIEW_LINES, Permission.MATCH_INTAKE)
def ask_missing(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask for exactly what is missing, in one itemised question."""
    user = actor(request)
    row = get_object_or_404(requests_visible_to(user).select_related("case"), public_id=public_id)
    try:
        question = services.ask_for_missing_papers(request=row, by=user, at=now())
        items = ", ".join(question.items.order_by("pk").values_list("text", flat=True))
        messages.success(request, _("Asked for: %(items)s") % {"items": items})
    except OpenUMError as refusal:
        messages.error(request, refusal.sentence)
    return _back(request, row.case)


@require_POST
@needs(Permission.REVIEW_LINES, Permission.MATCH_INTAKE)
def mark(request: HttpRequest, public_id: UUID, kind: str) -> HttpResponse:
    """Say what a document is, that it cannot be read, or that a paper is not needed."""
    user, at = actor(request), now()
    line = get_object_or_404(
        lines_visible_to(user).select_related("case__plan", "case__product", "request"), public_id=public_id
    )
    try:
        _do(request, line=line, kind=kind, by=user, at=at)
    except OpenUMError as refusal:
        messages.error(request, refusal.sentence)
    return _back(request, line.case)


def _do(request: HttpRequest, *, by: User, **given: Any) -> None:
    verb = request.POST.get("do", "")
    if verb == "waive":
        services.waive_paper(**given, reason=request.POST.get("reason", ""), by=by)
        return
    document = _document(request, by)
    if verb == "require":
        services.require_paper(**given, document=document, by=by)
    elif document is None:
        messages.error(request, _("Choose the document that you mean."))
    elif verb == "received":
        services.tick_paper(**given, document=document, by=by)
    elif verb == "unreadable" and services.say_unreadable(**given, document=document, by=by) is not None:
        messages.success(request, _("The provider is asked to send it again."))


def _document(request: HttpRequest, user: User) -> Attachment | None:
    wanted = _uuid(request.POST.get("document", ""))
    if wanted is None:
        return None
    return attachments_visible_to(user).defer("content", "resource").filter(public_id=wanted).first()


def _back(request: HttpRequest, case: Case) -> HttpResponse:
    wanted = _uuid(request.POST.get("from_line", ""))
    line = case.lines.filter(public_id=wanted).first() if wanted else None
    answer = redirect("review:line", line.public_id) if line else redirect("cases:case", public_id=case.public_id)
    answer["Location"] += "#papers"
    return answer


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
