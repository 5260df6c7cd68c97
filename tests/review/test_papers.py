"""The papers a request should carry: asked for in one go, ticked, unreadable, waived; by services and by the pages."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from openum.accounts.rules import PermissionRefused
from openum.cases.models import Attachment, InformationItem, InformationRequest
from openum.intake.checklist.queries import papers_of
from openum.intake.checklist.services import publish_documents
from openum.intake.models import PaperMark
from openum.review.services import (
    ask_for_missing_papers,
    require_paper,
    say_unreadable,
    tick_paper,
    waive_paper,
)
from openum.review.services.papers import NothingMissing
from openum.submission.incoming import IncomingLine
from openum.vocabulary.errors import Invalid, Missing
from openum.vocabulary.terms import LineStatus
from tests.world import knee_request, note, send

HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
FOLDER = Path(__file__).resolve().parents[2] / "policies" / "documents"


@pytest.fixture
def line(world, at):
    """A line for surgery with a visit note and a paper nobody named; the shipped lists are published."""
    for file in sorted(FOLDER.glob("*.yaml")):
        publish_documents(path=file, by=world.engine, at=at)
    evidence = (note("Visit", "Knee pain."), note("Scan 7", "unnamed", kind="other"))
    asked = IncomingLine(
        sequence=1, code_system=HCPCS, code="S5125", units=Decimal(1), unit="UN", first_day=date(2026, 12, 17),
        diagnosis_sequences=(1,), provider_keys=("p2",),
    )  # fmt: skip
    request = knee_request(world, at=at, evidence=evidence, lines=(asked,))
    row = send(world, request, at=at).case.lines.get()
    row.specialty = "orthopaedics"
    row.save()
    return row


def states(line):
    return {each.paper.kind: each.standing.state.value for each in papers_of(line.case)}


def document(line, title):
    return Attachment.objects.get(case=line.case, title=title)


def test_exactly_what_is_missing_is_asked_for_once(world, line, at):
    assert states(line) == {"clinical-note": "received", "imaging-report": "required", "operation-plan": "required"}
    question = ask_for_missing_papers(request=line.request, by=world.intake, at=at)
    assert set(question.items.values_list("document_kind", flat=True)) == {"imaging-report", "operation-plan"}
    assert question.respond_by > at
    line.refresh_from_db()
    assert line.status == LineStatus.PENDED_WITH_PROVIDER
    with pytest.raises(NothingMissing, match="Nothing is missing"):
        ask_for_missing_papers(request=line.request, by=world.nurse, at=at)
    assert InformationRequest.objects.filter(case=line.case).count() == 1


def test_a_tick_answers_what_was_asked_and_says_who_said_so(world, line, at):
    question = ask_for_missing_papers(request=line.request, by=world.intake, at=at)
    tick_paper(line=line, kind="imaging-report", document=document(line, "Scan 7"), by=world.intake, at=at)
    shown = next(each for each in papers_of(line.case) if each.paper.kind == "imaging-report")
    assert (shown.standing.state, shown.document.title, shown.mark.said_by) == ("received", "Scan 7", world.intake)
    item = question.items.get(document_kind="imaging-report")
    assert (item.state, item.attachment.title) == (InformationItem.RECEIVED, "Scan 7")
    require_paper(line=line, kind="imaging-report", document=document(line, "Scan 7"), by=world.nurse, at=at)
    assert states(line)["imaging-report"] == "required"


def test_an_unreadable_paper_is_asked_for_again(world, line, at):
    visit = document(line, "Visit")
    question = say_unreadable(line=line, kind="clinical-note", document=visit, by=world.intake, at=at)
    assert states(line)["clinical-note"] == "unreadable"
    item = question.items.get()
    assert "could not be read" in item.text
    assert item.months_back == 3
    line.refresh_from_db()
    assert line.status == LineStatus.PENDED_WITH_PROVIDER
    later = at + timedelta(hours=1)
    again = say_unreadable(line=line, kind="clinical-note", document=visit, by=world.intake, at=later)
    item.refresh_from_db()
    assert item.state == InformationItem.UNREADABLE
    assert again.items.get().state == InformationItem.REQUESTED
    line.refresh_from_db()
    assert line.status == LineStatus.PENDED_WITH_PROVIDER


def test_nothing_is_asked_when_another_document_is_the_paper(world, line, at):
    tick_paper(line=line, kind="clinical-note", document=document(line, "Scan 7"), by=world.nurse, at=at)
    asked = say_unreadable(line=line, kind="clinical-note", document=document(line, "Visit"), by=world.nurse, at=at)
    assert asked is None
    assert states(line)["clinical-note"] == "received"


def test_a_waiver_needs_a_reason_and_the_right_and_can_be_taken_back(world, line, at):
    question = ask_for_missing_papers(request=line.request, by=world.nurse, at=at)
    with pytest.raises(Invalid, match="Say why"):
        waive_paper(line=line, kind="operation-plan", reason=" ", by=world.nurse, at=at)
    with pytest.raises(PermissionRefused):
        waive_paper(line=line, kind="operation-plan", reason="x", by=world.intake, at=at)
    waive_paper(line=line, kind="operation-plan", reason="Same side stands in the note.", by=world.nurse, at=at)
    assert states(line)["operation-plan"] == "waived"
    assert question.items.get(document_kind="operation-plan").state == InformationItem.WAIVED
    require_paper(line=line, kind="operation-plan", by=world.nurse, at=at)
    assert states(line)["operation-plan"] == "required"
    shown = papers_of(line.case)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperMark.objects.create(
            line=line, document_kind="x", state="waived", policy=shown.listed.policy, said_by=world.nurse, said_at=at
        )


def test_what_the_list_or_the_case_does_not_have_is_not_there(world, line, at):
    other = send(world, knee_request(world, of=world.member, at=at, evidence=(note("Else", "x"),)), at=at).case
    stray = Attachment.objects.get(case=other, title="Else")
    with pytest.raises(Missing, match="No list"):
        tick_paper(line=line, kind="moon-map", document=document(line, "Visit"), by=world.nurse, at=at)
    with pytest.raises(Missing, match="not on the case"):
        tick_paper(line=line, kind="clinical-note", document=stray, by=world.nurse, at=at)


def test_a_later_list_asks_nothing_of_an_earlier_request(world, line, at, tmp_path):
    later = (at + timedelta(days=2)).date().isoformat()
    for file in sorted(FOLDER.glob("*.yaml")):
        text = file.read_text(encoding="utf-8").replace("2026-01-01", later).replace('"2026.1"', '"2026.2"')
        (tmp_path / file.name).write_text(text.replace("imaging-report", "medication-list"), encoding="utf-8")
        publish_documents(path=tmp_path / file.name, by=world.engine, at=at)
    assert "imaging-report" in states(line)
    line.request.received_at += timedelta(days=3)
    line.request.save()
    assert "imaging-report" not in states(line)


@pytest.mark.usefixtures("demo_clock")
def test_the_desk_asks_with_one_click_on_the_case_page(client, world, line):
    client.force_login(world.intake)
    case = reverse("cases:case", args=[line.case.public_id])
    page = client.get(case).content.decode()
    assert "Ask for the 2 missing papers" in page
    assert "named so by its sender" in page
    assert "Waive it" not in page
    answer = client.post(reverse("review:ask_missing", args=[line.request.public_id]), follow=True).content.decode()
    assert "The report of the images that show the problem" in answer
    assert "missing papers" not in answer
    again = client.post(reverse("review:ask_missing", args=[line.request.public_id]), follow=True).content.decode()
    assert "Nothing is missing" in again


@pytest.mark.usefixtures("demo_clock")
def test_the_nurse_marks_papers_beside_the_criteria(client, world, line):
    client.force_login(world.nurse)
    workspace = reverse("review:line", args=[line.public_id])
    assert "Papers of this kind of request" in client.get(workspace).content.decode()
    mark = reverse("review:mark_paper", args=[line.public_id, "imaging-report"])

    def said(**given):
        answer = client.post(mark, {"from_line": str(line.public_id), **given}, follow=True)
        assert answer.redirect_chain[-1][0].startswith(workspace)
        return answer.content.decode()

    assert "Choose the document" in said(do="received", document="none")
    assert "Say why" in said(do="waive", reason="")
    assert "said so on" in said(do="received", document=str(document(line, "Scan 7").public_id))
    assert "send it again" in said(do="unreadable", document=str(document(line, "Scan 7").public_id))
    assert "Not needed here" in said(do="waive", reason="Not needed here")
    said(do="require")
    assert states(line)["imaging-report"] == "unreadable"


@pytest.mark.usefixtures("demo_clock")
def test_the_office_reads_the_paper_in_its_language(client, world, line, at):
    question = ask_for_missing_papers(request=line.request, by=world.intake, at=at)
    client.force_login(world.provider)
    client.cookies["django_language"] = "es"
    page = client.get(reverse("review:respond", args=[question.public_id])).content.decode()
    assert "El plan de la operación con el lado y el nivel" in page
