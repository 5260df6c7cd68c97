"""Everything that is with bodies outside the plan: where it stands, its dates, and the organizations in their turn."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.appeals import queries, services
from openum.appeals.faces import BODIES, OUTCOMES, STATES
from openum.appeals.forms import OrganizationForm
from openum.appeals.models import Appeal, ReviewOrganization
from openum.appeals.rules.law import OUTSIDE, Body
from openum.clocks.dockets import earliest_clocks
from openum.clocks.faces import face_of
from openum.clocks.models import Clock
from openum.db.clock import now
from openum.design.moments import day, moment, short_moment
from openum.vocabulary.errors import OpenUMError

PAGE = 100


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_APPEALS)
def outside_page(request: HttpRequest) -> HttpResponse:
    """List reviews outside the plan with their dates, and the organizations in rotation; enter or change one."""
    user, at = actor(request), now()
    plans = plans_visible_to(user, Permission.MANAGE_APPEALS)
    if not plans:
        raise Http404
    plan = plans[0]
    form, status, refusal = OrganizationForm(), 200, ""
    if request.method == "POST":
        form, status = OrganizationForm(request.POST), 422
        if form.is_valid():
            given = dict(form.cleaned_data)
            given["body"] = Body(given["body"])
            given["interests"] = _interests(given.pop("interests"))
            try:
                services.enter_review_organization(plan=plan, by=user, at=at, **given)
                return redirect("appeals:outside")
            except OpenUMError as no:
                refusal, status = no.sentence, no.status
    appeals = list(
        queries.appeals_visible_to(user)
        .filter(body__in=sorted(OUTSIDE))
        .select_related("outside__organization", "decision")
        .order_by("-filed_at", "-pk")[:PAGE]
    )
    clocks = earliest_clocks(appeal.request_id for appeal in appeals)
    audit.record_reads(
        by=user, at=at, why="outside reviews",
        case_ids=list(dict.fromkeys(appeal.line.case.public_id for appeal in appeals)),
    )  # fmt: skip
    context = {
        "rows": [_row(appeal, clocks.get(appeal.request_id), at=at) for appeal in appeals],
        "organizations": [_organization(row, plan) for row in _in_turn(plan)],
        "form": form, "refusal": refusal,
    }  # fmt: skip
    return render(request, "appeals/outside.html", context, status=status)


def _interests(text: str) -> dict[str, str]:
    """Read one conflict a line: provider number, then why."""
    found = {}
    for line in text.splitlines():
        npi, _, why = line.strip().partition(" ")
        if npi:
            found[npi] = why.strip() or "A conflict was entered without words."
    return found


def _in_turn(plan: Plan) -> list[ReviewOrganization]:
    rows = ReviewOrganization.objects.filter(plan=plan).order_by("body", "name")
    return sorted(rows, key=lambda row: (row.body, row.last_assigned_at is not None, row.last_assigned_at, row.name))


def _organization(row: ReviewOrganization, plan: Plan) -> dict[str, Any]:
    return {
        "organization": row,
        "body": BODIES.get(row.body, row.body),
        "accredited": day(row.accredited_to),
        "last": short_moment(row.last_assigned_at, plan.time_zone),
        "interests": sorted(row.interests.items()),
    }


def _row(appeal: Appeal, clock: Clock | None, *, at: Any) -> dict[str, Any]:
    zone, outside = appeal.line.case.plan.time_zone, appeal.outside
    words, shape, tone = STATES[appeal.state]
    steps = (
        ("asked", appeal.filed_at), ("checked", outside.preliminary_at), ("assigned", outside.assigned_at),
        ("sent", outside.forwarded_at), ("hearing", outside.hearing_at), ("decided", outside.decision_received_at),
    )  # fmt: skip
    return {
        "appeal": appeal,
        "body": BODIES.get(appeal.body, appeal.body),
        "organization": outside.organization.name if outside.organization else "",
        "state": words, "shape": shape, "tone": tone,
        "clock": face_of(clock, at=at) if clock else None,
        "steps": {key: moment(instant, zone) for key, instant in steps if instant},
        "outcome": OUTCOMES[appeal.outcome][0] if appeal.outcome else "",
    }  # fmt: skip
