"""The capacity board: what will come in twelve weeks, what people can carry, and what is missing."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openum.accounts.gate import actor, needs
from openum.accounts.queries import own_plan, user_may
from openum.accounts.rules import Permission
from openum.clocks.holiday_words import holiday_words
from openum.db.clock import now
from openum.design import moments
from openum.design.fan import Blade, fan
from openum.design.sheets import sheet
from openum.vocabulary.errors import OpenUMError
from openum.work import services
from openum.work.forms import PastWeeksForm
from openum.work.queries.capacity import Board, Skill, board

SHOWN = 26


@require_GET
@needs(Permission.SEE_PLAN_CASES)
def ahead(request: HttpRequest) -> HttpResponse:
    """Show the board."""
    return _board(request, form=PastWeeksForm())


@require_POST
@needs(Permission.KEEP_WORK)
def take_in(request: HttpRequest) -> HttpResponse:
    """Take weekly counts of the system before in."""
    user, refusal = actor(request), ""
    form = PastWeeksForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data
        try:
            services.take_in_past_weeks(
                plan=own_plan(user, Permission.KEEP_WORK),
                counts=given["file"],
                source=given["source"],
                by=user,
                at=now(),
            )
            return redirect("work:ahead")
        except OpenUMError as error:
            refusal = error.sentence
    return _board(request, form=form, refusal=refusal, status=422)


def _board(request: HttpRequest, *, form: PastWeeksForm, refusal: str = "", status: int = 200) -> HttpResponse:
    user = actor(request)
    plan = own_plan(user, Permission.SEE_PLAN_CASES)
    found = board(plan, at=now())
    context = {
        "plan": plan, "board": found, "form": form, "refusal": refusal, "may_keep": user_may(user, Permission.KEEP_WORK),
        "queues": [_shown(each) for each in found.queues], "fields": [_shown(each) for each in found.fields],
        "weeks": [_week(monday) for monday in found.mondays],
        "holidays": ", ".join(f"{holiday_words(name)} ({_week(day)})" for day, name in found.holidays),
    }  # fmt: skip
    return render(request, "work/ahead.html", context, status=status)


def _week(day: Any) -> str:
    return moments.short_day(day)


def _shown(skill: Skill) -> dict[str, Any]:
    """Return a skill with its drawing and its sentence."""
    drawn = ""
    if skill.ahead:
        blades = [
            Blade(
                label=_week(each.monday), middle=each.said.expected, narrow=(each.said.low80, each.said.high80),
                wide=(each.said.low95, each.said.high95),
            )
            for each in skill.ahead
        ]  # fmt: skip
        past = [(_week(week.monday), float(week.count)) for week in skill.weeks[-SHOWN:]]
        label = _("Requests that came to %(name)s each week, and those expected") % {"name": skill.name}
        drawn = fan(past, blades, label=label)
    tried = skill.trial
    return {
        "it": skill, "drawn": drawn, "said": _said(skill),
        "months": [(moments.month(day), _signed(gap)) for day, gap in skill.months],
        "held80": round(tried.held80 * 100) if tried else None, "held95": round(tried.held95 * 100) if tried else None,
    }  # fmt: skip


def _signed(gap: float) -> str:
    """Return a gap with its sign."""
    number = round(gap, 1)
    return f"−{number_format(-number, 1)}" if number < 0 else f"+{number_format(number, 1)}"


def _said(skill: Skill) -> str:
    """Return in one sentence whether people are missing."""
    worst = skill.worst
    if not skill.ahead or not skill.people:
        return ""
    if worst is None:
        least = min(each.gap for each in skill.ahead)
        return _("Enough people in all twelve weeks; the tightest has %(gap)s to spare.") % {
            "gap": number_format(round(least, 1), 1)
        }
    return _("Short by %(gap)s full-time people in the week of %(day)s.") % {
        "gap": number_format(round(worst.missing, 1), 1), "day": moments.day(worst.monday),
    }  # fmt: skip


HEADS = (
    "queue", "stage", "week", "working_days", "requests", "low80", "high80", "low95", "high95", "points_needed", "points_there",
    "gap_fte", "gap_fte_low", "gap_fte_high",
)  # fmt: skip


@require_GET
@needs(Permission.SEE_PLAN_CASES)
def as_sheet(request: HttpRequest) -> HttpResponse:
    """Hand the board out as a table."""
    at = now()
    found = board(own_plan(actor(request), Permission.SEE_PLAN_CASES), at=at)
    return sheet("capacity", [HEADS, *_rows(found)], at=at)


def _rows(found: Board) -> Iterator[tuple[object, ...]]:
    for skill in found.queues:
        for each in skill.ahead:
            said = each.said
            numbers = (
                said.expected, said.low80, said.high80, said.low95, said.high95, each.needed, each.given, each.gap, each.gap_low,
                each.gap_high,
            )  # fmt: skip
            yield skill.key, skill.stage, each.monday.isoformat(), said.days, *(round(number, 2) for number in numbers)
