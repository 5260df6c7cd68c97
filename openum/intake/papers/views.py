"""The desk: a paper's pages beside the fields of the request, and what becomes of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.cases.kinds import DOCUMENT_KINDS, PLACES
from openum.cases.pictures import PaperNotUsable
from openum.cases.queries import cases_visible_to
from openum.db.clock import now
from openum.design.moments import day, moment, short_moment, time_of_saving
from openum.design.status import CHANNEL_WORDS
from openum.directory.queries import members_visible_to
from openum.intake.events import PaperShown
from openum.intake.forwarding.queries import plans_beside
from openum.intake.forwarding.views import ways
from openum.intake.models import Paper, PaperPage
from openum.intake.papers import cards, queries, services
from openum.intake.papers.assembling import bytes_of, cut_of, is_hidden, jpeg, shown, words_of
from openum.intake.papers.forms import UploadForm
from openum.intake.papers.services.ordering import MERGED
from openum.intake.papers.standing import (
    CHOICES,
    DAYS,
    OF_SERVICE,
    OPTIONAL,
    FieldStanding,
    first_of_its_kind,
    request_fields,
    standing_of,
)
from openum.intake.reading.language import language_of
from openum.intake.receipts import face_of
from openum.submission.composing import MAX_LINES
from openum.submission.events import MemberLookedUp
from openum.submission.models import Submission
from openum.vocabulary.errors import Invalid, OpenUMError
from openum.vocabulary.numbers import whole
from openum.vocabulary.terms import Channel, Urgency

SCREEN_DPI = 120
_LANGUAGES = {
    "en": "English", "es": "Español", "fr": "Français", "pt": "Português", "ht": "Kreyòl ayisyen", "vi": "Tiếng Việt",
    "zh": "中文", "ko": "한국어", "ru": "Русский", "ar": "العربية",
}  # fmt: skip


@require_http_methods(["GET", "POST"])
@needs(Permission.MATCH_INTAKE)
def upload(request: HttpRequest) -> HttpResponse:
    """Put a fax, letter or scan on the desk."""
    user, at = actor(request), now()
    plans = list(plans_visible_to(user, Permission.MATCH_INTAKE))
    if request.method == "GET":
        return render(request, "intake/upload.html", {"form": UploadForm(plans=plans, at=at)})
    form, refusal = UploadForm(request.POST, request.FILES, plans=plans, at=at), ""
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            paper = services.receive_paper(
                plan=form.chosen_plan, content=file.read(), name=file.name or "", received_at=form.received_at,
                channel=Channel(form.cleaned_data["channel"]), by=user, at=at,
            )  # fmt: skip
        except Invalid as error:
            refusal = error.sentence
        else:
            return redirect("intake:paper", public_id=paper.public_id)
    return render(request, "intake/upload.html", {"form": form, "refusal": refusal}, status=422)


def _paper(request: HttpRequest, public_id: UUID) -> Paper:
    return get_object_or_404(queries.papers_visible_to(actor(request)), public_id=public_id)


def _page(paper: Paper, text: str) -> PaperPage:
    try:
        return get_object_or_404(paper.pages, public_id=UUID(text))
    except ValueError:
        return get_object_or_404(paper.pages.none())


@require_GET
@needs(Permission.MATCH_INTAKE)
def paper(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a paper: its pages, its fields, and what they lead to."""
    return _render(request, _paper(request, public_id))


def _render(request: HttpRequest, item: Paper, *, refusal: str = "", status: int = 200) -> HttpResponse:
    user, at = actor(request), now()
    pages, readings = queries.pages_of(item), queries.best_readings(item)
    fields = standing_of(item, readings)
    audit.record(PaperShown(paper_id=item.public_id), by=user, at=at)
    wanted_text = request.GET.get("text", "").strip()
    is_open = item.submission.state == Submission.WAITING
    rows = [_page_row(page, wanted_text) for page in pages]
    context = {
        "paper": item,
        "is_open": is_open,
        "refusal": refusal,
        "face": face_of(item.submission, at) if is_open else None,
        "received": moment(item.submission.received_at, item.plan.time_zone),
        "channel": CHANNEL_WORDS.get(item.submission.channel, item.submission.channel),
        "pages": rows,
        "text": wanted_text,
        "hits": sum(bool(row["hits"]) for row in rows),
        "language": _LANGUAGES.get(language_of(word.text for page in pages for word in words_of(page)), ""),
        "step": queries.last_step(item) if is_open else None,
        "others": [one for one in queries.open_papers(user).filter(plan=item.plan)[:50] if one.pk != item.pk]
        if is_open
        else [],
        "saved_at": time_of_saving(item.saved_at, item.plan.time_zone),
        "is_merged": item.submission.settled_note == MERGED,
        **_fields_context(item, fields),
        **(_cards_context(request, item, fields, user, at) if is_open else {}),
    }
    return render(request, "intake/paper.html", context, status=status)


def _page_row(page: PaperPage, wanted: str) -> dict[str, Any]:
    words = words_of(page)
    needle = wanted.casefold()
    return {
        "page": page,
        "hits": [_svg(word.box) for word in words if needle and needle in word.text.casefold()],
        "state": _state_of(page),
        "can_be_read": page.not_read_because != "" or page.read_at is not None,
        "shown_as": _shown_as(page),
    }


def _shown_as(page: PaperPage) -> str:
    """Return what changes when the picture of a page does, so that a browser may keep each."""
    return f"{page.turn}-{len(page.hidden)}-{round(page.skew * 100)}"


def _svg(box: tuple[float, float, float, float]) -> dict[str, str]:
    left, top, right, bottom = box
    return {
        "x": f"{left * 100:.2f}%", "y": f"{top * 100:.2f}%", "width": f"{(right - left) * 100:.2f}%",
        "height": f"{(bottom - top) * 100:.2f}%",
    }  # fmt: skip


def _state_of(page: PaperPage) -> str:
    if page.not_read_because == "not-installed":
        return _("Not read: text recognition is not installed here. Type the fields; everything else works.")
    if page.not_read_because == "failed":
        return _("Not read: the page could not be drawn. Ask the sender for it again.")
    if page.not_read_because == "later":
        return _("Not read yet: only the first pages are read at once.")
    if page.read_at is None:
        return _("Being read")
    return "" if page.words else _("Read; nothing was found on it.")


def _fields_context(item: Paper, fields: list[FieldStanding]) -> dict[str, Any]:
    unread = item.pages.filter(read_at__isnull=True, not_read_because="").count()
    numbers = sorted({one.service for one in fields if one.service})
    return {
        "fields": [_field_row(one, numbers) for one in fields],
        "may_add_service": len(numbers) < MAX_LINES,
        "next_key": next((one.key for one in fields if one.wants_a_look), ""),
        "to_look_at": sum(one.is_uncertain for one in fields),
        "unread": unread,
        "no_reading": item.pages.filter(not_read_because="not-installed").exists(),
    }


def _field_row(one: FieldStanding, numbers: list[int]) -> dict[str, Any]:
    choices = {
        "place": PLACES,
        "urgency": [(Urgency.STANDARD, _("Standard")), (Urgency.EXPEDITED, _("Fast-track (expedited)"))],
    }
    reading, key = one.reading, first_of_its_kind(one.key)
    return {
        "one": one,
        "kind": "choice" if key in CHOICES else "day" if key in DAYS else "long" if key == "message" else "text",
        "choices": choices.get(one.key, []),
        "day": cards.parsed_day(one.value) if key in DAYS else None,
        "is_optional": key in OPTIONAL,
        "opens_service": numbers.index(one.service) + 1 if key == OF_SERVICE[0] and len(numbers) > 1 else 0,
        "ends_services": one.service == numbers[-1] and key == OF_SERVICE[-1],
        "cut": cut_of(reading) if reading is not None and not is_hidden(reading) else None,
        "shown_as": _shown_as(reading.page) if reading is not None else "",
    }  # fmt: skip


def _cards_context(
    request: HttpRequest, item: Paper, fields: list[FieldStanding], user: User, at: datetime
) -> dict[str, Any]:
    values = request_fields(fields)
    number, case_number = request.GET.get("number", "").strip(), request.GET.get("case", "").strip()
    candidates = cards.candidates_for(item, values, wanted=number, at=at)
    for candidate in candidates:
        audit.record(MemberLookedUp(member_id=candidate.member.public_id), by=user, at=at)
    cases = cards.waiting_cases(item, item.member, wanted=case_number, by=user)
    alike = cards.look_alikes(item, values)
    audit.record_reads(
        by=user, at=at, why="intake: what a paper may belong to",
        case_ids=list(dict.fromkeys([*(case.public_id for case in cases), *(line.case.public_id for line in alike)])),
    )  # fmt: skip
    coverage = cards.coverage_card(item, values, at=at)
    facts = cards.facts_as_they_stand(item, values, at=at)
    return {
        "number": number,
        "case_number": case_number,
        "candidates": candidates,
        "chosen_born": day(item.member.birth_date) if item.member else "",
        "coverage": coverage,
        "covered_on": day(coverage.on) if coverage else "",
        "coverage_until": day(coverage.active.valid_to) if coverage and coverage.active else "",
        "providers": cards.provider_cards(item, values, at=at),
        "alike": alike,
        "cases": [{"case": case, "opened": short_moment(case.opened_at, item.plan.time_zone)} for case in cases],
        "going": cards.going_to(item, facts, at=at),
        "listed": cards.listed_papers(item, facts),
        "documents": cards.wanted_documents(item, values, at=at),
        "document_kinds": DOCUMENT_KINDS,
        "sent": values,
        "plan_products": item.plan.products.order_by("name", "pk"),
        "forward_plans": plans_beside(item.plan),
        "forward_ways": ways(),
    }


@require_GET
@needs(Permission.MATCH_INTAKE)
def fields(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Return the fields alone, as they stand now: what a page asks for when something was read."""
    item = _paper(request, public_id)
    standing = standing_of(item, queries.best_readings(item))
    context = {"paper": item, "is_open": item.submission.state == Submission.WAITING, **_fields_context(item, standing)}
    return render(request, "intake/fields.html", context)


@require_GET
@needs(Permission.MATCH_INTAKE)
def picture(request: HttpRequest, public_id: UUID, page_id: UUID) -> HttpResponse:
    """Draw a page as it is shown."""
    page = _page(_paper(request, public_id), str(page_id))
    try:
        drawn = jpeg(shown(page, bytes_of([page])[page.source_id], dpi=SCREEN_DPI))
    except PaperNotUsable as refusal:
        return HttpResponse(refusal.sentence, status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(drawn, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})


@require_POST
@needs(Permission.MATCH_INTAKE)
def field(request: HttpRequest, public_id: UUID, key: str) -> HttpResponse:
    """Keep what is being typed into a field, or settle it."""
    item, user, at = _paper(request, public_id), actor(request), now()
    value = request.POST.get("value", "")
    if request.GET.get("do") == "keep":
        services.keep_field(paper=item, key=key, value=value, by=user, at=at)
        return render(request, "design/saved.html", {"saved_at": time_of_saving(at, item.plan.time_zone)})
    services.settle_field(paper=item, key=key, value=value, by=user, at=at)
    if request.headers.get("HX-Request"):
        return fields(_as_get(request), public_id)
    return redirect(f"{reverse('intake:paper', args=[public_id])}#next")


@require_POST
@needs(Permission.MATCH_INTAKE)
def service(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Add a service to the request a paper makes, or take one away."""
    item, user, at = _paper(request, public_id), actor(request), now()
    try:
        if request.POST.get("do") == "add":
            number = services.add_service(paper=item, by=user, at=at)
        else:
            number = 1
            services.take_service_away(paper=item, number=whole(request.POST.get("away", "")) or 0, by=user, at=at)
    except Invalid as refusal:
        return _render(request, _paper(request, public_id), refusal=refusal.sentence, status=422)
    return redirect(f"{reverse('intake:paper', args=[public_id])}#field-line{number}-code")


def _as_get(request: HttpRequest) -> HttpRequest:
    request.method = "GET"
    return request


@require_POST
@needs(Permission.MATCH_INTAKE)
def order(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Turn, black out, split, merge, undo, or have a page read."""
    item, user, at = _paper(request, public_id), actor(request), now()
    doing = request.POST.get("do", "")
    back = reverse("intake:paper", args=[public_id])
    try:
        if doing == "undo":
            step = get_object_or_404(item.steps, public_id=_uuid(request.POST.get("step", "")))
            services.undo_step(step=step, paper=item, by=user, at=at)
            messages.success(request, _("Undone."))
            return redirect(back)
        if doing == "merge":
            other = get_object_or_404(queries.open_papers(user), public_id=_uuid(request.POST.get("other", "")))
            kept = services.merge_papers(other=other, paper=item, by=user, at=at)
            return redirect("intake:paper", public_id=kept.public_id)
        page = _page(item, request.POST.get("page", ""))
        if doing == "turn":
            services.turn_page(page=page, paper=item, by=user, at=at)
        elif doing == "read":
            services.ask_to_read(page=page, paper=item, by=user, at=at)
        elif doing == "hide":
            services.hide_area(page=page, box=_area(request), paper=item, by=user, at=at)
        elif doing == "split":
            services.split_paper(page=page, paper=item, by=user, at=at)
            messages.success(request, _("Split. The second paper keeps the same receipt and stands on the list."))
            return redirect("intake:paper", public_id=public_id)
    except Invalid as refusal:
        return _render(request, _paper(request, public_id), refusal=refusal.sentence, status=422)
    return redirect(f"{back}#page-{request.POST.get('page', '')}")


def _area(request: HttpRequest) -> tuple[float, float, float, float]:
    """Read the four edges, in percent of the page.

    Raises:
        Invalid: one is no number.
    """
    try:
        left, top, right, bottom = (
            float(request.POST.get(name, "")) / 100 for name in ("left", "top", "right", "bottom")
        )
    except ValueError:
        raise Invalid(
            "Give the four edges of the area in percent of the page, for example 10, 20, 60 and 25."
        ) from None
    if not all(0 <= edge <= 1 for edge in (left, top, right, bottom)):
        raise Invalid("The edges of the area lie between 0 and 100 percent of the page.")
    return left, top, right, bottom


@require_POST
@needs(Permission.MATCH_INTAKE)
def enter(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say who is meant, make the request, or put the paper on a case."""
    item, user, at = _paper(request, public_id), actor(request), now()
    doing = request.POST.get("do", "")
    try:
        if doing == "member":
            member = get_object_or_404(
                members_visible_to(user).filter(plan=item.plan), public_id=_uuid(request.POST.get("member", ""))
            )
            services.choose_member(paper=item, member=member, by=user, at=at)
            return redirect("intake:paper", public_id=public_id)
        if doing == "attach":
            case = get_object_or_404(
                cases_visible_to(user).filter(plan=item.plan), public_id=_uuid(request.POST.get("case", ""))
            )
            services.put_on_waiting_case(
                paper=item, case=case, kind=request.POST.get("document_kind", ""), by=user, at=at
            )
            return redirect("cases:case", public_id=case.public_id)
        admitted = services.enter_paper(paper=item, by=user, at=at)
    except OpenUMError as refusal:
        if refusal.status not in {409, 422}:
            raise
        return _render(request, _paper(request, public_id), refusal=refusal.sentence, status=refusal.status)
    assert admitted.case is not None
    return redirect("cases:case", public_id=admitted.case.public_id)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
