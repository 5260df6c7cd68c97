"""A paper at the desk: taken in once with its receipt, read, its fields settled, entered as a request."""

from datetime import timedelta

import pytest

from openum.audit.models import EventRow
from openum.cases.models import Attachment, AttachmentPage, Request
from openum.determination.models import MachineEntry
from openum.intake.models import FieldReading, Paper, PaperPage
from openum.intake.papers import queries, services
from openum.intake.papers.standing import services_of, standing_of
from openum.intake.reading import engine
from openum.jobs.models import Job
from openum.submission.composing import MAX_LINES
from openum.submission.models import Submission
from openum.submission.rules import AlreadyAdmitted
from openum.vocabulary.errors import Invalid
from tests.intake.papers import VALUES, blank, pdf, picture, read_all
from tools.faxes.forms import form_values


def values_of(paper):
    return {one.key: one.value for one in standing_of(paper, queries.best_readings(paper))}


def test_a_paper_keeps_its_bytes_its_receipt_and_a_running_clock(world, at, put):
    content = pdf()
    paper = put(content, received_at=at - timedelta(hours=3))
    receipt = Submission.objects.get(pk=paper.submission_id)
    assert bytes(receipt.raw) == content
    assert (receipt.received_at, receipt.entered_at) == (at - timedelta(hours=3), at)
    assert receipt.provisional_due_at is not None
    assert receipt.state == Submission.WAITING
    assert Job.objects.filter(kind="intake.read_page").count() == 1


def test_the_same_paper_twice_is_one_paper(put):
    content = pdf()
    assert put(content).pk == put(content).pk
    assert (Paper.objects.count(), Submission.objects.filter(door="desk upload").count()) == (1, 1)


def test_a_receipt_in_the_future_is_refused(put, at):
    with pytest.raises(Invalid, match="in the future"):
        put(received_at=at + timedelta(minutes=1))


def test_the_text_of_a_pdf_is_read_without_recognition(put, at, monkeypatch):
    monkeypatch.setattr(engine, "is_available", lambda: False)
    paper = put()
    read_all(paper, at)
    found = values_of(paper)
    wrong = {key: (found[key], value) for key, value in VALUES.items() if found.get(key) != value}
    assert wrong == {}
    assert not any(one.is_uncertain for one in standing_of(paper, queries.best_readings(paper)))


def test_without_recognition_a_scan_says_why_and_is_typed(world, put, at, monkeypatch):
    monkeypatch.setattr(engine, "is_available", lambda: False)
    paper = put(blank(), name="scan.png")
    read_all(paper, at)
    assert paper.pages.get().not_read_because == "not-installed"
    for key, value in VALUES.items():
        paper = services.settle_field(paper=paper, key=key, value=value, by=world.intake, at=at)
    services.choose_member(paper=paper, member=world.commercial_member, by=world.intake, at=at)
    admitted = services.enter_paper(paper=paper, by=world.intake, at=at)
    assert admitted.case.lines.get().code == "S5125"


def test_a_doubtful_field_is_looked_at_before_a_request_is_made(world, put, at):
    paper = put()
    read_all(paper, at)
    FieldReading.objects.filter(key="ordering_npi").update(confidence=0.5)
    paper = services.choose_member(paper=paper, member=world.commercial_member, by=world.intake, at=at)
    with pytest.raises(Invalid, match="read with doubt.*NPI of the ordering clinician"):
        services.enter_paper(paper=paper, by=world.intake, at=at)
    services.settle_field(paper=paper, key="ordering_npi", value=VALUES["ordering_npi"], by=world.intake, at=at)
    admitted = services.enter_paper(paper=paper, by=world.intake, at=at)
    request = Request.objects.get(pk=admitted.request.pk)
    assert request.received_at == paper.submission.received_at
    assert request.submission_id == paper.submission_id


def test_nobody_is_picked_without_a_person(world, put, at):
    paper = put()
    read_all(paper, at)
    with pytest.raises(Invalid, match="who is meant"):
        services.enter_paper(paper=paper, by=world.intake, at=at)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("member_number", "", "still empty: Member number"),
        ("ordering_npi", "1234567890", "do not have the right form: NPI"),
        ("line1-first_day", "31 February", "do not have the right form: First day"),
        ("urgency", "expedited", "name of the clinician"),
    ],
)
def test_what_is_missing_or_malformed_is_named(world, put, at, key, value, said):
    paper = put()
    read_all(paper, at)
    services.choose_member(paper=paper, member=world.commercial_member, by=world.intake, at=at)
    services.settle_field(paper=paper, key=key, value=value, by=world.intake, at=at)
    with pytest.raises(Invalid, match=said):
        services.enter_paper(paper=paper, by=world.intake, at=at)
    assert paper.submission.state == Submission.WAITING


def test_a_paper_with_several_services_makes_one_request_in_one_pass(world, put, at):
    read = put(pdf({**form_values(3, services=3), **VALUES}, layout="services"), name="table.pdf")
    read_all(read, at)
    assert services_of(read, queries.best_readings(read)) == [1, 2, 3]
    paper = put()
    read_all(paper, at)
    services.choose_member(paper=paper, member=world.commercial_member, by=world.intake, at=at)
    with pytest.raises(Invalid, match="at least one service"):
        services.take_service_away(paper=paper, number=1, by=world.intake, at=at)
    added = [services.add_service(paper=paper, by=world.intake, at=at) for _ in range(MAX_LINES - 1)]
    assert added == [2, 3, 4, 5, 6]
    with pytest.raises(Invalid, match="at most 6 services"):
        services.add_service(paper=paper, by=world.intake, at=at)
    for number in (2, 5, 6):
        services.take_service_away(paper=paper, number=number, by=world.intake, at=at)
    for key, value in {"line3-code": "97110", "line3-units": "12", "line4-code": "?", "line4-units": "3"}.items():
        services.settle_field(paper=paper, key=key, value=value, by=world.intake, at=at)
    with pytest.raises(Invalid, match=r"Service code \(service 3\)"):
        services.enter_paper(paper=paper, by=world.intake, at=at)
    services.settle_field(paper=paper, key="line4-code", value="J1745", by=world.intake, at=at)
    with pytest.raises(Invalid, match="no field"):
        services.keep_field(paper=paper, key="line7-code", value="1", by=world.intake, at=at)
    admitted = services.enter_paper(paper=paper, by=world.intake, at=at)
    lines = admitted.request.lines.order_by("sequence").values_list("code", "requested_units")
    assert [(code, int(units)) for code, units in lines][1:] == [("97110", 12), ("J1745", 3)]
    assert admitted.request.lines.count() == 3
    assert admitted.case.attachments.filter(kind="document").count() == 1


def test_the_document_of_the_case_is_the_paper_as_received(world, put, at):
    content = pdf()
    paper = put(content)
    read_all(paper, at)
    services.choose_member(paper=paper, member=world.commercial_member, by=world.intake, at=at)
    case = services.enter_paper(paper=paper, by=world.intake, at=at).case
    document = Attachment.objects.get(case=case, kind=Attachment.DOCUMENT)
    assert bytes(document.content) == content
    assert "C-1" in AttachmentPage.objects.get(attachment=document).text


def test_two_browsers_make_one_case(world, put, at):
    paper = put()
    read_all(paper, at)
    services.choose_member(paper=paper, member=world.commercial_member, by=world.intake, at=at)
    same = Paper.objects.get(pk=paper.pk)
    services.enter_paper(paper=paper, by=world.intake, at=at)
    with pytest.raises(AlreadyAdmitted, match="dealt with meanwhile"):
        services.enter_paper(paper=same, by=world.intake, at=at)


def test_the_ledger_of_machines_has_what_was_read_and_what_people_did(world, put, at):
    paper = put()
    read_all(paper, at)
    PaperPage.objects.filter(paper=paper).update(reader="ocr test 1", input_digest="ab")
    services.settle_field(paper=paper, key="line1-units", value="7", by=world.intake, at=at)
    services.choose_member(paper=paper, member=world.commercial_member, by=world.intake, at=at)
    case = services.enter_paper(paper=paper, by=world.intake, at=at).case
    entry = MachineEntry.objects.get(case=case, kind=MachineEntry.READING, output__has_key="fields")
    assert (entry.name, entry.input["digest"]) == ("ocr test 1", "ab")
    assert entry.output["fields"]["line1-units"]["value"] == VALUES["line1-units"]
    reply = entry.replies.get()
    assert (reply.by, reply.is_followed) == (world.intake, False)
    assert reply.did.endswith("changed 1: line1-units")


def test_reading_again_leaves_what_a_person_settled(world, put, at):
    paper = put()
    read_all(paper, at)
    paper = services.settle_field(paper=paper, key="line1-units", value="7", by=world.intake, at=at)
    read_all(paper, at)
    reading = FieldReading.objects.get(page__paper=paper, key="line1-units")
    assert (reading.settled, values_of(paper)["line1-units"]) == (FieldReading.CHANGED, "7")


def test_no_event_holds_what_was_read(world, put, at):
    paper = put()
    read_all(paper, at)
    services.settle_field(paper=paper, key="family_name", value="Alder", by=world.intake, at=at)
    told = " ".join(
        EventRow.objects.filter(type__in=["PageRead", "FieldSettled", "PaperReceived"]).values_list("data", flat=True)
    )
    assert "Alder" not in told
    assert VALUES["member_number"] not in told


@pytest.mark.skipif(not engine.is_available(), reason="text recognition is not installed (extra `ocr`)")
def test_a_picture_upside_down_is_read_and_stood_up(put, at):
    paper = put(picture(turn=180), name="scan.png")
    read_all(paper, at)
    page = paper.pages.get()
    assert page.turn == 180
    found = values_of(paper)
    assert sum(found.get(key) == value for key, value in VALUES.items()) >= len(VALUES) - 1
