"""A conversation as a calendar file (RFC 5545, RFC 5546). It names people of practice and plan, never the member.

The same stored row gives the same bytes. The identifier of the event is that of the conversation and never changes; each
change has a higher number.
"""

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from openum.accounts.models import User
from openum.review.models import CalendarMessage

if TYPE_CHECKING:
    from icalendar import Alarm, Event, vCalAddress

PRODUCT = "-//OpenUM//Peer-to-peer//EN"
SUMMARY = "Peer-to-peer conversation"
DESCRIPTION = "By telephone. What it is about, and the number, are on your page of the conversation."
CONTENT_TYPE = "text/calendar; charset=utf-8"


def calendar_file(message: CalendarMessage) -> bytes:
    """Return the file of one message: an invitation, its move, or its cancellation."""
    from icalendar import Calendar  # slow to load, and every process loads this file: only who needs one waits for it

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", message.method)
    calendar.add_component(_event(message))
    return bytes(calendar.to_ical())


def _event(message: CalendarMessage) -> "Event":
    from icalendar import Event

    is_off = message.method == CalendarMessage.CANCEL
    event = Event()
    event.add("uid", str(message.conversation.public_id))
    event.add("sequence", message.sequence)
    event.add("dtstamp", message.made_at.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", message.starts_at.astimezone(UTC))
    event.add("dtend", (message.starts_at + timedelta(minutes=message.minutes)).astimezone(UTC))
    event.add("summary", SUMMARY)
    event.add("description", DESCRIPTION)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if is_off else "OPAQUE")
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    event.add("organizer", _address(message.organizer, role="CHAIR"))
    event.add("attendee", _address(message.recipient, role="REQ-PARTICIPANT"))
    for minutes in message.reminders:
        event.add_component(_reminder(minutes))
    return event


def _reminder(minutes: int) -> "Alarm":
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", SUMMARY)
    alarm.add("trigger", timedelta(minutes=-minutes))
    return alarm


def _address(person: User, *, role: str) -> "vCalAddress":
    from icalendar import vCalAddress, vText

    address = vCalAddress(f"mailto:{person.email}")
    address.params["CN"] = vText(person.name)
    address.params["ROLE"] = vText(role)
    return address
