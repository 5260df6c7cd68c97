"""The reference DTR client in a browser: new questions come with the answer, what is computed is shown, nothing is lost."""

import json
import os
from pathlib import Path

import pytest
from django.db import connections

from openum.db import clock
from openum.forms.models import Filling
from tests import world as worlds
from tests.adapters.dtr.test_client import ALL_KINDS, EXAMPLES, PERSON, bundle, drug, needs_examples
from tests.conftest import NOON
from tests.journeys.browser.conftest import chromium
from tests.journeys.browser.screen import MARKS
from tests.threads import in_own_thread

__all__ = ["chromium"]
pytestmark = MARKS
PICTURES = os.environ.get("OPENUM_FORM_PICTURES", "")


@pytest.fixture
def pages(chromium, live_server, transactional_db, tmp_path):
    """Return how to open the pages of the practice's person, at a width and in a colour scheme."""

    def prepare():
        worlds.fresh()
        clock.set_demo_clock(NOON)

    in_own_thread(prepare)
    contexts = []

    def sign_in(width=1440, scheme="light"):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-US")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{live_server.url}/sign-in/")
        page.get_by_label("E-mail address").fill("provider@test.invalid")
        page.get_by_label("Password").fill("a long test pass phrase")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state()
        return page

    def start(page, content):
        file = tmp_path / "form.json"
        file.write_text(json.dumps(content))
        page.goto(f"{live_server.url}/forms/")
        page.get_by_label("Or a form from a file").set_input_files(file)
        page.get_by_label("Patient", exact=True).fill("Mrs O.")
        page.get_by_role("button", name="Begin").click()
        page.wait_for_url("**/forms/*-*/")

    sign_in.start = start
    yield sign_in
    for context in contexts:
        context.close()


def picture(page, name):
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_questions_come_and_go_with_the_answers(pages, tmp_path):
    page = pages()
    pages.start(page, ALL_KINDS)
    assert not page.get_by_text("Big number").is_visible()
    page.get_by_label("In (optional)").fill("9")
    page.get_by_text("Big number").wait_for(state="visible")
    page.get_by_text("18", exact=True).wait_for(state="visible")
    page.get_by_text("Saved").wait_for()
    page.get_by_label("De (optional)").fill("much")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("De (optional)").input_value() == "much"
    records = tmp_path / "records.json"
    records.write_text(json.dumps(bundle(PERSON, drug("m1", "aspirin"))))
    page.get_by_text("Fill in from records").click()
    page.get_by_label("Or a file with the records").set_input_files(records)
    page.get_by_role("button", name="Read the records").click()
    page.get_by_text("filled in from records.json").first.wait_for()
    picture(page, "form-all-light")
    assert in_own_thread(lambda: Filling.objects.get().source) == "records.json"


@needs_examples
def test_the_pages_fit_narrow_and_dark_screens(pages):
    content = json.loads((EXAMPLES / "2.0.1/content/dinner-static/questionnaire-dinner-order-static.json").read_text())
    for width, scheme in ((1440, "light"), (390, "light"), (390, "dark"), (1440, "dark")):
        page = pages(width, scheme)
        pages.start(page, content)
        picture(page, f"form-dinner-{width}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.goto(page.url.split("/forms/")[0] + "/forms/")
        picture(page, f"forms-{width}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    connections.close_all()
