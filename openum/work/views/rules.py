"""Routing rules: the document in force, a simulation of another one, and its publication."""

import hashlib
from datetime import datetime

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan, User
from openum.accounts.queries import own_plan, plans_visible_to, scope_of
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.vocabulary.errors import OpenUMError
from openum.work import services
from openum.work.forms import RulesForm
from openum.work.models import Queue
from openum.work.queries.routing import routing_for
from openum.work.queries.simulating import Simulation, simulate

MOST_LINES = 5000
"""So many open lines are routed on paper while a person waits; the command looks at all."""
MOST_MOVES = 50
_SALT = "openum.work.simulated"
_TOKEN_SECONDS = 3600


def _plan(request: HttpRequest, user: User) -> Plan:
    wanted = request.POST.get("plan") or request.GET.get("plan")
    chosen = (plan for plan in plans_visible_to(user, Permission.SEE_PLAN_CASES) if plan.key == wanted)
    return next(chosen, None) or own_plan(user, Permission.SEE_PLAN_CASES)


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_PLAN_CASES)
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules in force; who keeps the work tries others and publishes what was tried."""
    user, at = actor(request), now()
    plan = _plan(request, user)
    in_force = routing_for(plan, at=at)
    form = RulesForm(initial={"text": in_force.policy.body if in_force else ""})
    context: dict[str, object] = {}
    status = 200
    may_keep = plan.pk in scope_of(user).plans_with(Permission.KEEP_WORK)
    if request.method == "POST" and may_keep:
        form = RulesForm(request.POST)
        status = 422
        if form.is_valid():
            text = form.cleaned_data["text"].replace("\r\n", "\n")
            try:
                if request.POST.get("do") == "publish":
                    return _publish(request, text, plan, user, at)
                context, status = _simulated(text, plan, user, at), 200
            except OpenUMError as error:
                context = {"refusal": error.sentence}
    names = dict(Queue.objects.filter(plan=plan).values_list("key", "name"))
    context |= {
        "plan": plan, "plans": plans_visible_to(user, Permission.SEE_PLAN_CASES), "in_force": in_force, "form": form,
        "names": names,
        "table": [
            {"rule": rule, "queue": names.get(rule.queue, rule.queue), "when": _words(rule.when.any_of, rule.when.prefixes),
             "floor": rule.when.complexity_at_least}
            for rule in (in_force.routing.rules if in_force else ())
        ],
        "may_keep": may_keep,
    }  # fmt: skip
    return render(request, "work/rules.html", context, status=status)


def _words(any_of: tuple[tuple[str, frozenset[str]], ...], prefixes: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        (
            key.replace("_", " "),
            ", ".join(
                sorted(value.replace("_", " ") for value in values)
                + [f"{prefix}…" for prefix in (prefixes if key == "service" else ())]
            ),
        )
        for key, values in any_of
    ]


def _digest(text: str, plan: Plan) -> str:
    return hashlib.sha256(f"{plan.key}\n{text}".encode()).hexdigest()


def _simulated(text: str, plan: Plan, user: User, at: datetime) -> dict[str, object]:
    routing = services.check_routing(text=text, plan=plan)
    found: Simulation = simulate(plan=plan, routing=routing, at=at, most_lines=MOST_LINES, most_moves=MOST_MOVES)
    audit.record_reads(
        by=user, at=at, case_ids=list(dict.fromkeys(move.case_id for move in found.moves)), why="routing simulation"
    )
    flows = sorted(found.flows.items(), key=lambda item: (-item[1], item[0]))
    return {
        "found": found,
        "flows": [(before, after, count) for (before, after), count in flows],
        "by_rule": found.by_rule.most_common(),
        "token": signing.dumps(_digest(text, plan), salt=_SALT),
        "version": routing.version,
    }


def _publish(request: HttpRequest, text: str, plan: Plan, user: User, at: datetime) -> HttpResponse:
    try:
        simulated = signing.loads(request.POST.get("token", ""), salt=_SALT, max_age=_TOKEN_SECONDS)
    except signing.BadSignature:
        simulated = ""
    if simulated != _digest(text, plan):
        raise services.NotSimulated(
            "Simulate this very text first, then publish it. The text changed since, or an hour passed."
        )
    policy = services.publish_routing(text=text, plan=plan, by=user, at=at)
    messages.success(request, _("Version %(version)s is published.") % {"version": policy.version})
    response = redirect("work:rules")
    response["Location"] += f"?plan={plan.key}"
    return response


@require_POST
@needs(Permission.KEEP_WORK)
def route_anew(request: HttpRequest) -> HttpResponse:
    """Let the worker route the open lines by the rules in force."""
    user = actor(request)
    plan = _plan(request, user)
    services.ask_to_reroute(plan=plan, by=user, at=now())
    messages.info(request, _("Open requests are routed anew in the background. What somebody holds stays with them."))
    response = redirect("work:rules")
    response["Location"] += f"?plan={plan.key}"
    return response
