"""The editor: a person who knows medicine changes a number and adds a test patient; drafts go their way."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client

from openum.criteria.models import GuidelineDraft
from openum.criteria.services import drafting
from openum.db import clock
from tests import world as worlds
from tests.criteria.documents import LIBRARIES
from tests.criteria.faces.documents import ROUND
from tests.pages.test_browser import CHROMIUM, VIEWS, chromium, faults_of, page_of  # noqa: F401
from tests.pages.test_policy_pages import publish, text_of
from tests.threads import in_own_thread

AT = datetime(2030, 3, 1, 17, tzinfo=UTC)
DRAFT = ROUND.replace("version: v1", "version: v2").replace("status: published", "status: draft")


@pytest.fixture
def draft(world):
    """The next version of the guideline, begun by the nurse."""
    clock.set_demo_clock(AT)
    publish(ROUND)
    return drafting.start_draft(text=DRAFT, libraries=LIBRARIES, by=world.nurse, at=AT)


@pytest.fixture
def nurse(client, world):
    """A browser without script, signed in as the nurse."""
    client.force_login(world.nurse)
    return client


def posted(text, **more):
    """The fields of the editor for a text."""
    from openum.criteria.editor.parts import parts_of

    parts = parts_of(text)
    fields = {"parts": str(len(parts)), "based_on": "1"}
    for index, part in enumerate(parts):
        fields |= {f"kind-{index}": part.kind, f"part-{index}": part.text.replace("\n", "\r\n")}
    return fields | more


def test_strangers_and_people_without_the_permission_stay_out(client, world, draft):
    assert client.get("/guidelines/").status_code == 302
    client.force_login(world.provider)
    assert client.get("/guidelines/").status_code == 403
    assert client.get(f"/guidelines/{draft.public_id}/").status_code == 403


def test_a_new_version_begins_as_a_copy_of_a_published_one(nurse, draft):
    answer = nurse.post("/guidelines/start/", {"from": "ROUND|v1", "version": "v3"})
    begun = GuidelineDraft.objects.get(key="ROUND", version="v3")
    assert answer["Location"] == f"/guidelines/{begun.public_id}/"
    assert "version: v3" in drafting.latest_text(begun).text.replace('"', "")
    assert "ROUND v3" in text_of(nurse.get("/guidelines/"))
    nameless = nurse.post("/guidelines/start/", {"from": "ROUND|v1", "version": " "}, follow=True)
    assert "Give the new version a name" in text_of(nameless)


def test_the_page_shows_tree_numbers_logic_patients_and_coverage(nurse, draft):
    text = text_of(nurse.get(f"/guidelines/{draft.public_id}/"))
    assert "Six Weeks Ago: 42 days" in text
    assert "At least 2 of these" in text
    assert "1 test patients" in text
    assert "answers and branches are tested" in text
    assert "define &quot;Six Weeks Ago&quot;" in text
    assert "Everything is there" in text


def test_a_mistake_is_told_with_part_and_line_while_it_is_typed(nurse, draft):
    broken = DRAFT.replace("N > 2.5", "N > 'high'")
    answer = nurse.post(f"/guidelines/{draft.public_id}/", posted(broken, do="check"), headers={"HX-Request": "true"})
    text = text_of(answer)
    assert "<html" not in text
    assert "to mend" in text
    assert "Logic (CQL), 37</a>: The CQL does not compile" in text
    assert "Not saved yet" in text


def test_a_number_is_changed_in_the_logic_and_the_words_that_name_it_are_pointed_out(nurse, draft):
    fields = posted(DRAFT, do="numbers") | {"number.Six Weeks Ago|0": "56"}
    text = text_of(nurse.post(f"/guidelines/{draft.public_id}/", fields))
    assert "define &quot;Six Weeks Ago&quot;: &quot;Request Date&quot; - 56 days" in text
    assert "Did it begin six weeks ago?" in text.partition("see whether they still say the same")[2][:300]
    assert "Not saved yet" in text
    assert drafting.latest_text(draft).number == 1


def test_a_patient_is_tried_and_then_written_into_the_document(nurse, draft):
    patient = {
        "p.name": "A fall and nothing else", "p.date": "2030-03-01", "p.kind.1": "condition", "p.code.1": "ICD10|R29.6",
        "p.from.1": "2030-01-04", "p.answer.round.weeks": "3", "p.answer.round.step": "none",
    }  # fmt: skip
    tried = text_of(nurse.post(f"/guidelines/{draft.public_id}/", posted(DRAFT, do="try") | patient))
    assert "Tried. The whole:" in tried
    unsaid = nurse.post(f"/guidelines/{draft.public_id}/", posted(DRAFT, do="patient") | patient)
    assert unsaid.status_code == 422
    assert "Say what must come out for: overall, 1, 2a, 2b, 3a, 3b, 3c, 4a." in text_of(unsaid)
    expect = {"overall": "unknown", "1": "unknown", "2a": "not_met", "2b": "met", "3a": "unknown", "3b": "not_met",
              "3c": "met", "4a": "unknown"}  # fmt: skip
    patient |= {f"p.expect.{key}": value for key, value in expect.items()}
    kept = text_of(nurse.post(f"/guidelines/{draft.public_id}/", posted(DRAFT, do="patient") | patient))
    assert "- name: A fall and nothing else" in kept
    assert "condition: ICD10|R29.6" in kept
    assert "2 test patients" in kept
    assert "expected:" not in kept


def test_a_text_is_saved_once_and_a_second_author_is_told(nurse, draft, world):
    changed = DRAFT.replace("It rolls.", "It turns.")
    saved = nurse.post(f"/guidelines/{draft.public_id}/", posted(changed, do="save", note="Words"), follow=True)
    assert "Saved as text 2." in text_of(saved)
    assert drafting.latest_text(draft).text == changed
    late = nurse.post(f"/guidelines/{draft.public_id}/", posted(DRAFT, do="save"))
    assert late.status_code == 409
    assert "saved text 2 meanwhile" in text_of(late)


@pytest.mark.parametrize(
    ("face", "words"),
    [
        ("page", "It turns."), ("flow", "<svg"), ("form", "One of these is enough."), ("letter", "To the member"),
        ("changes", "The text for clinicians and the public has changed."), ("fhir", "library ROUND_Faces"),
    ],
)  # fmt: skip
def test_every_face_is_shown_of_what_is_typed(nurse, draft, face, words):
    changed = DRAFT.replace("It rolls.", "It turns.")
    assert words in text_of(nurse.post(f"/guidelines/{draft.public_id}/", posted(changed, face=face)))


def test_the_pdf_of_what_is_typed_and_a_text_that_cannot_be_read(nurse, draft):
    assert nurse.post(f"/guidelines/{draft.public_id}/", posted(DRAFT, face="pdf")).content.startswith(b"%PDF")
    broken = nurse.post(f"/guidelines/{draft.public_id}/", posted(DRAFT.replace("all:", "al:", 1), face="page"))
    assert broken.status_code == 422
    assert "The text cannot be read yet." in text_of(broken)


def test_the_author_cannot_send_it_to_the_committee_and_is_told_why(nurse, draft, world):
    client = Client()
    client.force_login(world.orthopaedist)
    page = text_of(client.get(f"/guidelines/{draft.public_id}/"))
    assert "Send to the committee" in page
    address = f"/guidelines/{draft.public_id}/step/"
    unready = client.post(address, {"step": "review", "ready": "no", "note": "More patients"}, follow=True)
    assert "Your review is kept." in text_of(unready)
    early = client.post(address, {"step": "vote", "vote": "for"}, follow=True)
    assert "t-danger" in text_of(early)
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_who_may_publish_finds_the_drafts_and_their_impact(client, world, draft):
    client.force_login(world.physician)
    text = text_of(client.get("/guidelines/"))
    assert text.count('href="/guidelines/"') == 1
    assert 'href="/guidelines/impact/"' in text
    page = text_of(client.get(f"/guidelines/{draft.public_id}/"))
    assert "Impact of a version" in page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Chromium: install it, or name it in OPENUM_CHROMIUM")
def test_a_nurse_changes_a_number_and_sees_the_results_as_she_types(chromium, live_server, transactional_db, at):  # noqa: F811
    def make():
        world = worlds.fresh()
        clock.set_demo_clock(AT)
        publish(ROUND)
        return world, drafting.start_draft(text=DRAFT, libraries=LIBRARIES, by=world.nurse, at=AT)

    world, begun = in_own_thread(make)
    found, folder = {}, os.environ.get("OPENUM_PICTURES")
    for scheme, width in [*VIEWS, ("light", 1024)]:
        problems: list[str] = []
        page = page_of(chromium, live_server, world.nurse, scheme=scheme, width=width, problems=problems)
        for address in ("/guidelines/", f"/guidelines/{begun.public_id}/"):
            page.goto(live_server.url + address)
            page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
            if faults := faults_of(page) + problems:
                found[f"{address} {scheme} {width}"] = list(faults)
            if folder:
                name = "editor" if address.count("/") > 2 else "drafts"
                page.screenshot(path=f"{folder}/{name}-{scheme}-{width}.png", full_page=True)
        if (scheme, width) == ("light", 1440):
            page.goto(f"{live_server.url}/guidelines/{begun.public_id}/")
            for face in ("Policy page", "Flow chart", "Form", "Letter", "What changed", "FHIR"):
                with page.context.expect_page() as opened:
                    page.get_by_role("button", name=face, exact=True).click()
                shown = opened.value
                shown.get_by_role("heading", name=face, level=1).wait_for()
                if faults := faults_of(shown):
                    found[face] = faults
                shown.close()
            logic = page.get_by_label("Logic (CQL)")
            logic.fill(logic.input_value().replace("N >= 6", "N >= 'six'"))
            page.locator("#results", has_text="to mend").get_by_text("Logic (CQL),").first.wait_for()
            page.locator(".ed-mistakes a").first.click()
            assert "six" in page.evaluate("getSelection().toString()") or logic.evaluate(
                "e => e === document.activeElement"
            )
            logic.fill(logic.input_value().replace("N >= 'six'", "N >= 6"))
            page.get_by_label("Six Weeks Ago: 42 days").fill("56")
            page.get_by_role("button", name="Put the numbers into the logic").click()
            page.get_by_text("Changed in the logic, not saved yet").wait_for()
            assert "- 56 days" in page.get_by_label("Logic (CQL)").input_value()
            page.get_by_role("button", name="Save as draft").click()
            page.get_by_text("Saved as text 2.").wait_for()
        page.context.close()
    assert found == {}
