"""What waits for the reader: reminders, tasks, notes that name them, watched cases; and the next request."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.queries import plans_visible_to, user_may
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.vocabulary.errors import OpenUMError
from openum.work import services
from openum.work.own_duties import duties_of
from openum.work.queries.around import open_tasks_of, reminders_of, unseen_mentions, watched_by
from openum.work.queries.covering import covers_of, handed_and_open, handed_to
from openum.work.queries.people import loads_of
from openum.work.services.assigning import NothingWaits

_MOST = 100


@require_GET
@needs(Permission.SEE_PLAN_CASES)
def mine(request: HttpRequest) -> HttpResponse:
    """Show what the reader owes and reminders first, then tasks, mentions and watched cases."""
    user, at = actor(request), now()
    tasks = list(open_tasks_of(user)[:_MOST])
    reminded = {task.pk for task in reminders_of(tasks, at=at)}
    mentions = list(unseen_mentions(user)[:_MOST])
    watched = watched_by(user)
    cases = [task.case for task in tasks if task.case] + [each.note.case for each in mentions]
    cases += [each.watch.case for each in watched]
    audit.record_reads(
        by=user, at=at, case_ids=list(dict.fromkeys(case.public_id for case in cases)), why="what waits for me"
    )
    rows = [
        {
            "task": task, "due": short_moment(task.due_at, task.plan.time_zone), "is_late": task.due_at <= at,
            "is_reminded": task.pk in reminded,
        }
        for task in tasks
    ]  # fmt: skip
    context = {
        "reminders": [row for row in rows if row["is_reminded"]],
        "tasks": [row for row in rows if not row["is_reminded"]],
        "mentions": [
            {"mention": each, "at": short_moment(each.at, each.note.case.plan.time_zone)} for each in mentions
        ],
        "watched": [
            {"each": each, "at": short_moment(each.at, each.watch.case.plan.time_zone) if each.at else ""}
            for each in watched
        ],
        "duties": duties_of(user, at=at),
        "handed": len(handed_to(user)) if user_may(user, Permission.REVIEW_LINES) else 0,
        "unanswered": len(handed_and_open(user)) if user_may(user, Permission.KEEP_WORK) else 0,
        "covers": [
            {"queue": row.queue.name, "until": short_moment(row.ends_at, row.queue.plan.time_zone)}
            for row in covers_of(user, at=at)
        ],
        "load": loads_of([user.pk]).get(user.pk, 0),
    }
    return render(request, "work/mine.html", context)


@require_POST
@needs(Permission.REVIEW_LINES)
def take_next(request: HttpRequest) -> HttpResponse:
    """Give the reader the most urgent request that waits in their queues and fits them."""
    user, at = actor(request), now()
    refusal = _("You work for no plan.")
    for plan in plans_visible_to(user, Permission.REVIEW_LINES):
        try:
            placement = services.take_next(plan=plan, by=user, at=at)
        except NothingWaits as nothing:
            refusal = nothing.sentence
            continue
        return redirect("review:line", public_id=placement.line.public_id)
    messages.info(request, refusal)
    return redirect("review:worklist")


@require_POST
@needs(Permission.SEE_PLAN_CASES)
def seen(request: HttpRequest) -> HttpResponse:
    """Take notes that name the reader, or what happened on watched cases, as seen."""
    see = services.see_mentions if request.POST.get("do") == "mentions" else services.see_watched
    see(by=actor(request), at=now())
    return redirect("work:mine")


def say_refusal(request: HttpRequest, refusal: OpenUMError) -> None:
    """Show a refusal on the page that comes next."""
    messages.error(request, refusal.sentence)
