"""The capacity board: what will come to each queue in twelve weeks, and what its people can carry."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Min, Sum
from django.db.models.functions import TruncWeek

from openum.accounts.models import Licence, Plan, Specialty
from openum.clocks.models import BusinessDayOverride
from openum.clocks.rules.calendars import BusinessDays
from openum.work.models import PastWeek, Placement, Queue, QueueMember, Worker
from openum.work.queries.people import USUAL_POINTS, absences_of, local_day, spans_of
from openum.work.rules.forecasting import (
    AHEAD,
    Forecast,
    Hands,
    TooFewWeeks,
    Trial,
    Week,
    forecast,
    in_full_time,
    monday_of,
    shared,
    trial,
    whole_weeks,
)
from openum.work.rules.hours import points_on

Key = TypeVar("Key")

RECENT = 26
"""Weeks from which the points of a line are taken."""


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """One week ahead of one queue: lines expected, points needed, points there are, and the gap in full-time people."""

    said: Forecast
    needed: float
    given: float
    gap: float
    gap_low: float
    gap_high: float

    @property
    def monday(self) -> date:
        """The first day of the week."""
        return self.said.monday

    @property
    def missing(self) -> float:
        """How many full-time people are missing; below nought when some are to spare."""
        return -self.gap

    @property
    def is_short(self) -> bool:
        """Whether a tenth of a full-time person or more is missing."""
        return self.gap <= -0.05


@dataclass(frozen=True, kw_only=True)
class Skill:
    """One queue, or one field of medicine at a stage: its past, its forecast, and how past forecasts turned out."""

    key: str
    name: str
    stage: str
    skills: tuple[str, ...] = ()
    people: int = 0
    unfit: int = 0
    weeks: tuple[Week, ...] = ()
    taken_in: int = 0
    points: float = 0.0
    a_day: float = float(USUAL_POINTS)
    waiting: int = 0
    ahead: tuple[Ahead, ...] = ()
    trial: Trial | None = None
    why_not: str = ""

    @property
    def worst(self) -> Ahead | None:
        """The week with the largest gap, if any is short."""
        short = [each for each in self.ahead if each.is_short]
        return min(short, key=lambda each: each.gap) if short else None

    @property
    def a_week(self) -> float:
        """Lines a week of late."""
        recent = self.weeks[-RECENT:]
        return fmean(week.count for week in recent) if recent else 0.0

    @property
    def expected(self) -> float:
        """Lines of all weeks ahead."""
        return sum(each.said.expected for each in self.ahead)

    @property
    def needed(self) -> float:
        """Points of all weeks ahead."""
        return sum(each.needed for each in self.ahead)

    @property
    def months(self) -> list[tuple[date, float]]:
        """The mean gap by month; a week belongs to the month of its Thursday."""
        found: dict[date, list[float]] = {}
        for each in self.ahead:
            found.setdefault((each.monday + timedelta(days=3)).replace(day=1), []).append(each.gap)
        return [(month, fmean(gaps)) for month, gaps in found.items()]


@dataclass(frozen=True, kw_only=True)
class Board:
    """The board of one plan."""

    mondays: tuple[date, ...]
    days: tuple[int, ...]
    holidays: tuple[tuple[date, str], ...]
    queues: tuple[Skill, ...]
    fields: tuple[Skill, ...]


Counts = Mapping[tuple[int, str, date], tuple[int, int]]
"""Lines and points by queue, field of medicine and Monday."""


def board(plan: Plan, *, at: datetime) -> Board:
    """Return the capacity board of a plan for the twelve weeks that begin with this one.

    This week counts as the first week ahead, since it is not whole yet.
    """
    today = local_day(plan, at)
    calendar = days_of(plan)
    mondays = tuple(monday_of(today) + timedelta(weeks=number) for number in range(AHEAD))
    days = tuple(working_days(calendar, monday) for monday in mondays)
    past = history(plan)
    counts, taken_in = past.counts, past.taken_in
    outlook = _Outlook(today, calendar, tuple(zip(mondays, days, strict=True)), past.hole)
    queues = list(Queue.objects.filter(plan=plan, is_open=True).order_by("stage", "name", "key"))
    by_queue = _by(counts, {queue.pk: queue.key for queue in queues}, lambda queue_id, _field: queue_id)
    waiting = Counter[int]()
    for queue_id, total in (
        Placement.objects.filter(queue__plan=plan, left_at__isnull=True).values_list("queue_id").annotate(n=Sum("points"))
    ):  # fmt: skip
        waiting[int(queue_id)] = int(total)
    staff = _staff(plan, queues, mondays, calendar)
    found = [
        _learnt(
            Skill(
                key=queue.key, name=queue.name, stage=queue.stage, skills=tuple(queue.skills), waiting=waiting[queue.pk],
                people=staff.fit[queue.key], unfit=staff.unfit[queue.key], a_day=staff.a_day(queue.key),
                taken_in=len({monday for queue_id, monday in taken_in if queue_id == queue.pk}),
            ),
            by_queue.get(queue.pk, {}), outlook,
        )
        for queue in queues
    ]  # fmt: skip
    given = [
        shared(staff.hands[place], {each.key: _needed(each, place) for each in found if each.ahead}) for place in range(AHEAD)
    ]  # fmt: skip
    holidays = [
        (day, name)
        for day, name in calendar.holidays_between(mondays[0], mondays[-1] + timedelta(days=6))
        if day.weekday() < 5
    ]
    return Board(
        mondays=mondays, days=days, holidays=tuple(holidays),
        queues=tuple(_with_gap(each, [week.get(each.key, 0.0) for week in given]) for each in found),
        fields=tuple(_fields(counts, queues, outlook)),
    )  # fmt: skip


def _needed(skill: Skill, place: int) -> float:
    return skill.ahead[place].said.expected * skill.points


@dataclass(frozen=True)
class _Outlook:
    """What every forecast of a board shares; `ahead` is Monday and working days of each week."""

    today: date
    calendar: BusinessDays
    ahead: tuple[tuple[date, int], ...]
    hole: date | None


def _learnt(skill: Skill, weeks: Mapping[date, tuple[int, int]], outlook: _Outlook) -> Skill:
    """Return a skill with its past and what is forecast from it; only what has people is tried on its past."""
    counts = {monday: lines for monday, (lines, _) in weeks.items()}
    days = {monday: working_days(outlook.calendar, monday) for monday in _mondays(weeks, outlook.today)}
    past = [week for week in whole_weeks(counts, today=outlook.today, days=days) if week.monday != outlook.hole]
    recent = [weeks.get(week.monday, (0, 0)) for week in past[-RECENT:]]
    lines = sum(each[0] for each in recent)
    points = sum(each[1] for each in recent) / lines if lines else 0.0
    known = replace(skill, weeks=tuple(past), points=points)
    try:
        said = forecast(past, outlook.ahead)
    except TooFewWeeks as refusal:
        return replace(known, why_not=refusal.english)
    ahead = tuple(
        Ahead(said=each, needed=each.expected * points, given=0.0, gap=0.0, gap_low=0.0, gap_high=0.0) for each in said
    )
    return replace(known, ahead=ahead, trial=trial(past) if skill.people else None)


def _with_gap(skill: Skill, given: Sequence[float]) -> Skill:
    """Return a skill with what its people can give and what is missing."""

    def gap(there: float, lines: float, days: int) -> float:
        return in_full_time(there - lines * skill.points, a_day=skill.a_day, days=days)

    ahead = tuple(
        Ahead(
            said=each.said, needed=each.needed, given=there, gap=gap(there, each.said.expected, each.said.days),
            gap_low=gap(there, each.said.high80, each.said.days), gap_high=gap(there, each.said.low80, each.said.days),
        )
        for each, there in zip(skill.ahead, given, strict=False)
    )  # fmt: skip
    return replace(skill, ahead=ahead)


def _fields(counts: Counts, queues: Sequence[Queue], outlook: _Outlook) -> list[Skill]:
    """Return the forecast by stage and field of medicine, the largest first; of people it knows nothing."""
    stages = {queue.pk: queue.stage for queue in queues}
    grouped = _by(counts, stages, lambda queue_id, name: (stages[queue_id], name))
    found = [
        _learnt(Skill(key=f"{stage}:{name}", name=name, stage=stage), weeks, outlook)
        for (stage, name), weeks in grouped.items()
    ]
    return sorted(found, key=lambda each: (-sum(week.count for week in each.weeks[-RECENT:]), each.key))


def _by(
    counts: Counts, known: Collection[int], key_of: Callable[[int, str], Key]
) -> dict[Key, dict[date, tuple[int, int]]]:
    """Return lines and points by a key and Monday, of the queues that are known."""
    found: dict[Key, dict[date, tuple[int, int]]] = {}
    for (queue_id, name, monday), (lines, points) in counts.items():
        if queue_id in known:
            weeks = found.setdefault(key_of(queue_id, name), {})
            before = weeks.get(monday, (0, 0))
            weeks[monday] = (before[0] + lines, before[1] + points)
    return found


@dataclass(frozen=True)
class Past:
    """What came to a plan's queues; `taken_in` are weeks of queues counted by the system before, `hole` a week nobody counted."""

    counts: Counts
    taken_in: frozenset[tuple[int, date]]
    hole: date | None = None


def history(plan: Plan) -> Past:
    """Return what came to each queue of a plan by week and field.

    A line that was moved counts where and when it came last. The week of the first placement was not counted whole: it is left
    out, unless its beginning was taken in.
    """
    zone = ZoneInfo(plan.time_zone)
    rows = PastWeek.objects.filter(queue__plan=plan).values_list("queue_id", "field", "monday", "lines", "points")
    counts = {(int(queue_id), name, monday): (lines, points) for queue_id, name, monday, lines, points in rows}
    taken_in = frozenset((queue_id, monday) for queue_id, _, monday in counts)
    placed = Placement.objects.filter(queue__plan=plan)
    first = placed.aggregate(first=Min("placed_at"))["first"]
    if first is None:
        return Past(counts, taken_in)
    begun = monday_of(first.astimezone(zone).date())
    is_begun_known = any(monday == begun for _, monday in taken_in)
    own = (
        placed.exclude(left_because__in=Placement.MOVED)
        .annotate(week=TruncWeek("placed_at", tzinfo=zone), name=F("line__specialty"))
        .values_list("queue_id", "name", "week")
        .annotate(lines=Count("pk"), total=Sum("points"))
        .order_by()
    )
    for queue_id, name, week, lines, points in own:
        monday = week.date()
        if monday > begun or is_begun_known:
            before = counts.get((int(queue_id), name, monday), (0, 0))
            counts[int(queue_id), name, monday] = (before[0] + lines, before[1] + points)
    return Past(counts, taken_in, None if is_begun_known else begun)


def days_of(plan: Plan) -> BusinessDays:
    """Return the working days of a plan: the federal calendar, and the days that all of its products count otherwise."""
    products = plan.products.count()
    votes: dict[date, list[bool]] = {}
    rows = BusinessDayOverride.objects.filter(product__plan=plan).values_list("day", "is_business_day")
    for day, counts in rows:
        votes.setdefault(day, []).append(counts)
    return BusinessDays(
        {day: given[0] for day, given in votes.items() if len(given) == products and len(set(given)) == 1}
    )  # fmt: skip


def working_days(calendar: BusinessDays, monday: date) -> int:
    """Return how many working days a week has."""
    return sum(calendar.counts(monday + timedelta(days=number)) for number in range(7))


def _mondays(weeks: Collection[date], today: date) -> list[date]:
    first, this = min(weeks, default=today), monday_of(today)
    return [first + timedelta(weeks=number) for number in range(max(0, (this - first).days // 7))]


@dataclass
class _Staff:
    """Who can work where, by queue key; `hands` by week ahead."""

    hands: list[list[Hands]]
    fit: Counter[str] = field(default_factory=Counter)
    unfit: Counter[str] = field(default_factory=Counter)
    usual: dict[str, list[int]] = field(default_factory=dict)

    def a_day(self, key: str) -> float:
        """Return the mean points of a whole day of a queue's people."""
        given = [points for points in self.usual.get(key, ()) if points]
        return fmean(given) if given else float(USUAL_POINTS)


def _staff(plan: Plan, queues: Sequence[Queue], mondays: Sequence[date], calendar: BusinessDays) -> _Staff:
    by_pk = {queue.pk: queue for queue in queues}
    own: dict[int, list[Queue]] = {}
    members = QueueMember.objects.filter(queue__in=by_pk, user__is_active=True).order_by("user_id", "queue_id")
    for user_id, queue_id in members.values_list("user_id", "queue_id"):
        own.setdefault(user_id, []).append(by_pk[queue_id])
    usual = dict(Worker.objects.filter(user_id__in=own).values_list("user_id", "points_a_day"))
    licences: dict[int, list[tuple[str, date, date | None]]] = {}
    rows = Licence.objects.filter(user_id__in=own, status=Licence.ACTIVE)
    for user_id, kind, begins, ends in rows.values_list("user_id", "kind", "valid_from", "valid_to"):
        licences.setdefault(user_id, []).append((kind, begins, ends))
    skills: dict[int, set[str]] = {}
    for user_id, name in Specialty.objects.filter(user_id__in=own).values_list("user_id", "name"):
        skills.setdefault(user_id, set()).add(name)
    away = absences_of(own, first=mondays[0], last=mondays[-1] + timedelta(days=6))
    found = _Staff(hands=[[] for _ in mondays])

    def is_fit(user_id: int, queue: Queue, day: date) -> bool:
        held = licences.get(user_id, ())
        has_licence = not queue.licence_kind or any(
            kind == queue.licence_kind and begins <= day and (ends is None or day < ends) for kind, begins, ends in held
        )
        return has_licence and (not queue.skills or bool(set(queue.skills) & skills.get(user_id, set())))

    for user_id, theirs in own.items():
        points = usual.get(user_id, USUAL_POINTS)
        for queue in theirs:
            if is_fit(user_id, queue, mondays[0]):
                found.fit[queue.key] += 1
                found.usual.setdefault(queue.key, []).append(points)
            else:
                found.unfit[queue.key] += 1
        spans = spans_of(away.get(user_id, ()))
        for place, monday in enumerate(mondays):
            week = [monday + timedelta(days=number) for number in range(7)]
            left = sum(points_on(day, usual=points, absences=spans) for day in week if calendar.counts(day))
            fit = frozenset(queue.key for queue in theirs if is_fit(user_id, queue, monday))
            if left and fit:
                found.hands[place].append(Hands(left, fit))
    return found
