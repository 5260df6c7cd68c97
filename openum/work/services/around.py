"""Tasks, ticks, mentions and watching."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.queries import check_user_may, scope_of
from openum.accounts.rules import Permission
from openum.audit import Event, Recorded
from openum.cases.models import Case, Note
from openum.cases.queries import cases_visible_to
from openum.db.text import clean
from openum.db.transactions import atomic
from openum.vocabulary.errors import Conflict, Invalid, Missing
from openum.work.events import (
    CaseWatched,
    ChecklistTicked,
    ColleagueMentioned,
    TaskEnded,
    TaskMade,
    TaskMoved,
)
from openum.work.models import ChecklistTick, Mention, Placement, Queue, QueueMember, Task, Watch
from openum.work.queries.around import checklists_of, staff_by_handle
from openum.work.rules.mentions import named_in


class TaskInvalid(Invalid):
    """A task cannot be kept as given."""

    code: ClassVar[str] = "task-invalid"


class TaskHasEnded(Conflict):
    """The task is done or was dropped."""

    code: ClassVar[str] = "task-has-ended"


def _check_sees(case: Case, user: User) -> None:
    if not cases_visible_to(user).filter(pk=case.pk).exists():
        raise Missing("There is no such case.")


def _check_can_be_theirs(plan: Plan, owner: User | None, queue: Queue | None) -> None:
    if owner is None and queue is None:
        raise TaskInvalid("Say whose task it is: a person's or a team's.")
    if owner is not None and (owner.is_machine or not owner.is_active or plan.pk not in scope_of(owner).plan_ids):
        raise TaskInvalid(f"{owner.name} does not work for {plan.name}.")
    if queue is not None and (queue.plan_id != plan.pk or not queue.is_open):
        raise TaskInvalid("The team must be an open queue of the same plan.")


def _check_times(due_at: datetime, remind_at: datetime | None, at: datetime) -> None:
    if due_at <= at:
        raise TaskInvalid("A task is due in the future. Check date and time.")
    if remind_at is not None and remind_at > due_at:
        raise TaskInvalid("The reminder comes before the task is due.")


@atomic
def make_task(
    *, plan: Plan, title: str, due_at: datetime, by: User, at: datetime, case: Case | None = None, detail: str = "",
    owner: User | None = None, queue: Queue | None = None, remind_at: datetime | None = None,
) -> Task:  # fmt: skip
    """Write down something to do by a time.

    Raises:
        Missing: a case the person does not see.
        TaskInvalid: no title, nobody's, or the times do not fit.
    """
    if case is not None:
        _check_sees(case, by)
        plan = case.plan
    elif plan.pk not in scope_of(by).plans_with(Permission.SEE_PLAN_CASES):
        raise TaskInvalid("You do not work for this plan.")
    title = clean(title.strip())
    if not title:
        raise TaskInvalid("Say what is to be done.")
    _check_can_be_theirs(plan, owner, queue)
    _check_times(due_at, remind_at, at)
    task = Task.objects.create(
        plan=plan, case=case, title=title, detail=clean(detail.strip()), owner=owner, queue=queue, due_at=due_at,
        remind_at=remind_at, made_by=by, made_at=at,
    )  # fmt: skip
    audit.record(TaskMade(case_id=case.public_id if case else None, task_id=task.public_id), by=by, at=at)
    return task


def tell_holders(*, case: Case, title: str, due_at: datetime, by: User, at: datetime, detail: str = "") -> list[Task]:
    """Give a task to who holds an open line of a case, or to the queue it lies in; nobody where it lies in none."""
    rows = Placement.objects.filter(line__case=case, left_at__isnull=True).select_related("holder", "queue")
    held = {(row.holder_id, None if row.holder_id else row.queue_id): row for row in rows.order_by("pk")}
    tasks = []
    for row in held.values():
        task = Task.objects.create(
            plan=case.plan, case=case, title=clean(title), detail=clean(detail), owner=row.holder,
            queue=None if row.holder_id else row.queue, due_at=due_at, made_by=by, made_at=at,
        )  # fmt: skip
        audit.record(TaskMade(case_id=case.public_id, task_id=task.public_id), by=by, at=at)
        tasks.append(task)
    return tasks


def end_told(*, tasks: Sequence[Task], outcome: str, by: User, at: datetime) -> None:
    """End tasks that somebody was given by a step that is over."""
    for task in tasks:
        task.ended_at, task.ended_by, task.ended_with, task.outcome = at, by, "done", clean(outcome)
        task.save(update_fields=["ended_at", "ended_by", "ended_with", "outcome"])
        case_id = task.case.public_id if task.case else None
        audit.record(TaskEnded(case_id=case_id, task_id=task.public_id, ended_with="done"), by=by, at=at)


def _open(task: Task, by: User) -> Task:
    task = Task.objects.select_for_update(of=("self",)).select_related("case", "plan").get(pk=task.pk)
    if task.plan_id not in scope_of(by).plans_with(Permission.SEE_PLAN_CASES):
        raise Missing("There is no such task.")
    if task.ended_at is not None:
        raise TaskHasEnded("This task has ended already. Reload the page.")
    return task


@atomic
def move_task(*, task: Task, owner: User | None, queue: Queue | None, due_at: datetime, by: User, at: datetime) -> Task:
    """Give a task to somebody else, or another time.

    Raises:
        TaskHasEnded: it is done or was dropped.
        TaskInvalid: nobody's, or the time is past.
    """
    task = _open(task, by)
    _check_can_be_theirs(task.plan, owner, queue)
    _check_times(due_at, None, at)
    task.owner, task.queue, task.due_at = owner, queue, due_at
    if task.remind_at is not None and task.remind_at > due_at:
        task.remind_at = due_at
    task.save(update_fields=["owner", "queue", "due_at", "remind_at"])
    audit.record(TaskMoved(case_id=task.case.public_id if task.case else None, task_id=task.public_id), by=by, at=at)
    return task


@atomic
def end_task(*, task: Task, ended_with: str, outcome: str, by: User, at: datetime) -> Task:
    """Say that a task is done, or drop it with the reason. Its owner, its team and its maker may.

    Raises:
        TaskHasEnded: it has ended.
        NotAllowed: it is somebody else's.
        TaskInvalid: dropped without a reason.
    """
    task = _open(task, by)
    is_theirs = by.pk in {task.owner_id, task.made_by_id} or (
        task.queue_id is not None and QueueMember.objects.filter(queue_id=task.queue_id, user=by).exists()
    )
    if not is_theirs:
        check_user_may(by, Permission.KEEP_WORK)
    outcome = clean(outcome.strip())
    if ended_with not in {"done", "dropped"} or (ended_with == "dropped" and not outcome):
        raise TaskInvalid("Say why the task is dropped. The reason is kept.")
    task.ended_at, task.ended_by, task.ended_with, task.outcome = at, by, ended_with, outcome
    task.save(update_fields=["ended_at", "ended_by", "ended_with", "outcome"])
    event = TaskEnded(
        case_id=task.case.public_id if task.case else None, task_id=task.public_id, ended_with=ended_with
    )  # fmt: skip
    audit.record(event, by=by, at=at)
    return task


@atomic
def tick_step(
    *, case: Case, template: str, step: str, state: str, by: User, at: datetime, reason: str = ""
) -> ChecklistTick:  # fmt: skip
    """Say that a step of a case's checklist is done, or does not apply and why.

    Raises:
        Missing: the case has no such step.
        Invalid: it does not apply, without a reason.
        Conflict: somebody ticked it already.
    """
    _check_sees(case, by)
    found = next((each.template for each in checklists_of(case, at=at) if each.template.key == template), None)
    if found is None or found.step(step) is None:
        raise Missing("This case has no such step.")
    reason = clean(reason.strip())
    if state not in {"done", "not_applicable"} or (state == "not_applicable" and not reason):
        raise Invalid("Say why the step does not apply. The reason is kept.")
    if ChecklistTick.objects.filter(case=case, template=template, step=step, taken_back_at__isnull=True).exists():
        raise Conflict("Somebody has answered this step already. Reload the page.")
    tick = ChecklistTick.objects.create(
        case=case, template=template, version=found.version, step=step, state=state, reason=reason, by=by, at=at
    )
    audit.record(ChecklistTicked(case_id=case.public_id, state=state), by=by, at=at)
    return tick


@atomic
def untick_step(*, case: Case, template: str, step: str, by: User, at: datetime) -> None:
    """Take a tick back; it stays in the history. A second time changes nothing."""
    _check_sees(case, by)
    rows = ChecklistTick.objects.filter(case=case, template=template, step=step, taken_back_at__isnull=True)
    if rows.update(taken_back_at=at):
        audit.record(ChecklistTicked(case_id=case.public_id, state="taken_back"), by=by, at=at)


def note_mentions(event: Event, recorded: Recorded) -> None:
    """Put a note before the colleagues it names, those who may see the case."""
    note = Note.objects.select_related("case", "case__plan").get(public_id=event.note_id)  # type: ignore[attr-defined]
    handles = named_in(note.text)
    if not handles:
        return
    for user in staff_by_handle(note.case.plan, handles):
        if user.pk == recorded.by.pk or not cases_visible_to(user).filter(pk=note.case_id).exists():
            continue
        Mention.objects.create(note=note, user=user, at=recorded.at)
        audit.record(
            ColleagueMentioned(case_id=note.case.public_id, note_id=note.public_id, user_id=user.public_id),
            by=recorded.by,
            at=recorded.at,
        )


@atomic
def see_mentions(*, by: User, at: datetime) -> None:
    """Take the notes that name a person as seen by them."""
    Mention.objects.filter(user=by, seen_at__isnull=True).update(seen_at=at)


@atomic
@permitted(Permission.SEE_PLAN_CASES, on="case")
def watch(*, case: Case, by: User, at: datetime) -> Watch:
    """Let a person know what happens on a case. Watching twice is watching once.

    Raises:
        NotAllowed: members and requesters have their own pages.
    """
    _check_sees(case, by)
    row, is_new = Watch.objects.get_or_create(
        case=case, user=by, ended_at=None, defaults={"since": at, "seen_at": at}
    )  # fmt: skip
    if is_new:
        audit.record(CaseWatched(case_id=case.public_id), by=by, at=at)
    return row


@atomic
def unwatch(*, case: Case, by: User, at: datetime) -> None:
    """Stop watching a case."""
    if Watch.objects.filter(case=case, user=by, ended_at__isnull=True).update(ended_at=at):
        audit.record(CaseWatched(case_id=case.public_id, is_ended=True), by=by, at=at)


@atomic
def see_watched(*, by: User, at: datetime) -> None:
    """Take what happened on watched cases as seen."""
    Watch.objects.filter(user=by, ended_at__isnull=True).update(seen_at=at)
