"""The pages for people who answer for guidelines: ask for a run, watch it, read its counts."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan
from openum.accounts.queries import plans_visible_to, scope_of
from openum.accounts.rules import Permission
from openum.criteria.simulation import queries
from openum.criteria.simulation.events import SimulationRead
from openum.criteria.simulation.export import csv_of
from openum.criteria.simulation.models import Simulation
from openum.criteria.simulation.services import ask_simulation
from openum.db.clock import now
from openum.design.moments import day, short_moment
from openum.vocabulary.errors import OpenUMError

_DIMENSIONS = {
    "service": gettext_lazy("By service"),
    "product": gettext_lazy("By product"),
    "age": gettext_lazy("By age"),
    "language": gettext_lazy("By language"),
    "region": gettext_lazy("By region"),
}
_ANSWERS = {
    "approved": gettext_lazy("Approved by machine"),
    "met": gettext_lazy("Met, a person decides"),
    "not_met": gettext_lazy("Not met, a person decides"),
    "unknown": gettext_lazy("Open, a person decides"),
    "out-of-scope": gettext_lazy("Guideline does not hold"),
}
_SHOWN = 50


@require_http_methods(["GET", "POST"])
@needs(Permission.PUBLISH_GUIDELINES)
def simulations(request: HttpRequest) -> HttpResponse:
    """List the runs, and ask for a new one."""
    user = actor(request)
    plans = plans_visible_to(user, Permission.PUBLISH_GUIDELINES)
    problem = ""
    if request.method == "POST":
        plan = get_object_or_404(
            Plan,
            public_id=_uuid(request.POST.get("plan")),
            pk__in=scope_of(user).plans_with(Permission.PUBLISH_GUIDELINES),
        )
        try:
            made = ask_simulation(
                plan=plan, token=request.POST.get("version", ""), base=request.POST.get("base", ""), by=user, at=now()
            )
        except OpenUMError as error:
            problem = error.sentence
        else:
            return redirect("criteria:simulation", public_id=made.public_id)
    choices = [{"plan": plan, "candidates": queries.candidates_for(plan)} for plan in plans]
    rows = [
        {"simulation": row, "asked": short_moment(row.asked_at, row.plan.time_zone)}
        for row in queries.simulations_visible_to(user)[:_SHOWN]
    ]
    context = {"choices": choices, "rows": rows, "problem": problem}
    return render(request, "criteria/simulation/list.html", context, status=422 if problem else 200)


@require_safe
@needs(Permission.PUBLISH_GUIDELINES)
def simulation(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show how far a run is, or its counts. A run that is under way asks for this page's middle again."""
    user = actor(request)
    row = get_object_or_404(queries.simulations_visible_to(user), public_id=public_id)
    zone = row.plan.time_zone
    context: dict[str, Any] = {
        "simulation": row,
        "asked": short_moment(row.asked_at, zone),
        "since": day(row.requests_from.date()),
        "until": day(row.requests_to.date()),
        **(_report(row) if row.report else {}),
    }
    if row.report:
        audit.record(SimulationRead(simulation_id=row.public_id), by=user, at=now())
    part = "#progress" if request.headers.get("HX-Request") and not row.is_finished else ""
    response = render(request, f"criteria/simulation/one.html{part}", context)
    if request.headers.get("HX-Request") and row.is_finished:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@needs(Permission.PUBLISH_GUIDELINES)
def simulation_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out the counts for spreadsheets."""
    user = actor(request)
    row = get_object_or_404(queries.simulations_visible_to(user), public_id=public_id, state="done")
    audit.record(SimulationRead(simulation_id=row.public_id, as_file=True), by=user, at=now())
    response = HttpResponse(csv_of(row.report), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="simulation-{row.key}-{row.version}.csv"'
    return response


def _report(row: Simulation) -> dict[str, Any]:
    """Return the counts as the page shows them."""
    report = row.report
    return {
        "total": report["total"],
        "few": _("fewer than %(number)s") % {"number": report["smallest"]},
        "splits": [{"name": _DIMENSIONS[name], "rows": rows} for name, rows in report["by"].items()],
        "moves": [
            {
                **move,
                "before": _ANSWERS[move["from"]],
                "after": _ANSWERS[move["to"]],
                "same": move["from"] == move["to"],
            }
            for move in report["moves"]
        ],
        "leaves": report["leaves"],
        "failed": report["failed"],
    }


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
