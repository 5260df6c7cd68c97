"""What a nurse or a physician types into a form is kept as typed and given back, until it is sent."""

from datetime import timedelta

import pytest
from django.test import Client

from openum.cases.queries import current_lines
from openum.db import clock
from openum.review.models import UnsentForm
from openum.review.services import keep_form, refer_to_physician
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db
TYPED = "Seven weeks of therapy; twelve are asked for. <b>x</b>"


def browser_of(user):
    """A signed-in browser."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def line(world, at):
    """An open knee line."""
    clock.set_demo_clock(at)
    request = knee_request(world, at=at, evidence=(note("Visit", "Knee pain for a year."),))
    return current_lines(send(world, request, at=at).case)[0]


@pytest.fixture
def referred(world, line, at):
    """The same line, with a physician."""
    refer_to_physician(line=line, summary="Seven weeks.", by=world.nurse, at=at)
    return line


def keep(client, line, form, **fields):
    """Send a form's fields as the page does while somebody types."""
    return client.post(f"/review/{line.public_id}/unsent/{form}/", fields, headers={"HX-Request": "true"})


def page_of(client, path):
    """A page as text."""
    return client.get(path).content.decode()


def test_a_nurses_note_survives_a_closed_tab_until_it_is_sent(world, line):
    nurse = browser_of(world.nurse)
    answer = keep(nurse, line, "answer-3a", note=TYPED)
    assert "Saved 12:00:" in answer.content.decode()
    again = page_of(browser_of(world.nurse), f"/review/{line.public_id}/")
    assert "Seven weeks of therapy; twelve are asked for. &lt;b&gt;x&lt;/b&gt;</textarea>" in again
    sent = nurse.post(f"/review/{line.public_id}/criteria/3a/", {"value": "not_met", "note": TYPED})
    assert sent.status_code == 302
    assert not UnsentForm.objects.exists()


def test_a_physicians_reasons_come_back_opened_with_their_time(world, referred):
    physician = browser_of(world.physician)
    keep(physician, referred, "intend", rationale=TYPED)
    keep(physician, referred, "approve", rationale="Because the film shows it.")
    page = page_of(physician, f"/decisions/{referred.public_id}/")
    assert '<details class="more" open><summary>Intend to deny' in page
    assert "Seven weeks of therapy; twelve" in page
    assert "Because the film shows it." in page
    assert "Saved 12:00:" in page


def test_a_referral_and_a_question_come_back_as_they_were_typed(world, line):
    nurse = browser_of(world.nurse)
    keep(nurse, line, "refer", summary=TYPED, recommendation="Look at the time.")
    keep(nurse, line, "ask", **{"text-1": "The film, please."}, textx1="And the log.", message="Thank you.")
    refer = page_of(nurse, f"/review/{line.public_id}/refer/")
    assert "Look at the time." in refer
    ask = page_of(nurse, f"/review/{line.public_id}/ask/")
    for words in ("The film, please.", "And the log.", "Thank you."):
        assert words in ask
    assert 'name="ask-1" value="1">' in ask
    nurse.post(f"/review/{line.public_id}/refer/", {"summary": TYPED})
    assert set(UnsentForm.objects.values_list("form", flat=True)) == {"ask"}


def test_what_one_person_types_is_shown_to_nobody_else(world, line):
    keep(browser_of(world.nurse), line, "answer-3a", note=TYPED)
    assert "twelve are asked for" not in page_of(browser_of(world.physician), f"/review/{line.public_id}/")
    assert keep(browser_of(world.provider), line, "answer-3a", note="x").status_code == 403
    assert UnsentForm.objects.count() == 1


def test_a_form_that_does_not_exist_keeps_nothing(world, line):
    assert keep(browser_of(world.nurse), line, "salary", note="x").status_code == 422
    assert not UnsentForm.objects.exists()


def test_what_lay_too_long_goes_with_the_next_keeping(world, line, at):
    keep_form(line=line, form="refer", fields={"summary": "old"}, by=world.nurse, at=at)
    keep_form(line=line, form="ask", fields={"message": "new"}, by=world.nurse, at=at + timedelta(days=31))
    assert list(UnsentForm.objects.values_list("form", flat=True)) == ["ask"]


def test_without_a_session_a_script_hears_so_and_a_form_finds_its_way_back(world, line):
    nobody = Client()
    assert keep(nobody, line, "refer", summary="x").status_code == 401
    page = f"/review/{line.public_id}/refer/"
    sent = nobody.post(f"/review/{line.public_id}/start/", headers={"Referer": f"http://testserver{page}"})
    assert sent.headers["Location"] == f"/sign-in/?next={page}"
    elsewhere = nobody.post(f"/review/{line.public_id}/start/", headers={"Referer": "http://evil.example/x"})
    assert elsewhere.headers["Location"] == "/sign-in/?next=/"
    assert nobody.get(page).headers["Location"] == f"/sign-in/?next={page}"
