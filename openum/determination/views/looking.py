"""Approvals by software that people look at again: the sample, one of them, and for whom rules approve less often."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf.locale import LANG_INFO
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan
from openum.accounts.queries import plans_visible_to, user_may
from openum.accounts.rules import Permission
from openum.criteria.snapshots import view_of
from openum.db.clock import now
from openum.design.moments import local_day, moment, short_moment
from openum.determination import drawing, services
from openum.determination.forms import LookForm
from openum.determination.looks import Group, Why
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import ServiceClass

MOST = 100
WHY_WORDS = {
    Why.CHANCE: gettext_lazy("Drawn by chance"),
    Why.NEW_RULE: gettext_lazy("Among the first under this rule"),
    Why.AIMED: gettext_lazy("Chosen by a person"),
}
_ABOUT = {
    "age": gettext_lazy("Age"), "sex": gettext_lazy("Sex"), "language": gettext_lazy("Language"),
    "condition": gettext_lazy("Condition"),
}  # fmt: skip
_NAMES = {
    ("age", "child"): gettext_lazy("Under 18"),
    ("age", "adult"): gettext_lazy("18 to 64"),
    ("age", "old"): gettext_lazy("65 and over"),
    ("sex", "female"): gettext_lazy("Women and girls"),
    ("sex", "male"): gettext_lazy("Men and boys"),
    ("condition", ServiceClass.MEDICAL_SURGICAL): gettext_lazy("Medical and surgical"),
    ("condition", ServiceClass.MENTAL_HEALTH): gettext_lazy("Mental health"),
    ("condition", ServiceClass.SUBSTANCE_USE): gettext_lazy("Substance use"),
}


@require_GET
@needs(Permission.REVIEW_LINES, Permission.WATCH_SAFEGUARDS)
def approvals(request: HttpRequest) -> HttpResponse:
    """List the approvals by a rule that wait for a look, how far people have come, and the shares by group of members."""
    user, at = actor(request), now()
    plans = [plan for plan in plans_visible_to(user) if not plan.is_sandbox]
    sample = drawing.sample_for(user, plans, at=at, most=MOST)
    read = [row.line.case.public_id for row, _why in sample.waiting]
    audit.record_reads(by=user, at=at, case_ids=list(dict.fromkeys(read)), why="approvals by a rule")
    watches = plans_visible_to(user, Permission.WATCH_SAFEGUARDS)
    context = {
        "sample": sample,
        "waiting": [
            {
                "row": row, "why": WHY_WORDS[why],
                "decided": short_moment(row.decided_at, row.line.case.plan.time_zone),
            }
            for row, why in sample.waiting
        ],
        "plans": [_of_plan(plan, at=at) for plan in plans if plan in watches],
    }  # fmt: skip
    return render(request, "determination/approvals.html", context)


def _of_plan(plan: Plan, *, at: datetime) -> dict[str, Any]:
    return {
        "plan": plan,
        "terms": drawing.look_terms(plan, on=local_day(at, plan.time_zone)),
        "groups": [_shown(group) for group in drawing.groups_of(plan, at=at)],
    }


def _shown(group: Group) -> dict[str, Any]:
    return {
        "about": _ABOUT[group.about],
        "name": _name(group),
        "group": group,
        "share": "–" if group.share is None else f"{group.share:.1%}",
    }


def _name(group: Group) -> str:
    if group.about == "language" and group.name in LANG_INFO:
        return str(get_language_info(group.name)["name_translated"])
    return str(_NAMES.get((group.about, group.name), group.name or _("Not known")))


@require_http_methods(["GET", "POST"])
@needs(Permission.REVIEW_LINES, Permission.WATCH_SAFEGUARDS)
def approval(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show an approval by a rule with what it rested on, and take a clinician's look."""
    user, at = actor(request), now()
    row = get_object_or_404(drawing.approvals_visible_to(user), public_id=public_id)
    form, status = LookForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            agrees = request.POST.get("do") == "agree"
            try:
                services.look_at_approval(
                    determination=row, agrees=agrees, words=form.cleaned_data["words"], by=user, at=at
                )
                messages.success(request, _("Kept. The approval stands."))
                return redirect("determination:approvals")
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
    audit.record_reads(by=user, at=at, case_ids=[row.line.case.public_id], why="approval by a rule")
    language, zone = get_language() or "en", row.line.case.plan.time_zone
    frozen = row.evidence_map
    leaves = view_of(frozen.snapshot).leaves if frozen is not None and frozen.snapshot["guideline"]["id"] else ()
    look = getattr(row, "look", None)
    context = {
        "row": row, "case": row.line.case, "line": row.line, "form": form, "look": look,
        "decided": moment(row.decided_at, zone), "looked": moment(look.at, zone) if look else "",
        "why": WHY_WORDS[Why(look.why) if look else drawing.why_drawn(row, at=at)],
        "leaves": [
            {"key": leaf.key, "words": leaf.question.in_language(language), "value": leaf.value, "is_skipped": leaf.is_not_applicable}
            for leaf in leaves
        ],
        "may_look": look is None and user_may(user, Permission.REVIEW_LINES),
    }  # fmt: skip
    return render(request, "determination/approval.html", context, status=status)
