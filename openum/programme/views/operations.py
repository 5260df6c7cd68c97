"""How the work goes: volumes, outcomes and times of the last weeks, by line of business and speed."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import day
from openum.design.sheets import sheet
from openum.directory.models import Product
from openum.programme.queries import asked_in
from openum.programme.rules.operations import operations
from openum.programme.views.showing import CLASSES, LAWS
from openum.vocabulary.terms import RequestKind

DAYS = (30, 90, 365)
KINDS = (RequestKind.AUTHORIZATION, RequestKind.ADMISSION, RequestKind.CONTINUITY, RequestKind.NETWORK_EXCEPTION)
HEADS = (
    "plan", "line_of_business", "urgency", "received", "decided", "approved", "partly", "denied", "approval_percent", "partial_percent",
    "denial_percent", "automatic_percent", "pended_percent", "appealed", "overturned_percent", "mean_hours", "median_hours", "p90_hours",
)  # fmt: skip


def _days(request: HttpRequest) -> int:
    given = request.GET.get("days", "")
    return int(given) if given in {str(each) for each in DAYS} else DAYS[1]


def _rows(request: HttpRequest, days: int) -> list[tuple[Plan, dict[str, Any]]]:
    at = now()
    found = []
    for plan in plans_visible_to(actor(request), Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS):
        after = at.astimezone(ZoneInfo(plan.time_zone)).date() + timedelta(days=1)
        asked = asked_in(
            Product.objects.filter(plan=plan),
            after - timedelta(days=days),
            after,
            zone=plan.time_zone,
            until=at,
            kinds=KINDS,
        )
        found += [(plan, row) for row in operations(asked)]
    return found


@require_safe
@needs(Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS)
def operations_page(request: HttpRequest) -> HttpResponse:
    """Show the figures of a period."""
    days = _days(request)
    rows = [
        {**row, "plan": plan.name, "law": LAWS[row["line_of_business"]], "class": CLASSES[row["urgency"]]}
        for plan, row in _rows(request, days)
    ]
    context = {"rows": rows, "days": days, "choices": DAYS, "until": day(now().date())}
    return render(request, "programme/operations.html", context)


@require_safe
@needs(Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS)
def operations_file(request: HttpRequest) -> HttpResponse:
    """Return the same figures as a table."""
    rows: list[tuple[object, ...]] = [HEADS]
    for plan, row in _rows(request, _days(request)):
        cells = (
            plan.name, row["line_of_business"], row["urgency"], row["received"], row["decided"], row["counts"]["approved"],
            row["counts"]["partly"], row["counts"]["denied"], row["approval"], row["partial"], row["denial"], row["automatic"],
            row["pended"], row["appealed"], row["overturned"], *(row["hours"][name] for name in ("mean", "median", "p90")),
        )  # fmt: skip
        rows.append(tuple("" if cell is None else cell for cell in cells))
    return sheet("utilization-management", rows, at=now())
