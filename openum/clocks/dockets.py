"""Lists of requests of their own, such as appeals and complaints, in the order of their duties of law."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from openum.clocks.models import Clock


def in_due_order(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return rows that have a request, the one whose earliest open duty is due first at the top; those without one last."""
    clocks = _open().filter(request_id=OuterRef("request_id")).order_by("due_at")
    due = Subquery(clocks.values("due_at")[:1])
    ordered: QuerySet[Any] = rows.annotate(due=due).order_by(F("due").asc(nulls_last=True), "pk")
    return ordered


def earliest_clocks(request_ids: Iterable[int]) -> dict[int, Clock]:
    """Return the earliest open duty of each request, by the key of the request, with one query."""
    found = _open().filter(request__in=list(request_ids)).order_by("-due_at", "-pk")
    return {clock.request_id: clock for clock in found}


def _open() -> QuerySet[Clock]:
    return Clock.objects.filter(stopped_at__isnull=True, due_at__isnull=False)
