"""The office answers a finding of claim review: agrees or not, with words and papers, in its time, once."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from openum.cases.models import Attachment
from openum.db import clock
from openum.retrospective.models import Rebuttal
from openum.retrospective.rules.findings import Issue
from openum.retrospective.services import answer_rebuttal, send_finding
from tests.provider.office import browser_of, stranger
from tests.retrospective import story

pytestmark = pytest.mark.django_db
SAID = {"answer": "against", "words": "The note of the second visit shows it.", "said_by": "Dana Desk"}


@pytest.fixture
def finding(world, demo_clock, at):
    line = story.taken(world, "K-1", at=at)
    made = story.finding(world, line, Issue.DUPLICATE, at=at)
    return send_finding(finding=made, by=world.nurse, at=at)


def address(finding):
    return f"/requests/findings/{finding.public_id}/"


def test_the_office_reads_it_and_disagrees_with_a_paper(world, finding, at):
    office = browser_of(world.provider)
    case = finding.claim_line.line.case
    assert finding.number in office.get(f"/requests/{case.public_id}/").content.decode()
    page = office.get(address(finding)).content.decode()
    for words in ("Billed twice", "Answer by", finding.words):
        assert words in page
    paper = SimpleUploadedFile("visit.txt", b"second visit on the same day")
    assert office.post(address(finding), {**SAID, "file": paper}).status_code == 302
    kept = Rebuttal.objects.get()
    assert (kept.agrees, kept.said_by, kept.channel, kept.recorded_by) == (False, "Dana Desk", "portal", world.provider)
    assert kept.document == Attachment.objects.get(case=case, title="visit.txt")
    assert "has to answer before anything is decided" in office.get(address(finding)).content.decode()
    answer_rebuttal(rebuttal=kept, is_accepted=True, answer="It was another visit.", by=world.nurse, at=clock.now())
    assert "It was another visit." in office.get(address(finding)).content.decode()


def test_the_office_agrees_once(world, finding):
    office = browser_of(world.provider)
    office.post(address(finding), {**SAID, "answer": "agrees"})
    second = office.post(address(finding), SAID)
    assert (second.status_code, Rebuttal.objects.get().agrees) == (409, True)


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"answer": ""}, 422), ({"words": " "}, 422), ({"said_by": ""}, 422), ({"answer": "maybe"}, 422)],
)
def test_an_answer_without_choice_or_words_is_told(world, finding, changes, status):
    assert browser_of(world.provider).post(address(finding), SAID | changes).status_code == status
    assert not Rebuttal.objects.exists()


def test_a_paper_that_cannot_be_used_leaves_nothing(world, finding):
    bad = SimpleUploadedFile("visit.pdf", b"MZ\x00\x01\xff")
    assert browser_of(world.provider).post(address(finding), {**SAID, "file": bad}).status_code == 422
    assert not Rebuttal.objects.exists()


def test_after_the_last_day_the_page_says_whom_to_call(world, finding, at):
    clock.set_demo_clock(finding.reply_by + timedelta(seconds=1))
    office = browser_of(world.provider)
    assert "The time to answer here is over" in office.get(address(finding)).content.decode()
    paper = SimpleUploadedFile("late.txt", b"late")
    assert office.post(address(finding), {**SAID, "file": paper}).status_code == 422
    assert not Rebuttal.objects.exists()
    assert not Attachment.objects.filter(title="late.txt").exists()


def test_another_office_and_the_plan_find_nothing_here(world, finding):
    assert browser_of(stranger(world)).get(address(finding)).status_code == 404
    assert browser_of(world.nurse).get(address(finding)).status_code == 403
    assert browser_of(world.member_user).post(address(finding), SAID).status_code == 403


def test_a_finding_that_was_not_sent_does_not_exist_for_the_office(world, demo_clock, at):
    line = story.taken(world, "K-2", at=at)
    unsent = story.finding(world, line, Issue.DUPLICATE, at=at)
    assert browser_of(world.provider).get(address(unsent)).status_code == 404
