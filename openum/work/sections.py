"""What work contributes to the case page: where each line is and why, checklists, tasks, tags, watching."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from openum.accounts.models import User
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.cases.holdings import declare, holds
from openum.cases.models import Case
from openum.cases.panels import Panel, register
from openum.cases.queries import current_lines
from openum.design.moments import short_moment
from openum.work.models import ChecklistTick, Task
from openum.work.queries.around import checklists_of, is_watching, tasks_visible_to
from openum.work.queries.lists import history_of, standing_assignment, tags_of


def _work(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    lines = current_lines(case)
    stays = history_of([line.pk for line in lines])
    return {
        "places": [
            {
                "line": line,
                "now": next((stay for stay in stays.get(line.pk, ()) if stay.left_at is None), None),
                "stays": [
                    {
                        "stay": stay, "at": short_moment(stay.placed_at, zone), "given": standing_assignment(stay),
                        "people": [
                            {"given": each, "at": short_moment(each.given_at, zone)} for each in stay.assignments.all()
                        ],
                    }
                    for stay in stays.get(line.pk, ())
                ],
            }
            for line in lines
        ],
        "several": len(lines) > 1,
        "tags": tags_of([case.pk]).get(case.pk, []),
        "may_give": user_may(user, Permission.GIVE_WORK),
        "watching": is_watching(user, case),
    }  # fmt: skip


def _tasks(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    tasks = tasks_visible_to(user).filter(case=case).order_by("ended_at", "due_at", "pk")
    found = list(tasks) if holds(case, Task) else []
    return {
        "tasks": [
            {
                "task": task,
                "due": short_moment(task.due_at, zone),
                "is_late": task.ended_at is None and task.due_at <= at,
            }
            for task in found
        ],
        "checklists": checklists_of(case, at=at),
    }


def register_sections() -> None:
    """Register the sections, and what a case may lack; called once at start."""
    declare((Task, ChecklistTick), "case")
    register(Panel("work", _("Who works on it"), 104, "work/panels/work.html", _work))
    register(Panel("tasks", _("Tasks and steps"), 106, "work/panels/tasks.html", _tasks))
