"""The guided request of a provider office: one question a page, every field kept as it is typed."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan
from openum.accounts.queries import offices_of, plans_open_to
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import moment, time_of_saving
from openum.directory.queries import search_codes
from openum.needs.queries import receipts_of
from openum.submission import drafts, queries
from openum.submission.composing import CPT, MAX_LINES, RENEWS, line_count
from openum.submission.forms import PaperForm
from openum.submission.matching import Match, match_patient
from openum.submission.models import Draft
from openum.submission.questions import Question, open_criteria, questions_for
from openum.submission.renewing import NotRenewable, compared, earlier_of
from openum.submission.steps import BY_KEY, STEPS, forms_of, neighbours, typed, unfinished


def _draft(request: HttpRequest, public_id: UUID) -> Draft:
    return get_object_or_404(
        queries.drafts_visible_to(actor(request)).select_related("plan", "organization", "started_by"),
        public_id=public_id,
        purpose=drafts.PORTAL,
    )


@require_http_methods(["GET", "POST"])
@needs(Permission.SUBMIT_REQUEST)
def new(request: HttpRequest) -> HttpResponse:
    """Show the office's open drafts, or begin a new one."""
    user, at = actor(request), now()
    offices = offices_of(user)
    plans = plans_open_to(offices)
    if request.method == "POST" and offices and plans:
        draft = drafts.start(plan=plans[0], organization=offices[0], by=user, at=at)
        return redirect("submission:step", public_id=draft.public_id, step=STEPS[0].key)
    shared = queries.drafts_visible_to(user).filter(purpose=drafts.PORTAL).select_related("plan", "started_by")
    context = {
        "drafts": [
            {
                "draft": item,
                "who": item.fields.get("family_name") or _("no patient yet"),
                "what": item.fields.get("line1-code", ""),
                "saved": moment(item.saved_at, item.plan.time_zone),
            }
            for item in shared
        ],
        "can_start": bool(offices and plans),
    }
    return render(request, "submission/new.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.SUBMIT_REQUEST)
def step(request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
    """Show one page of the draft; on sending it, keep it, judge it, and go on."""
    draft = _draft(request, public_id)
    if step not in BY_KEY or step in {"papers", "check"}:
        return redirect("submission:check" if step == "check" else "submission:papers", public_id=public_id)
    plans = plans_open_to(offices_of(actor(request)))
    if request.method == "GET":
        return _render_step(request, draft, step, forms_of(step, draft=draft, plans=plans))
    draft = drafts.save_fields(draft=draft, fields=typed(request.POST, step=step), by=actor(request), at=now())
    draft = _follow_plan(request, draft, plans)
    doing = request.POST.get("do", "next")
    if doing == "add_line":
        count = min(MAX_LINES, line_count(draft.fields) + 1)
        drafts.save_fields(draft=draft, fields={"line_count": str(count)}, by=actor(request), at=now())
        return redirect("submission:step", public_id=public_id, step=step)
    if doing == "find":
        return _render_step(request, draft, step, forms_of(step, draft=draft, plans=plans))
    if doing == "leave":
        return redirect("submission:new")
    forms = forms_of(step, draft=draft, plans=plans, data=draft.fields)  # as kept: U+0000 is replaced
    judged = [form.is_valid() for form in forms]
    if not all(judged):
        return _render_step(request, draft, step, forms, status=422)
    following = neighbours(step)[1]
    return redirect("submission:step", public_id=public_id, step=following.key if following else "check")


def _follow_plan(request: HttpRequest, draft: Draft, plans: list[Plan]) -> Draft:
    """Move the draft to the plan that was chosen on the first page."""
    chosen = next((plan for plan in plans if str(plan.public_id) == draft.fields.get("plan")), None)
    if chosen is None or chosen.pk == draft.plan_id:
        return draft
    drafts.change_plan(draft=draft, plan=chosen, by=actor(request), at=now())
    return _draft(request, draft.public_id)


def _render_step(request: HttpRequest, draft: Draft, key: str, forms: list[Any], *, status: int = 200) -> HttpResponse:
    user, at = actor(request), now()
    match: Match | None = match_patient(draft, by=user, at=at) if key == "patient" else None
    questions: list[Question] = questions_for(draft, on=at) if key == "questions" else []
    return render(
        request,
        "submission/step.html",
        {
            **_frame(draft, key),
            "forms": forms,
            "match": match,
            "questions": questions,
            "spared": [question for question in questions if not question.matters],
            "may_add_line": key == "service" and not draft.fields.get(RENEWS) and line_count(draft.fields) < MAX_LINES,
        },
        status=status,
    )


def _frame(draft: Draft, key: str) -> dict[str, Any]:
    before, after = neighbours(key)
    number = [item.key for item in STEPS].index(key) + 1
    return {
        "draft": draft,
        "step": BY_KEY[key],
        "steps": STEPS,
        "number": number,
        "whole": len(STEPS),
        "before": before,
        "after": after,
        "saved_at": time_of_saving(draft.saved_at, draft.plan.time_zone),
        "renews": earlier_of(draft.fields),
    }


@require_POST
@needs(Permission.SUBMIT_REQUEST, Permission.CAPTURE_REQUEST)
def save(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keep what stands in the page now; answer with the time of saving."""
    user, at = actor(request), now()
    draft = get_object_or_404(queries.drafts_visible_to(user).select_related("plan"), public_id=public_id)
    step_key = request.POST.get("step", "")
    draft = drafts.save_fields(draft=draft, fields=typed(request.POST, step=step_key), by=user, at=at)
    return render(request, "design/saved.html", {"saved_at": time_of_saving(at, draft.plan.time_zone)})


@require_http_methods(["GET", "POST"])
@needs(Permission.SUBMIT_REQUEST)
def papers(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Add files to the draft, or take one away."""
    draft = _draft(request, public_id)
    form = PaperForm()
    status = 200
    if request.method == "POST" and request.POST.get("remove"):
        file = get_object_or_404(draft.files, public_id=request.POST["remove"])
        drafts.remove_file(draft=draft, file=file)
        return redirect("submission:papers", public_id=public_id)
    if request.method == "POST":
        form = PaperForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                drafts.add_file(
                    draft=draft, upload=form.cleaned_data["file"], title=form.cleaned_data["title"],
                    document_kind=form.cleaned_data["document_kind"], by=actor(request), at=now(),
                )  # fmt: skip
            except drafts.FileNotUsable as refusal:
                form.add_error("file", refusal.sentence)
            else:
                return redirect("submission:papers", public_id=public_id)
        status = 422
    wanted = [item for item in open_criteria(draft, on=now()) if item.documents]
    context = {
        **_frame(draft, "papers"),
        "form": form,
        "files": draft.files.defer("content").order_by("pk"),
        "wanted": wanted,
    }
    return render(request, "submission/papers.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs(Permission.SUBMIT_REQUEST)
def check(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show everything before it is sent, with the criteria still open and what would close them; then send."""
    user, at = actor(request), now()
    draft = _draft(request, public_id)
    plans = plans_open_to(offices_of(user))
    missing = unfinished(draft, plans=plans)
    refusal, status = "", 422 if request.method == "POST" else 200
    if request.method == "POST" and not missing:
        try:
            accepted = drafts.send(draft=draft, by=user, at=at)
        except NotRenewable as refused:
            refusal, status = refused.sentence, refused.status
        else:
            return redirect("submission:receipt", public_id=accepted.submission.public_id)
    context = {
        **_frame(draft, "check"),
        "missing": missing,
        "refusal": refusal,
        "compared": compared(draft.fields),
        "match": match_patient(draft, by=user, at=at),
        "criteria": open_criteria(draft, on=at),
        "files": draft.files.defer("content").order_by("pk"),
        "lines": forms_of("service", draft=draft, plans=plans),
        "fields": draft.fields,
        "diagnoses": [draft.fields[f"diagnosis{n}"] for n in range(1, 5) if draft.fields.get(f"diagnosis{n}")],
    }
    return render(request, "submission/check.html", context, status=status)


@require_GET
@needs(Permission.SUBMIT_REQUEST, Permission.CAPTURE_REQUEST)
def receipt(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the proof of receipt: when, under which number, and the hash of what was sent."""
    user, at = actor(request), now()
    submission = get_object_or_404(
        queries.submissions_visible_to(user).select_related("plan", "case", "submitted_by").defer("raw", "answer"),
        public_id=public_id,
    )
    if submission.case is not None:
        audit.record_reads(by=user, at=at, case_ids=[submission.case.public_id], why="receipt")
    context = {
        "submission": submission,
        "received": moment(submission.received_at, submission.plan.time_zone),
        "entered": moment(submission.entered_at, submission.plan.time_zone),
        "lines": list(submission.case.lines.order_by("sequence")) if submission.case else [],
        "free": receipts_of(submission.case) if submission.case else [],
        "is_office": bool(offices_of(user)),
    }
    return render(request, "submission/receipt.html", context)


@require_GET
@needs(Permission.SUBMIT_REQUEST, Permission.CAPTURE_REQUEST)
def codes(request: HttpRequest) -> HttpResponse:
    """Suggest codes by number or by our wording, as the options of a data list."""
    typed_in = {key.rsplit("-", 1)[-1]: str(value) for key, value in request.GET.items()}
    text, system = typed_in.get("code", ""), typed_in.get("code_system") or CPT
    found = search_codes(text=text, system=system, limit=12) if text.strip() else []
    return render(request, "submission/codes.html", {"codes": found})
