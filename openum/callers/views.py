"""The page of a service representative: check the caller, say where things stand, take what they ask."""

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.callers import queries, services
from openum.callers.forms import AppealForm, CheckForm, ComplaintForm, LanguageForm, LetterForm, NoteForm
from openum.callers.models import Call
from openum.callers.rules import Act
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.determination.portal.stages import member_sentence
from openum.determination.portal.standing import standings
from openum.grievances.rules import About
from openum.vocabulary.errors import OpenUMError

MOST_CALLS = 20


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@needs(Permission.SERVE_CALLERS)
def calls(request: HttpRequest) -> HttpResponse:
    """Check a caller; below stand the calls of today, without what was said in them."""
    user, at = actor(request), now()
    plans = queries.plans_served_by(user)
    form, refusal, status = CheckForm(request.POST or None, plans=plans), "", 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            plan = next(plan for plan in plans if str(plan.public_id) == form.cleaned_data["plan"])
            try:
                call = services.begin_call(plan=plan, said=form.said(), by=user, at=at)
            except OpenUMError as error:
                refusal, status = error.sentence, error.status
            else:
                if call.is_verified:
                    return redirect("callers:call", public_id=call.public_id)
                refusal = _(
                    "What was said does not agree with what is on file. Tell the caller nothing about the member."
                )
    rows = [
        {"call": call, "began": short_moment(call.began_at, call.plan.time_zone), "is_open": call in open_ones}
        for open_ones in (set(queries.open_calls_of(user, at=at)),)
        for call in queries.calls_of(user)[:MOST_CALLS]
    ]
    facts = {"form": form, "refusal": refusal, "rows": rows}
    return render(request, "callers/calls.html", facts, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Permission.SERVE_CALLERS)
def call(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Serve a caller who was checked."""
    user, at = actor(request), now()
    row = get_object_or_404(queries.open_calls_of(user, at=at), public_id=public_id)
    doing = request.POST.get("do", "")
    forms = _forms(row, request, doing)
    refusal, status = "", 200
    if request.method == "POST":
        form, status = forms.get(doing), 422
        try:
            if form is None or form.is_valid():
                return _do(row, doing, form.cleaned_data if form else {}, forms, request)
        except OpenUMError as error:
            refusal, status = error.sentence, error.status
    return _render(request, row, forms, refusal, status)


def _forms(row: Call, request: HttpRequest, doing: str) -> dict[str, Form]:
    def given(name: str) -> Any:
        return request.POST if doing == name else None

    assert row.member is not None
    return {
        Act.NOTE: NoteForm(given(Act.NOTE)),
        Act.APPEAL: AppealForm(given(Act.APPEAL), call=row),
        Act.COMPLAINT: ComplaintForm(given(Act.COMPLAINT)),
        Act.LETTER: LetterForm(given(Act.LETTER), call=row),
        Act.LANGUAGE: LanguageForm(given(Act.LANGUAGE), initial={"language": row.member.language}),
    }


def _do(row: Call, doing: str, given: dict[str, Any], forms: dict[str, Form], request: HttpRequest) -> HttpResponse:
    user, at = actor(request), now()
    if doing == "end":
        services.end_call(call=row, by=user, at=at)
        return redirect("callers:calls")
    if doing == Act.REQUEST:
        draft = services.begin_request(call=row, by=user, at=at)
        return redirect("submission:capture_one", public_id=draft.public_id)
    if doing == Act.NOTE:
        services.note_in_call(call=row, words=given["words"], by=user, at=at)
    elif doing == Act.APPEAL:
        line = forms[Act.APPEAL].lines[given["line"]]  # type: ignore[attr-defined]
        services.take_appeal(
            call=row, line=line, issue=given["issue"], wants_speed=given["wants_speed"], by=user, at=at
        )
    elif doing == Act.COMPLAINT:
        services.take_complaint(call=row, about=About(given["about"]), issue=given["issue"], by=user, at=at)
    elif doing == Act.LETTER:
        notice = forms[Act.LETTER].letters[given["letter"]]  # type: ignore[attr-defined]
        services.resend_letter(call=row, notice=notice, by=user, at=at)
    elif doing == Act.LANGUAGE:
        services.change_language(call=row, language=given["language"], by=user, at=at)
    return redirect("callers:call", public_id=row.public_id)


def _render(request: HttpRequest, row: Call, forms: dict[str, Form], refusal: str, status: int) -> HttpResponse:
    user, at, zone = actor(request), now(), row.plan.time_zone
    cases = queries.cases_of_call(row)
    where = standings(cases)
    audit.record_reads(by=user, at=at, case_ids=[case.public_id for case in cases], why="call")
    facts = {
        "call": row,
        "began": short_moment(row.began_at, zone),
        "requests": [
            {
                "case": case,
                "sentence": _("Specially protected. Only the number and the status are shown here.")
                if case.sealed_as != ""
                else member_sentence(where[case.pk]),
                "status": where[case.pk].status,
            }
            for case in cases
        ],
        "acts": [{"act": act, "when": short_moment(act.at, zone)} for act in row.acts.order_by("-at", "-pk")],
        "forms": forms,
        "refusal": refusal,
    }
    return render(request, "callers/call.html", facts, status=status)
