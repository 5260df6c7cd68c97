"""Reads of the physicians' times, and of the calendar files that stand."""

from datetime import datetime

from openum.accounts.models import User
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.review.models import CalendarMessage, PeerToPeer, PeerToPeerSlot, PhysicianCalendar
from openum.review.queries.conversations import is_peer

DEFAULT_ZONE = "America/New_York"


def time_zone_of(physician: User) -> str:
    """Return the zone in which a physician writes their times: their own, else that of their plan."""
    calendar = PhysicianCalendar.objects.filter(physician=physician).first()
    if calendar is not None:
        return calendar.time_zone
    plans = plans_visible_to(physician, Permission.HOLD_PEER_TO_PEER)
    return plans[0].time_zone if plans else DEFAULT_ZONE


def free_slots(*, conversation: PeerToPeer, at: datetime) -> list[PeerToPeerSlot]:
    """Return bookable times of the plan's physicians, those of the line's own field first."""
    slots = (
        PeerToPeerSlot.objects.select_related("physician")
        .prefetch_related("physician__specialties", "physician__licences")
        .filter(
            starts_at__gt=at,
            withdrawn_at__isnull=True,
            conversation__isnull=True,
            physician__is_active=True,
            physician__memberships__plan_id=conversation.case.plan_id,
        )
        .distinct()
        .order_by("starts_at", "pk")
    )
    if conversation.open_until is not None:
        slots = slots.filter(starts_at__lte=conversation.open_until)
    field = conversation.line.specialty

    def other_field(slot: PeerToPeerSlot) -> bool:
        return bool(field) and field not in {item.name for item in slot.physician.specialties.all()}

    fit = {physician: is_peer(physician, conversation, at=at) for physician in {slot.physician for slot in slots}}
    return sorted((slot for slot in slots if fit[slot.physician]), key=lambda slot: (other_field(slot), slot.starts_at))


def slots_of(physician: User, *, since: datetime) -> list[PeerToPeerSlot]:
    """Return a physician's published times from an instant on, with what is booked."""
    return list(
        PeerToPeerSlot.objects.filter(physician=physician, starts_at__gte=since, withdrawn_at__isnull=True)
        .select_related("conversation__case", "conversation__line")
        .order_by("starts_at", "pk")[:500]
    )


def invited(conversation: PeerToPeer) -> list[CalendarMessage]:
    """Return the invitation that stands for each person who was not told since that it is off."""
    last: dict[int, CalendarMessage] = {}
    rows = CalendarMessage.objects.filter(conversation=conversation).select_related(
        "recipient", "organizer", "conversation"
    )
    for message in rows.order_by("sequence", "pk"):
        last[message.recipient_id] = message
    return [message for message in last.values() if message.method == CalendarMessage.REQUEST]
