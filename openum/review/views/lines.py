"""The nurse's workspace: criteria left, evidence in the middle, timeline at the right.

There is no way here to deny, and none to approve less than was asked: a nurse approves, asks, or refers.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.cases.kinds import DOCUMENT_KINDS, MONTHS_BACK
from openum.cases.models import ServiceLine
from openum.cases.queries import attachments_visible_to, current_lines, lines_visible_to
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import ItemAsked
from openum.criteria import services as criteria
from openum.criteria.models import EvidenceLink
from openum.criteria.queries import current_map
from openum.db.clock import now
from openum.db.reading import reading
from openum.review import queries, services
from openum.review.forms import AskForm, FindingForm, LinkForm, NoteForm, ReferForm, RegionForm
from openum.review.keeping import NOTHING, kept_forms
from openum.review.models import AnchoredNote, Review
from openum.review.queries.notes import note_rows, notes_at
from openum.review.views.papers import papers_context
from openum.review.workspace import page_of_document, summary_draft, workspace
from openum.vocabulary.errors import Invalid, OpenUMError
from openum.vocabulary.terms import FindingValue, LineStatus


def _line(request: HttpRequest, public_id: UUID) -> ServiceLine:
    return get_object_or_404(
        lines_visible_to(actor(request)).select_related(
            "case", "case__member", "case__plan", "case__product", "case__coverage", "case__organization", "request"
        ),
        public_id=public_id,
    )


@require_GET
@needs(Permission.REVIEW_LINES, Permission.SEE_AUDIT)
def line(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the workspace of one line. Opening a document in it is kept as evidence opened."""
    return _render(request, _line(request, public_id))


@reading()
def _render(
    request: HttpRequest,
    line: ServiceLine,
    *,
    status: int = 200,
    refusal: str = "",
    leaf: str = "",
    note: Mapping[str, str] | None = None,
) -> HttpResponse:
    user, at = actor(request), now()
    shown = page_of_document(line, user, wanted=request.GET.get("document", ""), page=request.GET.get("page", ""))
    if shown is not None and shown.is_chosen and _may_review(user):
        services.open_evidence(attachment=shown.attachment, by=user, at=at, page=shown.number)
    context: dict[str, Any] = {
        **workspace(line, user, shown=shown, at=at),
        "lines": current_lines(line.case),
        "refusal": refusal,
        "refused_leaf": leaf,
        "open_review": queries.open_review(line, Review.NURSE),
        "is_open": line.status in OPEN_STATUSES,
        "may_review": _may_review(user),
        "may_answer": _may_answer(line, user),
        "kept": kept_forms(line, user),
        **papers_context(line.case, user),
        "from_line": line.public_id,
        "note_typed": note,
    }
    context["place_notes"] = note_rows(notes_at(line), context["picture"], zone=line.case.plan.time_zone)
    read = [line.case.public_id, *context["beside"]["case_ids"]]
    audit.record_reads(by=user, at=at, case_ids=read, why="review")
    return render(request, "review/line.html", context, status=status)


def _may_review(user: User) -> bool:
    return user_may(user, Permission.REVIEW_LINES)


def _may_answer(line: ServiceLine, user: User) -> bool:
    """Say whether criteria are still answered here: while the line is open, and by a physician who may reverse a no."""
    if line.status in OPEN_STATUSES:
        return _may_review(user)
    is_adverse = LineStatus(line.status) in {LineStatus.DENIED, LineStatus.PARTIALLY_APPROVED}
    return is_adverse and user_may(user, Permission.DECIDE_ADVERSELY)


def _back(line: ServiceLine, request: HttpRequest, *, anchor: str = "") -> HttpResponse:
    kept = request.POST.get("document", "")
    page = request.POST.get("shown_page", "")
    query = f"?document={kept}&page={page}" if _is_uuid(kept) and page.isdecimal() else ""
    response = redirect("review:line", public_id=line.public_id)
    response["Location"] += query + (f"#{anchor}" if anchor else "")
    return response


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@require_POST
@needs(Permission.REVIEW_LINES)
def start(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take the line up."""
    line = _line(request, public_id)
    services.start_review(line=line, level=Review.NURSE, by=actor(request), at=now())
    return _back(line, request)


@require_POST
@needs(Permission.REVIEW_LINES)
def release(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give the line back to the list."""
    line = _line(request, public_id)
    review = queries.open_review(line, Review.NURSE)
    if review is not None:
        services.release_review(review=review, by=actor(request), at=now())
    return redirect("review:worklist")


@require_POST
@needs(Permission.REVIEW_LINES)
def answer(request: HttpRequest, public_id: UUID, leaf: str) -> HttpResponse:
    """Record a person's answer to one criterion. Unknown is an answer too."""
    line = _line(request, public_id)
    form = FindingForm(request.POST)
    if not form.is_valid():
        return _render(request, line, status=422, refusal=_("Choose met, not met or unknown."), leaf=leaf)
    try:
        criteria.record_finding(
            line=line, leaf=leaf, value=FindingValue(form.cleaned_data["value"]), note=form.cleaned_data["note"],
            authority=form.cleaned_data["authority"], question=form.cleaned_data["question"], by=actor(request), at=now(),
        )  # fmt: skip
    except Invalid as refusal:
        return _render(request, line, status=422, refusal=refusal.sentence, leaf=leaf)
    services.forget_form(line=line, form=f"answer-{leaf}", by=actor(request))
    return _back(line, request, anchor=f"node-{leaf}")


@require_POST
@needs(Permission.REVIEW_LINES)
def link(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Link a page, quoted words or a clinical record to a criterion."""
    line, user = _line(request, public_id), actor(request)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _render(request, line, status=422, refusal=_("Choose a criterion, and a page or words to link."))
    given = form.cleaned_data
    attachment = None
    if given["attachment"]:
        attachment = get_object_or_404(
            attachments_visible_to(user).filter(case=line.case), public_id=given["attachment"]
        )
    try:
        criteria.link_evidence(
            line=line, leaf=given["leaf"], attachment=attachment, resource_key=given["resource_key"],
            page=given["page"], quote=given["quote"], region=RegionForm(request.POST).region(), by=user, at=now(),
        )  # fmt: skip
    except OpenUMError as refusal:
        return _render(request, line, status=refusal.status, refusal=refusal.sentence, leaf=given["leaf"])
    return _back(line, request, anchor=f"node-{given['leaf']}")


@require_POST
@needs(Permission.REVIEW_LINES)
def settle_link(request: HttpRequest, public_id: UUID, link_id: UUID) -> HttpResponse:
    """Confirm a link that the machine proposed, or close a link."""
    line, user, at = _line(request, public_id), actor(request), now()
    row = get_object_or_404(EvidenceLink.objects.filter(line=line, unlinked_at__isnull=True), public_id=link_id)
    if request.POST.get("do") == "confirm":
        criteria.confirm_link(link=row, by=user, at=at)
    else:
        criteria.unlink_evidence(link=row, by=user, at=at)
    return _back(line, request, anchor=f"node-{row.leaf}")


@require_POST
@needs(Permission.REVIEW_LINES)
def note(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Write a note at words, at a page or at a criterion; a refusal keeps what was typed."""
    line, user = _line(request, public_id), actor(request)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _render(request, line, status=422, refusal=_("Write the note."), note=request.POST)
    given = dict(form.cleaned_data)
    wanted = given.pop("attachment")
    attachment = None
    if wanted and (given["page"] or given["quote"]):
        attachment = get_object_or_404(attachments_visible_to(user).filter(case=line.case), public_id=wanted)
    try:
        services.anchor_note(line=line, attachment=attachment, by=user, at=now(), **given)
    except OpenUMError as refusal:
        return _render(request, line, status=refusal.status, refusal=refusal.sentence, note=request.POST)
    return _back(line, request, anchor="place-notes")


@require_POST
@needs(Permission.REVIEW_LINES)
def take_note_away(request: HttpRequest, public_id: UUID, note_id: UUID) -> HttpResponse:
    """Take a note from its place with a reason; it stays in the file."""
    line, user = _line(request, public_id), actor(request)
    row = get_object_or_404(AnchoredNote.objects.select_related("line__case"), line=line, public_id=note_id)
    try:
        services.take_note_away(anchored=row, because=request.POST.get("because", ""), by=user, at=now())
    except OpenUMError as refusal:
        return _render(request, line, status=refusal.status, refusal=refusal.sentence)
    return _back(line, request, anchor="place-notes")


@require_http_methods(["GET", "POST"])
@needs(Permission.REVIEW_LINES)
def ask(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask the provider, item by item; the items are written from the criteria still open."""
    line, user, at = _line(request, public_id), actor(request), now()
    picture = current_map(line)
    kept = kept_forms(line, user).get("ask", NOTHING)
    asked = {leaf.key for leaf in picture.questions}
    ask_first = (*picture.questions, *(leaf for leaf in picture.open_leaves if leaf.key not in asked))
    proposed = [
        {
            "leaf": leaf.key, "text": kept.fields.get(f"text-{leaf.key}") or leaf.to_satisfy.en or leaf.question.en,
            "kind": leaf.documents[0] if leaf.documents else "",
            "chosen": f"ask-{leaf.key}" in kept.fields if kept.saved else leaf.key in asked,
            "matters": leaf.key in asked,
            "value": leaf.value.value,
            "months": kept.fields.get(f"months-{leaf.key}", ""),
        }
        for leaf in ask_first
    ]  # fmt: skip
    form, status, refusal = AskForm(initial=kept.fields), 200, ""
    if request.method == "POST":
        form = AskForm(request.POST)
        items = _items(request, line)
        if form.is_valid() and items:
            services.ask_for_information(
                case=line.case, request=line.request, items=items, message=form.cleaned_data["message"], by=user, at=at
            )
            services.forget_form(line=line, form="ask", by=user)
            return redirect("review:line", public_id=line.public_id)
        status, refusal = 422, _("Choose at least one thing to ask for.")
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="information request")
    context = {
        "line": line,
        "case": line.case,
        "proposed": proposed,
        "form": form,
        "refusal": refusal,
        "extra": [
            {
                "number": number,
                "text": kept.fields.get(f"textx{number}", ""),
                "kind": kept.fields.get(f"kindx{number}", "other"),
                "months": kept.fields.get(f"monthsx{number}", ""),
            }
            for number in range(1, 3)
        ],
        "kinds": DOCUMENT_KINDS,
        "times": MONTHS_BACK,
        "kept": kept,
    }
    return render(request, "review/ask.html", context, status=status)


def _items(request: HttpRequest, line: ServiceLine) -> list[ItemAsked]:
    items = []
    for key in request.POST:
        if not key.startswith("text"):
            continue
        number = key.removeprefix("text")
        text = request.POST[key].strip()
        if text and (number.startswith("x") or request.POST.get(f"ask{number}")):
            months = request.POST.get(f"months{number}", "")
            is_limited = months != "" and months in dict(MONTHS_BACK)
            if is_limited:
                text = f"{text} (of the {months} months before the service)"
            items.append(
                ItemAsked(
                    line=line, text=text[:2000], leaf=request.POST.get(f"leaf{number}", "")[:40],
                    document_kind=request.POST.get(f"kind{number}", "")[:60],
                    months_back=int(months) if is_limited else None,
                )
            )  # fmt: skip
    return items


@require_http_methods(["GET", "POST"])
@needs(Permission.REVIEW_LINES)
def refer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand the line to a physician with the situation in a paragraph."""
    line, user, at = _line(request, public_id), actor(request), now()
    kept = kept_forms(line, user).get("refer", NOTHING)
    initial = kept.fields or {"summary": summary_draft(line, at=at), "specialty": line.specialty}
    form, status = ReferForm(initial=initial), 200
    if request.method == "POST":
        form = ReferForm(request.POST)
        if form.is_valid():
            services.refer_to_physician(line=line, by=user, at=at, **form.cleaned_data)
            services.forget_form(line=line, form="refer", by=user)
            return redirect("review:worklist")
        status = 422
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="referral")
    return render(
        request, "review/refer.html", {"line": line, "case": line.case, "form": form, "kept": kept}, status=status
    )
