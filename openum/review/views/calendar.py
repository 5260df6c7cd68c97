"""A physician's own calendar: publish hours in their own zone, see what is booked, take free times back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import local_day
from openum.review import queries, services
from openum.review.faces import calendar_days
from openum.review.models import PeerToPeerSlot, PhysicianCalendar
from openum.review.rules.slots import Hours
from openum.review.talk_forms import CalendarForm, HoursForm
from openum.vocabulary.errors import OpenUMError


@require_http_methods(["GET", "POST"])
@needs(Permission.HOLD_PEER_TO_PEER)
def calendar(request: HttpRequest) -> HttpResponse:
    """Show my times by day; publish more, or set my zone."""
    user, at = actor(request), now()
    doing, status = request.POST.get("do", ""), 200
    mine = PhysicianCalendar.objects.filter(physician=user).first()
    zone = queries.time_zone_of(user)
    today = local_day(at, zone)
    kept = CalendarForm(initial={"time_zone": zone, "minutes": mine.minutes if mine else 10})
    hours = HoursForm(initial={"first_day": today, "last_day": today + timedelta(days=13), "weekdays": [0, 1, 2, 3, 4]})
    if request.method == "POST":
        status = 422
        form: Any = CalendarForm(request.POST) if doing == "zone" else HoursForm(request.POST)
        kept, hours = (form, hours) if doing == "zone" else (kept, form)
        if form.is_valid():
            given = form.cleaned_data
            try:
                if doing == "zone":
                    services.keep_calendar(physician=user, by=user, at=at, **given)
                else:
                    minutes = mine.minutes if mine else 10
                    services.publish_slots(
                        physician=user, by=user, at=at,
                        hours=Hours(**{**given, "weekdays": frozenset(given["weekdays"])}, minutes=minutes),
                    )  # fmt: skip
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
            else:
                return redirect("review:calendar")
    slots = queries.slots_of(user, since=at)
    booked = [slot.conversation.case.public_id for slot in slots if hasattr(slot, "conversation")]
    audit.record_reads(by=user, at=at, case_ids=list(dict.fromkeys(booked)), why="own calendar")
    context = {
        "days": calendar_days(slots, zone), "kept": kept, "hours": hours, "zone": zone,
        "free": len(slots) - len(booked), "booked": len(booked),
    }  # fmt: skip
    return render(request, "review/calendar.html", context, status=status)


@require_POST
@needs(Permission.HOLD_PEER_TO_PEER)
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a free time back."""
    slot = get_object_or_404(PeerToPeerSlot, public_id=public_id, physician=actor(request))
    services.withdraw_slot(slot=slot, by=actor(request), at=now())
    return redirect("review:calendar")
