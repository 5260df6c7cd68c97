"""Who acts for the member in an appeal: the paper, until when it holds, where letters go, and its end."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.appeals import queries, services
from openum.appeals.faces import FILERS, FORMS
from openum.appeals.forms import EndStandingForm, FormPaperForm, RepresentativeForm
from openum.appeals.models import Appeal
from openum.appeals.rules.states import AppealState
from openum.appeals.uploads import document_of
from openum.appeals.views.one import find_appeal
from openum.cases.models import Party
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.notices.models import Notice
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Channel


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_APPEALS, Permission.FILE_APPEAL)
def representative_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show who acts for the member; take the paper in, correct how they are reached, or end their standing."""
    appeal = find_appeal(request, public_id)
    given = _forms_of(appeal)
    status, refusal = 200, ""
    doing = request.POST.get("do", "")
    if request.method == "POST":
        status, refusal = 422, "" if doing in given else "Choose one of the steps on this page."
        if doing in given:
            form = type(given[doing])(request.POST, request.FILES, auto_id=f"{doing}_%s")
            given[doing] = form
            if form.is_valid():
                try:
                    _do(appeal, doing, form.cleaned_data, request)
                    return redirect("appeals:representative", public_id=appeal.public_id)
                except OpenUMError as no:
                    refusal, status = no.sentence, no.status
    return render(request, "appeals/representative.html", _context(request, appeal, given, refusal), status=status)


def _forms_of(appeal: Appeal) -> dict[str, forms.Form]:
    party = queries.representative_of(appeal)
    if party is None:
        return {}
    known = {"name": party.name, "relationship": party.relationship, "address": party.address, "phone": party.phone}
    return {
        "form": FormPaperForm(auto_id="form_%s"),
        "correct": RepresentativeForm(auto_id="correct_%s", initial=known),
        "end": EndStandingForm(auto_id="end_%s"),
    }


def _do(appeal: Appeal, doing: str, given: dict[str, Any], request: HttpRequest) -> None:
    by, at = actor(request), now()
    if doing == "form":
        document = document_of(given["paper"], "Paper of standing", "other")
        assert document is not None
        channel = Channel(given["channel"])
        services.receive_form(
            appeal=appeal, signed_on=given["signed_on"], document=document, channel=channel, by=by, at=at
        )
    elif doing == "correct":
        services.correct_representative(appeal=appeal, by=by, at=at, **given)
    else:
        services.end_standing(appeal=appeal, by=by, at=at, **given)


def _context(request: HttpRequest, appeal: Appeal, given: dict[str, forms.Form], refusal: str) -> dict[str, Any]:
    user, at = actor(request), now()
    party: Party | None = queries.representative_of(appeal)
    zone = appeal.line.case.plan.time_zone
    letters = (
        list(Notice.objects.filter(case=appeal.line.case, recipient=party).order_by("-prepared_at")) if party else []
    )
    audit.record_reads(by=user, at=at, case_ids=[appeal.line.case.public_id], why="representative")
    return {
        "appeal": appeal, "case": appeal.line.case, "party": party, "refusal": refusal,
        "filer": FILERS[appeal.filer], "form_words": FORMS.get(appeal.form, ""),
        "acts": party is not None and queries.acts_on(party, queries.day_of(appeal.line.case.product, at)),
        "is_awaited": appeal.state == AppealState.WAITING_FOR_FORM,
        "may_write": user_may(user, Permission.FILE_APPEAL) and appeal.closed_at is None,
        "letters": [{"notice": row, "prepared": short_moment(row.prepared_at, zone)} for row in letters],
        **{f"{key}_form": form for key, form in given.items()},
    }  # fmt: skip
