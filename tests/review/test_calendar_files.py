"""Calendar files of conversations: RFC 5545 read back, to whom, which number, and no word about the member."""

from datetime import UTC, timedelta

import pytest
from icalendar import Calendar

from openum.jobs import run_due
from openum.outbox.models import Message
from openum.review.invitations import calendar_file
from openum.review.models import CalendarMessage
from openum.review.rules.offers import DelegateKind
from openum.review.services import (
    answer_in_writing,
    call_off_conversation,
    name_delegate,
    offer_conversation,
    record_conversation,
)
from openum.review.services.peer_to_peer import WITH_NOTICE
from tests.review.story import book, referred, slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(world, at):
    return offer_conversation(line=referred(world, at), how=WITH_NOTICE, open_until=None, by=world.physician, at=at)


def sent(talk):
    """Return recipient, method and sequence of every file, in order."""
    rows = CalendarMessage.objects.filter(conversation=talk).select_related("recipient").order_by("pk")
    return [(row.recipient.name, row.method, row.sequence) for row in rows]


def test_a_booking_is_a_valid_event_with_reminders_for_both_sides(world, talk, at):
    time = slot(world, at)
    book(world, talk, time, at)
    assert sent(talk) == [("Orthopaedist", "REQUEST", 0), ("Provider", "REQUEST", 0)]
    message = CalendarMessage.objects.get(recipient=world.provider)
    body = calendar_file(message)
    assert body == calendar_file(CalendarMessage.objects.get(pk=message.pk))
    calendar = Calendar.from_ical(body)
    assert (calendar["method"], calendar["version"]) == ("REQUEST", "2.0")
    (event,) = calendar.walk("VEVENT")
    assert (str(event["uid"]), event["sequence"], event["status"]) == (str(talk.public_id), 0, "CONFIRMED")
    assert event.decoded("dtstart") == time.starts_at.astimezone(UTC)
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(minutes=10)
    assert event.decoded("dtstamp") == at
    assert str(event["organizer"]) == "mailto:orthopaedist@test.invalid"
    assert str(event["attendee"]) == "mailto:provider@test.invalid"
    assert [alarm.decoded("trigger") for alarm in event.walk("VALARM")] == [timedelta(days=-1), timedelta(minutes=-15)]
    assert all(len(part) <= 75 for part in body.split(b"\r\n"))


def test_no_word_of_the_member_the_case_or_the_service_is_in_a_file(world, talk, at):
    book(world, talk, slot(world, at), at)
    body = calendar_file(CalendarMessage.objects.filter(conversation=talk).latest("pk")).decode()
    unfolded = body.replace("\r\n ", "").replace(str(talk.public_id), "")
    member = talk.case.member
    words = (
        member.family_name, member.given_name, member.member_number, talk.case.number, talk.line.code, talk.line.wording,
        talk.attendee, talk.call_back, "knee",
    )  # fmt: skip
    assert [word for word in words if word and word.lower() in unfolded.lower()] == []


def test_a_move_keeps_the_identifier_and_raises_the_number(world, talk, at):
    book(world, talk, slot(world, at), at)
    later = slot(world, at, hours=5)
    book(world, talk, later, at)
    assert sent(talk)[2:] == [("Orthopaedist", "REQUEST", 1), ("Provider", "REQUEST", 1)]
    (event,) = Calendar.from_ical(calendar_file(CalendarMessage.objects.latest("pk"))).walk("VEVENT")
    assert (str(event["uid"]), event["sequence"]) == (str(talk.public_id), 1)
    assert event.decoded("dtstart") == later.starts_at.astimezone(UTC)


def test_a_move_to_another_physician_is_off_for_the_first(world, talk, at):
    book(world, talk, slot(world, at), at)
    book(world, talk, slot(world, at, physician=world.physician), at)
    assert sent(talk)[2:] == [
        ("Orthopaedist", "CANCEL", 1), ("Physician", "REQUEST", 1), ("Provider", "REQUEST", 1),
    ]  # fmt: skip
    call_off_conversation(conversation=talk, by=world.provider, at=at)
    assert sorted(sent(talk)[5:]) == [("Physician", "CANCEL", 2), ("Provider", "CANCEL", 2)]
    book(world, talk, slot(world, at, hours=8), at)
    assert sent(talk)[7:] == [("Orthopaedist", "REQUEST", 3), ("Provider", "REQUEST", 3)]


def test_a_cancellation_says_so_and_reminds_of_nothing(world, talk, at):
    book(world, talk, slot(world, at), at)
    answer_in_writing(conversation=talk, author="Sam Surgeon", text="Stopped for effusion.", by=world.provider, at=at)
    calendar = Calendar.from_ical(calendar_file(CalendarMessage.objects.latest("pk")))
    (event,) = calendar.walk("VEVENT")
    assert (calendar["method"], event["status"], event["transp"], event.walk("VALARM")) == (
        "CANCEL", "CANCELLED", "TRANSPARENT", [],
    )  # fmt: skip


def test_a_delegate_who_speaks_hears_of_it_too(world, talk, at):
    speaker = name_delegate(
        conversation=talk, kind=DelegateKind.COLLEAGUE, user=world.provider, may_book=False, may_speak=True,
        on_word_of="Sam Surgeon", by=world.provider, at=at,
    )  # fmt: skip
    book(world, talk, slot(world, at), at, speaker=speaker, by=world.nurse)
    assert [name for name, _, _ in sent(talk)] == ["Orthopaedist", "Nurse", "Provider"]


def test_a_conversation_held_before_its_time_takes_the_time_back(world, talk, at):
    time = slot(world, at)
    book(world, talk, time, at)
    record_conversation(
        conversation=talk, held_from=at, held_to=at, outcome="upheld", note="Called early.", by=world.physician, at=at
    )
    assert [method for _, method, _ in sent(talk)[2:]] == ["CANCEL", "CANCEL"]
    assert not hasattr(time.__class__.objects.get(pk=time.pk), "conversation")


def test_files_leave_through_the_outbox_with_whom_they_go_to(world, talk, at, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    book(world, talk, slot(world, at), at)
    assert not (tmp_path / "outgoing").exists()
    while run_due(at):
        pass
    message = Message.objects.filter(kind="calendar.file").latest("pk")
    row = CalendarMessage.objects.get(public_id=message.ref_id)
    assert message.state == "sent"
    assert (tmp_path / "outgoing" / f"{row.public_id}.ics").read_bytes() == calendar_file(row)
    envelope = (tmp_path / "outgoing" / f"{row.public_id}.ics.json").read_text()
    assert '"to":"provider@test.invalid"' in envelope
    assert set(message.proof) == {"file", "sha256", "sequence", "method"}


def test_a_folder_that_cannot_be_written_is_tried_again(world, talk, at, settings, tmp_path):
    (tmp_path / "outgoing").write_text("a file where the folder should be")
    settings.OPENUM_DATA = tmp_path
    book(world, talk, slot(world, at), at)
    while run_due(at):
        pass
    message = Message.objects.filter(kind="calendar.file").latest("pk")
    assert (message.state, message.attempts, message.last_error) == ("waiting", 1, "FileExistsError")
