"""The docket: every open appeal, the earliest deadline first, what is missing, the next step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.appeals.faces import BODIES, FORMS, OUTCOMES, STATES, missing_of, next_step
from openum.appeals.models import Appeal, Effectuation
from openum.appeals.queries import lack_a_body, open_appeals
from openum.appeals.rules.filing import SpeedAnswer
from openum.appeals.rules.states import AppealState
from openum.clocks.faces import face_of
from openum.clocks.models import Clock
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.directory.models import Product

PAGE = 100
VIEWS: Mapping[str, tuple[Any, frozenset[str]]] = {
    "speed": (_("Speed to answer"), frozenset()),
    "form": (_("Waiting for the filer"), frozenset({AppealState.WAITING_FOR_FORM, AppealState.LATE_FILING})),
    "assign": (_("To be assigned"), frozenset({AppealState.OPEN})),
    "reviewer": (_("With a reviewer"), frozenset({AppealState.ASSIGNED})),
    "outside": (
        _("Outside the plan"),
        frozenset({AppealState.PRELIMINARY, AppealState.TO_BE_SENT, AppealState.OUTSIDE}),
    ),
    "effectuate": (_("To be carried out"), frozenset({AppealState.DECIDED})),
}


@require_GET
@needs(Permission.MANAGE_APPEALS, Permission.DECIDE_APPEALS)
def docket(request: HttpRequest) -> HttpResponse:
    """List open appeals in due order; a reviewer sees the own ones first marked, a view narrows the list."""
    user, at = actor(request), now()
    every = list(open_appeals(user).select_related("recorded_by").order_by("filed_at", "pk")[:1000])
    wanted = request.GET.get("view", "")
    shown = [appeal for appeal in every if _fits(appeal, wanted)]
    clocks = _clocks(shown)
    without = lack_a_body(shown)
    rows = [_row(appeal, clocks.get(appeal.request_id), lacks_body=appeal.pk in without, at=at) for appeal in shown]
    rows.sort(key=lambda row: (row["due_at"] is None, row["due_at"] or at, row["appeal"].pk))
    rows = rows[:PAGE]
    audit.record_reads(
        by=user, at=at, why="appeals docket",
        case_ids=list(dict.fromkeys(row["appeal"].line.case.public_id for row in rows)),
    )  # fmt: skip
    context = {
        "rows": rows,
        "reader": user,
        "wanted": wanted,
        "views": [
            {"key": key, "words": words, "count": sum(1 for appeal in every if _fits(appeal, key))}
            for key, (words, _states) in VIEWS.items()
        ],
        "total": len(every),
        "to_carry_out": Effectuation.objects.filter(
            done_at__isnull=True, appeal__in=[appeal.pk for appeal in every]
        ).count(),
        "may_manage": user_may(user, Permission.MANAGE_APPEALS),
        "may_decide": user_may(user, Permission.DECIDE_APPEALS),
    }
    return render(request, "appeals/docket.html", context)


def _fits(appeal: Appeal, view: str) -> bool:
    if view == "speed":
        return appeal.speed == SpeedAnswer.TO_DECIDE
    if view not in VIEWS:
        return True
    return appeal.state in VIEWS[view][1]


def _clocks(appeals: list[Appeal]) -> dict[int, Clock]:
    """Return the earliest open duty of each appeal, by its request, with one query."""
    found: dict[int, Clock] = {}
    rows = Clock.objects.filter(
        request__in=[appeal.request_id for appeal in appeals], stopped_at__isnull=True, due_at__isnull=False
    ).order_by("-due_at", "-pk")
    for clock in rows:
        found[clock.request_id] = clock
    return found


def _row(appeal: Appeal, clock: Clock | None, *, lacks_body: bool, at: datetime) -> dict[str, Any]:
    zone = appeal.line.case.plan.time_zone
    words, shape, tone = STATES[appeal.state]
    product: Product = appeal.line.case.product
    return {
        "appeal": appeal,
        "number": appeal.number,
        "body": BODIES.get(appeal.body, appeal.body),
        "product": product.name,
        "received": short_moment(appeal.filed_at, zone),
        "acknowledged": short_moment(appeal.acknowledged_at, zone),
        "clock": face_of(clock, at=at) if clock else None,
        "due_at": clock.due_at if clock else None,
        "day": _day_of(clock, at=at),
        "state": words,
        "shape": shape,
        "tone": tone,
        "next": next_step(appeal, lacks_body=lacks_body),
        "missing": ", ".join(missing_of(appeal, lacks_body=lacks_body)),
        "lacks_body": lacks_body,
        "filed_by": appeal.filer_name or appeal.line.case.member.full_name,
        "form": FORMS.get(appeal.form, "") if appeal.form else "",
        "outcome": OUTCOMES[appeal.outcome][0] if appeal.outcome else "",
        "is_fast": appeal.speed in {SpeedAnswer.GRANTED, SpeedAnswer.TO_DECIDE},
    }


def _day_of(clock: Clock | None, *, at: datetime) -> str:
    """Return how many days of the time to act are used, counted as started; empty for times of less than two days."""
    if clock is None or clock.started_at is None or clock.due_at is None:
        return ""
    whole = (clock.due_at - clock.started_at).days
    return _("day %(n)d of %(whole)d") % {"n": (at - clock.started_at).days + 1, "whole": whole} if whole > 1 else ""
