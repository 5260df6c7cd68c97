"""Bad input from end to end: strangers find nothing, and any text in any field is stored and shown as text."""

import itertools

import orjson
import pytest
from django.test import Client

from openum.accounts.models import ApiClient
from openum.cases.models import Attachment, Case, Note, Request
from openum.notices.models import Notice
from openum.submission.models import Draft, Submission
from samples.bundles import LumbarRequest, lumbar_mri_bundle
from samples.portal import KneeRequest, film_report
from tests.journeys.desk import upload
from tests.journeys.knee import Knee
from tests.journeys.lumen import NEIGHBOUR_TOKEN, TOKEN, audit_is_intact

pytestmark = pytest.mark.django_db

MARKUP = "<script>alert('x')</script><img src=x onerror=alert(1)>{{ 7*7 }}{% csrf_token %}&amp;\"'"
TEXTS = {
    "markup": MARKUP,
    "control characters": "bell \x07, escape \x1b[31m, none \x00, delete \x7f, next line \x85",
    "right to left": "\u202eabc\u202c مرحبا بالعالم \u05e9\u05dc\u05d5\u05dd \u2066left\u2069",
    "emoji": "\U0001f9b5\U0001f3fd\u200d\U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301 \ufffd \U000e0041",
    "quotes and slashes": r"O'Neil \" \\ %s %(x)s ${jndi:x} '; DROP TABLE cases_case; -- ../../etc",
    "spaces": "  \u00a0\u2003 leading and trailing \t tabs  ",
}


def as_kept(text):
    """What stays of a text: everything but U+0000, which becomes U+FFFD."""
    return text.replace("\x00", "\ufffd").replace("\n", "\r\n")


def is_shown_as_text(page):
    """Say that the page holds no live piece of what was typed."""
    lowered = page.html.lower()
    return not any(piece in lowered for piece in ("<script>alert", "<img src=x"))


@pytest.mark.parametrize("kind", TEXTS)
def test_any_text_in_the_portal_is_kept_and_shown_as_text(lumen, db, kind):
    text = TEXTS[kind]
    knee = Knee(lumen, KneeRequest(extra={"message": text, "ordering_phone": text[:50]}))
    office = knee.desk("provider_staff")
    lumen.at("2026-11-24 16:31")
    page = office.open("/requests/new/").press("Begin")
    save = f"/requests/new/{Draft.objects.latest('pk').public_id}/save/"
    assert (
        office.post(save, {"csrfmiddlewaretoken": office.token, "step": "people", "ordering_name": text}).status == 200
    )
    assert Draft.objects.latest("pk").fields["ordering_name"] == as_kept(text)
    assert is_shown_as_text(office.open(page.address.replace("patient", "people")))
    receipt = knee.submit("2026-11-24 16:32", "2026-11-24 16:40")
    assert receipt.status == 200, receipt.text
    case = knee.case
    assert Request.objects.get(case=case).free_text.strip() == as_kept(text).strip()
    nurse = knee.desk("nurse")
    if "\x00" in text:  # nobody types it; pages that keep no draft say so
        assert nurse.open(f"/cases/{case.public_id}/").press("Keep the note", text=text).status == 422
        text = text.replace("\x00", "")
    paper = upload("x.txt", text.encode())
    page = office.open(f"/requests/{case.public_id}/")
    assert page.press("Add this file", title=text, document_kind="clinical-note", files={"file": paper}).status == 200
    assert nurse.open(f"/cases/{case.public_id}/").press("Keep the note", text=text).status == 200
    assert Note.objects.get(case=case).text.strip() == as_kept(text).strip()
    shown = nurse.open(f"/review/{knee.line.public_id}/").follow(text.split()[0])
    assert shown.status == 200
    lumen.work()
    for desk, address in (
        (office, f"/requests/{case.public_id}/"), (nurse, f"/cases/{case.public_id}/"),
        (nurse, f"/review/{knee.line.public_id}/"), (nurse, "/review/"), (office, "/requests/"),
        *((nurse, f"/letters/{letter.public_id}/") for letter in Notice.objects.filter(case=case)),
    ):  # fmt: skip
        assert is_shown_as_text(desk.open(address)), address
    assert audit_is_intact()


def test_a_million_characters_are_kept_and_shown(lumen, db):
    text = "Line of the record with an umlaut ä and a quote '. " * 19_000
    knee = Knee(lumen, KneeRequest(extra={"message": text}))
    knee.submit("2026-11-24 16:31", "2026-11-24 16:40")
    assert len(text) > 960_000
    assert Request.objects.get(case=knee.case).free_text.strip() == text.strip()
    for address in (f"/cases/{knee.case.public_id}/", f"/review/{knee.line.public_id}/"):
        assert knee.desk("nurse").open(address).status == 200


def test_a_file_is_judged_by_its_bytes_and_never_run_in_the_browser(lumen, db):
    knee = Knee(lumen, KneeRequest())
    knee.submit("2026-11-24 16:31", "2026-11-24 16:40")
    office = knee.desk("provider_staff")
    page = office.open(f"/requests/{knee.case.public_id}/")
    for name, content in (("run.exe", b"MZ\x90\x00\x03"), ("zip.pdf", b"PK\x03\x04\x00\x00"), ("empty.pdf", b"")):
        refused = page.press("Add this file", files={"file": upload(name, content)}, document_kind="other", title="t")
        assert refused.status in {409, 422}, (name, refused.status)
    html = b"<html><script>alert(1)</script></html>"
    page.press(
        "Add this file", files={"file": upload("page.html", html, "text/html")}, document_kind="other", title="A page"
    )
    paper = Attachment.objects.get(case=knee.case, title="A page")
    answer = knee.desk("nurse").client.get(f"/documents/{paper.public_id}/")
    assert answer.headers["Content-Type"].partition(";")[0] in {"text/plain", "application/octet-stream"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    page.press(
        "Add this file",
        files={"file": upload("film.pdf", film_report(knee.story))},
        document_kind="other",
        title="Film",
    )
    assert Attachment.objects.filter(case=knee.case, kind=Attachment.DOCUMENT).count() == 2


def test_strange_text_inside_a_message_is_kept_byte_by_byte_and_shown_as_text(lumen, db):
    story = LumbarRequest(identifier="STRANGE-1", orderer_family=MARKUP, imaging_name="Bay \u202eenil\u202c \U0001f3e5")
    raw = orjson.dumps(lumbar_mri_bundle(story))
    lumen.at("2026-11-23 09:13:20")
    answer = Client().post(
        "/fhir/2.0/Claim/$submit",
        raw,
        content_type="application/fhir+json",
        headers={"authorization": f"Bearer {TOKEN}"},
    )
    assert answer.status_code == 200
    case = Case.objects.get(requests__identifier_value="STRANGE-1")
    assert bytes(Submission.objects.get(case=case).raw) == raw
    lumen.work()
    nurse = Knee(lumen, KneeRequest()).desk("nurse")
    assert is_shown_as_text(nurse.open(f"/cases/{case.public_id}/"))
    for letter in Notice.objects.filter(case=case):
        assert is_shown_as_text(nurse.open(f"/letters/{letter.public_id}/"))


def test_a_stranger_learns_nothing_from_the_door(lumen, db):
    lumen.at("2026-11-23 09:13:20")
    body = orjson.dumps(lumbar_mri_bundle(LumbarRequest(identifier="SECRET-1")))
    doors = [f"/fhir/{base}/Claim/${operation}" for base in ("2.0", "2.2") for operation in ("submit", "inquire")]
    before = Submission.objects.count()
    ApiClient.objects.filter(name="Journeys, another practice").update(is_active=False)
    headers = ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"},
               {"authorization": f"Bearer {TOKEN} x"}, {"authorization": f"Bearer {NEIGHBOUR_TOKEN}"})  # fmt: skip
    answers = set()
    for door, header in itertools.product(doors, headers):
        answer = Client().post(door, body, content_type="application/fhir+json", headers=header)
        assert answer.status_code in {401, 403}, (door, header, answer.status_code)
        assert orjson.loads(answer.content)["resourceType"] == "OperationOutcome"
        answers.add(answer.content)
        assert b"Osei" not in answer.content
        assert b"Lumen" not in answer.content
    assert Submission.objects.count() == before
    assert not Case.objects.exists()


def test_a_wrong_password_says_the_same_for_known_and_unknown_people(lumen, db):
    texts = set()
    for email in (lumen.email("nurse"), "nobody@nowhere.example"):
        client = Client()
        answer = client.post("/sign-in/", {"username": email, "password": "wrong"})
        assert answer.status_code == 422
        texts.add(answer.content.decode().replace(email, "").partition("<main")[2].partition("csrfmiddlewaretoken")[0])
    assert len(texts) == 1
