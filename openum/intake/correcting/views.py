"""The receipt on the case page: what stands, what waits for a second person, and the form to propose another time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.rules import Permission
from openum.cases.models import Case, Request
from openum.cases.panels import Panel, register
from openum.cases.queries import cases_visible_to
from openum.db.clock import now
from openum.design.moments import moment
from openum.intake.correcting import services
from openum.intake.models import ReceiptProposal
from openum.vocabulary.errors import Invalid, OpenUMError

_ORDER = 65


def _context(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.product.time_zone
    rows = []
    for request in case.requests.order_by("received_at", "pk"):
        waiting = (
            ReceiptProposal.objects.filter(request=request, settled_at__isnull=True)
            .select_related("proposed_by")
            .first()
        )
        rows.append(
            {
                "request": request,
                "received": moment(request.received_at, zone),
                "before": moment(request.receipt_corrected_from, zone) if request.receipt_corrected_from else "",
                "waiting": waiting,
                "proposed": moment(waiting.received_at, zone) if waiting else "",
                "is_mine": waiting is not None and waiting.proposed_by_id == user.pk,
            }
        )
    return {"rows": rows, "provisional": case.member if case.member.is_provisional else None}


def register_panel() -> None:
    """Contribute the receipt to the case page, for people of intake."""
    register(
        Panel(
            key="receipt", title=gettext_noop("Receipt"), order=_ORDER, template="intake/receipt.html",
            context=_context, needs=Permission.MATCH_INTAKE,
        )
    )  # fmt: skip


@require_POST
@needs(Permission.MATCH_INTAKE)
def propose(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Propose another receipt time."""
    user, at = actor(request), now()
    row = get_object_or_404(
        Request.objects.select_related("case", "case__product").filter(case__in=cases_visible_to(user).values("pk")),
        public_id=public_id,
    )
    try:
        services.propose_receipt(
            request=row, received_at=_instant(request, row.case.product.time_zone),
            reason=request.POST.get("reason", ""), by=user, at=at,
        )  # fmt: skip
        messages.success(request, _("A second person has to confirm it; until then the receipt stands."))
    except OpenUMError as refusal:
        _say(request, refusal)
    return redirect("cases:case", public_id=row.case.public_id)


def _instant(request: HttpRequest, zone: str) -> datetime:
    """Read day and time in the product's zone.

    Raises:
        Invalid: no day or time.
    """
    try:
        said = datetime.fromisoformat(f"{request.POST.get('day', '')}T{request.POST.get('time', '')}")
    except ValueError:
        raise Invalid("Say on which day and at what time the request was received.") from None
    return said.replace(tzinfo=ZoneInfo(zone))


@require_POST
@needs(Permission.MATCH_INTAKE)
def settle(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Confirm or refuse a proposed receipt time."""
    user, at = actor(request), now()
    proposal = get_object_or_404(
        ReceiptProposal.objects.select_related("request__case").filter(
            request__case__in=cases_visible_to(user).values("pk")
        ),
        public_id=public_id,
    )
    try:
        services.settle_receipt(proposal=proposal, is_confirmed=request.POST.get("do") == "confirm", by=user, at=at)
    except OpenUMError as refusal:
        _say(request, refusal)
    return redirect("cases:case", public_id=proposal.request.case.public_id)


def _say(request: HttpRequest, refusal: OpenUMError) -> None:
    """Show a refusal on the case page; what one may not do at all stays a refusal of its own."""
    if refusal.status not in {409, 422}:
        raise refusal
    messages.error(request, refusal.sentence)
