"""What runs out: the due river, what was escalated to the reader, and the register of breaches with cause and owner."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import plans_visible_to, user_may
from openum.accounts.rules import Permission
from openum.cases.queries import shown_to
from openum.clocks import lateness, services
from openum.clocks.faces import face_of, faces_of, rungs_of
from openum.clocks.forms import AssignForm, ExplainForm
from openum.clocks.models import Breach, Cause
from openum.db.clock import now
from openum.design.clock import clock_chip, ladder
from openum.design.moments import moment, short_moment, span
from openum.design.paging import page_asked
from openum.design.river import Column, due_river
from openum.design.sheets import sheet
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Ball

PAGE = 50
_BALLS = {
    Ball.PAYER: gettext_lazy("plan"), Ball.PROVIDER: gettext_lazy("provider"), Ball.TRANSIT: gettext_lazy("in transit"),
}  # fmt: skip
_RUNGS = {
    "at-risk": gettext_lazy("At risk"),
    "last-call": gettext_lazy("Last call"),
    "passed": gettext_lazy("The time passed"),
    "one-day-late": gettext_lazy("One day late"),
}
_VIEWS = {
    "": gettext_lazy("All"),
    "no-cause": gettext_lazy("Without a cause"),
    "open": gettext_lazy("Duty still open"),
    "mine": gettext_lazy("Mine"),
}


def _zone(user: User) -> ZoneInfo:
    plans = plans_visible_to(user, Permission.SEE_PLAN_CASES)
    return ZoneInfo(plans[0].time_zone if plans else "America/New_York")


@require_GET
@needs(Permission.SEE_PLAN_CASES)
def overview(request: HttpRequest) -> HttpResponse:
    """Show what is due today, what was escalated to the reader, and how the register stands."""
    user, at = actor(request), now()
    zone = _zone(user)
    river = lateness.due_river(user, at=at, zone=zone)
    told = lateness.escalations_for(user)
    audit.record_reads(by=user, at=at, case_ids=[row.case.public_id for row in told], why="escalations")
    rows = lateness.breaches_visible_to(user)
    return render(
        request,
        "clocks/deadlines.html",
        {
            "river": due_river(
                [
                    Column(
                        label=f"{each.hour:02}:00", url=reverse("clocks:hour", args=[each.hour]),
                        counts=[sum(each.counts[name] for name in names) for _word, names in lateness.LINE_GROUPS],
                    )
                    for each in river.hours
                ],
                kinds=[str(word) for word, _names in lateness.LINE_GROUPS], now=river.now,
            ),
            "late": river.late,
            "today": sum(each.total for each in river.hours),
            "told": [
                {
                    "row": row, "case": case, "rung": _RUNGS.get(row.rung, row.rung), "chip": clock_chip(face_of(row.clock, at=at)),
                    "raised": short_moment(row.raised_at, zone.key),
                }
                for row, case in zip(told, shown_to(user, [row.case for row in told]), strict=True)
            ],
            "breaches": rows.filter(set_aside_at__isnull=True).count(),
            "no_cause": rows.filter(cause="", set_aside_at__isnull=True).count(),
        },
    )  # fmt: skip


@require_GET
@needs(Permission.SEE_PLAN_CASES)
def hour(request: HttpRequest, hour: int) -> HttpResponse:
    """List the cases due in an hour of today."""
    if hour >= lateness.HOURS:
        raise Http404
    user, at = actor(request), now()
    cases = lateness.due_in_hour(user, hour, at=at, zone=_zone(user), most=PAGE)
    audit.record_reads(by=user, at=at, case_ids=[case.public_id for case in cases], why="cases due in an hour")
    faces = faces_of([case.pk for case in cases], at=at)
    rows = [{"case": case, "chip": clock_chip(faces[case.pk])} for case in cases]
    return render(request, "clocks/hour.html", {"rows": rows, "from": f"{hour:02}:00", "to": f"{hour:02}:59"})


@require_POST
@needs(Permission.SEE_PLAN_CASES)
def note(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take note of an escalation."""
    user = actor(request)
    get_object_or_404(lateness.escalations_listed_to(user), public_id=public_id)
    row = next((one for one in lateness.escalations_for(user) if one.public_id == public_id), None)
    if row is not None:
        services.note_escalation(escalation=row, by=user, at=now())
    return redirect("clocks:deadlines")


@require_GET
@needs(Permission.SEE_PLAN_CASES)
def breaches(request: HttpRequest) -> HttpResponse:
    """List the register, newest first."""
    user, at, zone = actor(request), now(), _zone(actor(request)).key
    view = request.GET.get("view", "")
    page = page_asked(request)
    rows = list(_chosen(user, view)[(page - 1) * PAGE : page * PAGE + 1])
    shown = rows[:PAGE]
    audit.record_reads(by=user, at=at, case_ids=[row.case.public_id for row in shown], why="register of breaches")
    address = f"{reverse('clocks:breaches')}?view={view}&page="
    return render(
        request,
        "clocks/breaches.html",
        {
            "rows": [
                {
                    "row": row,
                    "due": moment(row.due_at, zone),
                    "late": span(_late_by(row, at)),
                    "cause": Cause(row.cause).label if row.cause else "",
                }
                for row in shown
            ],
            "views": [(key, word, key == view) for key, word in _VIEWS.items()],
            "view": view,
            "pages": {
                "words": _("Page %(number)d") % {"number": page},
                "previous_url": f"{address}{page - 1}" if page > 1 else "",
                "next_url": f"{address}{page + 1}" if len(rows) > PAGE else "",
            },
        },
    )


def _chosen(user: User, view: str) -> QuerySet[Breach]:
    rows = lateness.breaches_visible_to(user).order_by("-due_at", "-pk")
    if view == "no-cause":
        return rows.filter(cause="", set_aside_at__isnull=True)
    if view == "open":
        return rows.filter(clock__stopped_at__isnull=True, set_aside_at__isnull=True)
    return rows.filter(owner=user) if view == "mine" else rows


def _late_by(row: Breach, at: datetime) -> timedelta:
    return (row.clock.stopped_at or at) - row.due_at


@require_GET
@needs(Permission.SEE_PLAN_CASES)
def breaches_file(request: HttpRequest) -> HttpResponse:
    """Return the register as CSV: case numbers, law, times, owner and cause; no member's name."""
    user, at = actor(request), now()
    rows = list(_chosen(user, request.GET.get("view", "")))
    audit.record_reads(by=user, at=at, case_ids=[row.case.public_id for row in rows], why="register of breaches, file")
    return sheet("breaches", _register(rows, at=at), at=at)


_COLUMNS = (
    "case", "rule", "citation", "due_at", "met_at", "late_hours", "with", "law_says", "owner", "cause", "explanation",
    "remedy", "set_aside_at",
)  # fmt: skip


def _register(rows: Iterable[Breach], *, at: datetime) -> Iterator[Sequence[str]]:
    yield _COLUMNS
    for row in rows:
        met = row.clock.stopped_at
        yield (
            row.case.number, f"{row.rule} v{row.rule_version}", row.citation, row.due_at.isoformat(),
            met.isoformat() if met else "", f"{_late_by(row, at).total_seconds() / 3600:.1f}", row.ball, row.missed,
            row.owner.name if row.owner else "", row.cause, row.explanation, row.remedy,
            row.set_aside_at.isoformat() if row.set_aside_at else "",
        )  # fmt: skip


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_PLAN_CASES)
def breach(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one breach; give it an owner, or say why it happened."""
    user, at = actor(request), now()
    row = get_object_or_404(lateness.breaches_visible_to(user), public_id=public_id)
    doing, given = request.POST.get("do", ""), request.POST if request.method == "POST" else None
    owners = lateness.owners_for(row)
    explain = ExplainForm(
        given if doing == "explain" else None,
        initial={"cause": row.cause, "explanation": row.explanation, "remedy": row.remedy},
    )
    assign = AssignForm(given if doing == "assign" else None, people=owners, initial={"owner": row.owner_id or ""})
    forms: dict[str, ExplainForm | AssignForm] = {"explain": explain}
    if user_may(user, Permission.KEEP_BREACHES):
        forms["assign"] = assign
    chosen, status = forms.get(doing), 200
    if chosen is not None:
        status = 422
        if chosen.is_valid():
            try:
                _do(row, doing, chosen.cleaned_data, owners, by=user, at=at)
                return redirect("clocks:breach", public_id=row.public_id)
            except OpenUMError as refusal:
                chosen.add_error(None, refusal.sentence)
                status = refusal.status
    audit.record_reads(by=user, at=at, case_ids=[row.case.public_id], why="breach of a deadline")
    zone = row.case.plan.time_zone
    context: dict[str, Any] = {
        "case": shown_to(user, [row.case])[0],
        "row": row, "explain": explain, "assign": forms.get("assign"),
        "due": moment(row.due_at, zone), "late": span(_late_by(row, at)), "met": moment(row.clock.stopped_at, zone),
        "ball": _BALLS[Ball(row.ball)], "cause": Cause(row.cause).label if row.cause else "",
        "explained": moment(row.explained_at, zone), "set_aside": moment(row.set_aside_at, zone),
        "ladder": ladder(rungs_of(row.clock), label=row.clock.title),
        "chip": clock_chip(face_of(row.clock, at=at)),
    }  # fmt: skip
    return render(request, "clocks/breach.html", context, status=status)


def _do(row: Breach, doing: str, given: dict[str, Any], owners: Any, *, by: User, at: datetime) -> None:
    if doing == "assign":
        owner = next(one for one in owners if str(one.pk) == given["owner"])
        services.assign_breach(breach=row, owner=owner, by=by, at=at)
    else:
        services.explain_breach(breach=row, **given, by=by, at=at)
