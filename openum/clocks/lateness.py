"""Reads of what runs out: the duties due today by hour, raised rungs, the register of breaches. Scoped to the reader."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from openum.accounts.models import User
from openum.accounts.queries import scope_of, user_may
from openum.accounts.rules import Permission
from openum.cases.models import Case
from openum.cases.queries import SealedCase, cases_listed_to, shown_to
from openum.clocks.models import Breach, Clock, Escalation
from openum.vocabulary.terms import LineOfBusiness

HOURS = 24
LINE_GROUPS: tuple[tuple[Promise, frozenset[LineOfBusiness]], ...] = (
    (gettext_lazy("Medicare"), frozenset({LineOfBusiness.MEDICARE_ADVANTAGE, LineOfBusiness.MEDICARE_PART_D})),
    (
        gettext_lazy("Medicaid and CHIP"),
        frozenset({LineOfBusiness.MEDICAID_MANAGED_CARE, LineOfBusiness.MEDICAID_FFS, LineOfBusiness.CHIP_FFS}),
    ),
    (gettext_lazy("Employer plans"), frozenset({LineOfBusiness.ERISA_GROUP})),
    (
        gettext_lazy("Insured and marketplace"),
        frozenset({LineOfBusiness.COMMERCIAL_STATE, LineOfBusiness.QHP_FFE}),
    ),
)
"""Lines of business as the pages group them."""


@dataclass(frozen=True, slots=True)
class Hour:
    """The cases due in one hour of today, by line of business."""

    hour: int
    counts: Counter[str]

    @property
    def total(self) -> int:
        """How many cases in all."""
        return self.counts.total()


@dataclass(frozen=True, slots=True)
class River:
    """What is due today, hour by hour, what was due before, and which hour it is now, in the zone of the plan."""

    hours: tuple[Hour, ...]
    late: int
    now: int


def day_of(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of the day that holds an instant, and that of the next."""
    today = at.astimezone(zone).date()
    first = datetime.combine(today, time(), zone)
    return first, datetime.combine(today + timedelta(days=1), time(), zone)


def duties_of(cases: QuerySet[Case], *, until: datetime, since: datetime | None = None) -> QuerySet[Clock]:
    """Open duties of law that bind their case and are due before an instant: the earliest of each of these cases."""
    span = Q(due_at__lt=until) & (Q(due_at__gte=since) if since else Q())
    earlier = Clock.objects.filter(
        Q(due_at__lt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), pk__lt=OuterRef("pk")),
        case_id=OuterRef("case_id"), binds=True, stopped_at__isnull=True,
    )  # fmt: skip
    open_ones = Clock.objects.filter(span, binds=True, stopped_at__isnull=True, due_at__isnull=False)
    return open_ones.filter(~Exists(earlier), Exists(cases.filter(pk=OuterRef("case_id"))))


def _binding(user: User, *, until: datetime, since: datetime | None = None) -> QuerySet[Clock]:
    return duties_of(cases_listed_to(user), until=until, since=since)


def due_river(user: User, *, at: datetime, zone: ZoneInfo) -> River:
    """Count the cases due today by hour and line of business."""
    first, after = day_of(at, zone)
    counts: list[Counter[str]] = [Counter() for _ in range(HOURS)]
    rows = _binding(user, since=first, until=after).values_list("due_at", "case__product__line_of_business")
    for due_at, line_of_business in rows:
        assert due_at is not None
        counts[due_at.astimezone(zone).hour][line_of_business] += 1
    return River(
        hours=tuple(Hour(number, count) for number, count in enumerate(counts)),
        late=_binding(user, until=first).count(),
        now=at.astimezone(zone).hour,
    )


def due_in_hour(user: User, hour: int, *, at: datetime, zone: ZoneInfo, most: int) -> list[Case | SealedCase]:
    """Return the cases due in an hour of today, the earliest first, at most so many."""
    first, after = day_of(at, zone)
    rows = (
        _binding(user, since=first, until=after)
        .select_related("case__member", "case__product", "case__plan")
        .order_by("due_at", "pk")
    )
    due = [clock.case for clock in rows if clock.due_at and clock.due_at.astimezone(zone).hour == hour][:most]
    return shown_to(user, due)


def escalations_listed_to(user: User) -> QuerySet[Escalation]:
    """Rungs of the cases in a person's lists, whoever was told."""
    return Escalation.objects.filter(Exists(cases_listed_to(user).filter(pk=OuterRef("case_id"))))


def escalations_for(user: User) -> list[Escalation]:
    """Return the rungs that told one of a person's roles, nobody noted and whose duty is still open; oldest first."""
    roles = {str(role) for role in scope_of(user).roles}
    waiting = escalations_listed_to(user).filter(noted_at__isnull=True, clock__stopped_at__isnull=True)
    rows = waiting.select_related("case__member", "case__plan", "case__product", "clock")
    return [row for row in rows.order_by("raised_at", "pk") if not roles.isdisjoint(row.tells)]


def breaches_visible_to(user: User) -> QuerySet[Breach]:
    """Breaches of visible cases: all of them to those who keep or audit the register, to others their own."""
    rows = Breach.objects.filter(Exists(cases_listed_to(user).filter(pk=OuterRef("case_id"))))
    if not (user_may(user, Permission.KEEP_BREACHES) or user_may(user, Permission.SEE_AUDIT)):
        rows = rows.filter(owner=user)
    return rows.select_related("case__member", "case__plan", "clock", "owner", "explained_by")


def owners_for(breach: Breach) -> Sequence[User]:
    """Return the people of the plan who can own a breach."""
    people = User.objects.filter(is_active=True, kind=User.PERSON, memberships__plan=breach.case.plan_id)
    return [one for one in people.distinct().order_by("name") if user_may(one, Permission.SEE_PLAN_CASES)]
