"""The board of queues, and keeping one."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan
from openum.accounts.queries import own_plan, scope_of, user_may
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import short_moment, span
from openum.vocabulary.errors import OpenUMError
from openum.work import services
from openum.work.forms import QueueForm, write_hours
from openum.work.models import Queue
from openum.work.queries import lists
from openum.work.queries.lists import queues_visible_to
from openum.work.rules.facts import Stage
from openum.work.rules.hours import is_open


@require_GET
@needs(Permission.SEE_PLAN_CASES)
def board(request: HttpRequest) -> HttpResponse:
    """Show each queue with count, age and what is due next."""
    user, at = actor(request), now()
    rows = [
        {
            "standing": each, "age": span(at - each.oldest) if each.oldest else "–",
            "next": short_moment(each.next_due, each.queue.plan.time_zone) if each.next_due else "–",
            "is_late": each.next_due is not None and each.next_due <= at,
            "is_open": is_open(each.queue.hours, zone=each.queue.plan.time_zone, at=at),
            "hours": write_hours(each.queue.hours),
        }
        for each in lists.board(list(queues_visible_to(user)))
    ]  # fmt: skip
    context = {"rows": rows, "may_keep": user_may(user, Permission.KEEP_WORK)}
    return render(request, "work/queues.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.KEEP_WORK)
def new(request: HttpRequest) -> HttpResponse:
    """Open a queue of the reader's plan."""
    return _edit(request, None, own_plan(actor(request), Permission.KEEP_WORK))


@require_http_methods(["GET", "POST"])
@needs(Permission.KEEP_WORK)
def one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a queue, or close it."""
    plans = scope_of(actor(request)).plans_with(Permission.KEEP_WORK)
    queue = get_object_or_404(queues_visible_to(actor(request)), public_id=public_id, plan_id__in=plans)
    return _edit(request, queue, queue.plan)


def _edit(request: HttpRequest, queue: Queue | None, plan: Plan) -> HttpResponse:
    user, at, refusal, status = actor(request), now(), "", 200
    form = QueueForm(plan=plan, known=queue, initial=_initial(queue))
    if request.method == "POST":
        try:
            if queue is not None and request.POST.get("do") == "close":
                services.close_queue(queue=queue, by=user, at=at)
                return redirect("work:queues")
            form = QueueForm(request.POST, plan=plan, known=queue)
            if form.is_valid():
                _keep(form, queue, plan, user=user, at=at)
                return redirect("work:queues")
        except OpenUMError as error:
            refusal = error.sentence
        status = 422
    return render(
        request, "work/queue.html", {"queue": queue, "plan": plan, "form": form, "refusal": refusal}, status=status
    )


def _keep(form: QueueForm, queue: Queue | None, plan: Plan, **who: object) -> None:
    given = form.cleaned_data
    services.keep_queue(
        plan=plan, key=queue.key if queue else given["key"], name=given["name"],
        stage=Stage(queue.stage if queue else given["stage"]), owner=given["owner"], people=list(given["people"]),
        skills=given["skills"].split(","), licence_kind=given["licence_kind"], hours=given["hours"], backup=given["backup"],
        gives_out=given["gives_out"], by=who["user"], at=who["at"],  # type: ignore[arg-type]
    )  # fmt: skip


def _initial(queue: Queue | None) -> dict[str, object]:
    if queue is None:
        return {}
    return {
        "name": queue.name, "owner": queue.owner.public_id if queue.owner else None,
        "people": [row.user.public_id for row in queue.members.select_related("user")],
        "skills": ", ".join(queue.skills), "licence_kind": queue.licence_kind, "hours": write_hours(queue.hours),
        "backup": queue.backup.public_id if queue.backup else None, "gives_out": queue.gives_out,
    }  # fmt: skip
