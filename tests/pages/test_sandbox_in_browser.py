"""The pages of the sandbox in Chromium: no accessibility fault, nothing wider than the screen, no complaint."""

import os
from pathlib import Path

import pytest
from django.test import Client

from openum.adapters.sandbox.models import Conversation, RecordedMessage
from openum.db import clock
from openum.submission.services import sign_standing_order
from tests import world as worlds
from tests.pages.test_browser import VIEWS, chromium, faults_of, page_of, pytestmark  # noqa: F401 - fixtures and marks
from tests.threads import in_own_thread

PICTURES = os.environ.get("OPENUM_PICTURES")


@pytest.fixture
def sandbox(transactional_db, at):
    """The small world with a signed order, an armed answer, a conversation and its messages; made in its own thread."""
    return in_own_thread(make, at)


def make(at):
    world = worlds.fresh()
    clock.set_demo_clock(at)
    sign_standing_order(plan=world.sandbox, by=world.physician, at=at)
    desk = Client()
    desk.force_login(world.physician)
    story = {"plan": world.sandbox.key, "story": "denied", "version": "2.2"}
    assert desk.post("/sandbox/conversations/", story).status_code == 302
    armed = {"client": world.sandbox_client.public_id, "answer": "error", "error_code": "15", "do": "arm"}
    assert desk.post("/sandbox/", armed).status_code == 302
    held = Conversation.objects.get()
    message = RecordedMessage.objects.filter(address__endswith="$submit").get()
    return world.physician, [
        "/sandbox/", "/sandbox/conversations/", f"/sandbox/conversations/{held.public_id}/", "/sandbox/messages/",
        f"/sandbox/messages/{message.public_id}/", f"/sandbox/messages/{message.public_id}/?form=raw",
        "/sandbox/patients/",
    ]  # fmt: skip


def test_every_page_of_the_sandbox_is_in_order_at_both_widths_and_in_both_lights(chromium, live_server, sandbox):  # noqa: F811
    user, paths = sandbox
    faults = {}
    for scheme, width in VIEWS:
        problems = []
        page = page_of(chromium, live_server, user, scheme=scheme, width=width, problems=problems)
        for number, path in enumerate(paths):
            page.goto(live_server.url + path)
            found = faults_of(page) + problems
            problems.clear()
            if found:
                faults[path, scheme, width] = found
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"sandbox-{number}-{scheme}-{width}.png", full_page=False)
        page.context.close()
    assert faults == {}
