"""Whom to offer help: what models suggest and what lists say, one person with the reasons, and what was done."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from openum.accounts.gate import actor, needs
from openum.accounts.queries import plans_visible_to, user_may
from openum.accounts.rules import Permission
from openum.attention import queries, services
from openum.attention.forms import ANSWERS, AnswerForm, OfferForm, TakeInForm
from openum.attention.models import Listed, Lists, Suggestion
from openum.attention.queries import Wanted
from openum.attention.rules.lists import ListKind
from openum.attention.rules.scores import Answered
from openum.attention.words import CHARLSON, KINDS, MEANINGS, MISSING
from openum.db.clock import now
from openum.design.moments import day, moment
from openum.design.paging import page_asked
from openum.design.sheets import sheet
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.money import dollars
from openum.vocabulary.numbers import whole

PAGE = 50
MODELS: dict[str, Promise] = {
    "readmission_30": _("Back in hospital within 30 days"),
    "high_cost_next_6_months": _("Much care in the next six months"),
    "cost_next_12_months": _("Cost of the next twelve months"),
    "cost_next_6_months": _("Cost of the next six months"),
}


def _shown(one: Suggestion) -> dict[str, Any]:
    return {
        "one": one, "question": MODELS.get(one.run.model, one.run.model), "as_of": day(one.as_of),
        "chance": f"{one.probability * 100:.0f} %", "answer": ANSWERS.get(Answered(one.state), ""),
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.OFFER_HELP, Permission.KEEP_WORK)
def people(request: HttpRequest) -> HttpResponse:
    """List whom models suggest to offer help; take in scores."""
    user, at = actor(request), now()
    may_load = user_may(user, Permission.KEEP_WORK)
    plans = plans_visible_to(user, Permission.KEEP_WORK) if may_load else []
    posted = request.method == "POST" and may_load
    form = TakeInForm(request.POST if posted else None, request.FILES if posted else None, plans=plans)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.take_in(
                    plan=form.plans[given["plan"]],
                    card=given["card"].read(),
                    scores=given["scores"].read(),
                    by=user,
                    at=at,
                )
                return redirect("attention:people")
            except OpenUMError as error:
                form.add_error(None, error.sentence)
                status = error.status
    may_offer = user_may(user, Permission.OFFER_HELP)
    rows = list(queries.waiting_for(user)[: PAGE + 1]) if may_offer else []
    services.note_read(suggestions=rows[:PAGE], page="list", by=user, at=at)
    context = {
        "rows": [_shown(one) for one in rows[:PAGE]], "more": len(rows) > PAGE, "page": PAGE, "form": form, "may_load": may_load,
        "may_offer": may_offer,
        "runs": [
            {"run": run, "question": MODELS.get(run.model, run.model), "at": moment(run.taken_in_at, run.plan.time_zone)}
            for run in queries.runs_of(plans)[:PAGE]
        ],
    }  # fmt: skip
    return render(request, "attention/people.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.OFFER_HELP)
def person(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one person with the reasons and what is known of the model; keep what was done."""
    user, at = actor(request), now()
    one = get_object_or_404(queries.suggestions_visible_to(user), public_id=public_id)
    form, refusal, status = AnswerForm(request.POST if request.method == "POST" else None), "", 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.answer(suggestion=one, did=Answered(given["did"]), words=given["words"], by=user, at=at)
                return redirect("attention:people")
            except OpenUMError as error:
                refusal, status = error.sentence, error.status
    services.note_read(suggestions=[one], page="person", by=user, at=at)
    card = one.run.card
    context = {
        **_shown(one), "form": form, "refusal": refusal, "is_open": one.state == Answered.OPEN, "card": card,
        "answered": moment(one.answered_at, one.run.plan.time_zone), "taken_in": moment(one.run.taken_in_at, one.run.plan.time_zone),
    }  # fmt: skip
    return render(request, "attention/person.html", context, status=status)


THRESHOLDS = (0, 50_000, 100_000, 250_000)


def _wanted(request: HttpRequest) -> Wanted:
    said, least = request.GET.get("list", ""), whole(request.GET.get("least", "")) or 0
    return Wanted(
        kind=ListKind(said) if said in set(ListKind) else ListKind.HIGH_COST,
        least_dollars=least if least in THRESHOLDS else 0,
        only_open=request.GET.get("answered") != "1",
    )  # fmt: skip


def _query(wanted: Wanted, **changes: str | int) -> str:
    held: dict[str, str | int] = {"list": wanted.kind.value}
    if wanted.kind is ListKind.HIGH_COST and wanted.least_dollars:
        held["least"] = wanted.least_dollars
    if not wanted.only_open:
        held["answered"] = "1"
    return urlencode(held | changes)


def _range(low: int | None, high: int | None) -> str:
    return "" if low is None else str(low) if low == high else f"{low}-{high}"


def _told(one: Listed) -> dict[str, Any]:
    """Return what the lists say of one person, in words."""
    conditions = [part.partition(":") for part in one.conditions]
    return {
        "one": one, "name": one.member.full_name, "paid": _money(one.paid_12m), "paid_6m": _money(one.paid_6m),
        "before": _money(one.paid_6m_before), "expected": _money(one.expected), "threshold": f"${one.threshold:,}" if one.threshold else "",
        "lace": _range(one.lace, one.lace_most), "hospital": _range(one.hospital, one.hospital_most),
        "is_lace_partial": one.lace != one.lace_most, "missing": [MISSING.get(part, part) for part in one.missing],
        "discharged": day(one.discharged), "hccs": [name for system, _colon, name in conditions if system == "hcc"],
        "illnesses": [CHARLSON.get(name, name) for system, _colon, name in conditions if system == "charlson"],
        "answer": ANSWERS.get(Answered(one.state), ""),
    }  # fmt: skip


def _money(cents: int | None) -> str:
    return "" if cents is None else dollars(cents)


def _cards(lists: Sequence[Lists]) -> list[dict[str, Any]]:
    """Return each model of the newest lists with what its card says."""
    return [
        {"question": MODELS.get(str(card.get("model")), card.get("model")), "card": card, "plan": row.plan}
        for row in lists
        for card in row.cards
    ]


@require_safe
@needs(Permission.OFFER_HELP, Permission.KEEP_WORK)
def lists_page(request: HttpRequest) -> HttpResponse:
    """Show the lists that were made of the plan's claims; who offers no help sees how many people stand on each."""
    user, at, wanted = actor(request), now(), _wanted(request)
    newest, may_offer = queries.newest_lists(user), user_may(user, Permission.OFFER_HELP)
    number = page_asked(request)
    first = (number - 1) * PAGE
    rows = list(queries.people_on(user, wanted)[first : first + PAGE + 1]) if may_offer else []
    services.note_listed_read(people=rows[:PAGE], page=wanted.kind.value, by=user, at=at)
    counts = queries.counts_of(newest)
    context = {
        "kind": wanted.kind.value, "meaning": MEANINGS[wanted.kind], "rows": [_told(one) for one in rows[:PAGE]], "may_offer": may_offer,
        "kinds": [
            {"words": words, "count": counts[kind][0], "done": counts[kind][1], "here": kind is wanted.kind, "query": urlencode({"list": kind.value})}
            for kind, words in KINDS.items()
        ],
        "thresholds": [(least, f"${least:,}", least == wanted.least_dollars) for least in THRESHOLDS],
        "with_answered": not wanted.only_open, "query": _query(wanted),
        "lists": [{"it": row, "at": moment(row.ended_at, row.plan.time_zone)} for row in newest],
        "cards": _cards(newest), "unmade": queries.unmade_lists(user),
        "pages": {
            "words": _("Page %(n)d") % {"n": number}, "previous_url": f"?{_query(wanted, page=number - 1)}" if number > 1 else "",
            "next_url": f"?{_query(wanted, page=number + 1)}" if len(rows) > PAGE else "",
        },
    }  # fmt: skip
    return render(request, "attention/lists.html", context)


HEADS = (
    "member_number", "member", "plan", "rank", "threshold_usd", "paid_12m_usd", "paid_6m_usd", "paid_6m_before_usd", "discharged",
    "lace", "lace_most", "hospital", "hospital_most", "not_in_claims", "charlson", "elixhauser_measures", "hcc_v28", "hcc_leaves_out",
    "year_of_diagnoses", "conditions", "expected_usd", "expected_months", "drivers", "answer",
)  # fmt: skip


@require_safe
@needs(Permission.OFFER_HELP)
def lists_file(request: HttpRequest) -> HttpResponse:
    """Hand a list out as CSV; everybody on it stands in the audit trail."""
    user, at, wanted = actor(request), now(), _wanted(request)
    rows = list(queries.people_on(user, wanted))
    services.note_listed_read(people=rows, page=f"{wanted.kind.value}, file", by=user, at=at)
    return sheet(f"attention-{wanted.kind.value}", _lines(rows), at=at)


def _lines(rows: Sequence[Listed]) -> Iterator[Sequence[object]]:
    yield HEADS
    for one in rows:
        held = (
            one.member.member_number, one.member.full_name, one.lists.plan.key, one.rank, one.threshold or None,
            *(None if cents is None else f"{Decimal(cents) / 100:.2f}" for cents in (one.paid_12m, one.paid_6m, one.paid_6m_before)),
            one.discharged, one.lace, one.lace_most, one.hospital, one.hospital_most, "; ".join(one.missing), one.charlson,
            one.elixhauser, one.hcc, one.hcc_left_out, one.year, "; ".join(one.conditions), None if one.expected is None else f"{Decimal(one.expected) / 100:.2f}",
            one.expected_months, "; ".join(one.drivers), one.state,
        )  # fmt: skip
        yield ["" if value is None else value for value in held]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.OFFER_HELP)
def listed(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one person with everything that the lists say; keep what was done, with a task where help goes on."""
    user, at = actor(request), now()
    one = get_object_or_404(queries.listed_visible_to(user), public_id=public_id)
    zone = one.lists.plan.time_zone
    form = OfferForm(
        request.POST if request.method == "POST" else None, plan=one.lists.plan, user=user, due_on=(at + timedelta(days=7)).date()
    )  # fmt: skip
    refusal, status = "", 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.answer_listed(
                    listed=one, did=Answered(given["did"]), words=given["words"], follow_up=_follow_up(form, zone), by=user, at=at
                )  # fmt: skip
                return redirect("attention:lists")
            except OpenUMError as error:
                refusal, status = error.sentence, error.status
    services.note_listed_read(people=[one], page="person", by=user, at=at)
    context = {
        **_told(one), "form": form, "refusal": refusal, "is_open": one.state == Answered.OPEN, "answered": moment(one.answered_at, zone),
        "made": moment(one.lists.ended_at, zone),
    }  # fmt: skip
    return render(request, "attention/listed.html", context, status=status)


def _follow_up(form: OfferForm, zone: str) -> services.FollowUp | None:
    owner = form.people.get(form.cleaned_data["owner"])
    if owner is None:
        return None
    due = datetime.combine(form.cleaned_data["due_on"], time(17), ZoneInfo(zone))
    return services.FollowUp(owner=owner, due_at=due)
