"""The guided request, the board, the member's page: everything works without JavaScript, and only for one's own."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openum.accounts.models import Organization
from openum.accounts.services import register_person
from openum.audit.models import EventRow
from openum.cases.models import Amendment, Attachment, Case, InformationItem
from openum.db import clock
from openum.submission.models import Draft, Submission
from openum.vocabulary.terms import LineStatus, Role
from tests.world import knee_request, npi, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_noon(at):
    """The demo clock stands at the fixed instant."""
    clock.set_demo_clock(at)
    return at


def browser_of(user) -> Client:
    """A signed-in browser."""
    client = Client()
    client.force_login(user)
    return client


def begin(client) -> str:
    """Begin a guided request and return the address of its first page, without the page's name."""
    return client.post("/requests/new/").headers["Location"].removesuffix("patient/")


def fill(client, base, world) -> None:
    """Fill every page that must be filled."""
    patient = {
        "plan": str(world.plan.public_id),
        "member_number": "C-1",
        "birth_date": "1960-05-04",
        "family_name": "Alder",
    }
    assert client.post(base + "patient/", patient).headers["Location"] == base + "service/"
    line = {"line1-code": "27447", "line1-modifiers": "rt", "line1-units": "1", "line1-first_day": "2026-12-17"}
    assert client.post(base + "service/", line).headers["Location"] == base + "reason/"
    assert client.post(base + "reason/", {"diagnosis1": "m17.11"}).headers["Location"] == base + "people/"
    people = {"ordering_npi": world.surgeon_npi, "ordering_name": "Sam Surgeon", "place": "24"}
    assert client.post(base + "people/", people).headers["Location"] == base + "questions/"


def test_a_request_goes_from_the_first_page_to_its_receipt(world, at_noon):
    client = browser_of(world.provider)
    base = begin(client)
    fill(client, base, world)
    answers = {"kind.knee.limits-function": "yes-no", "answer.knee.limits-function": "yes"}
    client.post(base + "questions/", answers)
    upload = SimpleUploadedFile("note.txt", b"Seen today.", content_type="application/pdf")
    assert (
        client.post(base + "papers/", {"file": upload, "document_kind": "clinical-note", "title": "Note"}).status_code
        == 302
    )
    assert client.post(base + "urgency/", {"urgency": "standard"}).headers["Location"] == base + "check/"
    page = client.get(base + "check/").content.decode()
    assert "What is still open" in page
    assert "The report of a standing X-ray" in page
    sent = client.post(base + "check/")
    receipt = client.get(sent.headers["Location"]).content.decode()
    case = Case.objects.get()
    assert case.number in receipt
    assert Submission.objects.get().raw_digest in receipt
    line = case.lines.get()
    assert (line.code, line.modifiers, line.place, line.requested_units) == ("27447", ["RT"], "24", 1)
    assert case.organization == world.practice
    assert [row.code for row in case.requests.get().diagnoses.all()] == ["M17.11"]
    assert {row.content_type for row in Attachment.objects.filter(case=case)} == {"text/plain", "application/fhir+json"}
    assert Draft.objects.get().submission == Submission.objects.get()


def test_a_second_click_on_send_returns_the_first_request(world, at_noon):
    client = browser_of(world.provider)
    base = begin(client)
    fill(client, base, world)
    client.post(base + "urgency/", {"urgency": "standard"})
    assert client.post(base + "check/").status_code == 302
    assert client.post(base + "check/").status_code == 404  # it is no draft any more
    assert Case.objects.count() == 1


def test_what_was_typed_survives_a_closed_browser_and_is_shared_in_the_office(world, at_noon):
    client = browser_of(world.provider)
    base = begin(client)
    saved = client.post(base + "save/", {"step": "patient", "member_number": "C-", "family_name": "Ald"})
    assert re.search(r"Saved 12:00:\d\d", saved.content.decode())
    colleague = register_person(
        email="colleague@test.invalid", name="Colleague", password="a long test pass phrase",
        roles=[(Role.PROVIDER_STAFF, None, world.practice)],
    )  # fmt: skip
    page = browser_of(colleague).get(base + "patient/").content.decode()
    assert 'value="C-"' in page
    assert 'value="Ald"' in page


def test_a_field_of_another_name_is_not_kept(world, at_noon):
    client = browser_of(world.provider)
    base = begin(client)
    client.post(base + "save/", {"step": "patient", "is_admin": "1", "received_date": "2020-01-01"})
    assert "is_admin" not in Draft.objects.get().fields


def test_faults_stand_beside_their_fields_and_nothing_is_lost(world, at_noon):
    client = browser_of(world.provider)
    base = begin(client)
    answer = client.post(base + "people/", {"ordering_npi": "123", "ordering_name": "Kept"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This is not a valid NPI" in page
    assert 'value="Kept"' in page
    assert Draft.objects.get().fields["ordering_name"] == "Kept"


def test_fast_track_takes_the_statement_and_a_name(world, at_noon):
    client = browser_of(world.provider)
    base = begin(client)
    answer = client.post(base + "urgency/", {"urgency": "expedited"})
    assert answer.status_code == 422
    assert "Fast-track needs this statement." in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "content"), [("tool.pdf", b"MZ\x90\x00\xff\xfe"), ("empty.pdf", b""), ("page.html", b"\xff\x00\x01")]
)
def test_a_file_is_judged_by_its_bytes(world, at_noon, name, content):
    client = browser_of(world.provider)
    base = begin(client)
    answer = client.post(base + "papers/", {"file": SimpleUploadedFile(name, content), "document_kind": "other"})
    assert answer.status_code == 422
    assert Draft.objects.get().files.count() == 0


def test_a_name_is_shown_only_when_number_and_birth_date_fit(world, at_noon):
    client = browser_of(world.provider)
    base = begin(client)
    plan = str(world.plan.public_id)
    wrong = client.post(
        base + "patient/", {"plan": plan, "member_number": "C-1", "birth_date": "1961-01-01", "do": "find"}
    )
    assert "Rose" not in wrong.content.decode()
    assert "not with this date of birth" in wrong.content.decode()
    right = client.post(
        base + "patient/", {"plan": plan, "member_number": "C-1", "birth_date": "1960-05-04", "do": "find"}
    )
    assert "Rose Alder" in right.content.decode()
    assert EventRow.objects.filter(type="MemberLookedUp").count() == 1


def test_an_unsendable_draft_names_its_pages(world, at_noon):
    client = browser_of(world.provider)
    base = begin(client)
    answer = client.post(base + "check/")
    assert answer.status_code == 422
    assert "Still missing" in answer.content.decode()
    assert Submission.objects.count() == 0


def test_another_office_finds_nothing(world, at_noon):
    case = send(world, knee_request(world, at=at_noon), at=at_noon).case
    client = browser_of(world.provider)
    base = begin(client)
    office = Organization.objects.create(
        tenant=world.plan.tenant, kind=Organization.PROVIDER, name="Other Practice", npi=npi(900000777)
    )
    stranger = register_person(
        email="stranger@test.invalid", name="Stranger", password="a long test pass phrase",
        roles=[(Role.PROVIDER_STAFF, None, office)],
    )  # fmt: skip
    other = browser_of(stranger)
    question = case.information_requests.get()
    for address in (
        base + "patient/", base + "check/", f"/requests/{case.public_id}/", f"/requests/questions/{question.public_id}/",
        f"/receipts/{case.submissions.get().public_id}/",
    ):  # fmt: skip
        assert other.get(address).status_code == 404, address
    assert case.number not in other.get("/requests/?tab=all").content.decode()
    assert other.get(f"/cases/{case.public_id}/").status_code == 403


def test_the_board_says_who_has_the_ball_and_until_when(world, at_noon):
    case = send(world, knee_request(world, at=at_noon), at=at_noon).case
    page = browser_of(world.provider).get("/requests/").content.decode()
    assert "Needs you (1)" in page
    assert "Waiting for you: answer by" in page
    assert f"/requests/questions/{case.information_requests.get().public_id}/" in page
    assert "No denied request." in browser_of(world.provider).get("/requests/?tab=denied").content.decode()


def test_sending_what_was_asked_for_settles_the_items(world, at_noon):
    case = send(world, knee_request(world, at=at_noon), at=at_noon).case
    question = case.information_requests.get()
    clock.set_demo_clock(at_noon + timedelta(days=2))
    client = browser_of(world.provider)
    address = f"/requests/questions/{question.public_id}/"
    assert client.post(address, {}).status_code == 422
    items = list(question.items.values_list("public_id", flat=True))
    upload = SimpleUploadedFile("report.txt", b"KL grade 4")
    assert client.post(address, {"item": items, "file": upload, "document_kind": "imaging-report"}).status_code == 302
    assert set(InformationItem.objects.values_list("state", flat=True)) == {"received"}
    assert case.lines.get().status == LineStatus.PENDED_WITH_PAYER


def test_taking_a_request_back_is_logged_with_who_and_why(world, at_noon):
    case = send(world, knee_request(world, at=at_noon), at=at_noon).case
    line = case.lines.get()
    client = browser_of(world.provider)
    address = f"/requests/{case.public_id}/"
    assert client.post(address, {"do": "withdraw", "line": line.public_id, "reason": ""}).status_code == 422
    assert (
        client.post(address, {"do": "withdraw", "line": line.public_id, "reason": "Patient decided"}).status_code == 302
    )
    line.refresh_from_db()
    assert line.status == LineStatus.WITHDRAWN
    row = Amendment.objects.get()
    assert (row.field, row.reason, row.requested_by, row.is_requesters_own) == (
        "withdrawal",
        "Patient decided",
        "Provider",
        True,
    )


def test_changing_the_day_is_an_amendment_of_the_office(world, at_noon):
    case = send(world, knee_request(world, at=at_noon), at=at_noon).case
    line = case.lines.get()
    client = browser_of(world.provider)
    address = f"/requests/{case.public_id}/"
    change = {
        "do": "amend",
        "line": line.public_id,
        "service_from": "2027-01-05",
        "service_to": "2027-01-05",
        "reason": "Later slot",
    }
    assert client.post(address, change).status_code == 302
    line.refresh_from_db()
    assert line.service_from.isoformat() == "2027-01-05"
    assert line.service_to.isoformat() == "2027-01-06"
    assert Amendment.objects.filter(field="service_from", before="2026-12-17", after="2027-01-05").count() == 1
    again = client.post(address, change)
    assert again.status_code == 422
    assert "Nothing differs" in again.content.decode()


def test_the_member_reads_one_plain_sentence_in_either_language(world, at_noon):
    case = send(world, knee_request(world, of=world.member, at=at_noon), at=at_noon).case
    client = browser_of(world.member_user)
    assert client.get("/").headers["Location"] == "/my/"
    page = client.get(f"/my/{case.public_id}/").content.decode()
    assert "Knee replacement: we need something from your doctor. We asked on Nov 16, 2026." in page
    assert "What your plan looked at" in page
    spanish = client.get(f"/my/{case.public_id}/", headers={"Accept-Language": "es"}).content.decode()
    assert '<html lang="es">' in spanish
    assert "Reemplazo de rodilla: necesitamos algo de su médico. Lo pedimos el 16 de noviembre de 2026." in spanish
    assert "Lo que revisó su plan" in spanish


def test_a_member_sees_no_one_elses_request(world, at_noon):
    case = send(world, knee_request(world, at=at_noon), at=at_noon).case
    client = browser_of(world.member_user)
    assert client.get(f"/my/{case.public_id}/").status_code == 404
    assert "You have no open requests." in client.get("/my/").content.decode()


def test_every_page_of_a_case_leaves_one_read_event(world, at_noon):
    case = send(world, knee_request(world, of=world.member, at=at_noon), at=at_noon).case
    client = browser_of(world.member_user)
    before = EventRow.objects.filter(type="CasesRead").count()
    client.get(f"/my/{case.public_id}/")
    rows = list(EventRow.objects.filter(type="CasesRead").order_by("pk"))
    assert len(rows) == before + 1
    assert rows[-1].fields()["case_ids"] == [str(case.public_id)]
    assert rows[-1].actor_id == world.member_user.public_id
