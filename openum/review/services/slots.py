"""The times physicians publish: in their own zone, one conversation at a time, taken back while nobody has booked."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import check_user_may
from openum.accounts.rules import Permission
from openum.review.events import CalendarKept, SlotOffered, SlotWithdrawn
from openum.review.models import PeerToPeerSlot, PhysicianCalendar
from openum.review.queries import time_zone_of
from openum.review.rules.slots import Hours, SlotPassed, SlotTaken, check_slot, overlaps, starts_of
from openum.vocabulary.errors import Invalid, NotAllowed

LEAST_MINUTES, MOST_MINUTES = 5, 60


@permitted(Permission.HOLD_PEER_TO_PEER)
@transaction.atomic
def keep_calendar(*, physician: User, time_zone: str, minutes: int, by: User, at: datetime) -> PhysicianCalendar:
    """Keep the zone in which a physician writes their times. Times that are published stay at their instant.

    Raises:
        PermissionRefused: holds no conversations.
        Invalid: no such zone, or a length that does not serve.
    """
    check_user_may(physician, Permission.HOLD_PEER_TO_PEER)
    _check_own(physician, by)
    if time_zone not in available_timezones():
        raise Invalid("There is no such time zone. Choose one from the list.")
    _check_minutes(minutes)
    calendar, _ = PhysicianCalendar.objects.update_or_create(
        physician=physician, defaults={"time_zone": time_zone, "minutes": minutes}
    )
    audit.record(CalendarKept(physician_id=physician.public_id, time_zone=time_zone), by=by, at=at)
    return calendar


@permitted(Permission.HOLD_PEER_TO_PEER)
@transaction.atomic
def add_slot(*, physician: User, starts_at: datetime, by: User, at: datetime, minutes: int = 10) -> PeerToPeerSlot:
    """Open a time for conversations with a physician.

    Raises:
        SlotTaken: the physician already has a time then.
        SlotPassed: it lies in the past.
    """
    check_user_may(physician, Permission.HOLD_PEER_TO_PEER)
    check_slot(starts_at=starts_at, at=at, open_until=None)
    _check_minutes(minutes)
    taken = _taken(physician, starts_at, starts_at + timedelta(minutes=minutes))
    if overlaps(starts_at, starts_at + timedelta(minutes=minutes), taken):
        raise SlotTaken("You already have a time then. Choose another.")
    slot = PeerToPeerSlot.objects.create(physician=physician, starts_at=starts_at, minutes=minutes)
    audit.record(SlotOffered(slot_id=slot.public_id), by=by, at=at)
    return slot


@permitted(Permission.HOLD_PEER_TO_PEER)
@transaction.atomic
def publish_slots(*, physician: User, hours: Hours, by: User, at: datetime) -> list[PeerToPeerSlot]:
    """Publish hours on weekdays, written in the physician's own zone. What is past or published already is left out.

    Raises:
        SlotsNotUsable: no time comes of it, or too many.
        SlotTaken: every one of the times is published already.
    """
    check_user_may(physician, Permission.HOLD_PEER_TO_PEER)
    _check_own(physician, by)
    _check_minutes(hours.minutes)
    length = timedelta(minutes=hours.minutes)
    starts = [start for start in starts_of(hours, ZoneInfo(time_zone_of(physician))) if start > at]
    if not starts:
        raise SlotPassed("All of these times have passed. Choose later days.")
    taken = _taken(physician, starts[0], starts[-1] + length)
    free = [start for start in starts if not overlaps(start, start + length, taken)]
    if not free:
        raise SlotTaken("You have published these times already.")
    slots = []
    with audit.batch():
        for start in free:
            slot = PeerToPeerSlot.objects.create(physician=physician, starts_at=start, minutes=hours.minutes)
            audit.record(SlotOffered(slot_id=slot.public_id), by=by, at=at)
            slots.append(slot)
    return slots


@permitted(Permission.HOLD_PEER_TO_PEER)
@transaction.atomic
def withdraw_slot(*, slot: PeerToPeerSlot, by: User, at: datetime) -> PeerToPeerSlot:
    """Take a free time back.

    Raises:
        SlotTaken: somebody has booked it; call the conversation off, so that the practice hears of it.
        NotAllowed: it is another physician's.
    """
    slot = PeerToPeerSlot.objects.select_for_update().get(pk=slot.pk)
    if slot.physician_id != by.pk:
        raise NotAllowed("This is another physician's time. They take it back themselves.")
    if hasattr(slot, "conversation"):
        raise SlotTaken("This time is booked. Call the conversation off first, so that the practice hears of it.")
    if slot.withdrawn_at is None:
        slot.withdrawn_at = at
        slot.save(update_fields=["withdrawn_at"])
        audit.record(SlotWithdrawn(slot_id=slot.public_id), by=by, at=at)
    return slot


def _taken(physician: User, first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
    """Return the physician's times around a period, while nobody else may publish for them."""
    User.objects.select_for_update().get(pk=physician.pk)
    around = PeerToPeerSlot.objects.filter(
        physician=physician, withdrawn_at__isnull=True, starts_at__lt=last,
        starts_at__gt=first - timedelta(minutes=MOST_MINUTES),
    )  # fmt: skip
    return [(slot.starts_at, slot.ends_at) for slot in around]


def _check_own(physician: User, by: User) -> None:
    if physician.pk != by.pk:
        raise NotAllowed("Physicians publish their own times.")


def _check_minutes(minutes: int) -> None:
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise Invalid(f"A conversation lasts {LEAST_MINUTES} to {MOST_MINUTES} minutes.")
