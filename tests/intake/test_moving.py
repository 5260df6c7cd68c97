"""A paper of the wrong case goes to the right one: both trails, no content left behind, links closed, undone."""

import io
from datetime import timedelta

import pypdfium2
import pytest

from openum.audit import events_of
from openum.cases.models import Attachment
from openum.cases.queries import attachments_visible_to
from openum.criteria.queries import standing_match
from openum.criteria.services import link_evidence
from openum.intake.models import PaperMove
from openum.intake.moving.queries import page_numbers
from openum.intake.moving.services import CannotMove, move_paper, undo_move
from openum.submission.incoming import IncomingEvidence
from openum.vocabulary.errors import Invalid
from tests.provider.office import browser_of
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db


def pages(count):
    made, new = io.BytesIO(), pypdfium2.PdfDocument.new()
    for _ in range(count):
        new.new_page(200, 300)
    new.save(made)
    return made.getvalue()


@pytest.fixture
def two(world, demo_clock, at):
    """Two cases of two people; the first has a paper of three pages."""
    paper = IncomingEvidence(
        kind="document", title="Visit", content_type="application/pdf", data=pages(3), document_kind="clinical-note",
        page_texts=("one", "two", "three"),
    )  # fmt: skip
    wrong = send(world, knee_request(world, at=at, evidence=(paper,)), at=at).case
    right = send(world, knee_request(world, of=world.member, at=at), at=at).case
    return wrong, right, Attachment.objects.get(case=wrong, kind=Attachment.DOCUMENT)


def texts(paper):
    return list(paper.pages.order_by("number").values_list("text", flat=True))


def test_a_paper_goes_to_the_right_case_and_back(world, two, at):
    wrong, right, paper = two
    line, later = wrong.lines.get(), at + timedelta(hours=2)
    leaf = standing_match(line).guideline.leaves[0].key
    link = link_evidence(line=line, leaf=leaf, attachment=paper, page=1, quote="one", by=world.nurse, at=at)
    desk = browser_of(world.intake)
    address = f"/intake/documents/{paper.public_id}/move/"
    assert address in desk.get(f"/cases/{wrong.public_id}/").content.decode()
    told = {"number": right.number.lower(), "reason": "The name on each page is the other person's."}
    assert "another person" in desk.post(address, {**told, "do": "look"}).content.decode()
    assert desk.post(address, {"number": "X-1", "reason": "", "do": "move"}).status_code == 422
    assert desk.post(address, {**told, "do": "move"}).status_code == 302
    move = PaperMove.objects.get()
    link.refresh_from_db()
    assert (move.is_other_member, move.links_closed, link.unlinked_at is not None) == (True, 1, True)
    assert (texts(move.copy), move.copy.received_at) == (["one", "two", "three"], paper.received_at)
    for user in (world.nurse, world.provider):
        assert not attachments_visible_to(user).filter(case=wrong, kind=Attachment.DOCUMENT).exists()
    assert desk.get(f"/documents/{paper.public_id}/").status_code == 404
    assert desk.get(f"/documents/{move.copy.public_id}/").status_code == 200
    for case, event in ((wrong, "PaperMovedAway"), (right, "PaperMovedHere")):
        assert event in [each.type for each in events_of(case.public_id)]
        assert "paper" in desk.get(f"/cases/{case.public_id}/").content.decode()
    assert right.number in desk.get("/intake/moved/").content.decode()
    with pytest.raises(CannotMove, match="meanwhile"):
        move_paper(document=paper, to=right, reason="Once more.", by=world.intake, at=later)
    assert desk.post(f"/intake/moved/{move.public_id}/undo/", {"reason": "It was right."}).status_code == 302
    shown = attachments_visible_to(world.nurse).filter(kind=Attachment.DOCUMENT)
    assert [row.pk for row in shown.filter(case__in=[wrong, right])] == [paper.pk]
    with pytest.raises(CannotMove, match="already"):
        undo_move(move=move, reason="Again, please.", by=world.intake, at=later)
    again = move_paper(document=paper, to=right, reason="Right after all.", by=world.intake, at=later)
    assert again.copy == move.copy  # the same content once per case, shown again
    assert attachments_visible_to(world.nurse).filter(pk=again.copy_id).exists()


def test_pages_of_a_paper_go_and_the_others_stay(world, two, at):
    wrong, right, paper = two
    move = move_paper(document=paper, to=right, pages=[2], reason="Another person's page.", by=world.intake, at=at)
    assert (texts(move.copy), texts(move.rest)) == (["two"], ["one", "three"])
    assert len(pypdfium2.PdfDocument(bytes(move.copy.content))) == 1
    shown = attachments_visible_to(world.nurse).filter(case=wrong, kind=Attachment.DOCUMENT)
    assert [row.pk for row in shown] == [move.rest_id]
    undo_move(move=move, reason="The page was right.", by=world.intake, at=at)
    assert [row.pk for row in shown.all()] == [paper.pk]
    for wrong_pages in ([4], [0]):
        with pytest.raises(Invalid, match="from 1 to 3"):
            move_paper(document=paper, to=right, pages=wrong_pages, reason="Page of another.", by=world.intake, at=at)
    with pytest.raises(CannotMove, match="already"):
        move_paper(document=paper, to=wrong, reason="Here already.", by=world.intake, at=at)


def test_numbers_of_pages_as_people_write_them():
    assert (list(page_numbers("2, 4-6")), list(page_numbers(""))) == ([2, 4, 5, 6], [])
    for faulty in ("two", "6-4", "1-9999", "3-x"):
        with pytest.raises(Invalid, match="as numbers"):
            page_numbers(faulty)


def test_what_lies_at_the_right_case_already_keeps_its_own_receipt(world, at):
    paper = IncomingEvidence(kind="document", title="Visit", content_type="application/pdf", data=pages(1))
    before = at - timedelta(days=1)
    right = send(world, knee_request(world, of=world.member, at=before, evidence=(paper,)), at=before).case
    wrong = send(world, knee_request(world, at=at, evidence=(paper,)), at=at).case
    misfiled = Attachment.objects.get(case=wrong, kind=Attachment.DOCUMENT)
    there = Attachment.objects.get(case=right, kind=Attachment.DOCUMENT)
    move = move_paper(document=misfiled, to=right, reason="The other person's.", by=world.intake, at=at)
    assert (move.copy, move.was_there) == (there, True)
    there.refresh_from_db()
    assert there.received_at == before
    undo_move(move=move, reason="It was right before.", by=world.intake, at=at)
    assert set(Attachment.objects.filter(moved_to=None, kind=Attachment.DOCUMENT)) == {misfiled, there}
