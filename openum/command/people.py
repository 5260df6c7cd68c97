"""The rows of people and of goals on the director's page. Of people only how many: nobody is named, nobody is ranked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop as _

from openum.accounts.models import Plan, User
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.command.rows import Row, register
from openum.db.clock import now
from openum.db.keeping import kept_when_large
from openum.work.models import QueueMember
from openum.work.queries.capacity import Board, Skill, board
from openum.work.queries.people import absences_of, capacities_on, loads_of, local_day

WEEKS = 12


@dataclass(frozen=True, kw_only=True)
class Team:
    """One queue: its people, what waits in it, and the twelve weeks ahead."""

    skill: Skill

    @property
    def days(self) -> float | None:
        """Working days of all its people that what waits would take; None where it has nobody."""
        whole = self.skill.people * self.skill.a_day
        return self.skill.waiting / whole if whole else None

    @property
    def least(self) -> float | None:
        """The tightest week's gap in full-time people; None without a forecast."""
        return min((each.gap for each in self.skill.ahead), default=None)


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """The people of one plan today and in the weeks ahead.

    Attributes:
        points: what those who are there can carry today.
        held: points that people hold now.
        away: people who are away, or work less, today.
        absences: recorded absences that touch the twelve weeks.
    """

    plan: Plan
    teams: tuple[Team, ...]
    people: int
    points: int
    held: int
    away: int
    absences: int

    @property
    def share(self) -> int | None:
        """What is held, in hundredths of what can be carried today."""
        return round(100 * self.held / self.points) if self.points else None


def staffing(plan: Plan, *, at: datetime) -> Staffing:
    """Return the people of a plan: how many, how much they can carry and hold, and the board of capacity."""
    day = local_day(plan, at)
    members = QueueMember.objects.filter(queue__plan=plan, queue__is_open=True, user__is_active=True).order_by()
    people = set(members.values_list("user_id", flat=True))
    found, held = kept_when_large(
        ("capacity", plan.pk),
        lambda: (board(plan, at=at), sum(loads_of(people).values())),
        rows_of=lambda both: _lines(both[0]),
    )
    return Staffing(
        plan=plan, teams=tuple(Team(skill=each) for each in found.queues), people=len(people),
        points=sum(capacities_on(day, people).values()), held=held,
        away=len(absences_of(people, first=day, last=day)),
        absences=sum(len(rows) for rows in absences_of(people, first=day, last=day + timedelta(weeks=WEEKS)).values()),
    )  # fmt: skip


def _lines(found: Board) -> int:
    """Return over how many lines a board was counted: those of past weeks, and those that wait."""
    return sum(each.waiting + sum(week.count for week in each.weeks) for each in found.queues)


def _people(user: User) -> Mapping[str, Any] | None:
    at = now()
    plans = [plan for plan in plans_visible_to(user, Permission.SEE_FIGURES) if not plan.is_sandbox]
    return {"staffings": [staffing(plan, at=at) for plan in plans]}


def _goals(user: User) -> Mapping[str, Any] | None:
    return {}


def register_rows() -> None:
    """Register the rows; called once at start."""
    register(Row("people", _("People"), "command/people.html", _people, place=5))
    register(Row("goals", _("Goals"), "command/goals.html", _goals, place=6))
