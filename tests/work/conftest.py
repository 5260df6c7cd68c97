"""The small world with queues, people and rules."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.services import register_person
from openum.vocabulary.terms import Role
from openum.work.models import Queue
from openum.work.rules.facts import Stage
from openum.work.services import keep_queue, publish_routing, set_capacity
from tests.world import World

RULES = """
key: routing
version: "1"
effective_from: 2026-01-01
source: test
complexity:
  base: 10
  add:
    - {when: {urgency: expedited}, points: 5, why: fast}
    - {when: {specialty: orthopaedics}, points: 5, why: long records}
rules:
  - {key: ortho, when: {specialty: orthopaedics}, queue: ortho-rn, because: bones and joints}
  - {key: rest, queue: general-rn, because: the rest}
  - {key: physicians, stage: physician, queue: md, because: physicians}
"""


@dataclass
class Desk:
    """Queues of the small world, and who works in them."""

    world: World
    ortho: Queue
    general: Queue
    physicians: Queue
    ortho_nurse: User
    spanish_nurse: User
    director: User


def nurse(world: World, name: str, *specialties: str, state: str = "EX") -> User:
    """Another review nurse of the plan."""
    return register_person(
        email=f"{name}@test.invalid", name=name.title(), password="a long test pass phrase",
        roles=[(Role.NURSE, world.plan, None)], specialties=specialties,
        licences=(("registered nurse", state, f"RN-{name}", date(2015, 1, 1)),),
    )  # fmt: skip


@pytest.fixture
def desk(world, at):
    """Queues, people and published rules."""
    return make_desk(world, at)


def make_desk(world: World, at: datetime) -> Desk:
    """Make queues, people and rules."""
    director = register_person(
        email="director@test.invalid", name="Director", password="a long test pass phrase",
        roles=[(Role.DIRECTOR, world.plan, None)],
    )  # fmt: skip
    ortho_nurse = nurse(world, "ortho", "orthopaedics")
    spanish_nurse = nurse(world, "pilar")
    for user, languages in ((world.nurse, ()), (ortho_nurse, ()), (spanish_nurse, ("es",))):
        scope_of(user)
        set_capacity(user=user, points_a_day=60, languages=languages, by=director, at=at)
    common = {"plan": world.plan, "owner": director, "by": director, "at": at}
    general = keep_queue(
        key="general-rn", name="General RN", stage=Stage.NURSE, people=[world.nurse, spanish_nurse],
        licence_kind="registered nurse", **common,
    )  # fmt: skip
    ortho = keep_queue(
        key="ortho-rn", name="Ortho RN", stage=Stage.NURSE, people=[ortho_nurse], licence_kind="registered nurse",
        backup=general, **common,
    )  # fmt: skip
    physicians = keep_queue(
        key="md", name="Physicians", stage=Stage.PHYSICIAN, people=[world.physician, world.orthopaedist],
        licence_kind="physician", **common,
    )  # fmt: skip
    publish_routing(text=RULES, plan=world.plan, by=director, at=at)
    return Desk(world, ortho, general, physicians, ortho_nurse, spanish_nurse, director)
