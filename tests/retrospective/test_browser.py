"""The pages of claim review in Chromium: no fault in either theme and width."""

from types import SimpleNamespace

import pytest

from openum.cases.services import attach
from openum.db import clock
from openum.retrospective.rules.findings import Issue
from openum.retrospective.services import hold_claim, receive_reply, send_finding
from openum.vocabulary.terms import Channel
from tests import world as worlds
from tests.pages.test_browser import VIEWS, chromium, faults_of, page_of  # noqa: F401 - a fixture
from tests.retrospective.story import finding, link, load, paper, row, taken
from tests.threads import in_own_thread


@pytest.fixture
def review(transactional_db, at):
    """A claim line with everything on its page, and a pattern of open leads."""
    return in_own_thread(make, at)


def make(at):
    world = worlds.fresh()
    claim_line = taken(world, "C-77103", at=at)
    (document,) = attach(
        case=claim_line.line.case, request=claim_line.line.request, documents=[paper()], channel=Channel.MAIL,
        by=world.nurse, at=at,
    )  # fmt: skip
    made = finding(
        world, claim_line, Issue.CODING, at=at, pages=(link(document),), documented_code="99213", amount_cents=11000
    )
    send_finding(finding=made, by=world.nurse, at=at)
    receive_reply(
        finding=made, agrees=False, said_by="Office manager", words="The visit took forty minutes.", channel=Channel.MAIL,
        received_at=at, by=world.nurse, at=at,
    )  # fmt: skip
    hold_claim(claim_line=claim_line, because="Looks like another claim.", by=world.nurse, at=at)
    load(world, *(row(f"B-{number}", "upcoding", provider=world.practice.npi) for number in range(5)), at=at)
    clock.set_demo_clock(at)
    return SimpleNamespace(
        physician=world.physician,
        addresses=[
            "/claim-review/", f"/claim-review/lines/{claim_line.public_id}/", "/claim-review/patterns/",
        ],
    )  # fmt: skip


def test_pages_have_no_fault_in_either_theme_and_width(chromium, live_server, review):  # noqa: F811
    found: dict[str, list[str]] = {}
    for scheme, width in VIEWS:
        problems: list[str] = []
        page = page_of(chromium, live_server, review.physician, scheme=scheme, width=width, problems=problems)
        for address in review.addresses:
            page.goto(live_server.url + address)
            faults = [*faults_of(page), *problems]
            problems.clear()
            if faults:
                found[f"{address} {scheme} {width}"] = faults
        page.context.close()
    assert found == {}
