"""People as assignment sees them: their queues now, licences, fields, languages, and what is left of their day."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Sum

from openum.accounts.models import Licence, Plan, Specialty, User
from openum.vocabulary.terms import LineStatus
from openum.work.models import Absence, Placement, Queue, QueueMember, Worker
from openum.work.rules.assigning import Candidate, LicenceSpan, valid_on
from openum.work.rules.hours import is_open, points_on

USUAL_POINTS = 200
"""Complexity points of a working day where nothing else was set."""


def local_day(plan: Plan, at: datetime) -> date:
    """Return the day in the plan's zone."""
    return at.astimezone(ZoneInfo(plan.time_zone)).date()


def loads_of(user_ids: Collection[int]) -> dict[int, int]:
    """Return the points each person holds. What waits for a provider weighs nothing meanwhile."""
    rows = (
        Placement.objects.filter(left_at__isnull=True, holder_id__in=user_ids)
        .exclude(line__status=LineStatus.PENDED_WITH_PROVIDER)
        .values_list("holder_id")
        .annotate(total=Sum("points"))
    )
    return {int(holder): total for holder, total in rows if holder is not None}


def absences_of(user_ids: Collection[int], *, first: date, last: date) -> dict[int, list[Absence]]:
    """Return absences that touch the days from first to last, by person."""
    found: dict[int, list[Absence]] = {}
    rows = Absence.objects.filter(
        user_id__in=user_ids, cancelled_at__isnull=True, first_day__lte=last, back_on__gt=first
    )
    for row in rows.order_by("first_day", "pk"):
        found.setdefault(row.user_id, []).append(row)
    return found


def capacities_on(day: date, user_ids: Collection[int]) -> dict[int, int]:
    """Return what each person can carry on a day, in points."""
    usual = dict(Worker.objects.filter(user_id__in=user_ids).values_list("user_id", "points_a_day"))
    away = absences_of(user_ids, first=day, last=day)
    return {
        user_id: points_on(day, usual=usual.get(user_id, USUAL_POINTS), absences=spans_of(away.get(user_id, ())))
        for user_id in user_ids
    }


def spans_of(rows: Iterable[Absence]) -> list[tuple[date, date, int]]:
    """Return absences as the rules take them."""
    return [(row.first_day, row.back_on, row.percent_left) for row in rows]


def candidates(plan: Plan, *, at: datetime, case_ids: Collection[int] = ()) -> list[Candidate]:
    """Return who can be given work of a plan now: people of its queues that are open at this hour, away or not.

    Args:
        plan: whose queues.
        at: the instant.
        case_ids: cases at hand; who has, or had, lines of them comes first in the choice.
    """
    day = local_day(plan, at)
    queues: dict[int, set[str]] = {}
    people: dict[int, User] = {}
    rows = QueueMember.objects.filter(queue__plan=plan, queue__is_open=True, user__is_active=True)
    for row in rows.select_related("queue", "user").order_by("user_id", "queue_id"):
        people[row.user_id] = row.user
        own = queues.setdefault(row.user_id, set())
        if is_open(row.queue.hours, zone=plan.time_zone, at=at):
            own.add(row.queue.key)
    held: dict[int, set[int]] = {}
    known = Placement.objects.filter(line__case_id__in=case_ids, holder_id__in=people)
    for holder_id, case_id in known.values_list("holder_id", "line__case_id"):
        held.setdefault(int(holder_id or 0), set()).add(case_id)
    licences = _licences(people)
    skills = _skills(people)
    languages = dict(Worker.objects.filter(user_id__in=people).values_list("user_id", "languages"))
    loads, capacities = loads_of(people), capacities_on(day, people)
    return [
        Candidate(
            user=pk, name=user.name, queues=frozenset(queues[pk]), licences=valid_on(licences.get(pk, ()), day),
            skills=frozenset(skills.get(pk, ())), languages=frozenset(languages.get(pk) or ["en"]),
            capacity=capacities[pk], load=loads.get(pk, 0), cases=frozenset(held.get(pk, ())),
        )
        for pk, user in people.items()
    ]  # fmt: skip


def _licences(user_ids: Collection[int]) -> dict[int, list[LicenceSpan]]:
    found: dict[int, list[LicenceSpan]] = {}
    for row in Licence.objects.filter(user_id__in=user_ids, status=Licence.ACTIVE):
        found.setdefault(row.user_id, []).append(LicenceSpan(row.kind, row.state, row.valid_from, row.valid_to))
    return found


def _skills(user_ids: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for user_id, name in Specialty.objects.filter(user_id__in=user_ids).values_list("user_id", "name"):
        found.setdefault(user_id, set()).add(name)
    return found


@dataclass(frozen=True, kw_only=True)
class DayCell:
    """One person's day on the calendar: the points there are, and how many of the usual ones are missing."""

    day: date
    points: int
    usual: int
    kind: str

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return self.points == self.usual


@dataclass(frozen=True, kw_only=True)
class PersonDays:
    """One person's row of the calendar."""

    user: User
    load: int
    usual: int
    cells: tuple[DayCell, ...]
    queues: str


def calendar(plan: Plan, *, first: date, days: int) -> list[PersonDays]:
    """Return the days of everybody who works in a plan's queues, beginning with a day."""
    members = QueueMember.objects.filter(queue__plan=plan, queue__is_open=True, user__is_active=True)
    people: dict[int, User] = {}
    names: dict[int, list[str]] = {}
    for row in members.select_related("user", "queue").order_by("user__name", "queue__name"):
        people[row.user_id] = row.user
        names.setdefault(row.user_id, []).append(row.queue.name)
    span = [first + timedelta(days=number) for number in range(days)]
    away = absences_of(people, first=first, last=span[-1])
    usual = dict(Worker.objects.filter(user_id__in=people).values_list("user_id", "points_a_day"))
    loads = loads_of(people)
    found = []
    for pk, user in people.items():
        own = usual.get(pk, USUAL_POINTS)
        rows = away.get(pk, [])
        cells = tuple(
            DayCell(
                day=day, usual=own, points=points_on(day, usual=own, absences=spans_of(rows)),
                kind=next((row.kind for row in rows if row.first_day <= day < row.back_on), ""),
            )
            for day in span
        )  # fmt: skip
        found.append(PersonDays(user=user, load=loads.get(pk, 0), usual=own, cells=cells, queues=", ".join(names[pk])))
    return found


def queues_with(user: User, plan_ids: Collection[int]) -> list[Queue]:
    """Return the open queues a person works in or owns, within plans."""
    own = QueueMember.objects.filter(user=user).values("queue_id")
    rows = Queue.objects.filter(plan_id__in=plan_ids, is_open=True)
    return list((rows.filter(pk__in=own) | rows.filter(owner=user)).select_related("plan").order_by("name", "pk"))
