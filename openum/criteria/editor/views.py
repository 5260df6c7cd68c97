"""The editor: a list of drafts, and one page on which a version is written, tried, shown and sent on its way."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import plans_visible_to, scope_of
from openum.accounts.rules import Permission
from openum.criteria.editor import parts, patients, workshop
from openum.criteria.editor.previews import FACES, preview
from openum.criteria.faces import shelf
from openum.criteria.faults import DocumentInvalid
from openum.criteria.models import DraftText, GuidelineDraft
from openum.criteria.queries import GUIDELINE
from openum.criteria.rules import DraftStatus, Vote
from openum.criteria.services import drafting
from openum.criteria.views.library import today
from openum.db.clock import now
from openum.directory.models import Policy
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.numbers import whole

_ANY = (
    Permission.WRITE_GUIDELINES, Permission.REVIEW_GUIDELINES, Permission.VOTE_ON_GUIDELINES, Permission.PUBLISH_GUIDELINES,
)  # fmt: skip


def drafts_visible_to(user: User) -> QuerySet[GuidelineDraft]:
    """Return the drafts of the person's plans and those common to all plans."""
    own = GuidelineDraft.objects.filter(plan__in=plans_visible_to(user, *_ANY))
    return (own | GuidelineDraft.objects.filter(plan__isnull=True)).select_related("started_by")


@require_GET
@needs(*_ANY)
def drafts(request: HttpRequest) -> HttpResponse:
    """List what is being written, and what a new version can start from."""
    user = actor(request)
    waiting = drafts_visible_to(user).exclude(status__in=[DraftStatus.PUBLISHED, DraftStatus.RETIRED])
    context = {
        "drafts": waiting.order_by("-changed_at"),
        "titles": shelf.shelf(today()),
        "may_write": Permission.WRITE_GUIDELINES in scope_of(user).permissions,
        "may_simulate": Permission.PUBLISH_GUIDELINES in scope_of(user).permissions,
    }
    return render(request, "criteria/editor/drafts.html", context)


@require_POST
@needs(Permission.WRITE_GUIDELINES)
def start(request: HttpRequest) -> HttpResponse:
    """Start the next version of a published guideline as a copy."""
    user = actor(request)
    key, _bar, version = request.POST.get("from", "").partition("|")
    own = Policy.objects.filter(kind=GUIDELINE, key=key, version=version)
    policy = own.filter(plan__isnull=True).first() or get_object_or_404(
        own.filter(plan__in=plans_visible_to(user, *_ANY))
    )
    name = request.POST.get("version", "").strip()
    if not name:
        messages.error(request, _("Give the new version a name, for example v2027.1."))
        return redirect("criteria:drafts")
    try:
        draft = drafting.start_draft_from(policy=policy, version=name, by=user, at=now())
    except OpenUMError as refusal:
        messages.error(request, str(refusal))
        return redirect("criteria:drafts")
    return redirect("criteria:editor", draft.public_id)


@require_http_methods(["GET", "POST"])
@needs(*_ANY)
def editor(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Show and change one draft. Nothing is kept before it is saved."""
    user = actor(request)
    draft = get_object_or_404(drafts_visible_to(user), public_id=draft_id)
    last = drafting.latest_text(draft)
    if request.method != "POST":
        return _page(request, draft, last, last.text)
    text = _posted_text(request, last.text)
    action = _ACTIONS.get("face" if "face" in request.POST else request.POST.get("do", "check"), _check)
    return action(request, draft, last, text)


def _posted_text(request: HttpRequest, text: str) -> str:
    """Return the document as posted, or the kept one where the form holds none."""
    count = whole(request.POST.get("parts", ""))
    if count is None:
        return text
    posted = [
        (request.POST.get(f"kind-{index}", ""), request.POST.get(f"part-{index}", "").replace("\r\n", "\n"))
        for index in range(min(count, 200))
    ]
    return parts.joined(posted)


def _file(draft: GuidelineDraft) -> str:
    return f"{draft.key}/{draft.version}.md"


def _bench(draft: GuidelineDraft, last: DraftText, text: str) -> workshop.Bench:
    return workshop.bench_of(text, file=_file(draft), libraries=last.libraries, patients=last.patients)


def _page(
    request: HttpRequest, draft: GuidelineDraft, last: DraftText, text: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    bench = _bench(draft, last, text)
    permissions = scope_of(actor(request)).permissions
    context = {
        "draft": draft,
        "last": last,
        "bench": bench,
        "is_saved": text == last.text,
        "faces": FACES,
        "may_write": Permission.WRITE_GUIDELINES in permissions and draft.status in _WRITABLE,
        "may_review": Permission.REVIEW_GUIDELINES in permissions and draft.status == DraftStatus.DRAFT,
        "may_vote": Permission.VOTE_ON_GUIDELINES in permissions and draft.status == DraftStatus.REVIEWED,
        "may_simulate": Permission.PUBLISH_GUIDELINES in permissions,
        "may_close": Permission.PUBLISH_GUIDELINES in permissions and draft.status == DraftStatus.REVIEWED,
        "may_publish": Permission.PUBLISH_GUIDELINES in permissions and draft.status == DraftStatus.APPROVED,
        "texts": draft.texts.select_related("written_by").defer("text", "patients", "libraries").order_by("-number"),
        "reviews": last.reviews.select_related("reviewer").order_by("-reviewed_at"),
        "votes": last.votes.select_related("member").order_by("voted_at"),
        "vote_words": [(Vote.FOR, _("for")), (Vote.AGAINST, _("against")), (Vote.ABSTAIN, _("abstain"))],
        "posted": request.POST,
        "patient": _patient_fields(bench, request),
        "rows": range(1, patients.ROWS + 1),
        "patient_kinds": patients.KINDS,
    } | more
    return render(request, "criteria/editor/editor.html", context, status=status)


_WRITABLE = {DraftStatus.DRAFT, DraftStatus.REVIEWED, DraftStatus.APPROVED}


def _patient_fields(bench: workshop.Bench, request: HttpRequest) -> dict[str, Any]:
    """Return what the form of a test patient offers: questions, criteria, patients to start from, codes."""
    guideline = bench.guideline
    if guideline is None:
        return {}
    posted = request.POST
    try:
        others = [patient.name for patient in guideline.patients]
    except DocumentInvalid:
        others = []
    return {
        "answers": [(answer, posted.get(f"p.answer.{link}", "")) for link, answer in guideline.answers.items()],
        "leaves": [(leaf, posted.get(f"p.expect.{leaf.key}", "")) for leaf in guideline.leaves],
        "others": others,
        "codes": patients.code_hints(guideline),
        "facts": [
            {
                "n": row,
                **{
                    key: posted.get(f"p.{key}.{row}", "") for key in ("kind", "code", "from", "to", "value", "unit")
                },
            }
            for row in range(1, patients.ROWS + 1)
        ],
    }  # fmt: skip


def _check(request: HttpRequest, draft: GuidelineDraft, last: DraftText, text: str) -> HttpResponse:
    """Check what stands in the form; a script asks for this part of the page alone."""
    if getattr(request, "htmx", False):
        context = {"bench": _bench(draft, last, text), "is_saved": text == last.text, "draft": draft}
        return render(request, "criteria/editor/editor.html#results", context)
    return _page(request, draft, last, text)


def _numbers(request: HttpRequest, draft: GuidelineDraft, last: DraftText, text: str) -> HttpResponse:
    """Put other numbers into the logic, and name the sentences that may have to follow."""
    guideline = _bench(draft, last, text).guideline
    if guideline is None:
        messages.error(request, _("Mend the faults first; then the numbers can be changed here."))
        return _page(request, draft, last, text, status=422)
    values = {
        key.removeprefix("number."): str(value) for key, value in request.POST.items() if key.startswith("number.")
    }
    text, changed = parts.with_numbers(text, guideline, values)
    if not changed:
        messages.info(request, _("No number was changed."))
    return _page(request, draft, last, text, changed=changed, mend=parts.words_to_mend(guideline, changed))


def _try(request: HttpRequest, draft: GuidelineDraft, last: DraftText, text: str) -> HttpResponse:
    """Run the patient of the form without keeping it."""
    program = _bench(draft, last, text).program
    if program is None:
        messages.error(request, _("Mend the faults first; then a test patient can be tried."))
        return _page(request, draft, last, text, status=422)
    given = patients.written(program.guideline, _fields(request), needs_expectations=False)
    try:
        patient = patients.read_entry(program.guideline, given.entry)
    except DocumentInvalid as error:
        return _page(request, draft, last, text, patient_faults=[fault.text for fault in error.faults], status=422)
    result = workshop.tried(program, patient)
    return _page(
        request, draft, last, text, tried=workshop.outcome(program, result), tried_overall=result.value.value,
        patient_open=True,
    )  # fmt: skip


def _add_patient(request: HttpRequest, draft: GuidelineDraft, last: DraftText, text: str) -> HttpResponse:
    """Write the patient of the form into the document."""
    guideline = _bench(draft, last, text).guideline
    if guideline is None:
        messages.error(request, _("Mend the faults first; then a test patient can be added."))
        return _page(request, draft, last, text, status=422)
    given = patients.written(guideline, _fields(request))
    faults = list(given.faults)
    if not faults:
        try:
            patients.read_entry(guideline, given.entry)
        except DocumentInvalid as error:
            faults = [fault.text for fault in error.faults]
    if faults:
        return _page(request, draft, last, text, patient_faults=faults, patient_open=True, status=422)
    messages.success(request, _("The test patient stands in the document now. Save to keep it."))
    return _page(request, draft, last, parts.with_patient(text, given.entry))


def _fields(request: HttpRequest) -> dict[str, str]:
    return {key: str(value) for key, value in request.POST.items() if key.startswith("p.")}


def _save(request: HttpRequest, draft: GuidelineDraft, last: DraftText, text: str) -> HttpResponse:
    """Keep the text as the next one of the draft."""
    based_on = request.POST.get("based_on", "")
    try:
        saved = drafting.save_text(
            draft=draft,
            text=text,
            by=actor(request),
            at=now(),
            based_on=whole(based_on),
            note=request.POST.get("note", ""),
        )
    except DocumentInvalid:
        messages.error(
            request, _("The settings at the top cannot be read, so the text was not saved. Mend them first.")
        )
        return _page(request, draft, last, text, status=422)
    except OpenUMError as refusal:
        messages.error(request, str(refusal))
        return _page(request, draft, last, text, status=409)
    messages.success(request, _("Saved as text %(n)d.") % {"n": saved.number})
    return redirect("criteria:editor", draft.public_id)


def _face(request: HttpRequest, draft: GuidelineDraft, last: DraftText, text: str) -> HttpResponse:
    """Show one face of what stands in the form."""
    return preview(request, draft, _bench(draft, last, text), request.POST.get("face", "page"))


_ACTIONS: dict[str, Callable[[HttpRequest, GuidelineDraft, DraftText, str], HttpResponse]] = {
    "check": _check,
    "numbers": _numbers,
    "try": _try,
    "patient": _add_patient,
    "save": _save,
    "face": _face,
}


@require_POST
@needs(*_ANY)
def step(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Take a draft one step on: review, vote, count, publish. The services say who may."""
    user, at = actor(request), now()
    draft = get_object_or_404(drafts_visible_to(user), public_id=draft_id)
    note = request.POST.get("note", "")
    try:
        match request.POST.get("step", ""):
            case "review":
                drafting.review_draft(
                    draft=draft, is_ready=request.POST.get("ready") == "yes", by=user, at=at, note=note
                )
                words = _("Your review is kept.")
            case "vote":
                said = Vote(request.POST.get("vote", Vote.ABSTAIN))
                conflict = request.POST.get("conflict", "")
                drafting.cast_vote(draft=draft, vote=said, by=user, at=at, conflict=conflict, note=note)
                words = _("Your vote is kept.")
            case "close":
                is_carried = drafting.close_vote(draft=draft, minutes=request.POST.get("minutes", ""), by=user, at=at)
                words = _("The committee approved it.") if is_carried else _("The committee did not approve it.")
            case "publish":
                drafting.publish_draft(draft=draft, by=user, at=at)
                words = _("It is published.")
            case _:
                words = ""
    except OpenUMError as refusal:
        messages.error(request, str(refusal))
        return redirect("criteria:editor", draft.public_id)
    if words:
        messages.success(request, words)
    return redirect("criteria:editor", draft.public_id)
