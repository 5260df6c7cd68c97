"""Intake, review, decision and case pages: each person sees their own places, and a nurse finds no way to say no."""

from datetime import timedelta

import pytest
from django.test import Client

from openum.accounts.services import register_person
from openum.audit.models import EventRow
from openum.cases.models import Case, InformationRequest
from openum.criteria.models import EvidenceLink, Finding
from openum.db import clock
from openum.determination.models import Determination
from openum.review.models import EvidenceOpened, PeerToPeer, Review
from openum.review.services import add_slot, refer_to_physician
from openum.submission.incoming import IncomingMember
from openum.submission.models import SandboxArming, Submission
from openum.vocabulary.terms import LineStatus, Role
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_noon(at):
    """The demo clock stands at the fixed instant."""
    clock.set_demo_clock(at)
    return at


@pytest.fixture
def line(world, at_noon):
    """An open knee line with one document."""
    sent = send(
        world,
        knee_request(world, at=at_noon, evidence=(note("Visit note", "KL grade 4 on standing film."),)),
        at=at_noon,
    )
    return sent.case.lines.get()


@pytest.fixture
def referred(world, line, at_noon):
    """The same line, with a physician."""
    refer_to_physician(line=line, summary="Therapy seven weeks.", by=world.nurse, at=at_noon, specialty="orthopaedics")
    line.refresh_from_db()
    return line


def browser_of(user) -> Client:
    """A signed-in browser."""
    client = Client()
    client.force_login(user)
    return client


def text(answer) -> str:
    """The page as text."""
    return answer.content.decode()


def test_a_stranger_is_sent_to_the_sign_in_page():
    answer = Client().get("/review/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/?next=")


def test_a_wrong_password_is_told_kindly(world):
    answer = Client().post("/sign-in/", {"username": "nurse@test.invalid", "password": "wrong"})
    assert answer.status_code == 422
    assert "do not belong together" in text(answer)


def test_signing_in_never_leads_off_the_site(world):
    answer = Client().post(
        "/sign-in/",
        {"username": "nurse@test.invalid", "password": "a long test pass phrase", "next": "https://elsewhere.invalid/"},
    )
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("who", "home"),
    [
        ("nurse", "/review/"), ("physician", "/decisions/"), ("intake", "/intake/"), ("provider", "/requests/"),
        ("member_user", "/my/"),
    ],
)  # fmt: skip
def test_each_person_lands_on_their_own_page(world, who, home):
    assert browser_of(getattr(world, who)).get("/").headers["Location"] == home


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("nurse", "/decisions/"), ("nurse", "/sandbox/"), ("nurse", "/intake/"), ("provider", "/review/"),
        ("provider", "/cases/"), ("member_user", "/requests/"), ("intake", "/review/"),
    ],
)  # fmt: skip
def test_a_page_of_another_role_is_refused(world, who, address):
    answer = browser_of(getattr(world, who)).get(address)
    assert answer.status_code == 403
    assert "You may not do this" in text(answer)


def test_another_plans_case_does_not_exist(world, line):
    stranger = register_person(
        email="other-nurse@test.invalid", name="Other", password="a long test pass phrase",
        roles=[(Role.NURSE, world.sandbox, None)],
    )  # fmt: skip
    client = browser_of(stranger)
    for address in (f"/review/{line.public_id}/", f"/cases/{line.case.public_id}/", f"/review/{line.public_id}/ask/"):
        assert client.get(address).status_code == 404
    assert client.post(f"/decisions/{line.public_id}/approve/").status_code == 404


def test_a_nurse_finds_no_way_to_deny_or_to_approve_less(world, line):
    page = text(browser_of(world.nurse).get(f"/review/{line.public_id}/"))
    assert "/deny/" not in page
    assert "Intend to deny" not in page
    assert 'name="units"' not in page
    assert "Not every criterion is met." in page
    client = browser_of(world.nurse)
    assert client.post(f"/decisions/{line.public_id}/deny/", {"rationale": "No."}).status_code == 403
    assert client.post(f"/decisions/{line.public_id}/approve/").status_code == 409
    assert Determination.objects.count() == 0


def test_an_answer_and_a_link_stand_on_the_criterion(world, line):
    client = browser_of(world.nurse)
    attachment = line.case.attachments.get(kind="document")
    answer = client.post(f"/review/{line.public_id}/criteria/2/", {"value": "met", "note": "Standing film, grade 4."})
    assert answer.headers["Location"].endswith("#node-2")
    client.post(
        f"/review/{line.public_id}/links/",
        {"leaf": "2", "attachment": attachment.public_id, "page": 1, "quote": "KL grade 4"},
    )
    finding = Finding.objects.get(leaf="2", is_machine=False)
    assert (finding.value, finding.note, finding.made_by) == ("met", "Standing film, grade 4.", world.nurse)
    link = EvidenceLink.objects.get(leaf="2", quote="KL grade 4")
    assert (link.page, link.quote_start, link.linked_by) == (1, 0, world.nurse)
    page = text(client.get(f"/review/{line.public_id}/"))
    assert "<q>KL grade 4</q>" in page
    assert "Standing film, grade 4." in page


def test_not_met_without_a_word_is_refused_beside_the_criterion(world, line):
    answer = browser_of(world.nurse).post(f"/review/{line.public_id}/criteria/2/", {"value": "not_met", "note": ""})
    assert answer.status_code == 422
    assert "Say in one sentence what in the record shows this" in text(answer)
    assert Finding.objects.filter(is_machine=False).count() == 0


def test_opening_a_document_is_kept_as_evidence_opened(world, line):
    client = browser_of(world.nurse)
    attachment = line.case.attachments.get(kind="document")
    client.get(f"/review/{line.public_id}/")
    assert EvidenceOpened.objects.count() == 0
    client.get(f"/review/{line.public_id}/?document={attachment.public_id}")
    assert EvidenceOpened.objects.get().reader == world.nurse


def test_the_question_is_written_from_the_unknown_criteria(world, line, at_noon):
    client = browser_of(world.nurse)
    page = text(client.get(f"/review/{line.public_id}/ask/"))
    assert "The report of a standing X-ray of this knee" in page
    clock.set_demo_clock(at_noon + timedelta(hours=1))
    sent = client.post(
        f"/review/{line.public_id}/ask/",
        {"ask1": "1", "text1": "The film report", "leaf1": "2", "kind1": "imaging-report"},
    )
    assert sent.status_code == 302
    question = InformationRequest.objects.order_by("-asked_at").first()
    item = question.items.get()
    assert (item.text, item.leaf, item.document_kind) == ("The film report", "2", "imaging-report")


def test_what_is_asked_for_beside_the_criteria_has_a_kind_and_a_time(world, line, at_noon):
    client = browser_of(world.nurse)
    page = text(client.get(f"/review/{line.public_id}/ask/"))
    assert "form, answered" in page
    fields = {
        "ask1": "1", "text1": "The notes", "months1": "3", "textx1": "Your answers", "kindx1": "form", "monthsx1": "",
        "textx2": "The log", "kindx2": "other", "monthsx2": "7",
    }  # fmt: skip
    assert client.post(f"/review/{line.public_id}/ask/", fields).status_code == 302
    question = InformationRequest.objects.order_by("-asked_at").first()
    asked = [(item.text, item.document_kind, item.months_back) for item in question.items.order_by("pk")]
    assert asked == [
        ("The notes (of the 3 months before the service)", "", 3), ("Your answers", "form", None),
        ("The log", "other", None),
    ]  # fmt: skip


def test_asking_for_nothing_is_refused(world, line):
    answer = browser_of(world.nurse).post(f"/review/{line.public_id}/ask/", {"text1": "not ticked"})
    assert answer.status_code == 422


def test_a_referral_is_prefilled_and_reaches_the_physicians(world, line):
    client = browser_of(world.nurse)
    page = text(client.get(f"/review/{line.public_id}/refer/"))
    assert "Unknown: (1) Has pain in this knee" in page
    assert client.post(f"/review/{line.public_id}/refer/", {"summary": ""}).status_code == 422
    client.post(f"/review/{line.public_id}/refer/", {"summary": "Therapy unclear.", "specialty": "orthopaedics"})
    assert Review.objects.get(ended_with="referred").summary == "Therapy unclear."
    listed = text(browser_of(world.orthopaedist).get("/decisions/"))
    assert line.case.number in listed
    assert "yours" in listed


def test_the_worklist_is_in_due_order_with_few_queries(world, at_noon, django_assert_max_num_queries):
    first = send(world, knee_request(world, at=at_noon - timedelta(days=2)), at=at_noon - timedelta(days=2)).case
    second = send(world, knee_request(world, of=world.erisa_member, at=at_noon), at=at_noon).case
    for case in (first, second):
        case.lines.update(status=LineStatus.PENDED_WITH_PAYER)
        case.clocks.filter(binds=True, due_at__isnull=True).update(
            state="running", due_at=case.opened_at + timedelta(days=15)
        )
    client = browser_of(world.nurse)
    client.get("/review/")
    with django_assert_max_num_queries(21):  # on PostgreSQL one more than on SQLite: the lock of the reader's chain
        page = text(client.get("/review/"))
    assert page.index(first.number) < page.index(second.number)


def test_deny_appears_only_when_its_guards_are_met(world, referred):
    client = browser_of(world.orthopaedist)
    address = f"/decisions/{referred.public_id}/"
    before = text(client.get(address))
    assert "Sign the denial" not in before
    assert "Open 1 more of 1 documents" in before
    attachment = referred.case.attachments.get(kind="document")
    after = text(client.get(f"{address}?document={attachment.public_id}"))
    assert "Sign the denial" in after


def test_the_service_refuses_a_denial_whatever_the_page_showed(world, referred):
    client = browser_of(world.orthopaedist)
    answer = client.post(
        f"/decisions/{referred.public_id}/deny/",
        {"rationale": "The record shows seven weeks of therapy only.", "reason_class": "not_medically_necessary"},
    )
    assert answer.status_code == 409
    assert "Open 1 more of 1 documents" in text(answer)
    assert "The record shows seven weeks of therapy only." in text(answer)
    assert Determination.objects.count() == 0


def test_a_physician_denies_with_every_criterion_answered(world, referred):
    client = browser_of(world.orthopaedist)
    attachment = referred.case.attachments.get(kind="document")
    client.get(f"/decisions/{referred.public_id}/?document={attachment.public_id}")
    facts = {"rationale": "The record shows seven weeks of therapy only.", "reason_class": "not_medically_necessary"}
    half = client.post(f"/decisions/{referred.public_id}/deny/", facts)
    assert half.status_code == 409
    assert "Say for 1, 2, 3a, 3b, 4, 5 why it is not met" in text(half)
    answers = {f"answer-{leaf}": "Not shown in the record." for leaf in ("1", "2", "3a", "3b", "4", "5")}
    signed = client.post(f"/decisions/{referred.public_id}/deny/", {**facts, **answers})
    assert signed.headers["Location"] == f"/decisions/{referred.public_id}/decided/"
    decision = Determination.objects.get()
    assert (decision.outcome, decision.decided_by, decision.node_answers["3a"]) == (
        "denied", world.orthopaedist, "Not shown in the record.",
    )  # fmt: skip
    assert "Denied" in text(client.get(signed.headers["Location"]))
    offered = PeerToPeer.objects.get()
    assert offered.offered_how == "with the notice"
    assert offered.open_until is not None


def test_the_letter_is_seen_before_it_is_signed(world, referred):
    client = browser_of(world.orthopaedist)
    facts = {"rationale": "The record shows seven weeks of therapy only.", "reason_class": "not_medically_necessary"}
    page = client.post(f"/letters/preview/{referred.public_id}/", facts, headers={"HX-Request": "true"})
    assert page.status_code == 200
    assert "The record shows seven weeks of therapy only." in text(page)
    assert "<html" not in text(page)
    assert Determination.objects.count() == 0


def test_intention_to_deny_offers_the_conversation_at_once(world, referred):
    client = browser_of(world.orthopaedist)
    answer = client.post(
        f"/decisions/{referred.public_id}/intend/", {"rationale": "Twelve weeks of care are not shown."}
    )
    assert answer.status_code == 302
    assert PeerToPeer.objects.get().state == PeerToPeer.OFFERED
    assert "Twelve weeks of care are not shown." in text(client.get(f"/decisions/{referred.public_id}/"))
    referred.refresh_from_db()
    assert referred.status == LineStatus.PENDED_WITH_PHYSICIAN


def test_a_conversation_is_booked_held_and_overturns_nothing_by_itself(world, referred, at_noon):
    browser_of(world.orthopaedist).post(f"/decisions/{referred.public_id}/offer/")
    conversation = PeerToPeer.objects.get()
    slot = add_slot(
        physician=world.orthopaedist, starts_at=at_noon + timedelta(hours=2), by=world.orthopaedist, at=at_noon
    )
    office = browser_of(world.provider)
    address = f"/requests/conversations/{conversation.public_id}/"
    assert office.post(address, {"do": "book", "speaker": "ordering", "call_back": "555-0101"}).status_code == 422
    booked = office.post(
        address, {"do": "book", "slot": slot.public_id, "speaker": "ordering", "call_back": "555-0101"}
    )
    assert booked.headers["Location"] == f"/requests/{referred.case.public_id}/"
    assert "A talk between doctors is booked" in text(office.get(booked.headers["Location"]))
    clock.set_demo_clock(at_noon + timedelta(hours=2, minutes=10))
    physician = browser_of(world.orthopaedist)
    held = {
        "held_from": "2026-11-16T14:01",
        "held_to": "2026-11-16T14:08",
        "outcome": "new information",
        "note": "Therapist stopped it.",
    }
    wrong = physician.post(f"/conversations/{conversation.public_id}/", {**held, "held_to": "2026-11-16T13:00"})
    assert wrong.status_code == 422
    done = physician.post(f"/conversations/{conversation.public_id}/", held)
    assert done.headers["Location"] == f"/decisions/{referred.public_id}/"
    conversation.refresh_from_db()
    assert (conversation.state, conversation.held_from.hour, conversation.outcome) == ("held", 19, "new information")
    referred.refresh_from_db()
    assert referred.status == LineStatus.PENDED_WITH_PHYSICIAN


def test_an_unmatched_message_is_matched_and_keeps_its_receipt(world, at_noon):
    office = browser_of(world.provider)
    base = office.post("/requests/new/").headers["Location"].removesuffix("patient/")
    plan = str(world.plan.public_id)
    office.post(
        base + "patient/", {"plan": plan, "member_number": "C-9", "birth_date": "1960-05-04", "family_name": "Alder"}
    )
    office.post(base + "service/", {"line1-code": "27447", "line1-units": "1", "line1-modifiers": "RT"})
    office.post(base + "reason/", {"diagnosis1": "M17.11"})
    office.post(base + "people/", {"ordering_npi": world.surgeon_npi})
    office.post(base + "urgency/", {"urgency": "standard"})
    assert office.post(base + "check/").status_code == 302
    waiting = Submission.objects.get()
    assert waiting.state == Submission.WAITING
    clock.set_demo_clock(at_noon + timedelta(hours=5))
    desk = browser_of(world.intake)
    assert "No member of this plan has the member or subscriber number" in text(desk.get("/intake/"))
    page = text(desk.get(f"/intake/{waiting.public_id}/"))
    assert "Rose Alder" in page
    assert "Differs: number" in page
    done = desk.post(f"/intake/{waiting.public_id}/", {"member": world.commercial_member.public_id})
    case = Case.objects.get()
    assert done.headers["Location"] == f"/cases/{case.public_id}/"
    assert case.requests.get().received_at == waiting.received_at
    assert desk.get(f"/intake/{waiting.public_id}/").status_code == 404


def test_closing_a_message_takes_a_reason(world, at_noon):
    unknown = IncomingMember(member_id="C-9", family="Nobody")
    send(world, knee_request(world, at=at_noon, member=unknown), at=at_noon)
    waiting = Submission.objects.get()
    desk = browser_of(world.intake)
    assert desk.post(f"/intake/{waiting.public_id}/close/", {"reason": ""}).status_code == 422
    assert desk.post(f"/intake/{waiting.public_id}/close/", {"reason": "A test message."}).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.state, waiting.settled_note) == ("settled", "A test message.")


def test_a_members_phone_request_keeps_its_true_receipt_and_proof(world, at_noon):
    desk = browser_of(world.intake)
    address = desk.post("/capture/").headers["Location"]
    fields = {
        "channel": "phone", "standing": "member", "received_date": "2026-11-13", "received_time": "16:40",
        "proof": "Call 4711", "plan": str(world.plan.public_id), "member_number": "M-1", "birth_date": "1960-05-04",
        "family_name": "Osgood", "line1-code": "27447", "line1-modifiers": "RT", "line1-units": "1", "urgency": "standard", "do": "send",
    }  # fmt: skip
    future = desk.post(address, {**fields, "received_date": "2026-12-24"})
    assert future.status_code == 422
    assert "cannot have been received in the future" in text(future)
    sent = desk.post(address, fields)
    assert sent.status_code == 302
    request = Case.objects.get().requests.get()
    assert (request.channel, request.standing, request.received_proof) == ("phone", "member", "Call 4711")
    assert request.received_at.isoformat() == "2026-11-13T21:40:00+00:00"
    assert request.entered_at >= at_noon


def test_arming_is_for_sandbox_clients_only(world, at_noon):
    physician = browser_of(world.physician)
    page = text(physician.get("/sandbox/"))
    assert str(world.sandbox_client.public_id) in page
    assert str(world.client.public_id) not in page
    assert physician.post("/sandbox/", {"client": world.client.public_id, "answer": "deny"}).status_code == 404
    choice = {"client": world.sandbox_client.public_id, "answer": "deny", "do": "arm"}
    assert physician.post("/sandbox/", choice).status_code == 302
    assert SandboxArming.objects.get().answer == "deny"


def test_words_that_were_looked_for_never_stand_in_the_address(world, line):
    desk = browser_of(world.nurse)
    found = desk.post("/cases/", {"q": "alder"})
    assert line.case.number in text(found)
    assert desk.post("/cases/", {"q": line.case.number}).headers["Location"] == f"/cases/{line.case.public_id}/"
    assert '<form class="find" role="search" method="post"' in text(desk.get("/cases/"))


def test_an_auditor_reads_the_file_and_can_change_nothing(world, line):
    auditor = register_person(
        email="auditor@test.invalid", name="Auditor", password="a long test pass phrase",
        roles=[(Role.AUDITOR, world.plan, None)],
    )  # fmt: skip
    client = browser_of(auditor)
    page = text(client.get(f"/cases/{line.case.public_id}/"))
    assert "Request received" in page
    assert "Write a note" not in page
    assert client.post(f"/cases/{line.case.public_id}/notes/", {"text": "x"}).status_code == 403
    assert client.post(f"/review/{line.public_id}/criteria/2/", {"value": "met"}).status_code == 403
    assert client.get(f"/review/{line.public_id}/").status_code == 200
    assert EventRow.objects.filter(type="CasesRead", actor_id=auditor.public_id).count() == 2


def test_a_note_is_kept_with_its_author(world, line):
    client = browser_of(world.nurse)
    address = f"/cases/{line.case.public_id}/notes/"
    assert client.post(address, {"text": " "}).status_code == 422
    assert client.post(address, {"text": "Called the office. <b>x</b>", "is_part_of_record": "on"}).status_code == 302
    page = text(client.get(f"/cases/{line.case.public_id}/"))
    assert "Called the office. &lt;b&gt;x&lt;/b&gt;" in page


def test_a_document_that_a_browser_could_run_is_downloaded(world, at_noon):
    evidence = note("Page", "<script>alert(1)</script>")
    sent = send(world, knee_request(world, at=at_noon, evidence=(evidence,)), at=at_noon)
    attachment = sent.case.attachments.get(kind="document")
    attachment.__class__.objects.filter(pk=attachment.pk).update(content_type="text/html")
    answer = browser_of(world.nurse).get(f"/documents/{attachment.public_id}/")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_unknown_addresses_answer_alike(world):
    client = browser_of(world.nurse)
    missing = client.get("/cases/0190a000-0000-7000-8000-000000000000/")
    assert missing.status_code == 404
    assert "Nothing is here for you" in text(missing)
