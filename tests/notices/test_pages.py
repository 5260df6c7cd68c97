"""Opening letters in the browser's way: scoped, read-logged, translated and released by staff."""

from datetime import timedelta

import pytest
from django.test import Client

from openum.audit.models import EventRow
from openum.notices.models import Notice
from openum.review.services import refer_to_physician
from tests.notices.letters_of_a_case.case import WHY, deny, line_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def denied(world, at):
    row = line_of(world, at)
    member = row.case.member
    member.user, member.language = world.member_user, "es"
    world.member.user = None
    world.member.save()
    member.save()
    refer_to_physician(line=row, summary="Seven weeks of therapy.", by=world.nurse, at=at)
    deny(world, row, at + timedelta(hours=1))
    return row


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def letter_to(denied, audience, language="en"):
    return (
        Notice.objects.filter(case=denied.case, audience=audience, language=language, kind="denial")
        .order_by("pk")
        .first()
    )


@pytest.mark.parametrize(
    ("who", "audience", "status"),
    [
        ("nurse", "member", 200), ("nurse", "provider", 200), ("provider", "provider", 200), ("provider", "member", 404),
        ("member_user", "member", 200), ("member_user", "provider", 404),
    ],
)  # fmt: skip
def test_a_letter_opens_for_those_who_may_and_does_not_exist_for_others(world, denied, who, audience, status):
    letter = letter_to(denied, audience)
    client = signed_in(getattr(world, who))
    for path in (f"/letters/{letter.public_id}/", f"/letters/{letter.public_id}/letter.pdf"):
        assert client.get(path).status_code == status


def test_strangers_are_sent_to_sign_in(denied):
    response = Client().get(f"/letters/{letter_to(denied, 'member').public_id}/")
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


def test_a_held_letter_exists_for_staff_only(world, denied):
    held = letter_to(denied, "member", "es")
    assert held.state == "held"
    assert signed_in(world.member_user).get(f"/letters/{held.public_id}/").status_code == 404
    page = signed_in(world.nurse).get(f"/letters/{held.public_id}/").content.decode()
    assert "A person has to translate 2 text(s)" in page


def test_the_page_shows_the_letter_and_staff_see_its_proof(world, denied):
    letter = letter_to(denied, "provider")
    page = signed_in(world.nurse).get(f"/letters/{letter.public_id}/").content.decode()
    assert letter.html in page
    assert f"published {letter.public_id}" in page
    assert "style=" not in page
    assert (
        f"published {letter.public_id}"
        not in signed_in(world.provider).get(f"/letters/{letter.public_id}/").content.decode()
    )


def test_reading_a_letter_is_recorded(world, denied):
    before = EventRow.objects.filter(type="CasesRead").count()
    signed_in(world.nurse).get(f"/letters/{letter_to(denied, 'member').public_id}/letter.pdf")
    assert EventRow.objects.filter(type="CasesRead").count() == before + 1


def test_the_pdf_is_made_once_and_other_sizes_are_drawn_from_the_same_blocks(world, denied):
    letter = letter_to(denied, "member")
    client = signed_in(world.member_user)
    first = client.get(f"/letters/{letter.public_id}/letter.pdf")
    letter.refresh_from_db()
    assert first["Content-Type"] == "application/pdf"
    assert first.content == bytes(letter.pdf)
    assert str(letter.public_id) in first["Content-Disposition"]
    large = client.get(f"/letters/{letter.public_id}/letter.pdf?points=18&paper=a4")
    assert large.status_code == 200
    assert large.content != first.content
    letter.refresh_from_db()
    assert bytes(letter.pdf) == first.content


def test_staff_translate_and_the_letter_leaves(world, denied, demo_clock):
    held = letter_to(denied, "member", "es")
    client = signed_in(world.nurse)
    demo_clock.set_demo_clock(held.prepared_at + timedelta(hours=3))
    url = f"/letters/{held.public_id}/translate/"
    assert WHY in client.get(url).content.decode()
    half = client.post(url, {"text-0": "Vimos siete semanas de terapia."})
    assert half.status_code == 422
    assert "Vimos siete semanas de terapia." in half.content.decode()
    done = client.post(url, {"text-0": "Vimos siete semanas de terapia.", "text-1": "No estaba en los papeles."})
    assert done.status_code == 302
    held.refresh_from_db()
    assert (held.state, held.held_because, held.untranslated) == ("sent", "", [])
    assert signed_in(world.member_user).get(f"/letters/{held.public_id}/").status_code == 200


def test_releasing_what_does_not_wait_is_a_conflict(world, denied):
    letter = letter_to(denied, "provider")
    response = signed_in(world.nurse).post(f"/letters/{letter.public_id}/release/")
    assert response.status_code == 409


def test_the_physician_sees_the_letters_of_a_draft_before_signing(world, at):
    row = line_of(world, at)
    refer_to_physician(line=row, summary="Seven weeks of therapy.", by=world.nurse, at=at)
    before = Notice.objects.count()
    draft = {"rationale": WHY, "reason_class": "not_medically_necessary", "answer-3a": "Seven weeks only.", "units": ""}
    client = signed_in(world.physician)
    part = client.post(f"/letters/preview/{row.public_id}/", draft, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<link")
    assert "We said no to your request" in part
    assert "Seven weeks only." in part
    assert "signing would be refused" not in part
    whole = client.post(f"/letters/preview/{row.public_id}/", draft).content.decode()
    assert whole.startswith("<!doctype html>")
    assert Notice.objects.count() == before
    empty = client.post(f"/letters/preview/{row.public_id}/", {}, headers={"HX-Request": "true"}).content.decode()
    assert "signing would be refused" in empty
    assert "the specific reason, tied to the member&#x27;s facts" in empty


@pytest.mark.parametrize(("who", "status"), [("intake", 403), ("provider", 403), ("member_user", 403)])
def test_only_who_may_decide_sees_drafts(world, at, who, status):
    row = line_of(world, at)
    assert signed_in(getattr(world, who)).post(f"/letters/preview/{row.public_id}/", {}).status_code == status


def test_the_case_page_lists_the_letters(world, denied):
    page = signed_in(world.nurse).get(f"/cases/{denied.case.public_id}/").content.decode()
    assert f"{denied.case.number}-L1" in page
    assert "We said no to your request" in page
    assert "Held" in page
