"""One task: make it for a case, move it, end it."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan
from openum.accounts.rules import Permission
from openum.cases.queries import cases_visible_to
from openum.db.clock import now
from openum.design.moments import moment
from openum.vocabulary.errors import OpenUMError
from openum.work import services
from openum.work.forms import EndTaskForm, TaskForm, owner_of
from openum.work.models import Task
from openum.work.queries.around import tasks_visible_to


def _instant(value: datetime | None, plan: Plan) -> datetime | None:
    """Read a form's time as one of the plan's zone."""
    return None if value is None else value.replace(tzinfo=ZoneInfo(plan.time_zone))


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_PLAN_CASES)
def new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Write a task about a case."""
    user, at, refusal, status = actor(request), now(), "", 200
    case = get_object_or_404(cases_visible_to(user).select_related("plan", "member", "product"), public_id=public_id)
    form = TaskForm(plan=case.plan, user=user)
    if request.method == "POST":
        form = TaskForm(request.POST, plan=case.plan, user=user)
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            owner, queue = owner_of(given["owner"])
            due_at = _instant(given["due_at"], case.plan)
            try:
                services.make_task(
                    plan=case.plan, case=case, title=given["title"], detail=given["detail"], owner=owner, queue=queue,
                    due_at=due_at or at, remind_at=_instant(given["remind_at"], case.plan), by=user, at=at,
                )  # fmt: skip
                return redirect("cases:case", public_id=case.public_id)
            except OpenUMError as error:
                refusal = error.sentence
    audit.record_reads(by=user, at=at, case_ids=[case.public_id], why="new task")
    return render(request, "work/new_task.html", {"case": case, "form": form, "refusal": refusal}, status=status)


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_PLAN_CASES)
def task(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a task; give it to somebody else, another time, or an end."""
    user, at, refusal, status = actor(request), now(), "", 200
    row = get_object_or_404(tasks_visible_to(user), public_id=public_id)
    end_form, move_form = EndTaskForm(), _move_form(row, request)
    if request.method == "POST":
        try:
            if _done(request, row, by=user, at=at):
                return redirect("work:task", public_id=row.public_id)
        except OpenUMError as error:
            refusal = error.sentence
        status = 422
        if request.POST.get("do") == "end":
            end_form = EndTaskForm(request.POST)
    if row.case is not None:
        audit.record_reads(by=user, at=at, case_ids=[row.case.public_id], why="task")
    context = {
        "task": row, "due": moment(row.due_at, row.plan.time_zone), "end_form": end_form, "move_form": move_form,
        "refusal": refusal, "ended": moment(row.ended_at, row.plan.time_zone) if row.ended_at else "",
        "remind": moment(row.remind_at, row.plan.time_zone) if row.remind_at else "",
    }  # fmt: skip
    return render(request, "work/task.html", context, status=status)


def _move_form(row: Task, request: HttpRequest) -> TaskForm:
    zone = ZoneInfo(row.plan.time_zone)
    owner = f"p:{row.owner.public_id}" if row.owner else f"q:{row.queue.public_id}" if row.queue else ""
    initial = {"title": row.title, "owner": owner, "due_at": row.due_at.astimezone(zone).replace(tzinfo=None)}
    data = None
    if request.method == "POST" and request.POST.get("do") == "move":
        data = {"title": row.title, "owner": request.POST.get("owner"), "due_at": request.POST.get("due_at")}
    form = TaskForm(data, plan=row.plan, user=actor(request), initial=initial)
    for name in ("title", "detail", "remind_at"):
        del form.fields[name]
    return form


def _done(request: HttpRequest, row: Task, **who: object) -> bool:
    """Do what was asked; False when the form has faults."""
    if request.POST.get("do") == "end":
        form = EndTaskForm(request.POST)
        if form.is_valid():
            services.end_task(task=row, **form.cleaned_data, **who)  # type: ignore[arg-type]
        return form.is_valid()
    moving = _move_form(row, request)
    if not moving.is_valid():
        return False
    owner, queue = owner_of(moving.cleaned_data["owner"])
    due_at = _instant(moving.cleaned_data["due_at"], row.plan)
    services.move_task(task=row, owner=owner, queue=queue, due_at=due_at, **who)  # type: ignore[arg-type]
    return True
