"""The figures of the director's page, and the cases behind each. A figure and its list share one filter."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from openum.accounts.models import User
from openum.cases.models import Case, ServiceLine
from openum.cases.queries import cases_listed_to, not_replaced
from openum.clocks.lateness import HOURS, day_of, duties_of
from openum.clocks.models import Clock
from openum.db.keeping import kept_when_large
from openum.determination.models import Determination, OverturnLesson
from openum.grievances.models import Grievance
from openum.grievances.rules import GrievanceState
from openum.notices.models import Notice
from openum.vocabulary.terms import LineStatus as S

AT_RISK: Final = timedelta(hours=4)
"""A duty is at risk in its last hours; visual-design 5.3."""
RECENT_DAYS: Final = 30
QUALITY_DAYS: Final = 90
WITH_PLAN: Final = frozenset({S.RECEIVED, S.PENDED_WITH_PAYER, S.REOPENED})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who looks, when, in which zone, and at which lines of business (empty: all)."""

    user: User
    at: datetime
    zone: ZoneInfo
    lines_of_business: frozenset[str] = frozenset()

    @property
    def today(self) -> tuple[datetime, datetime]:
        """The first instant of today and of tomorrow."""
        return day_of(self.at, self.zone)

    def cases(self) -> QuerySet[Case]:
        """The cases in the reader's lists, without the sandbox's."""
        rows = cases_listed_to(self.user).filter(is_sandbox=False)
        return rows.filter(product__line_of_business__in=self.lines_of_business) if self.lines_of_business else rows

    def since(self, days: int) -> datetime:
        """The instant so many days ago."""
        return self.at - timedelta(days=days)


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What is due in one line of business: still open, by how pressing."""

    due: int
    at_risk: int
    late: int


def promise(asked: Asked) -> dict[str, Promise]:
    """Return what is due today, at risk and late, by line of business, from one reading of the open duties."""
    until = asked.today[1]
    counts: dict[str, Counter[str]] = {}
    for due_at, line_of_business in _duties(asked, until=until).values_list(
        "due_at", "case__product__line_of_business"
    ):
        assert due_at is not None  # a duty without a due time is not among them
        count = counts.setdefault(line_of_business, Counter())
        if due_at < asked.at:
            count["late"] += 1
            continue
        count["due"] += 1
        count["at_risk"] += due_at < asked.at + AT_RISK
    return {key: Promise(due=row["due"], at_risk=row["at_risk"], late=row["late"]) for key, row in counts.items()}


def _duties(asked: Asked, *, until: datetime, since: datetime | None = None) -> QuerySet[Clock]:
    return duties_of(asked.cases(), until=until, since=since)


def by_hour(asked: Asked) -> list[tuple[int, int]]:
    """Return how many requests came and how many lines were decided in each hour of today."""
    first, after = asked.today
    came, decided = Counter[int](), Counter[int]()
    for instant in _came(asked).values_list("opened_at", flat=True):
        came[instant.astimezone(asked.zone).hour] += 1
    rows = Determination.objects.filter(decided_at__gte=first, decided_at__lt=after, line__case__in=asked.cases())
    for instant in rows.values_list("decided_at", flat=True):
        decided[instant.astimezone(asked.zone).hour] += 1
    return [(came[hour], decided[hour]) for hour in range(HOURS)]


def _came(asked: Asked) -> QuerySet[Case]:
    first, after = asked.today
    return asked.cases().filter(opened_at__gte=first, opened_at__lt=after)


def _decided_today(asked: Asked) -> QuerySet[Case]:
    first, after = asked.today
    return _having(asked, Determination.objects.filter(decided_at__gte=first, decided_at__lt=after))


def _having(asked: Asked, decisions: QuerySet[Determination]) -> QuerySet[Case]:
    return asked.cases().filter(Exists(decisions.filter(line__case=OuterRef("pk"))))


@dataclass(frozen=True, kw_only=True)
class Balls:
    """How many lines wait, and for whom."""

    plan: int
    physician: int
    provider: int

    @property
    def whole(self) -> int:
        """How many in all."""
        return self.plan + self.physician + self.provider


def balls(asked: Asked) -> Balls:
    """Return who holds the open lines; where they are very many, as of up to two minutes ago (openum/db/keeping.py)."""
    return kept_when_large(
        ("balls", asked.user.pk, asked.lines_of_business),
        lambda: _counted_balls(asked),
        rows_of=lambda found: found.whole,
    )


def _counted_balls(asked: Asked) -> Balls:
    waiting = WITH_PLAN | {S.PENDED_WITH_PHYSICIAN, S.PENDED_WITH_PROVIDER}
    rows = ServiceLine.objects.filter(not_replaced(), status__in=waiting, case__in=asked.cases())
    found = dict(rows.order_by().values_list("status").annotate(n=Count("pk")))
    return Balls(
        plan=sum(found.get(status, 0) for status in WITH_PLAN),
        physician=found.get(S.PENDED_WITH_PHYSICIAN, 0),
        provider=found.get(S.PENDED_WITH_PROVIDER, 0),
    )


def _waiting(*statuses: S) -> Callable[[Asked], QuerySet[Case]]:
    def cases(asked: Asked) -> QuerySet[Case]:
        lines = ServiceLine.objects.filter(not_replaced(), case=OuterRef("pk"), status__in=statuses)
        return asked.cases().filter(Exists(lines))

    return cases


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Decisions of the last days: how many a rule approved, how many of those a person changed."""

    decided: int
    by_rule: int
    changed: int
    denied: int


def _recent(asked: Asked) -> QuerySet[Determination]:
    return Determination.objects.filter(decided_at__gte=asked.since(RECENT_DAYS), decided_at__lte=asked.at)


_BY_RULE = Q(decided_by_machine=True)
_CHANGED = Q(decided_by_machine=True, superseded_by__isnull=False)


def shares(asked: Asked) -> Shares:
    """Return what was decided in the last 30 days."""
    rows = _recent(asked).filter(line__case__in=asked.cases())
    found = rows.aggregate(
        decided=Count("pk"), by_rule=Count("pk", filter=_BY_RULE), changed=Count("pk", filter=_CHANGED),
        denied=Count("pk", filter=Q(is_adverse=True)),
    )  # fmt: skip
    return Shares(**found)


def _lessons(asked: Asked) -> QuerySet[OverturnLesson]:
    return OverturnLesson.objects.filter(made_at__gte=asked.since(QUALITY_DAYS), made_at__lte=asked.at)


def overturns(asked: Asked) -> dict[str, int]:
    """Return how many answers of no were changed in the last 90 days, by what changed them."""
    rows = _lessons(asked).filter(overturned__line__case__in=asked.cases())
    return dict(rows.order_by().values_list("because").annotate(n=Count("pk")))


def _overturned(asked: Asked) -> QuerySet[Case]:
    return asked.cases().filter(Exists(_lessons(asked).filter(overturned__line__case=OuterRef("pk"))))


@dataclass(frozen=True, kw_only=True)
class Letters:
    """Letters of the last 30 days to members whose reading grade was measured."""

    graded: int
    hard: int


def _graded(asked: Asked) -> QuerySet[Notice]:
    return Notice.objects.filter(
        prepared_at__gte=asked.since(RECENT_DAYS),
        prepared_at__lte=asked.at,
        audience="member",
        reading_grade__isnull=False,
    )


_HARD = ~Q(gate="")


def letters(asked: Asked) -> Letters:
    """Return how many letters were measured, and of how many the gate said that they read too hard."""
    found = _graded(asked).filter(case__in=asked.cases()).aggregate(graded=Count("pk"), hard=Count("pk", filter=_HARD))
    return Letters(**found)


def _hard_letters(asked: Asked) -> QuerySet[Case]:
    return asked.cases().filter(Exists(_graded(asked).filter(_HARD, case=OuterRef("pk"))))


@dataclass(frozen=True, kw_only=True)
class Complaints:
    """Complaints: open now, the fast ones among them, and how many of the last 90 days were right."""

    open: int
    fast: int
    right: int


def _complaints(asked: Asked) -> QuerySet[Grievance]:
    return Grievance.objects.filter(request__case__in=asked.cases())


def complaints(asked: Asked) -> Complaints:
    """Return how complaints stand."""
    is_open = Q(state=GrievanceState.OPEN)
    found = _complaints(asked).aggregate(
        open=Count("pk", filter=is_open), fast=Count("pk", filter=is_open & Q(is_fast=True)),
        right=Count("pk", filter=Q(is_substantiated=True, answered_at__gte=asked.since(QUALITY_DAYS))),
    )  # fmt: skip
    return Complaints(**found)


def _complained(asked: Asked) -> QuerySet[Case]:
    rows = Grievance.objects.filter(request__case=OuterRef("pk"), state=GrievanceState.OPEN)
    return asked.cases().filter(Exists(rows))


DUTIES: Final[Mapping[str, Callable[[Asked], QuerySet[Clock]]]] = {
    "due": lambda asked: _duties(asked, since=asked.at, until=asked.today[1]),
    "at-risk": lambda asked: _duties(asked, since=asked.at, until=min(asked.at + AT_RISK, asked.today[1])),
    "late": lambda asked: _duties(asked, until=asked.at),
}
"""The duties behind a figure, one a case, by its name in the address."""
LISTS: Final[Mapping[str, Callable[[Asked], QuerySet[Case]]]] = {
    "came": _came,
    "decided": _decided_today,
    "with-plan": _waiting(*WITH_PLAN),
    "with-physician": _waiting(S.PENDED_WITH_PHYSICIAN),
    "with-provider": _waiting(S.PENDED_WITH_PROVIDER),
    "by-rule": lambda asked: _having(asked, _recent(asked).filter(_BY_RULE)),
    "rule-changed": lambda asked: _having(asked, _recent(asked).filter(_CHANGED)),
    "denied": lambda asked: _having(asked, _recent(asked).filter(is_adverse=True)),
    "overturned": _overturned,
    "hard-letters": _hard_letters,
    "complaints": _complained,
}
"""The cases behind each other figure."""


def cases_behind(asked: Asked, figure: str, *, start: int, count: int) -> Sequence[Case]:
    """Return a page of the cases behind a figure (KeyError: no such figure): the soonest due first, else the newest."""
    page = slice(start, start + count)
    if figure in DUTIES:
        duties = DUTIES[figure](asked).select_related("case__member", "case__plan", "case__product")
        return [duty.case for duty in duties.order_by("due_at", "pk")[page]]
    rows = LISTS[figure](asked).select_related("member", "plan", "product")
    return list(rows.order_by("-opened_at", "pk")[page])
