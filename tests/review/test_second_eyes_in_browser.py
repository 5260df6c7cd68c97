"""A place drawn by keyboard, a note at a place and a second reading in Chromium: no fault, wide and narrow, light and dark."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from openum.criteria.models import EvidenceLink
from openum.db import clock
from openum.determination.models import SecondReading
from openum.review.services import anchor_note
from tests import world as worlds
from tests.determination.test_second_readings import ask, publish, second
from tests.pages.test_browser import CHROMIUM, chromium, faults_of, page_of  # noqa: F401 - a fixture
from tests.review.test_regions import with_scan
from tests.threads import in_own_thread

PICTURES = os.environ.get("OPENUM_PICTURES", "")
VIEWS = (
    (("light", 1440), ("dark", 390))
    if not PICTURES
    else (("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390))
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Chromium: install it, or name it in OPENUM_CHROMIUM"),
]


def made(at):
    """A request with a scan, a note for the letter and a denial that waits for a second clinician."""
    world = worlds.fresh()
    clock.set_demo_clock(at + timedelta(hours=2))
    line, document = with_scan(world, at)
    anchor_note(
        line=line, text="The film shows grade 3 only.", attachment=document, page=1, is_for_letter=True, by=world.nurse,
        at=at,
    )  # fmt: skip
    publish(world, at)
    reading = ask(world, line, at + timedelta(hours=1))
    return world, line, document, reading, second(world)


@pytest.fixture
def scene(transactional_db, at):
    return in_own_thread(made, at)


def test_the_pages_of_two_people_have_no_fault_and_a_place_is_drawn_by_keyboard(chromium, live_server, scene):  # noqa: F811
    world, line, document, reading, reader = scene
    problems: list[str] = []
    page = page_of(chromium, live_server, world.nurse, scheme="light", width=1440, problems=problems)
    page.goto(f"{live_server.url}/review/{line.public_id}/?document={document.public_id}")
    page.get_by_text("Point at a place on the page").press("Enter")
    page.get_by_role("group", name="Page to point at").focus()
    for key in ("ArrowRight", "ArrowDown", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert [page.locator(f"#region-{name}").input_value() for name in ("left", "top", "width", "height")] == [
        "11.0", "11.0", "31.0", "10.0",
    ]  # fmt: skip
    page.get_by_role("button", name="Link", exact=True).press("Enter")
    page.locator("svg.crop").first.wait_for()
    found: dict[str, list[str]] = {}
    places = [
        (world.nurse, f"/review/{line.public_id}/?document={document.public_id}", "review"),
        (world.physician, f"/decisions/{line.public_id}/", "decide"),
        (world.physician, f"/readings/{reading.public_id}/", "own"),
        (reader, f"/readings/{reading.public_id}/", "reading"), (reader, "/readings/", "readings"),
    ]  # fmt: skip
    page.context.close()
    for scheme, width in VIEWS:
        for user, address, name in places:
            page = page_of(chromium, live_server, user, scheme=scheme, width=width, problems=problems)
            page.goto(live_server.url + address)
            faults = faults_of(page)
            if faults:
                found[f"{address} {scheme} {width}"] = faults
            if PICTURES:
                page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
                page.screenshot(path=f"{PICTURES}/{name}-{scheme}-{width}.png", full_page=True)
                page.emulate_media(media="print")
                page.screenshot(path=f"{PICTURES}/{name}-print.png", full_page=True)
            page.context.close()
    assert (found, problems) == ({}, [])

    def kept():
        return EvidenceLink.objects.get(is_machine=False).region, SecondReading.objects.get().state

    assert in_own_thread(kept) == ([110, 110, 310, 100], "asked")
