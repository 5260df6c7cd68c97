"""Two practices press at the same moment on the same time: one has it, the other is told. On both databases."""

from datetime import timedelta

import pytest
from django.test import Client

from openum.audit.verification import verify
from openum.db import clock
from openum.review.models import CalendarMessage, PeerToPeer, PeerToPeerSlot
from openum.review.rules.slots import SlotTaken
from openum.review.services import add_slot, offer_conversation
from openum.review.services.peer_to_peer import WITH_NOTICE
from tests import world as worlds
from tests.review.story import referred, slot
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db, at):
    """The small world at a fixed instant, seen by every thread."""
    world = worlds.fresh()
    clock.set_demo_clock(at)
    return world


def test_one_time_is_booked_once(world, at):
    talks = [
        offer_conversation(line=referred(world, at), how=WITH_NOTICE, open_until=None, by=world.physician, at=at)
        for _ in range(2)
    ]
    wanted = slot(world, at)

    def press(talk):
        client = Client()
        client.force_login(world.provider)
        fields = {"slot": wanted.public_id, "speaker": "ordering", "call_back": "555-0102"}
        answer = client.post(f"/requests/conversations/{talk.public_id}/", {"do": "book", **fields})
        return answer.status_code, answer.content.decode()

    answers = at_once(*[lambda talk=talk: press(talk) for talk in talks])
    assert sorted(status for status, _ in answers) == [302, 409], [text[:300] for _, text in answers]
    assert "taken a moment ago" in next(text for status, text in answers if status == 409)
    assert PeerToPeer.objects.filter(slot=wanted, state=PeerToPeer.BOOKED).count() == 1
    assert PeerToPeer.objects.filter(state=PeerToPeer.OFFERED, slot__isnull=True).count() == 1
    assert CalendarMessage.objects.count() == 2
    assert verify() == []


def test_times_that_overlap_are_not_published_twice(world, at):
    def publish(minutes):
        starts = at + timedelta(hours=2, minutes=minutes)
        try:
            return add_slot(physician=world.orthopaedist, starts_at=starts, by=world.orthopaedist, at=at).starts_at
        except SlotTaken:
            return None

    answers = at_once(lambda: publish(0), lambda: publish(5))
    assert answers.count(None) == 1
    assert PeerToPeerSlot.objects.count() == 1
