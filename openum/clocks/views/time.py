"""The page about the time of one request: what counts, and what people may do to it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.queries import check_user_may, user_may
from openum.accounts.rules import Permission
from openum.cases.models import Request
from openum.cases.queries import cases_visible_to
from openum.clocks import services
from openum.clocks.choices import TimeChoices, time_choices
from openum.clocks.forms import ExtendForm, RefuseSpeedForm, SpeedForm
from openum.db.clock import now
from openum.vocabulary.errors import OpenUMError


@require_http_methods(["GET", "POST"])
@needs(Permission.REVIEW_LINES)
def time_of_request(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the time of a request; extend it, note that speed was asked for, or refuse speed."""
    user, at = actor(request), now()
    row = get_object_or_404(
        Request.objects.filter(case__in=cases_visible_to(user)).select_related("case__plan", "case__member"),
        public_id=public_id,
    )
    choices, zone = time_choices(row), ZoneInfo(row.case.plan.time_zone)
    given = request.POST if request.method == "POST" else None
    doing = request.POST.get("do", "")
    forms: dict[str, Form] = {
        "extend": ExtendForm(
            given if doing == "extend" else None, reasons=choices.extension.reasons if choices.extension else ()
        ),
        "speed": SpeedForm(given if doing == "speed" else None, initial={"asked_at": at.astimezone(zone)}),
        "refuse": RefuseSpeedForm(given if doing == "refuse" else None),
    }
    status = 200
    if doing in forms:
        form, status = forms[doing], 422
        if form.is_valid():
            try:
                _DO[doing](row, form.cleaned_data, request, zone)
                return redirect("cases:case", public_id=row.case.public_id)
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
    audit.record_reads(by=user, at=at, case_ids=[row.case.public_id], why="time of a request")
    return render(request, "clocks/time.html", _context(row, choices, forms, request), status=status)


def _context(row: Request, choices: TimeChoices, forms: dict[str, Form], request: HttpRequest) -> dict[str, Any]:
    return {
        "case": row.case,
        "request_row": row,
        "choices": choices,
        "forms": forms,
        "is_physician": user_may(actor(request), Permission.DECIDE_ADVERSELY),
    }


def _extend(row: Request, given: dict[str, Any], request: HttpRequest, zone: ZoneInfo) -> None:
    services.take_extension(request=row, reason=given["reason"], by=actor(request), at=now())


def _speed(row: Request, given: dict[str, Any], request: HttpRequest, zone: ZoneInfo) -> None:
    asked_at = given["asked_at"].replace(tzinfo=zone)
    services.upgrade(
        request=row, asked_at=asked_at, asked_by=given["asked_by"], reason=given["reason"], by=actor(request), at=now()
    )


def _refuse(row: Request, given: dict[str, Any], request: HttpRequest, zone: ZoneInfo) -> None:
    check_user_may(actor(request), Permission.DECIDE_ADVERSELY)
    services.refuse_expedite(request=row, reason=given["reason"], by=actor(request), at=now())


_DO: dict[str, Callable[[Request, dict[str, Any], HttpRequest, ZoneInfo], None]] = {
    "extend": _extend,
    "speed": _speed,
    "refuse": _refuse,
}
