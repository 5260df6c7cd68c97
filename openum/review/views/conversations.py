"""Conversations between clinicians, on the plan's side: the list, the call with its pre-brief, outcome, attempts, absence."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import moment, short_moment
from openum.review import queries, services
from openum.review.brief import brief_of
from openum.review.faces import row_of, window_of
from openum.review.invitations import CONTENT_TYPE, calendar_file
from openum.review.keeping import NOTHING, kept_forms
from openum.review.models import CalendarMessage, PeerToPeer
from openum.review.talk_forms import AttemptForm, ConversationForm
from openum.vocabulary.errors import Invalid, OpenUMError


def in_zone(value: datetime, zone: str) -> datetime:
    """Read a time typed into a form as the plan's zone means it."""
    return value.replace(tzinfo=ZoneInfo(zone))


@require_GET
@needs(Permission.HOLD_PEER_TO_PEER)
def conversations(request: HttpRequest) -> HttpResponse:
    """List the conversations that are open: those with me first, then by time."""
    user, at = actor(request), now()
    found = (
        queries.conversations_visible_to(user)
        .filter(queries.still_open_for_plan(at))
        .select_related("case", "case__member", "case__plan", "line", "line__request", "slot", "slot__physician")
        .order_by("slot__starts_at", "offered_at", "pk")[:100]
    )
    shown = sorted(found, key=lambda item: item.slot is None or item.slot.physician_id != user.pk)
    audit.record_reads(by=user, at=at, case_ids=[item.case.public_id for item in shown], why="conversations")
    return render(request, "review/conversations.html", {"rows": [row_of(item) for item in shown]})


def _conversation(request: HttpRequest, public_id: UUID) -> PeerToPeer:
    return get_object_or_404(
        queries.conversations_visible_to(actor(request)).select_related(
            "case", "case__member", "case__plan", "case__product", "line", "line__case", "line__case__plan",
            "line__case__product", "line__case__member", "line__request", "slot", "slot__physician",
        ),
        public_id=public_id,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@needs(Permission.HOLD_PEER_TO_PEER)
def conversation(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the pre-brief beside the call's form; record what came of it."""
    item, user, at = _conversation(request, public_id), actor(request), now()
    zone = item.case.plan.time_zone
    start = item.slot.starts_at if item.slot and item.slot.starts_at <= at else at
    kept = kept_forms(item.line, user).get("talk", NOTHING)
    local = ZoneInfo(zone)  # the page shows and reads wall-clock times of the plan
    spoke = {
        "held_from": start.astimezone(local).replace(tzinfo=None), "held_to": at.astimezone(local).replace(tzinfo=None),
    }  # fmt: skip
    form = ConversationForm(initial={**spoke, **kept.fields})
    status = 200
    if request.method == "POST":
        form, status = ConversationForm(request.POST), 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.record_conversation(
                    conversation=item, held_from=in_zone(given["held_from"].replace(tzinfo=None), zone),
                    held_to=in_zone(given["held_to"].replace(tzinfo=None), zone), outcome=given["outcome"],
                    note=given["note"], conclusion=given["conclusion"], by=user, at=at,
                )  # fmt: skip
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
            else:
                services.forget_form(line=item.line, form="talk", by=user)
                return redirect("determination:decide", public_id=item.line.public_id)
    return _render(request, item, form, AttemptForm(), status=status)


@require_POST
@needs(Permission.REVIEW_LINES)
def attempt(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Log an attempt to reach the clinician."""
    item = _conversation(request, public_id)
    form = AttemptForm(request.POST)
    if not form.is_valid():
        return _render(request, item, ConversationForm(), form, status=422)
    services.record_conversation_attempt(conversation=item, by=actor(request), at=now(), **form.cleaned_data)
    return _back(request, item)


@require_POST
@needs(Permission.REVIEW_LINES)
def change(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Call a booked conversation off, or record which side was not there."""
    item, user, at = _conversation(request, public_id), actor(request), now()
    doing = request.POST.get("do", "")
    if doing == "call_off":
        services.call_off_conversation(conversation=item, by=user, at=at)
    elif doing in {"practice", "plan"}:
        services.record_no_show(conversation=item, absent=doing, by=user, at=at)
    else:
        raise Invalid("Choose what to do.")
    return _back(request, item)


def _back(request: HttpRequest, item: PeerToPeer) -> HttpResponse:
    """Go back to the call's page, or to the coordinator's for somebody who holds no conversations."""
    if user_may(actor(request), Permission.HOLD_PEER_TO_PEER) and not request.POST.get("from_schedule"):
        return redirect("review:conversation", public_id=item.public_id)
    return redirect("review:arrange", public_id=item.public_id)


@require_GET
@needs(Permission.BOOK_PEER_TO_PEER, Permission.REVIEW_LINES)
def calendar(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out the calendar file that stands for the reader."""
    item, user, at = _conversation(request, public_id), actor(request), now()
    message = get_object_or_404(
        CalendarMessage.objects.filter(conversation=item, recipient=user)
        .select_related("conversation", "recipient", "organizer")
        .order_by("-sequence", "-pk")[:1]
    )
    audit.record_reads(by=user, at=at, case_ids=[item.case.public_id], why="calendar file")
    answer = HttpResponse(calendar_file(message), content_type=CONTENT_TYPE)
    answer["Content-Disposition"] = 'attachment; filename="conversation.ics"'
    return answer


def _render(
    request: HttpRequest, item: PeerToPeer, form: ConversationForm, tried: AttemptForm, *, status: int
) -> HttpResponse:
    user, at, zone = actor(request), now(), item.case.plan.time_zone
    audit.record_reads(by=user, at=at, case_ids=[item.case.public_id], why="conversation")
    referral = queries.last_referral(item.line)
    attempts = item.case.contact_attempts.filter(purpose="peer-to-peer").select_related("recorded_by").order_by("-at")
    context: dict[str, Any] = {
        **row_of(item),
        "line": item.line,
        "case": item.case,
        "form": form,
        "kept": kept_forms(item.line, user).get("talk", NOTHING),
        "tried": tried,
        "brief": brief_of(item.line, get_language() or "en"),
        "face": window_of(item, at=at),
        "summary": referral.summary if referral else "",
        "attempts": [{"attempt": row, "when": short_moment(row.at, zone)} for row in attempts],
        "statements": [
            {"statement": row, "sent": moment(row.sent_at, zone)} for row in item.statements.order_by("sent_at", "pk")
        ],
        "delegates": queries.delegates_of(item),
        "is_open": item.is_open,
        "is_past": item.slot is not None and item.slot.starts_at <= at,
        "has_file": CalendarMessage.objects.filter(conversation=item, recipient=user).exists(),
    }
    return render(request, "review/conversation.html", context, status=status)
