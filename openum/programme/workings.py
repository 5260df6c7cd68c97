"""Reads appeals, their causes, the work of people, and the requests behind a figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet

from openum.accounts.models import Plan, User
from openum.appeals.models import Appeal
from openum.appeals.rules.states import Counted
from openum.audit.models import EventRow
from openum.cases.models import Case, Request
from openum.determination.models import OverturnLesson
from openum.directory.models import Product
from openum.programme.queries import asked_in
from openum.programme.rules.asked import Asked
from openum.programme.rules.operations import BEHIND
from openum.programme.rules.workings import AppealRow, AppealSeen, Cause, Load, appeals_by_level, causes, load
from openum.programme.worth import worth
from openum.vocabulary.terms import RequestKind

KINDS = (RequestKind.AUTHORIZATION, RequestKind.ADMISSION, RequestKind.CONTINUITY, RequestKind.NETWORK_EXCEPTION)
NEWEST = 5_000
"""Of the requests behind a figure so many are looked at, the newest."""


@dataclass(frozen=True)
class Period:
    """The last days of a plan, whole days in its zone, as they stand at an instant."""

    plan: Plan
    days: int
    at: datetime

    @property
    def after(self) -> date:
        """The first day behind it."""
        return self.at.astimezone(ZoneInfo(self.plan.time_zone)).date() + timedelta(days=1)

    @property
    def first(self) -> date:
        """Its first day."""
        return self.after - timedelta(days=self.days)

    @property
    def since(self) -> datetime:
        """Its first instant."""
        return datetime.combine(self.first, time(), ZoneInfo(self.plan.time_zone))


def asked_of(period: Period) -> list[Asked]:
    """Return the requests received in a period."""
    return asked_in(
        Product.objects.filter(plan=period.plan), period.first, period.after, zone=period.plan.time_zone, until=period.at,
        kinds=KINDS,
    )  # fmt: skip


def _appeals(period: Period) -> QuerySet[Appeal]:
    return Appeal.objects.filter(
        line__case__plan=period.plan,
        line__case__is_sandbox=False,
        decided_at__gte=period.since,
        decided_at__lte=period.at,
    ).exclude(outcome="")


def _lessons(period: Period) -> QuerySet[OverturnLesson]:
    return OverturnLesson.objects.filter(
        plan=period.plan, overturned__line__case__is_sandbox=False, made_at__gte=period.since, made_at__lte=period.at
    )


def appeal_rows(period: Period) -> list[AppealRow]:
    """Return the appeals decided in a period, by law, level and who decided."""
    rows = _appeals(period).values_list(
        "line__case__product__line_of_business", "level", "body", "outcome", "decision__counted_as"
    )
    return appeals_by_level(
        AppealSeen(law, level, body, outcome, counted == Counted.EARLY_REVERSAL)
        for law, level, body, outcome, counted in rows
    )


def cause_rows(period: Period) -> list[tuple[Cause, int]]:
    """Return why decisions did not hold, of those reversed in a period."""
    return causes(Cause(*row) for row in _lessons(period).values_list("because", "kind", "guideline", "key"))


def load_rows(period: Period) -> list[Load]:
    """Return the work that people had with a plan's cases in a period, by crew. Nobody is named."""
    crews = worth().crews
    cases = Case.objects.filter(plan=period.plan, is_sandbox=False).values("public_id")
    done = EventRow.objects.filter(
        actor_kind=User.PERSON, at__gte=period.since, at__lte=period.at, case_id__in=cases,
        type__in=[name for minutes in crews.values() for name in minutes],
    ).order_by()  # fmt: skip
    acts: dict[str, int] = {}
    heads: dict[str, set[object]] = {crew: set() for crew in crews}
    crew_of = {name: crew for crew, minutes in crews.items() for name in minutes}
    for name, actor, count in done.values_list("type", "actor_id").annotate(n=Count("pk")):
        acts[name] = acts.get(name, 0) + count
        heads[crew_of[name]].add(actor)
    return load(acts, {crew: len(found) for crew, found in heads.items()}, crews, days=period.days)


def cases_behind(period: Period, asked: Mapping[str, str]) -> QuerySet[Case] | None:
    """Return the cases behind a figure; None where there is no such figure.

    Args:
        asked: `of` names it; `law` and `urgency` its row, `level` and `body` that of appeals, `kind`, `guideline`, `key`
            and `because` that of a cause.
    """
    of = asked.get("of", "")
    if of in BEHIND:
        found = [
            each.pk
            for each in asked_of(period)
            if (each.line_of_business, each.urgency) == (asked.get("law"), asked.get("urgency")) and BEHIND[of](each)
        ]
        return Case.objects.filter(pk__in=Request.objects.filter(pk__in=found[-NEWEST:]).values("case_id"))
    if of == "appeals" and asked.get("level", "").isascii() and asked.get("level", "").isdecimal():
        rows = _appeals(period).filter(
            level=min(int(asked["level"]), 99), body=asked.get("body", ""),
            line__case__product__line_of_business=asked.get("law", ""),
        )  # fmt: skip
        return Case.objects.filter(pk__in=rows.values("line__case_id"))
    if of == "cause":
        exact = {name: asked.get(name, "") for name in ("because", "kind", "guideline", "key")}
        return Case.objects.filter(pk__in=_lessons(period).filter(**exact).values("overturned__line__case_id"))
    return None
