"""The docket: every open appeal, the earliest deadline first, what is missing, the next step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
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
from openum.clocks.dockets import earliest_clocks, in_due_order
from openum.clocks.faces import face_of
from openum.clocks.models import Clock
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.design.paging import page_of
from openum.directory.models import Product

PAGE = 100
VIEWS: Mapping[str, tuple[Any, Q]] = {
    "speed": (_("Speed to answer"), Q(speed=SpeedAnswer.TO_DECIDE)),
    "form": (_("Waiting for the filer"), Q(state__in=[AppealState.WAITING_FOR_FORM, AppealState.LATE_FILING])),
    "assign": (_("To be assigned"), Q(state=AppealState.OPEN)),
    "reviewer": (_("With a reviewer"), Q(state=AppealState.ASSIGNED)),
    "outside": (
        _("Outside the plan"),
        Q(state__in=[AppealState.PRELIMINARY, AppealState.TO_BE_SENT, AppealState.OUTSIDE]),
    ),
    "effectuate": (_("To be carried out"), Q(state=AppealState.DECIDED)),
}


@require_GET
@needs(Permission.MANAGE_APPEALS, Permission.DECIDE_APPEALS)
def docket(request: HttpRequest) -> HttpResponse:
    """List open appeals in due order, by pages; a reviewer's own are marked, a view narrows the list."""
    user, at = actor(request), now()
    every, wanted = open_appeals(user), request.GET.get("view", "")
    counts = every.order_by().aggregate(
        total=Count("pk"), **{key: Count("pk", filter=fits) for key, (_words, fits) in VIEWS.items()}
    )
    found = every.filter(VIEWS[wanted][1]) if wanted in VIEWS else every
    shown, pages = page_of(in_due_order(found.select_related("recorded_by")), request, size=PAGE)
    clocks = earliest_clocks(appeal.request_id for appeal in shown)
    without = lack_a_body(shown)
    audit.record_reads(
        by=user, at=at, why="appeals docket",
        case_ids=list(dict.fromkeys(appeal.line.case.public_id for appeal in shown)),
    )  # fmt: skip
    context = {
        "rows": [
            _row(appeal, clocks.get(appeal.request_id), lacks_body=appeal.pk in without, at=at) for appeal in shown
        ],
        "pages": pages,
        "reader": user,
        "wanted": wanted,
        "views": [{"key": key, "words": words, "count": counts[key]} for key, (words, _fits) in VIEWS.items()],
        "total": counts["total"],
        "to_carry_out": Effectuation.objects.filter(done_at__isnull=True, appeal__in=every.values("pk")).count(),
        "may_manage": user_may(user, Permission.MANAGE_APPEALS),
        "may_decide": user_may(user, Permission.DECIDE_APPEALS),
    }
    return render(request, "appeals/docket.html", context)


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
