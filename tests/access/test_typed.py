"""A session that ended in the middle of a form loses nothing, and tells nobody else what was typed."""

import pytest
from django.urls import reverse

from openum.cases.models import Note
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db
WORDS = "Therapy stopped: the knee swelled.\nCall the therapist."


@pytest.fixture
def page(world, at, demo_clock):
    case = send(world, knee_request(world, at=at), at=at).case
    return reverse("cases:add_note", args=[case.public_id])


def sign_in(client, who="nurse"):
    return client.post("/sign-in/", {"username": f"{who}@test.invalid", "password": "a long test pass phrase"})


def expire(client):
    client.cookies.pop("openum_session")


def write(client, page):
    facts = {"text": WORDS, "is_part_of_record": "on", "new_password": "hidden"}
    return client.post(page, facts, headers={"Referer": f"http://testserver{page}"})


def test_what_was_typed_is_offered_after_signing_in_and_sent_as_it_was(client, world, page):
    sign_in(client)
    expire(client)
    assert write(client, page).url.startswith("/sign-in/")
    assert Note.objects.count() == 0
    assert sign_in(client).url == reverse("accounts:typed")
    offered = client.get(reverse("accounts:typed"))
    assert offered.context["kept"]["path"] == page
    assert "the knee swelled" in offered.content.decode()
    assert "hidden" not in dict(offered.context["kept"]["fields"]).values()
    client.post(page, dict(offered.context["kept"]["fields"]))
    assert Note.objects.get().text.splitlines() == WORDS.splitlines()


def test_it_is_thrown_away_when_the_person_says_so(client, world, page):
    sign_in(client)
    expire(client)
    write(client, page)
    sign_in(client)
    assert client.post(reverse("accounts:typed")).url == page
    assert client.get(reverse("accounts:typed")).url == reverse("accounts:home")


def test_another_person_on_the_same_browser_sees_nothing_of_it(client, world, page):
    sign_in(client)
    expire(client)
    write(client, page)
    assert sign_in(client, "intake").url != reverse("accounts:typed")
    assert client.get(reverse("accounts:typed")).url == reverse("accounts:home")


def test_a_browser_that_nobody_used_keeps_nothing(client, world, page):
    write(client, page)
    assert sign_in(client).url != reverse("accounts:typed")


def test_who_does_nothing_for_a_while_signs_in_anew(client, world, settings):
    sign_in(client)
    assert client.get("/review/").status_code == 200
    session = client.session
    session["seen_at"] -= settings.OPENUM_IDLE_MINUTES * 60
    session.save()
    assert client.get("/review/").url == "/sign-in/?next=/review/"
