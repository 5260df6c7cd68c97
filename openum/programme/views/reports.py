"""What a plan has to post: the figures as they stand, the frozen versions, and the check of a delegate's file."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan
from openum.accounts.queries import plans_visible_to, user_may
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import day, moment
from openum.programme import services
from openum.programme.book import book
from openum.programme.forms import DelegateFileForm, FreezeForm
from openum.programme.models import PublicReport
from openum.programme.queries import levels_of, reports_visible_to
from openum.programme.rules.delegates import faults_of
from openum.programme.views.showing import LAWS, LEVELS, shown
from openum.vocabulary.errors import OpenUMError

FIRST_YEAR = 2025
"""The first year whose figures had to be posted."""


def _plans(request: HttpRequest) -> list[Plan]:
    return plans_visible_to(actor(request), Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS)


@require_safe
@needs(Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS)
def reports(request: HttpRequest) -> HttpResponse:
    """List what has to be posted, and what is."""
    at = now()
    kept: dict[tuple[int, str, str, int], PublicReport] = {}
    for report_ in reports_visible_to(actor(request)):
        kept.setdefault((report_.plan_id, report_.line_of_business, report_.level_key, report_.year), report_)
    rows: list[dict[str, Any]] = [
        {
            "level": level, "law": LAWS[level.posting.line_of_business], "kind": LEVELS[level.posting.level], "year": year,
            "due": day(book().due_on(year)), "frozen": kept.get((level.plan.pk, level.posting.line_of_business, level.key, year)),
        }
        for level in levels_of(_plans(request))
        for year in range(at.astimezone(ZoneInfo(level.plan.time_zone)).year, FIRST_YEAR - 1, -1)
    ]  # fmt: skip
    for row in rows:
        if row["frozen"]:
            row["frozen_at"] = moment(row["frozen"].frozen_at, row["level"].plan.time_zone)
    return render(request, "programme/reports.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS)
def report(request: HttpRequest, plan: str, law: str, key: str, year: int) -> HttpResponse:
    """Show the figures of a year as they stand, and freeze them."""
    user, at = actor(request), now()
    mine = next((each for each in _plans(request) if each.key == plan), None)
    if mine is None or not FIRST_YEAR <= year <= at.year:
        raise Http404
    level = services.level_of(mine, law, key)
    form, status = FreezeForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                services.freeze_report(
                    plan=mine, line_of_business=law, level_key=key, year=year, because=form.cleaned_data["because"], by=user, at=at
                )  # fmt: skip
                return redirect("programme:report", plan=plan, law=law, key=key, year=year)
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
    versions = reports_visible_to(user).filter(plan=mine, line_of_business=law, level_key=key, year=year)
    context = {
        "level": level, "law": LAWS[law], "kind": LEVELS[level.posting.level], "year": year, "form": form,
        "figures": shown(services.figures_of(level, year, at=at)), "due": day(book().due_on(year)),
        "versions": [{"row": row, "at": moment(row.frozen_at, mine.time_zone)} for row in versions],
        "may_freeze": user_may(user, Permission.POST_METRICS), "as_of": moment(at, mine.time_zone),
    }  # fmt: skip
    return render(request, "programme/report.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS)
def check_file(request: HttpRequest) -> HttpResponse:
    """Check a delegate's file; nothing of it is kept."""
    posted = request.method == "POST"
    form = DelegateFileForm(request.POST if posted else None, request.FILES if posted else None)
    context: dict[str, Any] = {"form": form, "faults": None}
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            context["faults"] = faults_of(form.cleaned_data["file"].read(), book().elements)
            status = 422 if context["faults"] else 200
    return render(request, "programme/check.html", context, status=status)
