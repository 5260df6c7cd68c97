"""Who acts for the member: the page, the letters, and the end of it; the member's appeal goes on."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openum.appeals.models import Appeal
from openum.appeals.queries import representative_of
from openum.appeals.rules.law import Filer
from openum.appeals.rules.states import AppealState, IllegalAppealStep
from openum.appeals.services import correct_representative, end_standing, refuse_speed
from openum.audit import events_of
from openum.db import clock as demo
from openum.notices.models import Notice
from openum.vocabulary.errors import Invalid
from tests.appeals import story
from tests.appeals.story import DAY, clock

pytestmark = pytest.mark.django_db
WHO = {"filer": Filer.REPRESENTATIVE, "name": "Arun Alder", "relationship": "husband"}


def letters_to_him(line):
    return Notice.objects.filter(case=line.case, recipient__name="Arun Alder").count()


def test_with_an_address_letters_go_there_until_the_standing_ends(world, line, at, desk):
    appeal = story.file(world, line, at + DAY, **WHO, address="1 Elm Street", wants_speed=True)
    assert letters_to_him(line) == 1
    end_standing(appeal=appeal, said_by="The member", reason="We parted.", by=desk, at=at + 2 * DAY)
    appeal.refresh_from_db()
    assert appeal.state == AppealState.OPEN
    assert clock(appeal, "insured.appeal.urgent").started_at == at + 2 * DAY
    assert representative_of(appeal).standing_expires_on == date(2026, 11, 18)
    refuse_speed(appeal=appeal, reason="The knee is stable.", by=desk, at=at + 3 * DAY)
    assert letters_to_him(line) == 1
    assert "StandingEnded" in {event.type for event in events_of(line.case.public_id)}
    with pytest.raises(IllegalAppealStep, match="Nobody acts"):
        end_standing(appeal=appeal, said_by="The member", reason="Again.", by=desk, at=at + 4 * DAY)


def test_a_corrected_address_gets_the_letters_that_follow(world, line, at, desk):
    appeal = story.file(world, line, at + DAY, **WHO, wants_speed=True)
    assert letters_to_him(line) == 0
    with pytest.raises(Invalid, match="name"):
        correct_representative(appeal=appeal, name=" ", relationship="", address="", phone="", by=desk, at=at + 2 * DAY)
    correct_representative(
        appeal=appeal, name="Arun Alder", relationship="husband", address="1 Elm Street", phone="555", by=desk,
        at=at + 2 * DAY,
    )  # fmt: skip
    refuse_speed(appeal=appeal, reason="The knee is stable.", by=desk, at=at + 2 * DAY)
    assert letters_to_him(line) == 1


def test_an_appeal_of_the_member_has_nobody_to_end(world, line, at, desk):
    appeal = story.file(world, line, at + DAY)
    with pytest.raises(IllegalAppealStep):
        end_standing(appeal=appeal, said_by="x", reason="y", by=desk, at=at + DAY)
    with pytest.raises(IllegalAppealStep):
        correct_representative(appeal=appeal, name="x", relationship="", address="", phone="", by=desk, at=at + DAY)
    with pytest.raises(Invalid, match="who ended it"):
        end_standing(appeal=appeal, said_by="", reason="y", by=desk, at=at + DAY)


def test_the_page_takes_the_paper_corrects_and_ends(world, line, at, desk, demo_clock):
    appeal = story.file(world, line, at + DAY, **WHO)
    mine = story.file(world, story.denied(world, at), at + DAY)
    demo.set_demo_clock(at + 2 * DAY)
    client, nurse = Client(), Client()
    client.force_login(desk)
    nurse.force_login(world.nurse)
    address = f"/appeals/{appeal.public_id}/representative/"
    assert address in client.get(f"/appeals/{appeal.public_id}/").text
    assert "not before the paper is here" in client.get(address).text
    assert nurse.get(address).status_code == 403
    assert client.post(address, {"do": "nothing"}).status_code == 422
    assert client.post(address, {"do": "end", "said_by": ""}).status_code == 422
    paper = SimpleUploadedFile("form.txt", b"I name my husband.", "text/plain")
    old = {"do": "form", "signed_on": "2025-01-01", "channel": "mail", "paper": paper}
    refused = client.post(address, old)
    assert (refused.status_code, "does not hold today" in refused.text) == (422, True)
    paper.seek(0)
    assert client.post(address, {**old, "signed_on": "2026-11-17", "paper": paper}).status_code == 302
    assert Appeal.objects.get(pk=appeal.pk).state == AppealState.OPEN
    fields = {"name": "Arun Alder", "relationship": "husband", "address": "1 Elm Street", "phone": ""}
    assert client.post(address, {"do": "correct", **fields}).status_code == 302
    page = client.get(address).text
    assert "1 Elm Street" in page
    assert client.post(address, {"do": "end", "said_by": "The member", "reason": "Parted."}).status_code == 302
    assert client.post(address, {"do": "end", "said_by": "The member", "reason": "Parted."}).status_code == 409
    assert "Nobody acts" in client.get(f"/appeals/{mine.public_id}/representative/").text


def test_the_member_ends_it_on_the_portal(world, line, at, demo_clock):
    world.member.user = None
    world.member.save()
    world.commercial_member.user = world.member_user
    world.commercial_member.save()
    appeal = story.file(world, line, at + DAY, **WHO)
    demo.set_demo_clock(at + 2 * DAY)
    member, stranger = Client(), Client()
    member.force_login(world.member_user)
    stranger.force_login(world.provider)
    assert "Arun Alder acts for you" in member.get(f"/my/{line.case.public_id}/").text
    assert stranger.post(f"/appeal/{appeal.public_id}/alone/").status_code == 403
    assert member.post(f"/appeal/{appeal.public_id}/alone/").status_code == 302
    assert "acts for you" not in member.get(f"/my/{line.case.public_id}/").text
