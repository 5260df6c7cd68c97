"""Tasks, checklists, mentions, watched cases and saved views."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from openum.accounts.models import Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.audit.models import EventRow
from openum.cases.holdings import holds
from openum.cases.models import Case
from openum.cases.queries import current_lines
from openum.cases.timeline import words_for
from openum.directory.queries import policies_on
from openum.work.models import ChecklistTick, Mention, QueueMember, SavedView, Task, Watch
from openum.work.queries.routing import facts_of, routing_for
from openum.work.rules.checklists import Step, Template, read_template, templates_for
from openum.work.rules.mentions import handle_of
from openum.work.rules.routing import complexity_of

CHECKLIST = "work-checklist"


@dataclass(frozen=True)
class Answered:
    """A step with its standing tick, if any."""

    step: Step
    tick: ChecklistTick | None


@dataclass(frozen=True)
class Checklist:
    """A template as it stands on a case."""

    template: Template
    steps: tuple[Answered, ...]

    @property
    def left(self) -> int:
        """How many steps wait."""
        return sum(1 for each in self.steps if each.tick is None)


def checklists_of(case: Case, *, at: datetime) -> list[Checklist]:
    """Return the checklists of a case: the templates in force when it was opened that fit one of its lines."""
    day = case.opened_at.astimezone(ZoneInfo(case.plan.time_zone)).date()
    templates = [read_template(row.body) for row in policies_on(plan=case.plan, kind=CHECKLIST, on=day)]
    if not templates:
        return []
    lines = current_lines(case)
    in_force = routing_for(case.plan, at=at)
    shown = []
    for line in lines:
        line.case = case
        facts = facts_of(line, lines=len(lines), on=day)
        shown.append((facts, complexity_of(in_force.routing, facts).points if in_force else 0))
    ticked = ChecklistTick.objects.filter(case=case, taken_back_at__isnull=True).select_related("by")
    ticks = {(tick.template, tick.step): tick for tick in (ticked if holds(case, ChecklistTick) else ())}
    return [
        Checklist(
            template, tuple(Answered(step, ticks.get((template.key, step.key))) for step in template.steps)
        )
        for template in sorted(templates_for(templates, shown), key=lambda each: each.name)
    ]  # fmt: skip


def staff_by_handle(plan: Plan, handles: Collection[str]) -> list[User]:
    """Return the plan's people whom handles name."""
    rows = User.objects.filter(memberships__plan=plan, kind=User.PERSON, is_active=True).distinct().order_by("pk")
    return [user for user in rows if handle_of(user.email) in handles]


def staff_of(plan_ids: Collection[int]) -> QuerySet[User]:
    """Return the people who work for plans, by name; members are none of them."""
    return (
        User.objects.filter(memberships__plan_id__in=plan_ids, kind=User.PERSON, is_active=True)
        .exclude(memberships__role="member").distinct().order_by("name", "pk")
    )  # fmt: skip


def _plans_of(user: User) -> frozenset[int]:
    return scope_of(user).plans_with(Permission.SEE_PLAN_CASES)


def tasks_visible_to(user: User) -> QuerySet[Task]:
    """Tasks of the plans a person works for."""
    return Task.objects.filter(plan_id__in=_plans_of(user)).select_related(
        "case", "case__plan", "owner", "queue", "plan", "made_by", "ended_by"
    )


def open_tasks_of(user: User) -> QuerySet[Task]:
    """Return a person's open tasks and those of their teams, the first due first."""
    own = QueueMember.objects.filter(user=user).values("queue_id")
    mine = Q(owner=user) | Q(owner__isnull=True, queue_id__in=own)
    return tasks_visible_to(user).filter(mine, ended_at__isnull=True).order_by("due_at", "pk")


def reminders_of(tasks: Sequence[Task], *, at: datetime) -> list[Task]:
    """Return the tasks whose reminder has come, or which are overdue."""
    return [task for task in tasks if task.due_at <= at or (task.remind_at is not None and task.remind_at <= at)]


def unseen_mentions(user: User) -> QuerySet[Mention]:
    """Return the notes that name a person and that they have not opened, newest first."""
    return (
        Mention.objects.filter(user=user, seen_at__isnull=True, note__case__plan_id__in=_plans_of(user))
        .select_related("note", "note__case", "note__case__plan", "note__written_by")
        .order_by("-at", "-pk")
    )


@dataclass(frozen=True)
class Watched:
    """A watched case and what happened last."""

    watch: Watch
    last: str
    at: datetime | None
    is_new: bool


def watched_by(user: User, *, most: int = 50) -> list[Watched]:
    """Return the cases a person watches with the last thing that happened on each."""
    rows = list(
        Watch.objects.filter(user=user, ended_at__isnull=True, case__plan_id__in=_plans_of(user))
        .select_related("case", "case__plan").order_by("-since", "-pk")[:most]
    )  # fmt: skip
    found = []
    for row in rows:
        last = EventRow.objects.filter(case_id=row.case.public_id).exclude(type="CaseWatched").order_by("-pk").first()
        found.append(
            Watched(
                row, words_for(last.type) if last else "", last.at if last else None,
                bool(last and last.at > row.seen_at and last.actor_id != user.public_id),
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (not each.is_new, -(each.at.timestamp() if each.at else 0)))


def is_watching(user: User, case: Case) -> bool:
    """Say whether a person watches a case."""
    return Watch.objects.filter(user=user, case=case, ended_at__isnull=True).exists()


def views_of(user: User) -> list[SavedView]:
    """Return a person's saved views and those their teams share."""
    own = QueueMember.objects.filter(user=user).values("queue_id")
    return list(
        SavedView.objects.filter(Q(owner=user) | Q(queue_id__in=own))
        .select_related("queue", "owner")
        .order_by("name", "pk")
    )
