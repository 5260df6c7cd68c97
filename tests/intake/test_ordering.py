"""Pages are turned, blacked out, split and merged, and each step is undone; the bytes stay as they were received."""

import io
from datetime import timedelta

import pypdfium2
import pytest

from openum.cases.models import Attachment, AttachmentPage, InformationItem
from openum.cases.services import ItemAsked
from openum.intake.models import Paper, PaperPage
from openum.intake.papers import services
from openum.intake.papers.assembling import bytes_of, place_of, shown, words_of
from openum.review.services import ask_for_information
from openum.submission.models import Submission
from openum.vocabulary.errors import Conflict, Invalid
from tests.intake.papers import VALUES, pdf, read_all
from tests.world import knee_request, send


@pytest.fixture
def fax(put):
    """Three pages."""
    return put(pdf(pages=3))


def test_a_page_is_turned_and_turned_back(world, fax, at):
    first = fax.pages.get(position=1)
    upright = shown(first, bytes_of([first])[first.source_id], dpi=30).size
    step = services.turn_page(paper=fax, page=first, by=world.intake, at=at)
    first.refresh_from_db()
    assert shown(first, bytes_of([first])[first.source_id], dpi=30).size == upright[::-1]
    services.undo_step(paper=fax, step=step, by=world.intake, at=at)
    first.refresh_from_db()
    assert first.turn == 0


def test_places_turn_with_their_page(world, put, at):
    paper = put()
    read_all(paper, at)
    reading = paper.pages.get().readings.get(key="member_number")
    left, top, right, bottom = place_of(reading)
    services.turn_page(paper=paper, page=paper.pages.get(), by=world.intake, at=at)
    reading.page.refresh_from_db()
    assert place_of(reading) == pytest.approx((1 - bottom, left, 1 - top, right))


def test_what_is_blacked_out_is_in_no_picture_no_text_and_no_document(world, put, at):
    paper = put()
    read_all(paper, at)
    box = place_of(paper.pages.get().readings.get(key="member_number"))
    services.hide_area(paper=paper, page=paper.pages.get(), box=box, by=world.intake, at=at)
    page = paper.pages.get()
    assert "C-1" not in [word.text for word in words_of(page)]
    drawn = shown(page, bytes_of([page])[page.source_id], dpi=50)
    assert drawn.getpixel(
        (round((box[0] + box[2]) / 2 * drawn.width), round((box[1] + box[3]) / 2 * drawn.height))
    ) == (0, 0, 0)
    services.choose_member(paper=paper, member=world.commercial_member, by=world.intake, at=at)
    case = services.enter_paper(paper=paper, by=world.intake, at=at).case
    document = Attachment.objects.get(case=case, kind=Attachment.DOCUMENT)
    assert pypdfium2.PdfDocument(bytes(document.content))[0].get_textpage().get_text_range() == ""
    assert "C-1" not in AttachmentPage.objects.get(attachment=document).text
    assert b"%PDF" in bytes(Submission.objects.get(pk=paper.submission_id).raw)[:8]
    assert bytes(document.content) != bytes(Submission.objects.get(pk=paper.submission_id).raw)


@pytest.mark.parametrize("box", [(0.5, 0.5, 0.5, 0.6), (0.6, 0.5, 0.4, 0.6)])
def test_an_area_has_an_extent(world, fax, at, box):
    with pytest.raises(Invalid, match="Mark an area"):
        services.hide_area(paper=fax, page=fax.pages.first(), box=box, by=world.intake, at=at)


def test_a_split_keeps_the_receipt_and_is_undone(world, fax, at):
    second = services.split_paper(paper=fax, page=fax.pages.get(position=2), by=world.intake, at=at)
    assert (fax.pages.count(), [page.source_number for page in second.pages.order_by("position")]) == (1, [2, 3])
    assert second.submission.received_at == fax.submission.received_at
    assert second.submission.raw is None
    services.undo_step(paper=fax, step=fax.steps.get(), by=world.intake, at=at)
    assert [page.source_number for page in fax.pages.order_by("position")] == [1, 2, 3]
    assert Submission.objects.get(pk=second.submission_id).state == Submission.SETTLED


def test_a_split_is_not_undone_over_somebody_elses_work(world, fax, at):
    second = services.split_paper(paper=fax, page=fax.pages.get(position=3), by=world.intake, at=at)
    services.keep_field(paper=second, key="family_name", value="Elm", by=world.intake, at=at)
    with pytest.raises(Conflict, match="Merge the two papers"):
        services.undo_step(paper=fax, step=fax.steps.get(), by=world.intake, at=at)
    assert Paper.objects.get(pk=second.pk).fields == {"family_name": "Elm"}


def test_nothing_is_split_off_before_the_first_page(world, fax, at):
    with pytest.raises(Invalid, match="second or a later page"):
        services.split_paper(paper=fax, page=fax.pages.get(position=1), by=world.intake, at=at)


def test_in_a_merge_the_earliest_receipt_wins_and_it_is_undone(world, put, at):
    late, early = put(pdf(pages=2)), put(pdf(layout="boxes"), received_at=at - timedelta(days=1))
    kept = services.merge_papers(paper=late, other=early, by=world.intake, at=at)
    assert kept.pk == early.pk
    assert (kept.pages.count(), late.pages.count()) == (3, 0)
    assert Submission.objects.get(pk=late.submission_id).settled_note == "merged into another paper"
    services.undo_step(paper=kept, step=kept.steps.get(), by=world.intake, at=at)
    assert (kept.pages.count(), late.pages.count()) == (1, 2)
    assert Submission.objects.get(pk=late.submission_id).state == Submission.WAITING


def test_only_the_last_step_is_undone(world, fax, at):
    first = services.turn_page(paper=fax, page=fax.pages.get(position=1), by=world.intake, at=at)
    services.turn_page(paper=fax, page=fax.pages.get(position=2), by=world.intake, at=at)
    with pytest.raises(Conflict, match="Only the last step"):
        services.undo_step(paper=fax, step=first, by=world.intake, at=at)


def test_the_document_of_a_split_paper_holds_its_pages_alone(world, fax, at):
    second = services.split_paper(paper=fax, page=fax.pages.get(position=2), by=world.intake, at=at)
    services.turn_page(paper=second, page=second.pages.get(position=1), by=world.intake, at=at)
    read_all(second, at)
    PaperPage.objects.filter(paper=second, position=1).update(turn=90)
    services.choose_member(paper=second, member=world.commercial_member, by=world.intake, at=at)
    case = services.enter_paper(paper=second, by=world.intake, at=at).case
    made = pypdfium2.PdfDocument(io.BytesIO(bytes(Attachment.objects.get(case=case, kind="document").content)))
    assert [made[index].get_rotation() for index in range(len(made))] == [90, 0]


def test_a_paper_answers_what_a_pended_case_asked_for(world, put, at):
    admitted = send(world, knee_request(world, at=at), at=at)
    case, line = admitted.case, admitted.case.lines.get()
    ask_for_information(
        case=case, request=admitted.request, by=world.nurse, at=at,
        items=[ItemAsked(line=line, text="The X-ray report", document_kind="imaging-report")],
    )  # fmt: skip
    paper = put(pdf(VALUES))
    read_all(paper, at)
    services.put_on_waiting_case(paper=paper, case=case, kind="imaging-report", by=world.intake, at=at)
    assert InformationItem.objects.get(line=line, text="The X-ray report").state == InformationItem.RECEIVED
    assert Submission.objects.get(pk=paper.submission_id).case == case
    assert Attachment.objects.filter(case=case, document_kind="imaging-report").count() == 1
