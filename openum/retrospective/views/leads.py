"""Leads for people: the list by rule, amount and provider; one lead, to dismiss or to take up as a case."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from openum.accounts.gate import actor, needs
from openum.accounts.queries import plans_visible_to, user_may
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import day, moment, typed_moment
from openum.design.sheets import sheet
from openum.retrospective import services
from openum.retrospective.faces import STATES
from openum.retrospective.forms import DismissForm, LeadsFileForm, TakeUpForm
from openum.retrospective.models import Lead
from openum.retrospective.queries import LEADS_READERS, leads_visible_to
from openum.retrospective.rules.leads import LeadState
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.money import dollars

PAGE = 100
FILTERS = ("rule", "provider", "procedure", "diagnosis", "payer")
HEADS = (
    "rule", "version", "state", "claim_id", "claim_line", "provider", "day", "procedure", "diagnosis", "amount", "evidence",
    "dismissed_because",
)  # fmt: skip


def _chosen(request: HttpRequest) -> tuple[QuerySet[Lead], dict[str, str]]:
    """Return the leads that the address asks for, the largest amounts first."""
    given = {name: request.GET.get(name, "").strip()[:100] for name in FILTERS}
    state = request.GET.get("state", LeadState.OPEN)
    given["state"] = state if state in {*LeadState, "all"} else LeadState.OPEN
    found = leads_visible_to(actor(request))
    if given["state"] != "all":
        found = found.filter(state=given["state"])
    for name in FILTERS:
        if given[name]:
            found = (
                found.filter(**{name: given[name]})
                if name != "procedure"
                else found.filter(Q(procedure=given[name]) | Q(procedure="", drg=given[name]))
            )
    return found.order_by("-amount_cents", "rule", "claim_id", "claim_line", "pk"), given


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*LEADS_READERS)
def leads(request: HttpRequest) -> HttpResponse:
    """List leads; take a file over."""
    user, at = actor(request), now()
    own = plans_visible_to(user, Permission.REVIEW_LINES)
    plans = [(plan.key, plan.name) for plan in own]
    may_load = bool(plans)
    posted = request.method == "POST" and may_load
    form = LeadsFileForm(request.POST if posted else None, request.FILES if posted else None, plans=plans)
    loaded, status = None, 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                plan = next(each for each in own if each.key == form.cleaned_data["plan"])
                loaded = services.load_leads(plan=plan, content=form.cleaned_data["file"].read(), by=user, at=at)
                status = 200
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
    found, given = _chosen(request)
    shown = list(found[:PAGE])
    by_rule = (
        found.order_by()
        .values("rule")
        .annotate(count=Count("pk"), cents=Sum("amount_cents"))
        .order_by("-cents", "rule")
    )
    services.note_leads_read(leads=shown, page="list", by=user, at=at)
    context = {
        "rows": [{"lead": row, "amount": dollars(row.amount_cents), "day": day(row.day), "state": STATES[LeadState(row.state)]} for row in shown],
        "by_rule": [{**row, "amount": dollars(row["cents"])} for row in by_rule],
        "given": given, "states": [*STATES.items()], "form": form, "loaded": loaded, "may_load": may_load,
        "more": found.count() - len(shown), "query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, "retrospective/leads.html", context, status=status)


@require_safe
@needs(*LEADS_READERS)
def leads_file(request: HttpRequest) -> HttpResponse:
    """Return the same leads as a table."""
    user, at = actor(request), now()
    found, _given = _chosen(request)
    rows = list(found)
    services.note_leads_read(leads=rows, page="file", by=user, at=at)
    cells: list[tuple[object, ...]] = [HEADS]
    cells += [
        (
            row.rule, row.rule_version, row.state, row.claim_id, row.claim_line, row.provider, row.day, row.procedure,
            row.diagnosis, f"{row.amount_cents / 100:.2f}", row.evidence, row.dismissed_because,
        )
        for row in rows
    ]  # fmt: skip
    return sheet("claim-leads", cells, at=at)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*LEADS_READERS)
def lead(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one lead; dismiss it, or take its claim up as a case."""
    user, at = actor(request), now()
    row = get_object_or_404(leads_visible_to(user), public_id=public_id)
    dismissing, taking, status = DismissForm(), TakeUpForm(), 200
    if request.method == "POST":
        status = 422
        form = TakeUpForm(request.POST) if request.POST.get("step") == "take" else DismissForm(request.POST)
        if form.is_valid():
            try:
                if isinstance(form, TakeUpForm):
                    given = form.cleaned_data
                    received_at = typed_moment(given["received_at"], row.plan.time_zone, at=at)
                    case = services.take_up(lead=row, by=user, at=at, **{**given, "received_at": received_at})
                    return redirect("cases:case", public_id=case.public_id)
                services.dismiss_lead(lead=row, by=user, at=at, **form.cleaned_data)
                return redirect("retrospective:lead", public_id=row.public_id)
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
        if isinstance(form, TakeUpForm):
            taking = form
        else:
            dismissing = form
    services.note_leads_read(leads=[row], page="lead", by=user, at=at)
    same = list(
        leads_visible_to(user)
        .filter(plan=row.plan, data_source=row.data_source, claim_id=row.claim_id)
        .exclude(pk=row.pk)
        .order_by("claim_line", "rule")
    )
    zone = row.plan.time_zone
    context: dict[str, Any] = {
        "lead": row, "amount": dollars(row.amount_cents), "charge": dollars(row.charge_cents), "day": day(row.day),
        "state": STATES[LeadState(row.state)], "settled": moment(row.settled_at, zone), "loaded": moment(row.loaded_at, zone),
        "same": same, "is_open": row.state == LeadState.OPEN, "dismissing": dismissing, "taking": taking,
        "may_act": user_may(user, Permission.REVIEW_LINES), "units": row.units.normalize() if row.units is not None else None,
    }  # fmt: skip
    return render(request, "retrospective/lead.html", context, status=status)
