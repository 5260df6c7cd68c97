"""Staff capture of a request that came by phone, mail or fax, also from a member, on one page."""

from uuid import UUID

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openum.accounts.gate import actor, needs
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import short_moment, time_of_saving
from openum.submission import drafts, queries
from openum.submission.composing import MAX_LINES, line_count
from openum.submission.forms import CapturePeopleForm, CoverForm, PaperForm
from openum.submission.matching import match_patient
from openum.submission.models import Draft
from openum.submission.questions import open_criteria
from openum.submission.steps import forms_of, typed
from openum.vocabulary.errors import Invalid


@require_http_methods(["GET", "POST"])
@needs(Permission.CAPTURE_REQUEST)
def capture(request: HttpRequest) -> HttpResponse:
    """Show what I have begun to enter, or begin anew."""
    user, at = actor(request), now()
    plans = plans_visible_to(user, Permission.CAPTURE_REQUEST)
    if request.method == "POST" and plans:
        draft = drafts.start(plan=plans[0], organization=None, by=user, at=at, purpose=drafts.CAPTURE)
        return redirect("submission:capture_one", public_id=draft.public_id)
    begun = queries.drafts_visible_to(user).filter(purpose=drafts.CAPTURE, call__isnull=True).select_related("plan")
    context = {
        "drafts": [
            {
                "draft": item,
                "who": item.fields.get("family_name") or _("no patient yet"),
                "saved": short_moment(item.saved_at, item.plan.time_zone),
            }
            for item in begun
        ]
    }
    return render(request, "submission/capture.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.CAPTURE_REQUEST)
def capture_one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Enter one request: the receipt first, then what is asked for; then send it through the one door."""
    user, at = actor(request), now()
    draft = get_object_or_404(
        queries.drafts_visible_to(user).select_related("plan", "organization", "started_by"),
        public_id=public_id,
        purpose=drafts.CAPTURE,
    )
    if request.method == "GET":
        return _render(request, draft, _sections(draft), [])
    draft = _keep(request, draft)
    doing = request.POST.get("do", "send")
    if doing == "add_line":
        count = min(MAX_LINES, line_count(draft.fields) + 1)
        drafts.save_fields(draft=draft, fields={"line_count": str(count)}, by=user, at=at)
        return redirect("submission:capture_one", public_id=public_id)
    if doing != "send":
        return _render(request, draft, _sections(draft), [])
    sections = _sections(draft, judged=True)
    refused = [form for _title, forms in sections for form in forms if not form.is_valid()]
    if refused:
        return _render(request, draft, sections, [], status=422)
    try:
        accepted = drafts.send(draft=draft, by=user, at=at)
    except Invalid as refusal:
        return _render(request, draft, sections, [refusal.sentence], status=422)
    return redirect("submission:receipt", public_id=accepted.submission.public_id)


def _keep(request: HttpRequest, draft: Draft) -> Draft:
    user, at = actor(request), now()
    draft = drafts.save_fields(draft=draft, fields=typed(request.POST, step="urgency"), by=user, at=at)
    chosen = next(
        (
            plan
            for plan in plans_visible_to(user, Permission.CAPTURE_REQUEST)
            if str(plan.public_id) == draft.fields.get("plan")
        ),
        None,
    )
    if chosen is not None and chosen.pk != draft.plan_id:
        draft = drafts.change_plan(draft=draft, plan=chosen, by=user, at=at)
    upload = request.FILES.get("file")
    if upload is not None:
        drafts.add_file(
            draft=draft, upload=upload, title=request.POST.get("title", ""),
            document_kind=request.POST.get("document_kind", "other"), by=user, at=at,
        )  # fmt: skip
    return Draft.objects.select_related("plan", "organization", "started_by").get(pk=draft.pk)


def _sections(draft: Draft, *, judged: bool = False) -> list[tuple[str, list[django_forms.Form]]]:
    kept = dict(draft.fields)
    data = kept if judged else None
    plans = plans_visible_to(draft.started_by, Permission.CAPTURE_REQUEST)
    member_asks = kept.get("standing") in {"member", "representative"}
    people = CapturePeopleForm(data, initial=kept)
    if not member_asks:
        people.fields["ordering_npi"].required = True
    return [
        (_("Receipt"), [CoverForm(data, initial=kept)]),
        (_("Patient"), forms_of("patient", draft=draft, plans=plans, data=data)),
        (_("Service"), forms_of("service", draft=draft, plans=plans, data=data)),
        (
            _("Diagnoses"),
            []
            if member_asks and not kept.get("diagnosis1")
            else forms_of("reason", draft=draft, plans=plans, data=data),
        ),
        (_("People and place"), [people]),
        (_("Urgency"), forms_of("urgency", draft=draft, plans=plans, data=data)),
    ]


def _render(
    request: HttpRequest,
    draft: Draft,
    sections: list[tuple[str, list[django_forms.Form]]],
    refusals: list[str],
    *,
    status: int = 200,
) -> HttpResponse:
    at = now()
    context = {
        "draft": draft,
        "sections": sections,
        "refusals": refusals,
        "match": match_patient(draft, by=actor(request), at=at),
        "criteria": open_criteria(draft, on=at),
        "files": draft.files.defer("content").order_by("pk"),
        "paper": PaperForm(),
        "saved_at": time_of_saving(draft.saved_at, draft.plan.time_zone),
        "may_add_line": line_count(draft.fields) < MAX_LINES,
    }
    return render(request, "submission/capture_one.html", context, status=status)
