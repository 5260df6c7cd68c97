"""Which decisions two people make: the documents in force, a trial of another one, and its publication."""

import hashlib
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan, User
from openum.accounts.queries import own_plan, plans_visible_to, scope_of
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import day as words_of_day
from openum.design.moments import short_moment
from openum.determination import services
from openum.determination.forms import ReadingRulesForm
from openum.determination.readings import OUTCOME_WORDS
from openum.determination.second_reading import SECOND_READINGS, NotTried, Row, read_document
from openum.determination.trying import tried_on_last_year
from openum.directory.models import Policy
from openum.directory.queries import policies_on
from openum.vocabulary.errors import OpenUMError

_SALT = "openum.determination.tried"
_TOKEN_SECONDS = 3600


@require_http_methods(["GET", "POST"])
@needs(Permission.WATCH_SAFEGUARDS)
def reading_rules(request: HttpRequest) -> HttpResponse:
    """Show which decisions two people make; who publishes clinical policies tries other rows and publishes them."""
    user, at = actor(request), now()
    plan = _plan(request, user)
    in_force = policies_on(plan=plan, kind=SECOND_READINGS, on=at.astimezone(ZoneInfo(plan.time_zone)).date())
    form = ReadingRulesForm(initial={"text": in_force[0].body if in_force else ""})
    may_publish = plan.pk in scope_of(user).plans_with(Permission.PUBLISH_GUIDELINES)
    context: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        form, status = ReadingRulesForm(request.POST), 422
        if form.is_valid():
            text = form.cleaned_data["text"].replace("\r\n", "\n")
            try:
                if request.POST.get("do") == "publish":
                    return _publish(request, text, plan, user, at)
                context, status = _tried(text, plan, in_force, user, at), 200
            except OpenUMError as error:
                context, status = {"refusal": error.sentence}, error.status
    context |= {
        "plan": plan, "plans": plans_visible_to(user, Permission.WATCH_SAFEGUARDS), "form": form,
        "may_publish": may_publish, "documents": [_document(policy) for policy in in_force],
    }  # fmt: skip
    return render(request, "determination/reading_rules.html", context, status=status)


def _plan(request: HttpRequest, user: User) -> Plan:
    wanted = request.POST.get("plan") or request.GET.get("plan")
    chosen = (plan for plan in plans_visible_to(user, Permission.WATCH_SAFEGUARDS) if plan.key == wanted)
    return next(chosen, None) or own_plan(user, Permission.WATCH_SAFEGUARDS)


def _document(policy: Policy) -> dict[str, Any]:
    document = read_document(policy.body)
    return {
        "policy": policy, "since": words_of_day(document.effective_from), "rows": [_row(row) for row in document.rows],
    }  # fmt: skip


def _row(row: Row) -> dict[str, Any]:
    narrowed = [
        ", ".join(sorted(value.replace("_", " ") for value in values))
        for values in (row.reason_classes, row.lines_of_business, row.specialties, row.service_classes, row.codes)
        if values
    ]
    if row.least_amount_usd is not None:
        narrowed.append(_("from $%(n)s") % {"n": f"{row.least_amount_usd:,}"})
    if row.least_units is not None:
        narrowed.append(_("from %(n)s units") % {"n": row.least_units})
    return {
        "row": row,
        "decisions": [words for outcome, words in OUTCOME_WORDS.items() if outcome in row.decisions],
        "narrowed": narrowed,
        "because": row.because.get((get_language() or "en")[:2]) or row.because["en"],
    }


def _digest(text: str, plan: Plan) -> str:
    return hashlib.sha256(f"{plan.key}\n{text}".encode()).hexdigest()


def _tried(text: str, plan: Plan, in_force: list[Policy], user: User, at: datetime) -> dict[str, Any]:
    document = read_document(text)
    rows = [row for policy in in_force for row in read_document(policy.body).rows]
    others = [row for policy in in_force if policy.key != document.key for row in read_document(policy.body).rows]
    trial = tried_on_last_year(plan=plan, rows=[*document.rows, *others], in_force=rows, user=user, at=at)
    seen = dict.fromkeys(change.case_id for change in trial.changes if change.case_id is not None)
    audit.record_reads(by=user, at=at, case_ids=list(seen), why="trial of second readings")
    return {
        "trial": trial,
        "weekly": f"{trial.weekly:.1f}",
        "changes": [
            {
                "change": change, "when": short_moment(change.decided_at, plan.time_zone),
                "outcome": OUTCOME_WORDS.get(change.outcome, change.outcome),  # type: ignore[call-overload]
            }
            for change in trial.changes
        ],
        "version": document.version,
        "token": signing.dumps(_digest(text, plan), salt=_SALT),
    }  # fmt: skip


def _publish(request: HttpRequest, text: str, plan: Plan, user: User, at: datetime) -> HttpResponse:
    try:
        tried = signing.loads(request.POST.get("token", ""), salt=_SALT, max_age=_TOKEN_SECONDS)
    except signing.BadSignature:
        tried = ""
    if tried != _digest(text, plan):
        raise NotTried("Try this very text first, then publish it. The text changed since, or an hour passed.")
    policy = services.publish_second_readings(text=text, plan=plan, by=user, at=at)
    messages.success(request, _("Version %(version)s is published.") % {"version": policy.version})
    response = redirect("determination:reading-rules")
    response["Location"] += f"?plan={plan.key}"
    return response
