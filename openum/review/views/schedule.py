"""The coordinator's view: every open conversation, what it waits for, who is free; booking for a practice that calls."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import moment
from openum.review import queries, services
from openum.review.faces import free_days, row_of, window_of
from openum.review.models import PeerToPeer, PeerToPeerSlot
from openum.review.talk_forms import ORDERING, AttemptForm, BookingForm
from openum.vocabulary.errors import OpenUMError

PAGE = 60


@require_GET
@needs(Permission.REVIEW_LINES)
def schedule(request: HttpRequest) -> HttpResponse:
    """List open conversations by what they wait for: to be booked, to come, to be recorded, to be read."""
    user, at = actor(request), now()
    found = list(
        queries.conversations_visible_to(user)
        .filter(queries.still_open_for_plan(at))
        .select_related("case", "case__plan", "case__product", "line", "line__request", "line__case__plan",
                        "line__case__product", "slot", "slot__physician")
        .order_by("open_until", "offered_at", "pk")[:PAGE]
    )  # fmt: skip
    audit.record_reads(by=user, at=at, case_ids=[item.case.public_id for item in found], why="conversation schedule")
    groups: dict[str, list[dict[str, Any]]] = {"book": [], "come": [], "record": [], "read": []}
    for item in found:
        groups[_group(item, at)].append({**row_of(item), "face": window_of(item, at=at)})
    groups["come"].sort(key=lambda row: row["conversation"].slot.starts_at)
    return render(request, "review/schedule.html", {"groups": groups, "count": len(found)})


def _group(item: PeerToPeer, at: datetime) -> str:
    if item.state == PeerToPeer.WRITTEN:
        return "read"
    if item.slot is None:
        return "book"
    return "come" if item.slot.starts_at > at else "record"


@require_http_methods(["GET", "POST"])
@needs(Permission.REVIEW_LINES)
def arrange(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Book or move a time for a practice that calls; call off, log an attempt or an absence."""
    user, at = actor(request), now()
    item = get_object_or_404(
        queries.conversations_visible_to(user).select_related(
            "case", "case__plan", "case__product", "case__member", "line", "line__request", "line__case__plan",
            "line__case__product", "slot", "slot__physician",
        ),
        public_id=public_id,
    )  # fmt: skip
    delegates = [row for row in queries.delegates_of(item) if row.may_speak]
    doctors = [party.name for party in queries.ordering_doctors(item.line) if party.name] or ["–"]
    speakers = [(f"{ORDERING}-{number}", name) for number, name in enumerate(doctors)]
    speakers += [(str(row.public_id), row.name) for row in delegates]
    form = BookingForm(request.POST or None, speakers=speakers, initial={"call_back": item.call_back})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            delegate = next((row for row in delegates if str(row.public_id) == given["speaker"]), None)
            try:
                services.book_conversation(
                    conversation=item, slot=get_object_or_404(PeerToPeerSlot, public_id=given["slot"]),
                    attendee=dict(speakers)[given["speaker"]], speaker=delegate, call_back=given["call_back"], by=user,
                    at=at,
                )  # fmt: skip
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
            else:
                return redirect("review:arrange", public_id=item.public_id)
    zone = item.case.plan.time_zone
    audit.record_reads(by=user, at=at, case_ids=[item.case.public_id], why="arranging a conversation")
    is_bookable = item.state in {PeerToPeer.OFFERED, PeerToPeer.BOOKED}
    context = {
        **row_of(item),
        "case": item.case,
        "line": item.line,
        "face": window_of(item, at=at),
        "open_until": moment(item.open_until, zone),
        "days": free_days(item, zone=zone, at=at) if is_bookable else [],
        "is_bookable": is_bookable,
        "is_past": item.slot is not None and item.slot.starts_at <= at,
        "form": form,
        "tried": AttemptForm(),
        "zone": zone,
    }
    return render(request, "review/arrange.html", context, status=status)
