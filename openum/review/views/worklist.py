"""The worklist: everybody's, a team's or one's own, in due order; and what may be done to many requests at once.

Many at once are given, routed or tagged, never decided. Each such change can be taken back for ten seconds.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.paging import page_asked
from openum.review.worklist import lines_of_choice, lines_of_view, rows_of
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Urgency
from openum.work import services
from openum.work.models import BulkChange
from openum.work.queries.around import views_of
from openum.work.queries.covering import handed_to
from openum.work.queries.lists import ME, NOBODY, Choice, people_of_queues, queues_visible_to
from openum.work.services.bulk import UNDO, Changed

VIEWS = ("due", "team", "mine", "waiting", "undated")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _choice(given: QueryDict) -> Choice:
    """Read a reader's filters; what means nothing chooses nothing."""
    queue, holder = given.get("queue", ""), given.get("holder", "")
    return Choice(
        queue=queue if queue == ME or _is_uuid(queue) else "",
        holder=holder if holder in {ME, NOBODY} or _is_uuid(holder) else "",
        urgency=given.get("urgency", "") if given.get("urgency", "") in set(Urgency) else "",
        tag=" ".join(given.get("tag", "").split()).casefold()[:40],
    )


@require_GET
@needs(Permission.REVIEW_LINES)
def worklist(request: HttpRequest) -> HttpResponse:
    """List the lines that wait for review, in due order; other views by tab, by filter, or saved under a name."""
    user, at = actor(request), now()
    view = request.GET.get("view", "due")
    view = view if view in VIEWS else "due"
    choice = _choice(request.GET)
    page = page_asked(request)
    if view == "team" and not choice:
        choice = Choice(queue=ME)
    find = lines_of_choice(user, choice, page=page) if choice else lines_of_view(user, view, page=page)
    lines, has_more = find
    rows = rows_of(lines, at=at)
    case_ids = list(dict.fromkeys(line.case_public_id for line in lines))
    audit.record_reads(by=user, at=at, case_ids=case_ids, why="nurse worklist")
    queues = list(queues_visible_to(user))
    here = urlencode({"view": view, **choice.stored()})
    context = {
        "rows": rows,
        "view": view,
        "case_ids": case_ids,
        "choice": choice,
        "queues": queues,
        "people": people_of_queues(user) if queues else [],
        "handed_over": len(handed_to(user)) if queues else 0,
        "saved": [{"view": each, "query": urlencode(each.choices)} for each in views_of(user)] if queues else [],
        "here": here,
        "may_choose": bool(queues) and user_may(user, Permission.GIVE_WORK),
        "undo": _undoable(request, user, at),
        "tabs": [
            ("due", _("Due order")), ("team", _("My queues")), ("mine", _("Mine")), ("waiting", _("Waiting for provider")),
            ("undated", _("Without a deadline")),
        ],
        "pages": {
            "words": _("Page %(n)d") % {"n": page},
            "previous_url": f"?{here}&page={page - 1}" if page > 1 else "",
            "next_url": f"?{here}&page={page + 1}" if has_more else "",
        },
    }  # fmt: skip
    return render(request, "review/worklist.html", context)


def _undoable(request: HttpRequest, user: User, at: datetime) -> BulkChange | None:
    """Return the change that the reader has just made and may still take back."""
    key = request.GET.get("done", "")
    if not _is_uuid(key):
        return None
    change = BulkChange.objects.filter(public_id=key, by=user, undone_at__isnull=True).first()
    return change if change is not None and at - change.at <= UNDO else None


def _back(request: HttpRequest, *, done: BulkChange | None = None) -> HttpResponse:
    """Lead back to the list as it was shown."""
    shown = QueryDict(request.POST.get("here", "")[:500])
    query = {"view": shown.get("view", "due"), **_choice(shown).stored()}
    if done is not None:
        query["done"] = str(done.public_id)
    return redirect(f"{reverse('review:worklist')}?{urlencode(query)}")


@require_POST
@needs(Permission.GIVE_WORK)
def change_many(request: HttpRequest) -> HttpResponse:
    """Give, route or tag the chosen requests."""
    user, at = actor(request), now()
    acts: dict[str, Callable[..., Changed]] = {"give": _give, "route": _route, "tag": _tag}
    act = acts.get(request.POST.get("do", ""))
    if act is None:
        return _back(request)
    line_ids = [UUID(key) for key in request.POST.getlist("line") if _is_uuid(key)]
    try:
        changed = act(request, user, line_ids=line_ids, by=user, at=at)
    except OpenUMError as refusal:
        messages.error(request, refusal.sentence)
        return _back(request)
    words = ngettext("%(n)d was changed.", "%(n)d were changed.", changed.count) % {"n": changed.count}
    messages.success(request, words)
    for sentence in changed.left_out:
        messages.warning(request, sentence)
    return _back(request, done=changed.change)


def _give(request: HttpRequest, user: User, **who: Any) -> Changed:
    key = request.POST.get("person", "")
    people = {str(person.public_id): person for person in people_of_queues(user)}
    person = user if key == ME else people.get(key)
    if person is None:
        raise services.NothingChosen(_("Choose who gets the requests."))
    return services.give_lines(to=person, **who)


def _route(request: HttpRequest, user: User, **who: Any) -> Changed:
    key = request.POST.get("to_queue", "")
    queue = queues_visible_to(user).filter(public_id=key).first() if _is_uuid(key) else None
    if queue is None:
        raise services.NothingChosen(_("Choose the queue they go to."))
    return services.route_lines(queue=queue, because=request.POST.get("because", "")[:400], **who)


def _tag(request: HttpRequest, user: User, **who: Any) -> Changed:
    return services.tag_cases(word=request.POST.get("word", ""), **who)


@require_POST
@needs(Permission.GIVE_WORK)
def undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take back what the reader has just done to many."""
    user = actor(request)
    change = get_object_or_404(BulkChange.objects.filter(by=user), public_id=public_id)
    try:
        services.undo_change(change=change, by=user, at=now())
    except OpenUMError as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("Taken back."))
    return _back(request)


@require_POST
@needs(Permission.REVIEW_LINES)
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters shown under a name, for the reader or for the people of a queue."""
    user = actor(request)
    shown = QueryDict(request.POST.get("here", "")[:500])
    key = request.POST.get("share", "")
    queue = queues_visible_to(user).filter(public_id=key).first() if _is_uuid(key) else None
    choices = {"view": shown.get("view", "due"), **_choice(shown).stored()}
    try:
        services.save_view(name=request.POST.get("name", ""), choices=choices, queue=queue, by=user, at=now())
    except OpenUMError as refusal:
        messages.error(request, refusal.sentence)
    return _back(request)
