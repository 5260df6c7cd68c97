"""Every page of appeals in Chromium: no accessibility fault, nothing wider than the screen; pictures where asked for."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from openum.accounts.models import User
from openum.appeals.models import Appeal
from openum.appeals.services import ask_outside_review, build_packet, decide_appeal, declare_interest
from openum.cases.models import ServiceLine
from openum.db import clock
from openum.grievances.models import Grievance, ProviderDispute
from openum.grievances.rules import About
from openum.grievances.services import Complained, file_dispute, file_grievance
from openum.vocabulary.terms import Channel
from tests import world as worlds
from tests.appeals import story
from tests.pages.test_browser import CHROMIUM, VIEWS, chromium, faults_of, page_of
from tests.threads import in_own_thread

__all__ = ["chromium"]
PICTURES = os.environ.get("OPENUM_PICTURES", "")
DAY = timedelta(days=1)
BESIDE = [("light", 1440), ("dark", 390)]
"""How the pages beside the docket are looked at; they are built of the same parts."""

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
    provider: User
    dispute: ProviderDispute
    complaint: Grievance
    owed: Appeal

    def user(self, who: str) -> User:
        """Who looks; a coordinator is at the desk too, for the pages beside the docket."""
        return self.desk if who == "coordinator" else getattr(self, who)


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
    owed = _owed(world, at, reviewer, desk)
    declare_interest(npi=world.facility_npi, reason="Holds a part of the practice.", by=reviewer, at=at + DAY)
    dispute = file_dispute(
        line=first, organization=world.practice, issue="Paid too little.", channel=Channel.PORTAL,
        received_at=at + DAY, by=world.provider, at=at + DAY,
    )  # fmt: skip
    complained = Complained(
        about=About.SERVICE, issue="Nobody called back.", channel=Channel.PHONE, received_at=at + DAY
    )
    complaint = file_grievance(
        member=world.commercial_member, case=None, complained=complained, by=world.intake, at=at + DAY
    )
    clock.set_demo_clock(at + 3 * DAY)
    return Town(
        desk=desk, reviewer=reviewer, member=world.member_user, fresh=fresh, assigned=assigned, outside=outside,
        denied=fourth, provider=world.provider, dispute=dispute, complaint=complaint, owed=owed,
    )  # fmt: skip


def _owed(world, at: datetime, reviewer: User, desk: User) -> Appeal:
    """An appeal that Medicare's entity has to get while none is entered."""
    line = story.denied(world, at, of=world.member)
    upheld = story.assigned(world, line, at + DAY, reviewer, desk)
    decide_appeal(appeal=upheld, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)
    return Appeal.objects.get(follows=upheld)


def places(town: Town) -> dict[str, list[str]]:
    """The addresses each person sees."""
    return {
        "desk": [
            "/appeals/", "/appeals/new/", f"/appeals/new/{town.denied.public_id}/",
            f"/appeals/{town.fresh.public_id}/", f"/appeals/{town.assigned.public_id}/",
            f"/appeals/{town.outside.public_id}/", f"/cases/{town.fresh.line.case.public_id}/",
        ],
        "coordinator": [
            f"/appeals/{town.owed.public_id}/", "/appeals/outside/", f"/appeals/{town.fresh.public_id}/representative/",
            "/disputes/", f"/disputes/{town.dispute.public_id}/", "/complaints/", "/complaints/new/",
            "/complaints/trend/", f"/complaints/{town.complaint.public_id}/",
        ],
        "reviewer": [f"/appeals/{town.assigned.public_id}/decide/", "/appeals/interests/"],
        "provider": ["/requests/disputes/", f"/requests/disputes/{town.denied.public_id}/"],
        "member": [
            f"/my/{town.fresh.line.case.public_id}/", f"/appeal/{town.denied.public_id}/", "/my/complaints/",
        ],
    }  # fmt: skip


@pytest.mark.parametrize("who", ["desk", "coordinator", "reviewer", "provider", "member"])
def test_pages_of_appeals_have_no_fault_in_either_theme_and_width(chromium, live_server, town, who):
    found: dict[str, list[str]] = {}
    for scheme, width in VIEWS if who in {"desk", "reviewer", "member"} else BESIDE:
        problems: list[str] = []
        page = page_of(chromium, live_server, town.user(who), scheme=scheme, width=width, problems=problems)
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
