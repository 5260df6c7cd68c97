"""Conversations between clinicians, on the plan's side: times, the call, its outcome, and attempts."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.criteria.queries import current_map
from openum.db.clock import now
from openum.design.moments import moment, short_moment
from openum.review import queries, services
from openum.review.forms import AttemptForm, ConversationForm, SlotForm
from openum.review.keeping import NOTHING, kept_forms
from openum.review.looks import conversation_look
from openum.review.models import PeerToPeer, PeerToPeerSlot
from openum.vocabulary.errors import OpenUMError


def _zone_of(user: User) -> str:
    plans = plans_visible_to(user)
    return plans[0].time_zone if plans else "America/New_York"


def in_zone(value: datetime, zone: str) -> datetime:
    """Read a time typed into a form as the plan's zone means it."""
    return value.replace(tzinfo=ZoneInfo(zone))


@require_http_methods(["GET", "POST"])
@needs(Permission.HOLD_PEER_TO_PEER)
def conversations(request: HttpRequest) -> HttpResponse:
    """List open conversations and my times; open another time."""
    user, at = actor(request), now()
    zone = _zone_of(user)
    form, status = SlotForm(), 200
    if request.method == "POST":
        form = SlotForm(request.POST)
        if form.is_valid():
            try:
                services.add_slot(
                    physician=user, starts_at=in_zone(form.cleaned_data["starts_at"].replace(tzinfo=None), zone),
                    minutes=form.cleaned_data["minutes"], by=user, at=at,
                )  # fmt: skip
            except OpenUMError as refusal:
                form.add_error("starts_at", refusal.sentence)
            else:
                return redirect("review:conversations")
        status = 422
    rows = (
        queries.conversations_visible_to(user)
        .filter(queries.still_open(at))
        .select_related("case", "case__member", "case__plan", "line", "slot", "slot__physician")
        .order_by("slot__starts_at", "offered_at", "pk")[:100]
    )
    shown = list(rows)
    audit.record_reads(by=user, at=at, case_ids=[item.case.public_id for item in shown], why="conversations")
    context = {
        "rows": [_row(item) for item in shown],
        "slots": [
            {"slot": slot, "starts": moment(slot.starts_at, zone), "is_taken": hasattr(slot, "conversation")}
            for slot in PeerToPeerSlot.objects.filter(physician=user, starts_at__gte=at)
            .select_related("conversation")
            .order_by("starts_at")[:50]
        ],
        "form": form,
        "zone": zone,
    }
    return render(request, "review/conversations.html", context, status=status)


def _row(item: PeerToPeer) -> dict[str, Any]:
    words, shape, tone = conversation_look(item.state)
    return {
        "conversation": item,
        "state": words,
        "shape": shape,
        "tone": tone,
        "when": moment(item.slot.starts_at, item.case.plan.time_zone) if item.slot else "",
        "offered": short_moment(item.offered_at, item.case.plan.time_zone),
    }


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
        form = ConversationForm(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.record_conversation(
                    conversation=item, held_from=in_zone(given["held_from"].replace(tzinfo=None), zone),
                    held_to=in_zone(given["held_to"].replace(tzinfo=None), zone), outcome=given["outcome"],
                    note=given["note"], by=user, at=at,
                )  # fmt: skip
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
            else:
                services.forget_form(line=item.line, form="talk", by=user)
                return redirect("determination:decide", public_id=item.line.public_id)
        status = 422
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
    return redirect("review:conversation", public_id=item.public_id)


def _render(
    request: HttpRequest, item: PeerToPeer, form: ConversationForm, tried: AttemptForm, *, status: int
) -> HttpResponse:
    audit.record_reads(by=actor(request), at=now(), case_ids=[item.case.public_id], why="conversation")
    referral = queries.last_referral(item.line)
    attempts = item.case.contact_attempts.filter(purpose="peer-to-peer").select_related("recorded_by").order_by("-at")
    context = {
        **_row(item),
        "line": item.line,
        "case": item.case,
        "form": form,
        "kept": kept_forms(item.line, actor(request)).get("talk", NOTHING),
        "tried": tried,
        "open_leaves": current_map(item.line).open_leaves,
        "summary": referral.summary if referral else "",
        "attempts": [{"attempt": row, "when": short_moment(row.at, item.case.plan.time_zone)} for row in attempts],
        "is_open": item.state in {PeerToPeer.OFFERED, PeerToPeer.BOOKED},
    }
    return render(request, "review/conversation.html", context, status=status)
