"""The script by which intake takes a request by telephone, and the log of such calls."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import moment, short_moment, time_of_saving
from openum.submission import drafts, queries
from openum.submission.composing import MAX_LINES, line_count
from openum.submission.forms import CapturePeopleForm
from openum.submission.matching import match_patient
from openum.submission.models import Draft, TelephoneCall
from openum.submission.questions import open_criteria
from openum.submission.steps import forms_of, typed
from openum.submission.telephone.forms import CallerForm, ComingForm, EndForm, SpeedForm
from openum.submission.telephone.services import begin_call, end_call, send_call
from openum.vocabulary.errors import OpenUMError

MOST_CALLS = 25


@require_http_methods(["GET", "POST"])
@needs(Permission.CAPTURE_REQUEST)
def calls(request: HttpRequest) -> HttpResponse:
    """Take a call, or find one by its number."""
    user, at = actor(request), now()
    plans = plans_visible_to(user, Permission.CAPTURE_REQUEST)
    if request.method == "POST":
        wanted = request.POST.get("plan", "")
        plan = next((plan for plan in plans if str(plan.public_id) == wanted), plans[0] if plans else None)
        if plan is not None:
            return redirect("submission:call", public_id=begin_call(plan=plan, by=user, at=at).public_id)
    asked = request.GET.get("q", "").strip().upper()
    rows = queries.calls_visible_to(user)
    if asked:
        rows = rows.filter(reference=asked)
    context = {"plans": plans, "asked": asked, "rows": [_row(call, user) for call in rows[:MOST_CALLS]]}
    return render(request, "submission/calls.html", context)


def _row(call: TelephoneCall, user: User) -> dict[str, Any]:
    return {
        "call": call,
        "began": short_moment(call.began_at, call.draft.plan.time_zone),
        "outcome": {"open": _("going on"), "sent": _("request taken"), "none": _("no request")}[call.outcome],
        "is_mine": call.outcome == TelephoneCall.OPEN and call.taken_by_id == user.pk,
        "case": call.draft.submission.case if call.draft.submission else None,
    }


@require_http_methods(["GET", "POST"])
@needs(Permission.CAPTURE_REQUEST)
def call(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Go along the script: who calls, for whom, what, why, who orders, how fast, what will come; then read back."""
    user, at = actor(request), now()
    row = get_object_or_404(
        queries.calls_visible_to(user).filter(taken_by=user, draft__submission__isnull=True), public_id=public_id
    )
    if row.outcome != TelephoneCall.OPEN:
        return redirect("submission:calls")
    draft = Draft.objects.select_related("plan", "organization", "started_by").get(pk=row.draft_id)
    if request.method == "GET":
        return _render(request, row, draft, _sections(draft), at=at)
    doing = request.POST.get("do", "send")
    if doing == "end":
        return _end(request, row, draft, at=at)
    draft = _keep(request, draft, at=at)
    if doing == "add_line":
        count = min(MAX_LINES, line_count(draft.fields) + 1)
        drafts.save_fields(draft=draft, fields={"line_count": str(count)}, by=user, at=at)
        return redirect("submission:call", public_id=public_id)
    if doing != "send":
        return _render(request, row, draft, _sections(draft), at=at)
    sections = _sections(draft, judged=True)
    if [form for _key, forms in sections for form in forms if not form.is_valid()]:
        return _render(request, row, draft, sections, at=at, status=422)
    try:
        accepted = send_call(draft=draft, by=user, at=at)
    except OpenUMError as refusal:
        return _render(request, row, draft, sections, at=at, refusal=refusal.sentence, status=refusal.status)
    return redirect("submission:receipt", public_id=accepted.submission.public_id)


def _end(request: HttpRequest, row: TelephoneCall, draft: Draft, *, at: datetime) -> HttpResponse:
    form = EndForm(request.POST)
    if form.is_valid():
        end_call(draft=draft, words=form.cleaned_data["words"], by=actor(request), at=at)
        return redirect("submission:calls")
    return _render(request, row, draft, _sections(draft), at=at, end=form, status=422)


def _keep(request: HttpRequest, draft: Draft, *, at: datetime) -> Draft:
    user = actor(request)
    draft = drafts.save_fields(draft=draft, fields=typed(request.POST, step="call"), by=user, at=at)
    plans = plans_visible_to(user, Permission.CAPTURE_REQUEST)
    chosen = next((plan for plan in plans if str(plan.public_id) == draft.fields.get("plan")), None)
    if chosen is not None and chosen.pk != draft.plan_id:
        drafts.change_plan(draft=draft, plan=chosen, by=user, at=at)
    return Draft.objects.select_related("plan", "organization", "started_by").get(pk=draft.pk)


def _sections(draft: Draft, *, judged: bool = False) -> list[tuple[str, list[django_forms.Form]]]:
    kept: dict[str, Any] = dict(draft.fields)
    data = kept if judged else None
    plans = plans_visible_to(draft.started_by, Permission.CAPTURE_REQUEST)
    is_members_own = kept.get("standing") in {"member", "representative"}
    people = CapturePeopleForm(data, initial=kept)
    people.fields["ordering_npi"].required = not is_members_own
    has_reason = not is_members_own or kept.get("diagnosis1") or not judged
    reason = forms_of("reason", draft=draft, plans=plans, data=data) if has_reason else []
    return [
        ("caller", [CallerForm(data, initial=kept)]),
        ("patient", forms_of("patient", draft=draft, plans=plans, data=data)),
        ("service", forms_of("service", draft=draft, plans=plans, data=data)),
        ("reason", reason),
        ("people", [people]),
        ("speed", [SpeedForm(data, initial=kept)]),
        ("coming", [ComingForm(data, initial=kept)]),
    ]


def _render(
    request: HttpRequest,
    row: TelephoneCall,
    draft: Draft,
    sections: list[tuple[str, list[django_forms.Form]]],
    *,
    at: datetime,
    end: EndForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    user = actor(request)
    words = _script(row, draft, user)
    context = {
        "call": row,
        "draft": draft,
        "sections": [
            {"key": key, "title": words[key][0], "say": words[key][1], "forms": forms} for key, forms in sections
        ],
        "began": moment(row.began_at, draft.plan.time_zone),
        "spelled": " ".join(row.reference.replace("-", "")),
        "read_back": words["read_back"][1],
        "is_read_back": bool(draft.fields.get("call_read_back")),
        "match": match_patient(draft, by=user, at=at),
        "criteria": open_criteria(draft, on=at),
        "saved_at": time_of_saving(draft.saved_at, draft.plan.time_zone),
        "may_add_line": line_count(draft.fields) < MAX_LINES,
        "end_form": end or EndForm(),
        "refusal": refusal,
    }
    return render(request, "submission/call.html", context, status=status)


def _script(row: TelephoneCall, draft: Draft, user: User) -> dict[str, tuple[str, str]]:
    """Return the title and the words to say at each stage of the call."""
    facts = {
        "plan": draft.plan.name, "me": user.name, "number": row.reference,
        "when": moment(row.began_at, draft.plan.time_zone),
    }  # fmt: skip
    return {
        "caller": (
            _("Greeting and caller"),
            _("“%(plan)s, requests for care. My name is %(me)s. The number of this call is %(number)s. With whom do I speak, from which office, and on which number do I reach you if we are cut off?”") % facts,
        ),
        "patient": (
            _("Member"),
            _("“For which member? Please give me the member number, the family name and the date of birth.” Confirm nothing about the member before both agree."),
        ),
        "service": (_("Service"), _("“Which service is asked for, how many, and for which days?”")),
        "reason": (_("Diagnoses"), _("“For which diagnosis?” A member need not know it.")),
        "people": (
            _("Who orders it, and where"),
            _("“Which clinician orders it, and where will it be done?” Ask for a telephone number for a talk between doctors."),
        ),
        "speed": (_("How fast"), _("Ask it in these words. Anybody may ask for speed; do not judge the answer.")),
        "coming": (
            _("Papers to come"),
            _("“Which records will you send, and when? Please write the number of this call on each.”"),
        ),
        "read_back": (
            _("Read back"),
            _("“Your request was received at the beginning of this call: %(when)s. The number of the call is %(number)s. Please write it down. The time for our answer has begun.”") % facts,
        ),
    }  # fmt: skip
