"""What the desk does on cases, in Chromium: no accessibility fault, wide and light, narrow and dark."""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from openum.db import clock
from openum.intake.checklist.services import publish_documents
from openum.intake.forwarding.services import Outside, forward_outside
from openum.intake.papers.services import receive_paper
from openum.intake.provisional.services import take_newborn
from openum.review.services import waive_paper
from openum.vocabulary.terms import Channel
from tests import world as worlds
from tests.intake.papers import pdf
from tests.pages.test_browser import CHROMIUM, chromium, faults_of, page_of  # noqa: F401 - a fixture
from tests.threads import in_own_thread
from tests.world import knee_request, note, send

PICTURES = os.environ.get("OPENUM_PICTURES", "")
LISTS = Path(__file__).resolve().parents[2] / "policies" / "documents"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Chromium: install it, or name it in OPENUM_CHROMIUM"),
]


def made(at):
    """A surgery with papers in several states."""
    world = worlds.fresh()
    clock.set_demo_clock(at)
    for file in sorted(LISTS.glob("*.yaml")):
        publish_documents(path=file, by=world.engine, at=at)
    evidence = (note("Visit note", "Knee pain."), note("Scan", "unnamed", kind="other"))
    line = send(world, knee_request(world, at=at, evidence=evidence), at=at).case.lines.get()
    line.specialty = "orthopaedics"
    line.save()
    waive_paper(line=line, kind="operation-plan", reason="The side stands in the note.", by=world.nurse, at=at)
    stray = receive_paper(
        plan=world.plan, content=pdf(), name="stray.pdf", channel=Channel.FAX, received_at=at, by=world.intake, at=at
    )
    to = Outside(name="Far Plan, appeals", channel=Channel.FAX, address="555-0180")
    sent = forward_outside(submission=stray.submission, to=to, reason="Covered there.", by=world.intake, at=at)
    paper = receive_paper(
        plan=world.plan, content=pdf(), name="fax.pdf", channel=Channel.FAX, received_at=at - timedelta(hours=1),
        by=world.intake, at=at,
    )  # fmt: skip
    baby = take_newborn(
        plan=world.plan, mother_number="C-1", given="", birth_date=date(2026, 11, 14), birth_order=1, sex="", by=world.intake,
        at=at,
    )  # fmt: skip
    return world, line, sent, paper, baby


@pytest.fixture
def desk(transactional_db, at):
    """The world and its line."""
    return in_own_thread(made, at)


def test_the_desk_on_a_case_has_no_fault_in_either_theme(chromium, live_server, desk):  # noqa: F811
    world, line, sent, paper, baby = desk
    pages = {
        "case": (world.intake, f"/cases/{line.case.public_id}/"),
        "paper": (world.intake, f"/intake/papers/{paper.public_id}/"),
        "sent": (world.intake, f"/intake/forwarded/{sent.public_id}/"),
        "all-sent": (world.intake, "/intake/forwarded/"),
        "provisional": (world.intake, "/intake/provisional/"),
        "person": (world.intake, f"/intake/provisional/{baby.public_id}/"),
        "workspace": (world.nurse, f"/review/{line.public_id}/"),
    }
    found = {}
    for scheme, width in (("light", 1440), ("dark", 390)):
        problems: list[str] = []
        for name, (user, address) in pages.items():
            page = page_of(chromium, live_server, user, scheme=scheme, width=width, problems=problems)
            page.goto(live_server.url + address)
            for more in page.query_selector_all("#papers details, details:has(#forward-to), details:has(#nb-born)"):
                more.evaluate("one => one.open = true")
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}-{width}.png", full_page=True)
            faults = faults_of(page) + problems
            problems.clear()
            if faults:
                found[f"{name} {scheme} {width}"] = faults
            page.context.close()
    assert found == {}
