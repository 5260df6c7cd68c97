"""The member's page: the status in one plain sentence, the parcel line, what the plan looked at, the papers."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.cases.panels import panels_for
from openum.cases.queries import cases_visible_to, current_lines
from openum.criteria.queries import current_map
from openum.criteria.renderers.member import answers_of
from openum.db.clock import now
from openum.determination.portal.stages import member_sentence, stops
from openum.determination.portal.standing import standings
from openum.determination.queries import current_determination
from openum.vocabulary.terms import LineStatus


@require_GET
@needs(Permission.SEE_OWN_CASES)
def my_requests(request: HttpRequest) -> HttpResponse:
    """List the member's requests, each with its sentence."""
    user, at = actor(request), now()
    cases = list(
        cases_visible_to(user)
        .filter(Exists(ServiceLine.objects.filter(case=OuterRef("pk"))))
        .select_related("plan", "member")
        .order_by("-is_open", "-opened_at", "-pk")[:100]
    )
    where = standings(cases)
    audit.record_reads(by=user, at=at, case_ids=[case.public_id for case in cases], why="member page")
    rows: list[dict[str, Any]] = [
        {"case": case, "standing": where[case.pk], "sentence": member_sentence(where[case.pk])} for case in cases
    ]
    phone = next((case.plan.phone for case in cases if case.plan.phone), "")
    context = {
        "open_rows": [row for row in rows if row["case"].is_open],
        "closed_rows": [row for row in rows if not row["case"].is_open],
        "phone": phone,
    }
    return render(request, "determination/my_requests.html", context)


@require_GET
@needs(Permission.SEE_OWN_CASES)
def my_request(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one request to its member, in plain words and in their language."""
    user, at = actor(request), now()
    case = get_object_or_404(cases_visible_to(user).select_related("plan", "member", "product"), public_id=public_id)
    standing = standings([case])[case.pk]
    language = get_language() or "en"
    lines = current_lines(case)
    criteria, reasons = [], []
    for line in lines:
        line.case = case
        criteria += answers_of(current_map(line), language)
        decision = current_determination(line)
        if decision is not None and decision.is_adverse:
            reasons.append(decision.rationale)
    panels = [
        (panel, render_to_string(panel.template, {"case": case, **panel.context(case, user, at)}, request))
        for panel in panels_for(scope_of(user).permissions)
    ]
    audit.record_reads(by=user, at=at, case_ids=[case.public_id], why="member page")
    context = {
        "case": case,
        "standing": standing,
        "sentence": member_sentence(standing),
        "stops": stops(standing),
        "criteria": criteria,
        "reasons": reasons,
        "said_no": standing.status in {LineStatus.DENIED, LineStatus.PARTIALLY_APPROVED},
        "panels": panels,
        "phone": case.plan.phone,
    }
    return render(request, "determination/my_request.html", context)
