"""How the work goes: volumes, outcomes, times, appeals, causes and work of the last weeks, and the requests behind them."""

from dataclasses import astuple
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.appeals.faces import BODIES
from openum.cases.queries import cases_listed_to, shown_to
from openum.db.clock import now
from openum.design.moments import day, moment
from openum.design.sheets import sheet
from openum.design.workbooks import workbook
from openum.programme.rules.operations import operations
from openum.programme.views.showing import CLASSES, LAWS
from openum.programme.workings import Period, appeal_rows, asked_of, cases_behind, cause_rows, load_rows

DAYS = (30, 90, 365)
SHOWN_CASES = 100
HEADS = (
    "plan", "line_of_business", "urgency", "received", "decided", "approved", "partly", "denied", "approval_percent", "partial_percent",
    "denial_percent", "automatic_percent", "pended_percent", "appealed", "overturned_percent", "mean_hours", "median_hours", "p90_hours",
    "mean_payer_hours", "mean_provider_hours", "mean_transit_hours",
)  # fmt: skip
APPEAL_HEADS = (
    "plan", "line_of_business", "level", "decided_by", "decided", "upheld", "overturned", "overturned_in_part",
    "early_reversals", "overturned_percent",
)  # fmt: skip
CAUSE_HEADS = ("plan", "reversed_by", "failed", "guideline", "criterion", "reversals")
LOAD_HEADS = ("plan", "crew", "acts", "people", "hours", "hours_a_week", "hours_a_week_each")
FAILED: dict[str, Promise] = {
    "node": _("A criterion was judged wrongly"),
    "fact": _("A fact was missing or wrong"),
    "step": _("A step of the procedure was wrong"),
}
REVERSED: dict[str, Promise] = {
    "appeal": _("On appeal"),
    "external_review": _("By an outside review"),
    "peer_to_peer": _("In a talk of clinicians"),
    "reopening": _("After reopening"),
    "correction": _("By correction"),
}
CREWS: dict[str, Promise] = {
    "intake": _("Intake"), "nurse": _("Nurses"), "physician": _("Physicians"), "appeals": _("Appeals"),
}  # fmt: skip
FIGURES: dict[str, Promise] = {
    "received": _("Received"), "decided": _("Decided"), "approved": _("Approved"), "partly": _("In part"),
    "denied": _("Denied or less"), "automatic": _("Approved by rule"), "pended": _("Asked for more"),
    "overturned": _("Overturned"), "appeals": _("Appeals decided"), "cause": _("Decisions that did not hold"),
}  # fmt: skip


def _days(request: HttpRequest) -> int:
    given = request.GET.get("days", "")
    return int(given) if given in {str(each) for each in DAYS} else DAYS[1]


def _periods(request: HttpRequest) -> list[Period]:
    at, days = now(), _days(request)
    plans = plans_visible_to(actor(request), Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS)
    return [Period(plan, days, at) for plan in plans if not plan.is_sandbox]


def _link(period: Period, **named: object) -> str:
    return "?" + urlencode({"plan": period.plan.key, "days": period.days, **named})


def _shown(period: Period) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of one plan in the words of the page."""
    name = period.plan.name
    return {
        "rows": [
            {
                **row, "plan": name, "law": LAWS[row["line_of_business"]], "class": CLASSES[row["urgency"]],
                "link": _link(period, law=row["line_of_business"], urgency=row["urgency"]),
            }
            for row in operations(asked_of(period))
        ],
        "appeals": [
            {
                "row": row, "plan": name, "law": LAWS[row.line_of_business], "body": BODIES.get(row.body, row.body),
                "link": _link(period, of="appeals", law=row.line_of_business, level=row.level, body=row.body),
            }
            for row in appeal_rows(period)
        ],
        "causes": [
            {
                "cause": cause, "count": count, "plan": name, "failed": FAILED[cause.kind],
                "because": REVERSED.get(cause.because, cause.because),
                "link": _link(
                    period, of="cause", because=cause.because, kind=cause.kind, guideline=cause.guideline, key=cause.key
                ),
            }
            for cause, count in cause_rows(period)
        ],
        "load": [{"row": row, "plan": name, "crew": CREWS.get(row.crew, row.crew)} for row in load_rows(period)],
    }  # fmt: skip


@require_safe
@needs(Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS)
def operations_page(request: HttpRequest) -> HttpResponse:
    """Show the figures of a period."""
    tables = [_shown(period) for period in _periods(request)]
    context: dict[str, Any] = {
        name: [row for table in tables for row in table[name]] for name in ("rows", "appeals", "causes", "load")
    }
    context |= {"days": _days(request), "choices": DAYS, "until": day(now().date())}
    return render(request, "programme/operations.html", context)


@require_safe
@needs(Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS)
def operations_file(request: HttpRequest) -> HttpResponse:
    """Return the same figures as a table; `table` chooses appeals, causes or load."""
    which = request.GET.get("table", "")
    tables = _tables(_periods(request))
    chosen = which if which in tables else "utilization-management"
    return sheet(chosen, tables[chosen], at=now())


@require_safe
@needs(Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS)
def operations_workbook(request: HttpRequest) -> HttpResponse:
    """Return all tables of the page in one workbook."""
    return workbook("utilization-management", _tables(_periods(request)), at=now())


def _tables(periods: list[Period]) -> dict[str, list[tuple[object, ...]]]:
    """Return the tables of the page by the name that a file of each has, heads first."""
    rows: dict[str, tuple[tuple[str, ...], list[tuple[object, ...]]]] = {
        "utilization-management": (
            HEADS, [_cells(each.plan.name, row) for each in periods for row in operations(asked_of(each))]
        ),
        "appeals": (APPEAL_HEADS, [(each.plan.name, *astuple(row)) for each in periods for row in appeal_rows(each)]),
        "causes": (
            CAUSE_HEADS, [(each.plan.name, *astuple(cause), count) for each in periods for cause, count in cause_rows(each)]
        ),
        "load": (LOAD_HEADS, [(each.plan.name, *astuple(row)) for each in periods for row in load_rows(each)]),
    }  # fmt: skip
    return {
        name: [heads, *(tuple("" if cell is None else cell for cell in row) for row in found)]
        for name, (heads, found) in rows.items()
    }


def _cells(plan: str, row: dict[str, Any]) -> tuple[object, ...]:
    return (
        plan, row["line_of_business"], row["urgency"], row["received"], row["decided"], row["counts"]["approved"],
        row["counts"]["partly"], row["counts"]["denied"], row["approval"], row["partial"], row["denial"], row["automatic"],
        row["pended"], row["appealed"], row["overturned"], *(row["hours"][name] for name in ("mean", "median", "p90")),
        *(row["split"][name] for name in ("payer", "provider", "transit")),
    )  # fmt: skip


@require_safe
@needs(Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS)
def operations_behind(request: HttpRequest) -> HttpResponse:
    """List the cases behind a figure, as far as the reader may see them."""
    user, asked = actor(request), request.GET.dict()
    period = next((each for each in _periods(request) if each.plan.key == asked.get("plan")), None)
    found = cases_behind(period, asked) if period else None
    if period is None or found is None:
        raise Http404
    rows = found.filter(pk__in=cases_listed_to(user).values("pk")).select_related("member", "product", "plan")
    cases = shown_to(user, list(rows.order_by("-opened_at", "-pk")[:SHOWN_CASES]))
    audit.record_reads(
        by=user, at=period.at, case_ids=sorted({case.public_id for case in cases}), why="programme: how the work goes"
    )
    context = {
        "rows": [{"case": case, "opened": moment(case.opened_at, period.plan.time_zone)} for case in cases],
        "title": FIGURES[asked["of"]], "most": SHOWN_CASES, "days": period.days, "plan": period.plan,
        "law": LAWS.get(asked.get("law", ""), ""), "class": CLASSES.get(asked.get("urgency", ""), ""),
        "words": " ".join(filter(None, (asked.get("guideline"), asked.get("key")))),
    }  # fmt: skip
    return render(request, "programme/operations_behind.html", context)
