"""Messages between an office and the plan: both sides, read marks, papers, no member data in what leaves, no decision."""

from pathlib import Path

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from openum.audit import events_of
from openum.cases.models import Attachment
from openum.cases.services import NewDocument
from openum.jobs import run_due
from openum.review.models import CaseMessage
from openum.review.services import write_message
from openum.review.services.messages import NoOffice
from openum.vocabulary.errors import Invalid
from tests.provider.office import browser_of, stranger
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world, demo_clock, at):
    return send(world, knee_request(world, at=at, evidence=(note("Visit", "Knee pain."),)), at=at).case


def address(case):
    return f"/cases/{case.public_id}/messages/"


def test_a_thread_of_both_sides_with_read_marks(world, case):
    office, nurse = browser_of(world.provider), browser_of(world.nurse)
    status = case.lines.get().status
    paper = SimpleUploadedFile("film.txt", b"the film is older than we said")
    assert office.post(address(case), {"text": "Is the film enough?", "file": paper}).status_code == 302
    asked = CaseMessage.objects.get()
    assert (asked.is_from_office, asked.read_at) == (True, None)
    assert asked.attachment == Attachment.objects.get(case=case, title="film.txt")
    assert case.number in nurse.get("/messages/").content.decode()
    assert "Is the film enough?" in nurse.get(address(case)).content.decode()
    asked.refresh_from_db()
    assert asked.read_by == world.nurse
    assert case.number not in nurse.get("/messages/").content.decode()
    nurse.post(address(case), {"text": "It is."})
    assert case.number in office.get("/messages/").content.decode()
    told = office.get(address(case)).content.decode()
    for words in ("It is.", "Read by Nurse", "No message is a decision"):
        assert words in told
    assert "2 messages" in office.get(f"/requests/{case.public_id}/").content.decode()
    assert [one.type for one in events_of(case.public_id) if one.type.startswith("Message")] == [
        "MessageWritten", "MessagesRead", "MessageWritten", "MessagesRead",
    ]  # fmt: skip
    assert case.lines.get().status == status


def test_what_leaves_names_nobody(world, case, at, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    message = write_message(case=case, text="Rose Alder's knee: call us.", by=world.nurse, at=at)
    run_due(at)
    folder = Path(tmp_path) / "outgoing"
    envelope = orjson.loads((folder / f"{message.public_id}.txt.json").read_bytes())
    left = (folder / f"{message.public_id}.txt").read_text() + str(envelope)
    assert world.provider.email in envelope["to"]
    for secret in ("Rose", "Alder", "knee", "C-1", case.number, str(case.public_id)):
        assert secret not in left


def test_the_office_alone_sends_no_word_out(world, case, at, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    write_message(case=case, text="A question.", by=world.provider, at=at)
    run_due(at)
    assert not list(tmp_path.glob("outgoing/*.txt"))


@pytest.mark.parametrize("text", ["", "  ", "x" * 20_001])
def test_nothing_and_too_much_are_told(world, case, text):
    assert browser_of(world.provider).post(address(case), {"text": text}).status_code == 422
    assert not CaseMessage.objects.exists()


def test_the_service_refuses_the_same(world, case, at):
    for text in ("  ", "x" * 20_001):
        with pytest.raises(Invalid):
            write_message(case=case, text=text, by=world.provider, at=at)
    case.organization = None
    with pytest.raises(NoOffice, match="No provider office"):
        write_message(case=case, text="Hello.", by=world.nurse, at=at)


def test_a_file_that_cannot_be_used_leaves_nothing(world, case):
    bad = SimpleUploadedFile("x.pdf", b"MZ\x00\xff")
    assert browser_of(world.provider).post(address(case), {"text": "See.", "file": bad}).status_code == 422
    assert not CaseMessage.objects.exists()


def test_the_plan_sends_no_file_this_way(world, case, at):
    paper = NewDocument(title="t", content_type="text/plain", content=b"t")
    with pytest.raises(Invalid, match="sends papers as letters"):
        write_message(case=case, text="See.", paper=paper, by=world.nurse, at=at)
    assert 'type="file"' not in browser_of(world.nurse).get(address(case)).content.decode()


def test_others_find_no_thread(world, case):
    assert browser_of(stranger(world)).get(address(case)).status_code == 404
    assert browser_of(world.member_user).get(address(case)).status_code == 403
