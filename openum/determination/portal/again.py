"""Asking again: a new request that begins with what an earlier one said, or renews its authorization."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases.queries import cases_visible_to, current_lines, lines_visible_to
from openum.db.clock import now
from openum.determination.prefill import facts_of
from openum.determination.services import start_renewal
from openum.submission import drafts
from openum.submission.composing import MAX_LINES
from openum.submission.renewing import NotRenewable


@require_POST
@needs(Permission.SUBMIT_REQUEST)
def ask_again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Begin a draft with the facts of an earlier request. Days, papers and clinical answers are asked for anew."""
    user, at = actor(request), now()
    case = get_object_or_404(
        cases_visible_to(user).select_related("plan", "member", "organization"), public_id=public_id
    )
    draft = drafts.start(plan=case.plan, organization=case.organization, by=user, at=at)
    facts = facts_of(case, current_lines(case)[:MAX_LINES])
    drafts.save_fields(draft=draft, fields=facts, by=user, at=at)
    audit.record_reads(by=user, at=at, case_ids=[case.public_id], why="asked again")
    return redirect("submission:step", public_id=draft.public_id, step="service")


@require_POST
@needs(Permission.SUBMIT_REQUEST)
def renew(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Begin the renewal of an authorization, linked to its number; the page of the request says why it cannot be."""
    user, at = actor(request), now()
    rows = lines_visible_to(user).select_related("case__plan", "case__member", "case__organization")
    line = get_object_or_404(rows, public_id=public_id)
    try:
        draft = start_renewal(line=line, by=user, at=at)
    except NotRenewable as refusal:
        messages.error(request, refusal.sentence)
        return redirect("determination:request", public_id=line.case.public_id)
    return redirect("submission:step", public_id=draft.public_id, step="service")
