"""Every page of appeals in Chromium: no accessibility fault, nothing wider than the screen; pictures where asked for."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from openum.accounts.models import User
from openum.appeals.models import Appeal
from openum.appeals.services import ask_outside_review, build_packet, decide_appeal
from openum.cases.models import ServiceLine
from openum.db import clock
from tests import world as worlds
from tests.appeals import story
from tests.pages.test_browser import CHROMIUM, VIEWS, chromium, faults_of, page_of
from tests.threads import in_own_thread

__all__ = ["chromium"]
PICTURES = os.environ.get("OPENUM_PICTURES", "")
DAY = timedelta(days=1)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Chromium: install it, or name it in OPENUM_CHROMIUM"),
]


@dataclass
class Town:
    """Appeals in several states, and who looks at them."""

    desk: User
    reviewer: User
    member: User
    fresh: Appeal
    assigned: Appeal
    outside: Appeal
    denied: ServiceLine


@pytest.fixture
def town(transactional_db, at) -> Town:
    """People, and appeals in several states."""
    return in_own_thread(_town, at)


def _town(at: datetime) -> Town:
    world = worlds.fresh()
    world.member.user = None
    world.member.save()
    world.commercial_member.user = world.member_user
    world.commercial_member.save()
    desk, reviewer = story.coordinator(world), story.surgeon(world)
    story.organizations(world, desk, at)
    first, second, third, fourth = (story.denied(world, at) for _ in range(4))
    fresh = story.file(world, first, at + DAY, wants_speed=True)
    assigned = story.assigned(world, second, at + DAY, reviewer, desk)
    build_packet(appeal=assigned, by=desk, at=at + DAY)
    upheld = story.assigned(world, third, at + DAY, reviewer, desk)
    decide_appeal(appeal=upheld, verdict=story.no(third), by=reviewer, at=at + 2 * DAY)
    outside = ask_outside_review(appeal=upheld, asked=story.asked(at + 3 * DAY), by=world.intake, at=at + 3 * DAY)
    clock.set_demo_clock(at + 3 * DAY)
    return Town(desk, reviewer, world.member_user, fresh, assigned, outside, fourth)


def places(town: Town) -> dict[str, list[str]]:
    """The addresses each person sees."""
    return {
        "desk": [
            "/appeals/", "/appeals/new/", f"/appeals/new/{town.denied.public_id}/",
            f"/appeals/{town.fresh.public_id}/", f"/appeals/{town.assigned.public_id}/",
            f"/appeals/{town.outside.public_id}/", f"/cases/{town.fresh.line.case.public_id}/",
        ],
        "reviewer": [f"/appeals/{town.assigned.public_id}/decide/"],
        "member": [f"/my/{town.fresh.line.case.public_id}/", f"/appeal/{town.denied.public_id}/"],
    }  # fmt: skip


@pytest.mark.parametrize("who", ["desk", "reviewer", "member"])
def test_pages_of_appeals_have_no_fault_in_either_theme_and_width(chromium, live_server, town, who):
    found: dict[str, list[str]] = {}
    for scheme, width in VIEWS:
        problems: list[str] = []
        page = page_of(chromium, live_server, getattr(town, who), scheme=scheme, width=width, problems=problems)
        for number, address in enumerate(places(town)[who]):
            page.goto(live_server.url + address)
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/{who}{number}-{scheme}-{width}.png", full_page=True)
            faults = faults_of(page) + problems
            problems.clear()
            if faults:
                found[f"{address} {scheme} {width}"] = faults
        page.context.close()
    assert found == {}, "\n".join(f"FAULT {key}: {value}" for key, value in found.items())
