"""The pages of a conversation between clinicians: practice, physician, coordinator, decision page."""

from datetime import timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from openum.cases.models import Attachment
from openum.criteria.services import link_evidence
from openum.db import clock
from openum.review.brief import brief_of
from openum.review.models import PeerToPeer, PeerToPeerSlot
from openum.review.services import add_slot, offer_conversation
from openum.review.services.peer_to_peer import BEFORE_DECISION
from tests.review.story import intended, referred, slot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(demo_clock):
    return demo_clock


@pytest.fixture
def talk(world, at):
    return offer_conversation(line=referred(world, at), how=BEFORE_DECISION, open_until=None, by=world.physician, at=at)


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return answer.content.decode()


def office(world, talk):
    return browser_of(world.provider), f"/requests/conversations/{talk.public_id}/"


def test_the_practice_sees_field_licence_and_its_own_hour_before_it_books(world, talk, at):
    slot(world, at)
    slot(world, at, hours=3, physician=world.physician)
    browser, address = office(world, talk)
    page = text(browser.get(address))
    assert "orthopaedics (field of this request) · licence EX" in page
    assert page.index("Orthopaedist<") < page.index("Physician<")
    assert "2:00 PM ET" in page
    assert "1:00 PM CT" in text(browser.get(f"{address}?zone=America/Chicago"))
    assert "2:00 PM ET" in text(browser.get(f"{address}?zone=Mars/Olympus"))


def test_both_sides_read_the_same_brief_and_nothing_that_may_not_be_shown(world, talk, at):
    paper = Attachment.objects.get(case=talk.case, kind=Attachment.DOCUMENT)
    leaf = brief_of(talk.line, "en").points[0].key
    link_evidence(
        line=talk.line, leaf=leaf, attachment=paper, page=1, quote="Knee pain for a year.", by=world.nurse, at=at
    )
    browser, address = office(world, talk)
    for page in (
        text(browser.get(address)),
        text(browser_of(world.orthopaedist).get(f"/conversations/{talk.public_id}/")),
    ):
        assert "<q>Knee pain for a year.</q>" in page
    assert "Seven weeks of therapy." not in text(browser.get(address))
    Attachment.objects.filter(pk=paper.pk).update(is_sensitive=True)
    assert "<q>Knee pain for a year.</q>" not in text(browser.get(address))


def test_a_practice_of_another_house_finds_no_conversation(world, talk):
    world.provider.memberships.all().delete()
    stranger = browser_of(world.member_user)
    assert stranger.get(f"/requests/conversations/{talk.public_id}/").status_code == 403
    assert browser_of(world.provider).get(f"/requests/conversations/{talk.public_id}/").status_code in {403, 404}


def test_the_practice_books_takes_its_calendar_file_and_gives_the_time_back(world, talk, at):
    wanted = slot(world, at)
    browser, address = office(world, talk)
    assert browser.get(f"/conversations/{talk.public_id}/conversation.ics").status_code == 404
    fields = {"do": "book", "slot": wanted.public_id, "speaker": "ordering", "call_back": "555-0102"}
    assert browser.post(address, fields).status_code == 302
    talk.refresh_from_db()
    assert (talk.state, "Surgeon" in talk.attendee) == (PeerToPeer.BOOKED, True)
    file = browser.get(f"/conversations/{talk.public_id}/conversation.ics")
    assert file["Content-Type"] == "text/calendar; charset=utf-8"
    assert str(Calendar.from_ical(file.content).walk("VEVENT")[0]["uid"]) == str(talk.public_id)
    assert browser.post(address, {"do": "call_off"}).status_code == 302
    talk.refresh_from_db()
    assert talk.state == PeerToPeer.OFFERED


def test_the_practice_names_a_delegate_who_then_takes_the_call(world, talk, at):
    wanted = slot(world, at)
    browser, address = office(world, talk)
    doctor = "Sam Surgeon"
    nameless = {"do": "delegate", "kind": "colleague", "may_speak": "on", "on_word_of": doctor}
    refused = browser.post(address, nameless)
    assert refused.status_code == 422
    assert "Write the name of the person." in text(refused)
    assert browser.post(address, {**nameless, "name": "Dr. Colleague"}).status_code == 302
    delegate = talk.delegates.get()
    assert (delegate.name, delegate.on_word_of) == ("Dr. Colleague", doctor)
    fields = {"do": "book", "slot": wanted.public_id, "speaker": delegate.public_id, "call_back": "555-0102"}
    assert browser.post(address, fields).status_code == 302
    talk.refresh_from_db()
    assert talk.attendee == "Dr. Colleague"
    assert browser.post(address, {"do": "end_delegate", "delegate": delegate.public_id}).status_code == 302
    assert browser.post(address, {"do": "end_delegate", "delegate": "junk"}).status_code == 422
    assert browser.post(address, {"do": "dance"}).status_code == 422


def test_an_answer_in_writing_is_read_on_the_physicians_page(world, talk):
    browser, address = office(world, talk)
    empty = browser.post(address, {"do": "write", "author": "Sam Surgeon", "text": ""})
    assert empty.status_code == 422
    words = {"do": "write", "author": "Sam Surgeon", "text": "Therapy was stopped for effusion."}
    assert browser.post(address, words).status_code == 302
    assert "Therapy was stopped for effusion." in text(
        browser_of(world.orthopaedist).get(f"/conversations/{talk.public_id}/")
    )
    assert talk.case.number in text(browser_of(world.orthopaedist).get("/conversations/"))
    assert "Answered in writing, to be read" in text(browser_of(world.nurse).get("/conversations/schedule/"))


def test_the_practice_says_that_nobody_called(world, talk, at):
    wanted = slot(world, at)
    browser, address = office(world, talk)
    browser.post(address, {"do": "book", "slot": wanted.public_id, "speaker": "ordering", "call_back": "555-0102"})
    early = browser.post(address, {"do": "nobody_called"})
    assert "The time has not come yet." in text(early)
    clock.set_demo_clock(at + timedelta(hours=3))
    assert "Nobody called us" in text(browser.get(address))
    assert browser.post(address, {"do": "nobody_called"}).status_code == 302
    talk.refresh_from_db()
    assert talk.plan_failed_at is not None


def test_the_page_of_a_request_lets_the_practice_ask(world, at):
    line = referred(world, at)
    browser = browser_of(world.provider)
    assert "Ask for a talk between doctors" in text(browser.get(f"/requests/{line.case.public_id}/"))
    asked = browser.post(f"/requests/conversations/about/{line.public_id}/")
    talk = PeerToPeer.objects.get(line=line)
    assert asked.headers["Location"] == f"/requests/conversations/{talk.public_id}/"
    assert "Ask for a talk between doctors" not in text(browser.get(f"/requests/{line.case.public_id}/"))


def test_a_physician_publishes_in_their_zone_and_takes_back(world, at):
    browser = browser_of(world.orthopaedist)
    assert (
        browser.post(
            "/conversations/calendar/", {"do": "zone", "time_zone": "America/Chicago", "minutes": 15}
        ).status_code
        == 302
    )
    hours = {
        "first_day": "2026-11-17", "last_day": "2026-11-17", "weekdays": ["1"], "opens": "07:00", "closes": "07:30",
    }  # fmt: skip
    assert browser.post("/conversations/calendar/", hours).status_code == 302
    page = text(browser.get("/conversations/calendar/"))
    assert "2 free, 0 booked" in page
    assert "7:15 AM" in page
    made = PeerToPeerSlot.objects.order_by("starts_at")
    assert made[0].starts_at.isoformat() == "2026-11-17T13:00:00+00:00"
    twice = browser.post("/conversations/calendar/", hours)
    assert (twice.status_code, "published these times already" in text(twice)) == (409, True)
    assert browser.post("/conversations/calendar/", {**hours, "opens": "soon"}).status_code == 422
    assert browser.post(f"/conversations/calendar/{made[0].public_id}/withdraw/").status_code == 302
    assert "1 free, 0 booked" in text(browser.get("/conversations/calendar/"))
    other = add_slot(physician=world.physician, starts_at=at + timedelta(hours=5), by=world.physician, at=at)
    assert browser.post(f"/conversations/calendar/{other.public_id}/withdraw/").status_code == 404
    assert browser_of(world.nurse).get("/conversations/calendar/").status_code == 403


def test_the_coordinator_books_for_a_practice_that_calls(world, talk, at):
    wanted = slot(world, at)
    browser, address = browser_of(world.nurse), f"/conversations/{talk.public_id}/arrange/"
    assert "To be booked" in text(browser.get("/conversations/schedule/"))
    assert "orthopaedics (field of this request) · licence EX" in text(browser.get(address))
    fields = {"slot": wanted.public_id, "speaker": "ordering-0", "call_back": "555-0102"}
    assert browser.post(address, fields).headers["Location"] == address
    assert "To come" in text(browser.get("/conversations/schedule/"))
    clock.set_demo_clock(at + timedelta(hours=3))
    assert "To be recorded" in text(browser.get("/conversations/schedule/"))
    change = f"/conversations/{talk.public_id}/change/"
    assert browser.post(change, {"do": "dance"}).status_code == 422
    assert browser.post(change, {"do": "practice"}).headers["Location"] == address
    assert browser.post(address, fields).status_code == 422
    assert browser_of(world.intake).get("/conversations/schedule/").status_code == 403


def test_the_decision_page_counts_down_the_window_before_a_medicare_no(world, at):
    line = referred(world, at, of=world.member)
    browser, address = browser_of(world.physician), f"/decisions/{line.public_id}/"
    assert "The conversation comes before a no." in text(browser.get(address))
    talk = intended(line, world.physician, at)
    page = text(browser.get(address))
    assert "Window until Nov 17, 2026, 11:59 PM ET" in page
    assert "42 CFR 422.566(d)" in page
    assert "Sign the denial" not in page
    clock.set_demo_clock(talk.open_until + timedelta(minutes=1))
    assert "The opportunity to talk was given." in text(browser.get(address))


def test_the_outcome_form_leads_to_the_decision_it_says(world, talk, at):
    browser, address = browser_of(world.orthopaedist), f"/conversations/{talk.public_id}/"
    spoke = {"held_from": "2026-11-16T12:00", "held_to": "2026-11-16T12:00", "note": "Stopped.", "outcome": "approved"}
    silent = browser.post(address, spoke)
    assert (silent.status_code, "Say in a sentence why you approve" in text(silent)) == (422, True)
    clock.set_demo_clock(at + timedelta(minutes=5))
    done = browser.post(address, {**spoke, "conclusion": "Therapy was not feasible."})
    assert done.headers["Location"] == f"/decisions/{talk.line.public_id}/"
    talk.line.refresh_from_db()
    assert talk.line.status == "approved"
