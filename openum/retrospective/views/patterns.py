"""The board of patterns: service, provider and population, with the way to the leads, and what may follow from one."""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan
from openum.accounts.queries import plans_visible_to, user_may
from openum.accounts.rules import Permission
from openum.criteria.queries import published_guidelines
from openum.db.clock import now
from openum.design.sheets import sheet
from openum.retrospective import feedback, services
from openum.retrospective.forms import ProposalForm
from openum.retrospective.models import Lead
from openum.retrospective.queries import LEADS_READERS, counted, leads_visible_to
from openum.retrospective.rules.patterns import Pattern, patterns
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.money import dollars

PAGE = 100
AT_LEAST = 2
"""A single lead is no pattern."""


def _found(leads: list[Lead]) -> list[Pattern]:
    return patterns(counted(leads), at_least=AT_LEAST)


def _drill(pattern: Pattern) -> str:
    key = pattern.key
    return urlencode(
        {
            "procedure": key.service, "diagnosis": key.diagnosis, "provider": key.provider, "payer": key.population,
            "state": "all",
        }
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*LEADS_READERS)
def board(request: HttpRequest) -> HttpResponse:
    """Show patterns; propose a change of criteria from one."""
    user, at = actor(request), now()
    leads = list(leads_visible_to(user))
    found = _found(leads)
    guidelines = {f"{each.policy.key} {each.policy.version}": each.policy for each in published_guidelines()}
    choices = [(str(number), _name(each)) for number, each in enumerate(found[:PAGE])]
    posted = request.method == "POST" and user_may(user, Permission.WRITE_GUIDELINES)
    form, status = ProposalForm(request.POST if posted else None, patterns=choices, guidelines=sorted(guidelines)), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            typed = form.cleaned_data
            try:
                draft = services.propose_change(
                    pattern=found[int(typed["pattern"])], policy=guidelines[typed["guideline"]], version=typed["version"],
                    words=typed["words"], by=user, at=at,
                )  # fmt: skip
                return redirect("criteria:editor", draft_id=draft.public_id)
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
    services.note_leads_read(leads=leads, page="patterns", by=user, at=at)
    context: dict[str, Any] = {
        "rows": [{"pattern": each, "amount": dollars(each.amount_cents), "drill": _drill(each)} for each in found[:PAGE]],
        "providers": sorted({each.key.provider for each in found if each.key.provider}),
        "form": form, "may_propose": user_may(user, Permission.WRITE_GUIDELINES) and bool(found) and bool(guidelines),
    }  # fmt: skip
    return render(request, "retrospective/patterns.html", context, status=status)


def _name(pattern: Pattern) -> str:
    key = pattern.key
    return " · ".join(part for part in (key.service, key.diagnosis, key.provider, key.population) if part)


def _of_provider(request: HttpRequest, npi: str, page: str) -> tuple[Plan, list[Pattern]]:
    """Return the first plan in which the provider has patterns, and these; what is shown is recorded.

    Raises:
        Http404: no lead of this provider, or not for this reader.
    """
    user, at = actor(request), now()
    for plan in plans_visible_to(user, *LEADS_READERS):
        leads = list(leads_visible_to(user).filter(plan=plan, provider=npi))
        if leads:
            services.note_leads_read(leads=leads, page=page, by=user, at=at)
            return plan, _found(leads)
    raise Http404


@require_safe
@needs(*LEADS_READERS)
def feedback_letter(request: HttpRequest, npi: str) -> HttpResponse:
    """Return the letter to a provider as PDF."""
    plan, found = _of_provider(request, npi, "feedback letter")
    pdf = feedback.letter(
        plan=plan.name,
        phone=plan.phone,
        provider=npi,
        found=found,
        dated=now().astimezone(ZoneInfo(plan.time_zone)).date(),
    )
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="claim-feedback.pdf"'
    return answer


@require_safe
@needs(*LEADS_READERS)
def feedback_file(request: HttpRequest, npi: str) -> HttpResponse:
    """Return the same counts as a table."""
    _plan, found = _of_provider(request, npi, "feedback file")
    return sheet("claim-feedback", [feedback.HEADS, *feedback.rows_of(found)], at=now())
