"""How many lines will come each week, with prediction intervals, from the weeks that were. Pure.

Simple exponential smoothing on a scale where counts scatter alike (Anscombe's root), a working day at a time, so that a week with
holidays is neither read nor forecast as a quiet one. A yearly season is used only with two years of weeks, and only when it would
have helped. There is no trend: twelve weeks ahead it mostly adds error.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, pi, sin, sqrt
from statistics import NormalDist, fmean
from typing import ClassVar

from openum.vocabulary.errors import Invalid

LEAST_WEEKS = 8
SEASON_WEEKS = 104
AHEAD = 12
USUAL_DAYS = 5
TESTED = 12
"""Weeks of the past from which forecasts are tried."""
LEVELS = (80, 95)
"""Percent of the intervals."""

_ALPHAS = tuple(number / 20 for number in range(1, 20))
_SHIFT = 0.375
_LEAST_VARIANCE = 0.25
"""Of the root of a Poisson count: nothing that comes by chance scatters less."""
_START = 4
_YEAR_WEEKS = 365.25 / 7
_Q = {level: NormalDist().inv_cdf(0.5 + level / 200) for level in LEVELS}


class TooFewWeeks(Invalid):
    """The past is too short to forecast from."""

    code: ClassVar[str] = "too-few-weeks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Lines that came to a queue in the week of a day, as the system before counted them; `points` are those of all of them."""

    queue: str
    day: date
    lines: int
    points: int
    field: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """One week: its Monday, how many lines came, and its working days."""

    monday: date
    count: int
    days: int = USUAL_DAYS


@dataclass(frozen=True, slots=True)
class Forecast:
    """One week ahead: lines expected, and the ends of the 80 % and 95 % intervals."""

    monday: date
    days: int
    expected: float
    low80: float
    high80: float
    low95: float
    high95: float

    def holds(self, count: float, level: int) -> bool:
        """Say whether a count lies in an interval as it is shown, its ends as whole numbers."""
        low, high = (self.low80, self.high80) if level == LEVELS[0] else (self.low95, self.high95)
        return round(low) <= count <= round(high)


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learnt from the past: smoothing weight, level and scatter on the root's scale, and the season if it helps."""

    alpha: float
    level: float
    variance: float
    season: tuple[float, ...] = ()

    def ahead(self, monday: date, days: int, steps: int) -> Forecast:
        """Return the forecast of a week.

        Args:
            monday: its first day.
            days: its working days.
            steps: weeks ahead, from 1; intervals widen with it.
        """
        share = _share(days)
        root = max(0.0, self.level + season_at(self.season, monday))
        spread = sqrt(self.variance * (1 + (steps - 1) * self.alpha**2))
        ends = {
            level: (_count(max(0.0, root - _Q[level] * spread), share), _count(root + _Q[level] * spread, share))
            for level in LEVELS
        }
        return Forecast(
            monday, days, max(0.0, root**2 + self.variance - _SHIFT) * share, *ends[LEVELS[0]], *ends[LEVELS[1]]
        )  # fmt: skip


def _share(days: int) -> float:
    """Return a week's part of a usual one; a week without working days still brings something."""
    return max(days, 1) / USUAL_DAYS


def _root(week: Week) -> float:
    return sqrt((week.count + _SHIFT) / _share(week.days))


def _count(root: float, share: float) -> float:
    return max(0.0, root**2 * share - _SHIFT)


def check_enough(weeks: Sequence[Week]) -> None:
    """Refuse a past that is too short.

    Raises:
        TooFewWeeks: fewer than eight whole weeks.
    """
    if len(weeks) < LEAST_WEEKS:
        raise TooFewWeeks(
            f"There are {len(weeks)} whole weeks of arrivals; a forecast needs {LEAST_WEEKS}. Wait, or take in the weeks of the "
            "system before."
        )


def fit(weeks: Sequence[Week]) -> Fit:
    """Learn from whole weeks in order, the oldest first.

    Raises:
        TooFewWeeks: fewer than eight.
    """
    check_enough(weeks)
    plain, scatter = _smoothed([_root(week) for week in weeks], ())
    if len(weeks) < SEASON_WEEKS:
        return plain
    season = _season([(week.monday, _root(week)) for week in weeks])
    adjusted, left = _smoothed([_root(week) - season_at(season, week.monday) for week in weeks], season)
    return adjusted if left < scatter else plain


def _smoothed(roots: Sequence[float], season: tuple[float, ...]) -> tuple[Fit, float]:
    """Choose the weight whose one-step errors are smallest; return what was learnt and the mean square of these errors."""
    best: tuple[float, float, float] | None = None
    for alpha in _ALPHAS:
        level, total = fmean(roots[:_START]), 0.0
        for root in roots[_START:]:
            error = root - level
            total += error * error
            level += alpha * error
        if best is None or total < best[0]:
            best = (total, alpha, level)
    assert best is not None
    scatter = best[0] / (len(roots) - _START)
    return Fit(best[1], best[2], max(_LEAST_VARIANCE, scatter), season), scatter


def season_at(season: Sequence[float], monday: date) -> float:
    """Return what a time of the year adds, on the root's scale; nothing without a season."""
    return sum(weight * wave for weight, wave in zip(season, _waves(monday), strict=False))


def _waves(monday: date) -> tuple[float, ...]:
    turn = 2 * pi * (monday.toordinal() / 7) / _YEAR_WEEKS
    return sin(turn), cos(turn), sin(2 * turn), cos(2 * turn)


def _season(roots: Sequence[tuple[date, float]]) -> tuple[float, ...]:
    """Return the weights of two waves a year, by least squares beside a level and a straight line."""
    rows = [(1.0, place / len(roots), *_waves(monday)) for place, (monday, _) in enumerate(roots)]
    size = len(rows[0])
    table = [
        [sum(row[i] * row[j] for row in rows) for j in range(size)]
        + [sum(row[i] * root for row, (_, root) in zip(rows, roots, strict=True))]
        for i in range(size)
    ]
    return tuple(_solved(table)[2:])


def _solved(table: list[list[float]]) -> list[float]:
    """Solve linear equations by elimination; the last column is the right side."""
    size = len(table)
    for at in range(size):
        pivot = max(range(at, size), key=lambda row: abs(table[row][at]))
        table[at], table[pivot] = table[pivot], table[at]
        for row in range(size):
            if row != at and table[at][at]:
                factor = table[row][at] / table[at][at]
                table[row] = [left - factor * right for left, right in zip(table[row], table[at], strict=True)]
    return [table[at][size] / table[at][at] if table[at][at] else 0.0 for at in range(size)]


def forecast(weeks: Sequence[Week], ahead: Sequence[tuple[date, int]]) -> list[Forecast]:
    """Forecast weeks that follow.

    Args:
        weeks: whole weeks of the past in order, the oldest first; one may be missing.
        ahead: Monday and working days of each week asked for.

    Raises:
        TooFewWeeks: fewer than eight whole weeks of the past.
    """
    learnt, last = fit(weeks), weeks[-1].monday
    return [learnt.ahead(monday, days, max(1, (monday - last).days // 7)) for monday, days in ahead]


@dataclass(frozen=True, slots=True)
class Trial:
    """How forecasts made in the past turned out. `error` is a mean of lines a week; `naive` that of last week's number."""

    forecasts: int
    error: float
    naive: float
    held80: float
    held95: float

    @property
    def is_better(self) -> bool:
        """Whether it beats saying that each week brings what the last one did."""
        return self.error < self.naive


def trial(weeks: Sequence[Week]) -> Trial | None:
    """Forecast from each of the last weeks what came up to twelve weeks later; None when nothing is left to try on."""
    found: list[tuple[float, float, bool, bool]] = []
    first = max(SEASON_WEEKS if len(weeks) > SEASON_WEEKS else LEAST_WEEKS, len(weeks) - TESTED)
    for origin in range(first, len(weeks)):
        past, later = weeks[:origin], weeks[origin : origin + AHEAD]
        for week, said in zip(later, forecast(past, [(week.monday, week.days) for week in later]), strict=True):
            naive = past[-1].count / _share(past[-1].days) * _share(week.days)
            found.append(
                (
                    abs(week.count - said.expected), abs(week.count - naive), said.holds(week.count, LEVELS[0]),
                    said.holds(week.count, LEVELS[1]),
                )
            )  # fmt: skip
    if not found:
        return None
    return Trial(len(found), *(fmean(row[column] for row in found) for column in range(4)))


def monday_of(day: date) -> date:
    """Return the first day of a day's week."""
    return day - timedelta(days=day.weekday())


def whole_weeks(counts: Mapping[date, int], *, today: date, days: Mapping[date, int]) -> list[Week]:
    """Return every whole week from the first with anything to the one before today's, those without anything as nought.

    Args:
        counts: lines by the Monday of their week.
        today: its week is not whole yet.
        days: working days of weeks by their Monday, where they are not five.
    """
    this = monday_of(today)
    begun = min((monday for monday in counts if monday < this), default=this)
    mondays = [begun + timedelta(weeks=number) for number in range((this - begun).days // 7)]
    return [Week(monday, counts.get(monday, 0), days.get(monday, USUAL_DAYS)) for monday in mondays]


@dataclass(frozen=True, slots=True)
class Hands:
    """One person of a week: the points they have left, and the queues they may work in. Nobody's name is known here."""

    points: int
    queues: frozenset[str]


_ROUNDS = 150


def shared(people: Iterable[Hands], demand: Mapping[str, float]) -> dict[str, float]:
    """Divide people's points among their queues so that the worst covered queue is covered as well as it can be.

    Everybody begins with shares like the demand; then, again and again, points move from queues that are covered better to
    those covered worse, as far as people work in both.
    """
    mine = [(each.points, sorted(each.queues & demand.keys())) for each in people]
    mine = [(points, queues) for points, queues in mine if points and queues]
    weight = {queue: max(need, 1e-9) for queue, need in demand.items()}
    given: dict[str, float] = {}
    for _ in range(_ROUNDS):
        given = dict.fromkeys(demand, 0.0)
        for points, queues in mine:
            whole = sum(weight[queue] for queue in queues)
            for queue in queues:
                given[queue] += points * weight[queue] / whole
        covered = {queue: given[queue] / max(need, 1e-9) for queue, need in demand.items() if given[queue] > 0}
        if not covered:
            break
        values = list(covered.values())
        if max(values) - min(values) < 1e-9:
            break
        for queue, cover in covered.items():
            weight[queue] /= cover
        heaviest = max(weight[queue] for queue in covered)
        for queue in covered:
            weight[queue] = max(weight[queue] / heaviest, 1e-12)
    return given


def in_full_time(points: float, *, a_day: float, days: int) -> float:
    """Return points of a week as people who work all its days.

    Args:
        points: of one week.
        a_day: points of a whole working day of one person.
        days: working days of the week.
    """
    return points / (a_day * max(days, 1))
