"""The sandbox's first page: its clients, the answer each gets next, and the physician behind the answers."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from openum.accounts.gate import actor, needs
from openum.accounts.models import ApiClient, Plan, User
from openum.accounts.queries import scope_of, user_may
from openum.accounts.rules import Permission
from openum.adapters.sandbox.forms import ANSWERS, ArmForm
from openum.adapters.sandbox.queries import clients_armed_by
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.submission.services import (
    arm,
    disarm,
    pending_arming,
    sign_standing_order,
    standing_order,
    withdraw_standing_order,
)
from openum.vocabulary.errors import OpenUMError

_WORDS = {answer.value: words for answer, words in ANSWERS}


@require_http_methods(["GET", "POST"])
@needs(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS)
def home(request: HttpRequest) -> HttpResponse:
    """Show my clients with their armed answer; arm or disarm one."""
    user = actor(request)
    clients = clients_armed_by(user).order_by("name")
    refusal, status = "", 200
    if request.method == "POST":
        form = ArmForm(request.POST)
        if form.is_valid():
            client = get_object_or_404(clients, public_id=form.cleaned_data["client"])
            try:
                _change(request, client, form, user)
            except OpenUMError as error:
                refusal, status = error.sentence, error.status
            else:
                return redirect("sandbox:home")
        else:
            refusal, status = "; ".join(str(item) for errors in form.errors.values() for item in errors), 422
    found = list(clients)
    plans = {client.plan_id: client.plan for client in found}
    facts = {
        "rows": [_row(client) for client in found],
        "orders": [_order(plan) for plan in plans.values()],
        "may_sign": user_may(user, Permission.ARM_SANDBOX),
        "refusal": refusal,
        "here": "home",
    }
    return render(request, "sandbox/home.html", facts, status=status)


def _change(request: HttpRequest, client: ApiClient, form: ArmForm, user: User) -> None:
    if request.POST.get("do") == "disarm":
        disarm(client=client, by=user, at=now())
    else:
        arm(client=client, armed=form.armed(), by=user, at=now())


def _row(client: ApiClient) -> dict[str, Any]:
    arming = pending_arming(client, at=now())
    zone = client.plan.time_zone
    return {
        "client": client,
        "arming": arming,
        "answer": _WORDS[arming.answer] if arming else "",
        "armed": short_moment(arming.armed_at, zone) if arming else "",
        "until": short_moment(arming.expires_at, zone) if arming and arming.expires_at else "",
        "form": ArmForm(
            initial={"client": client.public_id, "delay_seconds": 10, "error_code": "42", "http_status": 422},
            auto_id=f"id_{client.pk}_%s",
        ),
    }


def _order(plan: Plan) -> dict[str, Any]:
    order = standing_order(plan)
    return {"plan": plan, "order": order, "signed": short_moment(order.signed_at, plan.time_zone) if order else ""}


@require_POST
@needs(Permission.ARM_SANDBOX)
def standing_order_of(request: HttpRequest) -> HttpResponse:
    """Sign or withdraw the standing order of one of my sandbox plans."""
    user = actor(request)
    plans = Plan.objects.filter(pk__in=scope_of(user).plans_with(Permission.ARM_SANDBOX), is_sandbox=True)
    plan = get_object_or_404(plans, key=request.POST.get("plan", ""))
    if request.POST.get("do") == "withdraw":
        withdraw_standing_order(plan=plan, by=user, at=now())
    else:
        sign_standing_order(plan=plan, by=user, at=now())
    return redirect("sandbox:home")
