"""Whom to offer help: the list, one person with the reasons, and taking in what the models found."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from openum.accounts.gate import actor, needs
from openum.accounts.queries import plans_visible_to, user_may
from openum.accounts.rules import Permission
from openum.attention import queries, services
from openum.attention.forms import ANSWERS, AnswerForm, TakeInForm
from openum.attention.models import Suggestion
from openum.attention.rules.scores import Answered
from openum.db.clock import now
from openum.design.moments import day, moment
from openum.vocabulary.errors import OpenUMError

PAGE = 50
MODELS: dict[str, Promise] = {
    "readmission_30": _("Back in hospital within 30 days"),
    "high_cost_next_6_months": _("Much care in the next six months"),
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
