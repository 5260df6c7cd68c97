"""A physician gives a line back with a question; beside a request stand the member's others and the answers to like ones."""

from datetime import timedelta

import pytest
from django.test import Client

from openum.cases.models import ServiceLine
from openum.db import clock
from openum.review.beside import beside
from openum.review.models import Review
from openum.review.rules.answers import NotOpen
from openum.review.services import refer_to_physician, return_to_nurse
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import LineStatus
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(world, at):
    """A line that waits for a physician."""
    clock.set_demo_clock(at)
    evidence = (note("Visit note", "KL grade 4 on standing film."),)
    case = send(world, knee_request(world, of=world.erisa_member, at=at, evidence=evidence), at=at).case
    refer_to_physician(line=case.lines.get(), summary="Therapy seven weeks.", by=world.nurse, at=at)
    return case.lines.get()


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_nurse_reads_the_question_and_the_line_is_on_the_nurses_list(world, line):
    doctor = browser_of(world.orthopaedist)
    address = f"/decisions/{line.public_id}/return/"
    assert address in doctor.get(f"/decisions/{line.public_id}/").content.decode()
    assert doctor.post(address, {"question": " "}).status_code == 422
    assert doctor.post(address, {"question": "When did therapy end, and why?"}).headers["Location"] == "/decisions/"
    line.refresh_from_db()
    assert line.status == LineStatus.PENDED_WITH_PAYER
    page = browser_of(world.nurse).get(f"/review/{line.public_id}/").content.decode()
    assert "When did therapy end, and why?" in page
    assert line.case.number in browser_of(world.nurse).get("/review/").content.decode()
    assert doctor.post(address, {"question": "Again?"}).status_code == 409


def test_the_question_is_gone_when_the_line_is_referred_again(world, line, at):
    return_to_nurse(line=line, question="Which knee?", by=world.orthopaedist, at=at)
    line.refresh_from_db()
    refer_to_physician(line=line, summary="The right one.", by=world.nurse, at=at)
    assert "Which knee?" not in browser_of(world.nurse).get(f"/review/{line.public_id}/").content.decode()
    assert not Review.objects.filter(line=line, ended_at__isnull=True).exists()


def test_refusals(world, line, at):
    with pytest.raises(Invalid):
        return_to_nurse(line=line, question="", by=world.orthopaedist, at=at)
    return_to_nurse(line=line, question="Which knee?", by=world.orthopaedist, at=at)
    with pytest.raises(NotOpen):
        return_to_nurse(line=line, question="Which knee?", by=world.orthopaedist, at=at)


def test_beside_stand_the_members_other_requests_and_the_answers_to_like_ones(world, line, at):
    before = at - timedelta(days=40)
    own = send(world, knee_request(world, of=world.erisa_member, at=before), at=before).case
    others = [
        send(world, knee_request(world, of=member, at=before), at=before).case.lines.get()
        for member in (world.commercial_member, world.member)
    ]
    for row, status in zip(others, (LineStatus.APPROVED, LineStatus.DENIED), strict=True):
        ServiceLine.objects.filter(pk=row.pk).update(status=status, status_since=before)
    found = beside(line, world.nurse, at=at)
    assert [row["line"].case for row in found["prior"]] == [own]
    assert dict(found["like_counts"]) == {LineStatus.APPROVED: 1, LineStatus.DENIED: 1}
    assert beside(line, world.nurse, at=at + timedelta(days=400))["like_whole"] == 0
    assert beside(line, world.provider, at=at)["like_whole"] == 2
    assert beside(line, world.member_user, at=at)["prior"] == []
