"""What people do around a case: tick a step, watch, take a tag off."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases.models import Case
from openum.cases.queries import cases_visible_to
from openum.db.clock import now
from openum.vocabulary.errors import OpenUMError
from openum.work import services
from openum.work.views.mine import say_refusal


def _case(request: HttpRequest, public_id: UUID) -> Case:
    return get_object_or_404(
        cases_visible_to(actor(request)).select_related("plan", "product", "member"), public_id=public_id
    )


def _back(case: Case, anchor: str) -> HttpResponse:
    response = redirect("cases:case", public_id=case.public_id)
    response["Location"] += f"#{anchor}"
    return response


@require_POST
@needs(Permission.SEE_PLAN_CASES)
def step(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Answer a step of a checklist, or take the answer back."""
    case, user, at = _case(request, public_id), actor(request), now()
    template, key = request.POST.get("template", ""), request.POST.get("step", "")
    try:
        if request.POST.get("do") == "back":
            services.untick_step(case=case, template=template, step=key, by=user, at=at)
        else:
            services.tick_step(
                case=case, template=template, step=key, state=request.POST.get("do", ""),
                reason=request.POST.get("reason", ""), by=user, at=at,
            )  # fmt: skip
    except OpenUMError as refusal:
        say_refusal(request, refusal)
    return _back(case, "tasks")


@require_POST
@needs(Permission.SEE_PLAN_CASES)
def watch(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Begin or stop watching."""
    case, user, at = _case(request, public_id), actor(request), now()
    if request.POST.get("do") == "stop":
        services.unwatch(case=case, by=user, at=at)
    else:
        services.watch(case=case, by=user, at=at)
    return _back(case, "work")


@require_POST
@needs(Permission.GIVE_WORK)
def untag(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a tag off."""
    case = _case(request, public_id)
    services.untag_case(case=case, word=request.POST.get("word", ""), by=actor(request), at=now())
    return _back(case, "work")
