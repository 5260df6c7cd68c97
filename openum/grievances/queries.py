"""Reads of complaints and disputes, and their trend."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet

from openum.accounts.models import User
from openum.cases.models import Note
from openum.cases.queries import cases_visible_to
from openum.clocks.models import Clock
from openum.clocks.rules.reading import ClockState
from openum.grievances.models import Grievance, ProviderDispute
from openum.grievances.rules import GrievanceState
from openum.vocabulary.terms import ClockPurpose


def grievances_visible_to(user: User) -> QuerySet[Grievance]:
    """Complaints on cases an actor may see."""
    return Grievance.objects.filter(
        Exists(cases_visible_to(user).filter(pk=OuterRef("request__case_id")))
    ).select_related(
        "request__case__plan", "request__case__product", "request__case__member", "answered_by", "moved_to"
    )


def disputes_visible_to(user: User) -> QuerySet[ProviderDispute]:
    """Disputes on cases an actor may see."""
    return ProviderDispute.objects.filter(
        Exists(cases_visible_to(user).filter(pk=OuterRef("line__case_id")))
    ).select_related(
        "line__case__plan", "line__case__product", "line__case__member", "organization", "request", "answered_by"
    )


def involved_in(grievance: Grievance) -> frozenset[str]:
    """Return the public ids of those who did what a complaint about speed or time is about."""
    if not grievance.is_fast:
        return frozenset()
    notes = Note.objects.filter(case=grievance.request.case, purpose="expedite", written_at__lte=grievance.filed_at)
    return frozenset(str(key) for key in notes.values_list("written_by__public_id", flat=True))


@dataclass(frozen=True, kw_only=True)
class TrendRow:
    """Complaints of one month, line of business and matter."""

    month: str
    line_of_business: str
    about: str
    filed: int
    answered: int
    in_time: int
    substantiated: int


def trend(user: User, *, since: datetime) -> Iterator[TrendRow]:
    """Count the complaints an actor may see by month, line of business and matter, oldest first."""
    rows = list(grievances_visible_to(user).filter(filed_at__gte=since).order_by("filed_at"))
    late = set(
        Clock.objects.filter(
            request__in=[row.request_id for row in rows], purpose=ClockPurpose.DECIDE, state=ClockState.LATE
        ).values_list("request_id", flat=True)
    )
    groups: dict[tuple[str, str, str], list[Grievance]] = {}
    for row in rows:
        zone = ZoneInfo(row.request.case.product.time_zone)
        key = (f"{row.filed_at.astimezone(zone):%Y-%m}", row.request.case.product.line_of_business, row.about)
        groups.setdefault(key, []).append(row)
    for (month, line_of_business, about), found in sorted(groups.items()):
        answered = [row for row in found if row.state == GrievanceState.ANSWERED]
        yield TrendRow(
            month=month, line_of_business=line_of_business, about=about, filed=len(found), answered=len(answered),
            in_time=sum(1 for row in answered if row.request_id not in late),
            substantiated=sum(1 for row in answered if row.is_substantiated),
        )  # fmt: skip
