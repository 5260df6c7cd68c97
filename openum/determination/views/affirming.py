"""The yearly statement that nobody is paid for saying no: what it says, until when mine holds, and whose is due."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan
from openum.accounts.queries import plans_visible_to, user_may
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import day, local_day
from openum.determination import services
from openum.determination.affirming import statement_of
from openum.determination.models import IncentiveAffirmation


@require_http_methods(["GET", "POST"])
@needs(Permission.APPROVE_LINES, Permission.WATCH_SAFEGUARDS)
def statement(request: HttpRequest) -> HttpResponse:
    """Show the statement of each plan of the reader, and affirm one."""
    user, at = actor(request), now()
    plans = [plan for plan in plans_visible_to(user) if not plan.is_sandbox]
    if request.method == "POST":
        keys = [plan.pk for plan in plans]
        plan = get_object_or_404(Plan, pk__in=keys, key=request.POST.get("plan", ""))
        services.affirm_statement(plan=plan, by=user, at=at)
        messages.success(request, _("Kept. Thank you."))
        return redirect("determination:statement")
    language = (get_language() or "en").split("-")[0]
    decides, watches = (
        plans_visible_to(user, each) for each in (Permission.APPROVE_LINES, Permission.WATCH_SAFEGUARDS)
    )
    rows: list[dict[str, Any]] = []
    for plan in plans:
        on = local_day(at, plan.time_zone)
        found = statement_of(plan, on=on)
        if found is None:
            continue
        text, mine = found[0], services.affirmed_on(plan, user)
        rows.append(
            {
                "plan": plan,
                "text": text.text.get(language) or text.text["en"],
                "citation": text.citation,
                "blocks": text.blocks_a_no,
                "is_affirmed": text.is_affirmed(mine, on=on),
                "until": day(text.holds_until(mine)) if mine else "",
                "may_affirm": plan in decides,
                "given": _given(plan) if plan in watches else [],
            }
        )
    may_declare = user_may(user, Permission.APPROVE_LINES)
    return render(request, "determination/statement.html", {"rows": rows, "may_declare": may_declare})


def _given(plan: Plan) -> list[dict[str, Any]]:
    """List the last affirmation of each person, the oldest first."""
    last: dict[int, IncentiveAffirmation] = {}
    for row in IncentiveAffirmation.objects.filter(plan=plan).select_related("user").order_by("affirmed_at", "pk"):
        last[row.user_id] = row
    rows = sorted(last.values(), key=lambda row: row.affirmed_at)
    return [{"name": row.user.name, "on": day(local_day(row.affirmed_at, plan.time_zone))} for row in rows]
