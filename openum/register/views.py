"""Pages of the register: what rests on a law, and what a policy's last version changed."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from openum.accounts.gate import actor, needs
from openum.db.clock import now
from openum.design.moments import day
from openum.design.paging import page_of
from openum.register import queries
from openum.register.queries import READERS, Row
from openum.register.rules import names

LONGEST_WORDS = 100
_ON_A_PAGE = 50
_MOST_LAWS = 3
KINDS: dict[str, str | Promise] = {
    "added-codes": _("Codes added after surgery"),
    "appeal-law": _("Appeals"),
    "appeal-rights": _("Appeal rights in letters"),
    "approval-rule": _("Approval by rule"),
    "automation": _("Software in review"),
    "deadline-rule": _("Time limit"),
    "deciders": _("Who may decide"),
    "documents": _("Documents asked for"),
    "escalation-ladder": _("Escalation"),
    "guideline": _("Guideline"),
    "incentives": _("No pay for a no"),
    "notice-contacts": _("Addresses in letters"),
    "notice-language": _("Language of letters"),
    "notice-template": _("Letter"),
    "outreach": _("Attempts to reach somebody"),
    "peer-to-peer": _("Peer-to-peer"),
    "protections": _("Whom the law protects"),
    "questionnaire": _("Form"),
    "reading-aim": _("Reading grade"),
    "reasons": _("Reasons of a no"),
    "requirement-list": _("What needs authorization"),
    "routing": _("Routing"),
    "second-readings": _("Second readings"),
    "sensitive-services": _("Specially protected services"),
    "taglines": _("Languages offered"),
    "work-checklist": _("Checklist"),
}


@require_safe
@needs(*READERS)
def register(request: HttpRequest) -> HttpResponse:
    """Show what rests on a law; without one, what changed within a year or will."""
    user, on = actor(request), now().date()
    words = " ".join(request.GET.get("law", "")[:LONGEST_WORDS].split())
    rows = queries.resting_on(user, words, on=on) if words else queries.recent_changes(user, on=on)
    shown, pages = page_of(rows, request, size=_ON_A_PAGE)
    context = {
        "words": words, "pages": pages, "rows": [_shown(row, words) for row in shown], "count": len(rows),
        "elements": queries.elements_resting_on(words) if words else [],
        "running": sum(row.clocks.running for row in rows if row.clocks),
        "late": sum(row.clocks.late for row in rows if row.clocks),
    }  # fmt: skip
    return render(request, "register/register.html", context)


def _shown(row: Row, words: str = "") -> dict[str, object]:
    """Return a row as it is shown, with the laws that were asked for before all others."""
    policy = row.policy
    laws = sorted(row.laws, key=lambda law: not names(words, law))
    return {
        "row": row, "kind": KINDS.get(policy.kind, policy.kind), "from": day(policy.effective_from),
        "to": day(policy.effective_to), "laws": laws[:_MOST_LAWS], "more": max(0, len(row.laws) - _MOST_LAWS),
    }  # fmt: skip


@require_safe
@needs(*READERS)
def one_policy(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a policy: its versions, what the last change was, what hangs on it."""
    user = actor(request)
    policy = get_object_or_404(queries.policies_visible_to(user), public_id=public_id)
    row = queries.row_of(user, policy)
    changed = queries.changed_by(policy)
    context = {
        **_shown(row), "laws": row.laws, "policy": policy,
        "published": day(policy.published_at.date()),
        "before": changed[0] if changed else None, "changes": changed[1] if changed else [],
        "versions": [_shown(each) for each in (queries.row_of(user, one) for one in queries.versions_of(policy))],
    }  # fmt: skip
    return render(request, "register/policy.html", context)
