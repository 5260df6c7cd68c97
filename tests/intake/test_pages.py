"""The desk in the browser's eyes: upload, pages, fields, members, entering; without any script."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from openum.intake.models import FieldReading, Paper
from openum.intake.reading import engine
from openum.submission.models import Submission
from tests.intake.papers import VALUES, blank, pdf, read_all
from tests.world import knee_request, send

pytestmark = pytest.mark.usefixtures("demo_clock")


@pytest.fixture
def desk(client, world):
    """A browser of intake."""
    client.force_login(world.intake)
    return client


def uploaded(desk, world, content, name="fax.pdf", **said):
    form = {
        "plan": str(world.plan.public_id), "channel": "fax", "received_date": "2026-11-16", "received_time": "09:30",
        "file": SimpleUploadedFile(name, content), **said,
    }  # fmt: skip
    return desk.post(reverse("intake:upload"), form)


@pytest.fixture
def paper(desk, world, at):
    """A paper whose pages were read."""
    uploaded(desk, world, pdf())
    made = Paper.objects.get()
    read_all(made, at)
    return made


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def at_paper(name, paper, *more):
    return reverse(f"intake:{name}", args=[paper.public_id, *more])


def test_an_upload_leads_to_its_pages_at_once(desk, world):
    answer = uploaded(desk, world, pdf(pages=2))
    shown = text_of(desk.get(answer.url))
    assert "2 pages" in shown
    assert "are being read" in shown
    assert shown.count('class="picture"') == 2
    assert desk.get(re.search(r'src="([^"]+\.jpg)', shown)[1])["Content-Type"] == "image/jpeg"


def test_a_file_that_cannot_be_used_says_so_and_is_listed(desk, world):
    answer = uploaded(desk, world, b"MZ\x90\x00" + bytes(range(256)))
    assert answer.status_code == 422
    assert "not a PDF" in text_of(answer)
    assert "not a PDF" in text_of(desk.get(reverse("intake:submissions")))


def test_the_list_leads_to_the_paper(desk, paper):
    shown = text_of(desk.get(reverse("intake:submissions")))
    assert f'href="{at_paper("paper", paper)}"' in shown
    assert "fax.pdf" in shown


def test_a_field_shows_its_value_its_confidence_its_crop_and_its_page(desk, paper):
    FieldReading.objects.filter(key="member_number").update(confidence=0.61)
    shown = text_of(desk.get(at_paper("paper", paper)))
    assert 'value="C-1"' in shown
    assert "read with doubt</b> 61 %, from page 1" in shown
    assert re.search(r'<svg class="crop" role="img"[^>]*viewBox="[\d. ]+"[^>]*><image href="[^"]+\.jpg', shown)


def test_enter_in_a_field_accepts_it_and_leads_to_the_page_again(desk, paper):
    answer = desk.post(at_paper("field", paper, "member_number"), {"value": "C-1"})
    assert answer.url == at_paper("paper", paper) + "#next"
    assert FieldReading.objects.get(key="member_number").settled == "kept"


def test_what_is_typed_is_kept_and_not_taken_for_accepted(desk, paper):
    answer = desk.post(at_paper("field", paper, "member_number") + "?do=keep", {"value": "C-"})
    assert "Saved" in text_of(answer)
    paper.refresh_from_db()
    assert paper.fields == {"member_number": "C-"}
    assert FieldReading.objects.get(key="member_number").settled == ""


def test_a_part_of_the_page_comes_back_to_a_script(desk, paper):
    answer = desk.post(at_paper("field", paper, "member_number"), {"value": "C-9"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'id="fields"' in text_of(answer)
    assert "put right by a person" in text_of(answer)


def test_services_are_added_and_taken_away_on_the_page(desk, paper):
    address = f"/intake/papers/{paper.public_id}/"
    assert "Service 2" not in desk.get(address).text
    added = desk.post(f"{address}services/", {"do": "add"})
    assert added["Location"].endswith("#field-line2-code")
    assert "Service 2" in desk.get(address).text
    assert desk.post(f"{address}services/", {"away": "1"}).status_code == 302
    shown = desk.get(address).text
    assert "Service 2" not in shown
    assert 'id="field-line2-code"' in shown
    refused = desk.post(f"{address}services/", {"away": "2"})
    assert refused.status_code == 422
    assert "at least one service" in refused.text


def test_a_field_nobody_knows_is_refused(desk, paper):
    assert desk.post(at_paper("field", paper, "password"), {"value": "x"}).status_code == 422


def test_without_recognition_the_page_says_why(desk, world, at, monkeypatch):
    monkeypatch.setattr(engine, "is_available", lambda: False)
    uploaded(desk, world, blank(), name="scan.png")
    paper = Paper.objects.get()
    read_all(paper, at)
    shown = text_of(desk.get(at_paper("paper", paper)))
    assert "text recognition is not installed here" in shown


def test_candidates_show_what_differs_and_nobody_is_chosen(desk, paper):
    FieldReading.objects.filter(key="given_name").update(value="Rosa")
    shown = text_of(desk.get(at_paper("paper", paper)))
    assert "Differs: given name" in shown
    assert "Where it goes is shown as soon as you say who is meant." in shown


def test_from_the_paper_to_the_case(desk, world, paper):
    answer = desk.post(at_paper("enter", paper), {"do": "member", "member": str(world.commercial_member.public_id)})
    shown = text_of(desk.get(answer.url))
    assert "Harbor PPO" in shown
    assert "orders it" in shown
    answer = desk.post(at_paper("enter", paper), {"do": "enter"})
    receipt = Submission.objects.get(pk=paper.submission_id)
    assert answer.url == reverse("cases:case", args=[receipt.case.public_id])
    assert f'on case <a href="{answer.url}"' in text_of(desk.get(at_paper("paper", paper)))
    again = desk.post(at_paper("enter", paper), {"do": "enter"})
    assert again.status_code == 409
    assert "dealt with meanwhile" in text_of(again)


def test_entering_without_a_person_says_so_on_the_page(desk, paper):
    answer = desk.post(at_paper("enter", paper), {"do": "enter"})
    assert answer.status_code == 422
    assert "Say first who is meant" in text_of(answer)


def test_a_look_alike_stands_beside(desk, world, paper, at):
    send(world, knee_request(world, of=world.commercial_member, at=at), at=at)
    desk.post(at_paper("field", paper, "line1-code"), {"value": "27447"})
    desk.post(at_paper("enter", paper), {"do": "member", "member": str(world.commercial_member.public_id)})
    assert "Looks like" in text_of(desk.get(at_paper("paper", paper)))


def test_text_is_searched_and_marked(desk, paper):
    shown = text_of(desk.get(at_paper("paper", paper) + "?text=units"))
    assert "found on 1 page" in shown
    assert "<rect x=" in shown
    assert "found on 0 pages" in text_of(desk.get(at_paper("paper", paper) + "?text=nowhere"))


def test_pages_are_worked_on_by_plain_forms(desk, world):
    answer = uploaded(desk, world, pdf(pages=2))
    paper = Paper.objects.get()
    second = str(paper.pages.get(position=2).public_id)
    desk.post(at_paper("order", paper), {"do": "turn", "page": second})
    edges = {"left": "10", "top": "10", "right": "30", "bottom": "12"}
    desk.post(at_paper("order", paper), {"do": "hide", "page": second, **edges})
    page = paper.pages.get(position=2)
    assert (page.turn, len(page.hidden)) == (90, 1)
    bad = desk.post(at_paper("order", paper), {"do": "hide", "page": second, **edges, "left": "x"})
    assert (bad.status_code, "four edges" in text_of(bad)) == (422, True)
    desk.post(at_paper("order", paper), {"do": "split", "page": second})
    step = paper.steps.get(did="split")
    assert "Undo the last step" in text_of(desk.get(answer.url))
    desk.post(at_paper("order", paper), {"do": "undo", "step": str(step.public_id)})
    assert paper.pages.count() == 2


def test_two_papers_are_merged_from_the_page(desk, world):
    uploaded(desk, world, pdf())
    uploaded(desk, world, pdf(VALUES, layout="boxes"))
    first, second = Paper.objects.order_by("pk")
    answer = desk.post(at_paper("order", second), {"do": "merge", "other": str(first.public_id)})
    assert answer.url == at_paper("paper", first)
    assert "merged into another paper" in text_of(desk.get(at_paper("paper", second)))


def test_an_expired_session_leads_to_the_sign_in_and_a_script_hears_401(client, world, paper):
    client.logout()
    assert "/sign-in/" in client.post(at_paper("field", paper, "family_name"), {"value": "Elm"}).url
    answer = client.post(at_paper("field", paper, "family_name"), {"value": "Elm"}, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    paper.refresh_from_db()
    assert paper.fields == {}
