"""The desk in Chromium: no accessibility fault in either theme and width, and a paper entered by keyboard alone."""

import os
from pathlib import Path

import pytest

from openum.db import clock
from openum.intake.models import FieldReading, Paper
from openum.intake.papers import services
from openum.submission.models import Submission
from openum.vocabulary.terms import Channel
from tests import world as worlds
from tests.intake.papers import pdf, read_all
from tests.pages.test_browser import CHROMIUM, VIEWS, chromium, faults_of, page_of  # noqa: F401 - a fixture
from tests.threads import in_own_thread

PICTURES = os.environ.get("OPENUM_PICTURES", "")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Chromium: install it, or name it in OPENUM_CHROMIUM"),
]


def made(at):
    """A paper of two pages whose number was read with doubt, and its world."""
    world = worlds.fresh()
    clock.set_demo_clock(at)
    paper = services.receive_paper(
        plan=world.plan,
        content=pdf(pages=2),
        name="fax.pdf",
        channel=Channel.FAX,
        received_at=at,
        by=world.intake,
        at=at,
    )
    read_all(paper, at)
    FieldReading.objects.filter(key__in=["member_number", "diagnosis1"]).update(confidence=0.6)
    return world, paper


@pytest.fixture
def desk(transactional_db, at):
    """The world and its paper."""
    return in_own_thread(made, at)


def test_the_desk_has_no_fault_in_either_theme_and_width(chromium, live_server, desk):  # noqa: F811
    world, paper = desk
    found = {}
    for scheme, width in VIEWS:
        problems: list[str] = []
        page = page_of(chromium, live_server, world.intake, scheme=scheme, width=width, problems=problems)
        for name, address in {
            "paper": f"/intake/papers/{paper.public_id}/",
            "upload": "/intake/papers/",
            "list": "/intake/",
        }.items():
            page.goto(live_server.url + address)
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"desk-{name}-{scheme}-{width}.png", full_page=width == 390)
            faults = faults_of(page) + problems
            problems.clear()
            if faults:
                found[f"{name} {scheme} {width}"] = faults
        page.context.close()
    assert found == {}


def test_a_paper_is_entered_by_keyboard_alone(chromium, live_server, desk):  # noqa: F811
    world, paper = desk
    problems: list[str] = []
    page = page_of(chromium, live_server, world.intake, scheme="light", width=1440, problems=problems)
    page.goto(f"{live_server.url}/intake/papers/{paper.public_id}/")
    page.keyboard.press("f")
    assert page.evaluate("document.activeElement.id") == "field-member_number"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "field-diagnosis1"
    with page.expect_response("**/fields/diagnosis1/"):
        page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'field-member_number'")
    with page.expect_response("**/fields/member_number/"):
        page.keyboard.press("Enter")
    page.locator("text=read, and kept by a person").nth(1).wait_for()
    page.get_by_role("button", name="This one Rose Alder").focus()
    page.keyboard.press("Enter")
    page.locator("text=Harbor PPO").first.wait_for()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/cases/*-*/")
    assert Submission.objects.get(pk=Paper.objects.get().submission_id).case is not None
    assert problems == []
    page.context.close()
