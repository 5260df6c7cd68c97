"""What asking for a service brings: the retirement adviser with its proposals, and the ledger of providers near an exemption."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import yaml
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan
from openum.accounts.queries import plans_visible_to, user_may
from openum.accounts.rules import Permission
from openum.cases.queries import cases_listed_to, shown_to
from openum.criteria.codes import address_of
from openum.db.clock import now
from openum.design.moments import day, moment
from openum.design.sheets import sheet
from openum.programme import services
from openum.programme.askings import lines_asked, progress_of, with_provider
from openum.programme.forms import AnswerForm, ProposalForm
from openum.programme.models import RequirementProposal
from openum.programme.rules.measuring import rounded
from openum.programme.rules.worth import Standing, Weighed
from openum.programme.services.proposals import PROPOSABLE, weighed
from openum.programme.views.showing import LAWS, advice_words, dollars, progress_rows
from openum.programme.worth import worth
from openum.vocabulary.errors import OpenUMError

SHOWN_CASES = 100
ADVISER_HEADS = (
    "plan", "line_of_business", "system", "code", "asked", "decided", "approved", "approved_by_rule", "refused", "overturned",
    "refusals_that_stood", "minutes", "cents", "cents_per_refusal_that_stood", "advice",
)  # fmt: skip
LEDGER_HEADS = (
    "plan", "profile", "npi", "system", "code", "approved", "refused", "waiting", "approved_percent", "standing",
    "further_approvals_needed",
)  # fmt: skip


def _plans(request: HttpRequest) -> list[Plan]:
    return plans_visible_to(actor(request), Permission.WATCH_SAFEGUARDS)


def _plan(request: HttpRequest) -> Plan:
    plans = _plans(request)
    key = request.GET.get("plan") or request.POST.get("plan")
    found = next((plan for plan in plans if plan.key == key), None) if key else next(iter(plans), None)
    if found is None:
        raise Http404
    return found


def _named(row: Weighed) -> str:
    return f"{row.service[0]} {row.service[1]}, {LAWS[row.line_of_business]}"


def _advised(row: Weighed) -> dict[str, Any]:
    kept = next(
        (one for one in worth().kept if row.service[0] == one.system and row.service[1].startswith(one.begins)), None
    )
    language = (get_language() or "en")[:2]
    return {
        "row": row, "law": LAWS[row.line_of_business], "system": row.service[0], "code": row.service[1],
        "advice": advice_words(row.advice), "minutes": rounded(row.minutes_each),
        "cost": dollars(row.cents), "cost_stood": None if row.cents_per_stood is None else dollars(row.cents_per_stood),
        "kept": kept.reason.get(language, kept.reason["en"]) if kept else "",
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.WATCH_SAFEGUARDS)
def adviser(request: HttpRequest) -> HttpResponse:
    """Show what asking for each service brought and took; propose that one is asked for no more."""
    user, at, plan = actor(request), now(), _plan(request)
    rows = weighed(plan, at=at)
    proposals = list(
        RequirementProposal.objects.filter(plan=plan).select_related("proposed_by", "answered_by").order_by("-pk")
    )
    waiting = {(one.system, one.code, one.line_of_business) for one in proposals if one.answered_at is None}
    open_to = [row for row in rows if row.advice in PROPOSABLE and (*row.service, row.line_of_business) not in waiting]
    choices = [("|".join((*row.service, row.line_of_business)), _named(row)) for row in open_to]
    form, status, refusal = ProposalForm(request.POST if request.method == "POST" else None, services=choices), 200, ""
    if form.is_bound:
        status = 422
        if form.is_valid():
            system, code, law = form.cleaned_data["service"].split("|")
            try:
                services.propose_removal(
                    plan=plan,
                    system=system,
                    code=code,
                    line_of_business=law,
                    words=form.cleaned_data["words"],
                    by=user,
                    at=at,
                )
                return redirect(f"{request.path}?plan={plan.key}")
            except OpenUMError as error:
                refusal, status = error.sentence, 409
    context = {
        "plan": plan, "plans": _plans(request), "form": form, "refusal": refusal, "terms": worth(),
        "rows": [_advised(row) for row in rows], "may_propose": bool(choices),
        "proposals": [_proposal(one, plan) for one in proposals], "may_answer": user_may(user, Permission.PUBLISH_GUIDELINES),
        "until": day(at.astimezone(ZoneInfo(plan.time_zone)).date()),
    }  # fmt: skip
    return render(request, "programme/adviser.html", context, status=status)


def _proposal(one: RequirementProposal, plan: Plan) -> dict[str, Any]:
    return {
        "one": one, "law": LAWS[one.line_of_business], "proposed": moment(one.proposed_at, plan.time_zone),
        "answered": moment(one.answered_at, plan.time_zone), "form": AnswerForm(prefix=f"p{one.pk}"),
    }  # fmt: skip


@require_POST
@needs(Permission.PUBLISH_GUIDELINES)
def answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keep the committee's answer to a proposal."""
    user, at = actor(request), now()
    plans = plans_visible_to(user, Permission.PUBLISH_GUIDELINES)
    proposal = get_object_or_404(RequirementProposal, public_id=public_id, plan__in=plans)
    form, refusal, status = AnswerForm(request.POST, prefix=f"p{proposal.pk}"), "", 422
    if form.is_valid():
        try:
            services.answer_proposal(
                proposal=proposal,
                accepted=request.POST.get("do") == "accept",
                words=form.cleaned_data["words"],
                by=user,
                at=at,
            )
            return redirect("programme:adviser")
        except OpenUMError as error:
            refusal, status = error.sentence, 409
    context = {"item": {**_proposal(proposal, proposal.plan), "form": form}, "refusal": refusal}
    return render(request, "programme/proposal.html", context, status=status)


@require_safe
@needs(Permission.WATCH_SAFEGUARDS)
def adviser_file(request: HttpRequest) -> HttpResponse:
    """Return the adviser's figures as a table."""
    at, plan = now(), _plan(request)
    rows: list[tuple[object, ...]] = [ADVISER_HEADS]
    for row in weighed(plan, at=at):
        per_stood = "" if row.cents_per_stood is None else round(row.cents_per_stood)
        rows.append(
            (
                plan.name, row.line_of_business, *row.service, row.asked, row.decided, row.approved, row.by_machine, row.refused,
                row.overturned, row.stood, round(row.minutes), round(row.cents), per_stood, row.advice.value,
            )
        )  # fmt: skip
    return sheet("worth-of-requests", rows, at=at)


@require_safe
@needs(Permission.WATCH_SAFEGUARDS)
def exemptions(request: HttpRequest) -> HttpResponse:
    """Show how near each provider is to an exemption for each service."""
    plan = _plan(request)
    tables = [
        {"profile": profile, "rows": progress_rows(plan, progress_of(plan, profile, at=now()))}
        for profile in worth().profiles
    ]
    return render(request, "programme/exemptions.html", {"plan": plan, "plans": _plans(request), "tables": tables})


@require_safe
@needs(Permission.WATCH_SAFEGUARDS)
def exemptions_file(request: HttpRequest) -> HttpResponse:
    """Return the ledger as a table."""
    plan = _plan(request)
    rows: list[tuple[object, ...]] = [LEDGER_HEADS]
    for profile in worth().profiles:
        rows += [
            (plan.name, profile.key, row.npi, *row.service, row.approved, row.refused, row.waiting, row.share or "", row.standing.value, row.more)
            for row in progress_of(plan, profile, at=now())
        ]  # fmt: skip
    return sheet("exemptions", rows, at=now())


@require_safe
@needs(Permission.WATCH_SAFEGUARDS)
def exemptions_draft(request: HttpRequest) -> HttpResponse:
    """Return those who qualify as rows of a requirement list, for the committee to publish; it is a draft and changes nothing."""
    plan, at = _plan(request), now()
    today = at.astimezone(ZoneInfo(plan.time_zone)).date()
    found: dict[tuple[str, str], list[str]] = {}
    for profile in worth().profiles:
        for row in progress_of(plan, profile, at=now()):
            if row.standing is Standing.QUALIFIES:
                found.setdefault((profile.key, row.npi), []).append("|".join(row.service))
    draft = {
        "key": "exemptions-draft", "version": f"{today:%Y-%m-%d}", "effective_from": today, "source": worth().profiles[0].source,
        "source_verified": worth().profiles[0].source_verified,
        "exemptions": [
            {
                "npi": npi, "services": codes, "effective": {"from": today},
                "reason": {
                    "en": "This provider need not ask for this service.",
                    "es": "Este proveedor no necesita pedir autorización para este servicio.",
                },
            }
            for (_profile, npi), codes in sorted(found.items())
        ],
    }  # fmt: skip
    text = yaml.safe_dump(draft, allow_unicode=True, sort_keys=False)
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="exemptions-draft-{today:%Y-%m-%d}.yaml"'
    return response


@require_safe
@needs(Permission.WATCH_SAFEGUARDS)
def behind(request: HttpRequest) -> HttpResponse:
    """List the requests behind a row of either page, as far as the reader may see their cases."""
    user, at, plan = actor(request), now(), _plan(request)
    system, code, npi, law = (request.GET.get(name, "") for name in ("system", "code", "npi", "law"))
    lines = lines_asked(plan, days=worth().days, at=at).filter(code=code, code_system__in={system, address_of(system)})
    if law:
        lines = lines.filter(case__product__line_of_business=law)
    if npi:
        lines = with_provider(lines, [npi])
    rows = list(
        lines.filter(case__in=cases_listed_to(user)).select_related("case__member", "case__product", "case__plan", "request")
        .order_by("-request__received_at", "-pk")[:SHOWN_CASES]
    )  # fmt: skip
    cases = shown_to(user, [row.case for row in rows])
    audit.record_reads(
        by=user, at=at, case_ids=sorted({case.public_id for case in cases}), why="programme: worth of requests"
    )
    context = {
        "rows": [
            {"case": case, "status": row.status, "received": moment(row.request.received_at, plan.time_zone)}
            for row, case in zip(rows, cases, strict=True)
        ],
        "title": f"{system} {code}", "npi": npi, "law": LAWS.get(law, ""), "plan": plan, "most": SHOWN_CASES,
        "back": "programme:exemptions" if npi else "programme:adviser",
    }  # fmt: skip
    return render(request, "programme/behind.html", context)
