"""Lumen Harbor with the people whom the journeys tell of: the demo world without its 10,000 members and earlier cases."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from openum.accounts.models import Plan, User
from openum.accounts.services import ensure_rules_engine, register_client, register_person
from openum.audit.verification import verify
from openum.db import clock
from openum.directory.models import CodeList, Member
from openum.jobs import run_due
from openum.review.services import add_slot
from openum.vocabulary.terms import Role
from samples import demo, members, people, places
from samples.members import Person
from samples.people import PASSWORD, Staff
from samples.places import Places
from samples.script import Script

ZONE = ZoneInfo("America/New_York")
TOKEN = "journeys-health-record"
NEIGHBOUR_TOKEN = "journeys-other-practice"
_REAL = 1_790_000_000_000_000_000
_FIRST_DAY = date(2025, 10, 1)


def plan_time(text: str) -> datetime:
    """Return an instant written in the plan's time, such as `2026-11-24 16:40`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass
class Lumen:
    """The world and its time. Between two steps no time passes."""

    places: Places
    staff: Staff
    everybody: list[Person]

    def at(self, text: str) -> datetime:
        """Set the demo clock and let the worker do what became due before."""
        moment = plan_time(text)
        clock.set_demo_clock(moment)
        return moment

    def work(self) -> None:
        """Let the worker do what is due now."""
        for _ in range(10):
            if not run_due(clock.now(), limit=50):
                return

    def email(self, persona: str) -> str:
        """Return the sign-in address of a persona."""
        return next(login["email"] for login in self.staff.logins if login["persona"] == persona)

    def user(self, persona: str) -> User:
        """Return the user of a persona."""
        return User.objects.get(email=self.email(persona))

    def open_time(self, starts_at: datetime) -> None:
        """Open a time of the orthopaedist for conversations."""
        physician = self.staff.orthopaedist
        assert physician is not None
        add_slot(physician=physician, starts_at=starts_at, by=physician, at=starts_at - timedelta(days=14))

    def stranger(self, product: str, number: int = 0) -> Person:
        """Return a member who is in no scenario, with coverage today."""
        fit = [p for p in self.everybody if p.product == product and not p.is_named and p.covered_to is None]
        adults = [p for p in fit if p.relationship == "self" and p.born.year < 2000]
        return adults[number]


def build(*, today: str = "2026-11-23") -> Lumen:
    """Make the world: places, policies, named members and a few others, the personas, one member beside Rosa."""
    _make_room()
    at = plan_time(f"{today} 08:00")
    clock.set_demo_clock(at)
    where = places.build(Random(7), engine=ensure_rules_engine(), at=at, first_day=_FIRST_DAY)
    drawn = members.people(Random(7), size=10, today=at.date())
    strangers = {"medicare-advantage": 0, "commercial-ppo": 0}
    chosen = []
    for person in drawn:
        if person.is_named:
            chosen.append(person)
        elif strangers.get(person.product, 9) < 8 and person.covered_to is None and person.relationship == "self":
            strangers[person.product] += 1
            chosen.append(person)
    rows = members.build(chosen, where)
    staff = people.build(where, rows)
    register_client(name="Journeys", plan=where.plan, token=TOKEN, organization=None)
    register_client(
        name="Journeys, another practice", plan=where.plan, token=NEIGHBOUR_TOKEN,
        organization=where.organizations["cape-ortho"],
    )  # fmt: skip
    _neighbours(where, rows, chosen)
    world = Lumen(places=where, staff=staff, everybody=chosen)
    for day in ("2026-12-01 07:40", "2026-12-04 07:40"):
        world.open_time(plan_time(day))
    return world


def build_with_earlier_cases() -> Lumen:
    """Make the world with earlier cases and the open work of today, as `openum demo` shows it but smaller."""
    _make_room()
    at = plan_time("2026-11-23 08:00")
    clock.set_demo_clock(at)
    size = demo.Size(members=400, cases=60, days=200)
    loaded = demo.load(Path(settings.OPENUM_DATA), at=at, progress=lambda _: None, size=size, budget_seconds=None)
    where = places.find()
    staff = people.find(where)
    staff.logins = loaded["logins"]
    register_client(name="Journeys", plan=where.plan, token=TOKEN, organization=None)
    return Lumen(places=where, staff=staff, everybody=list(Script.write(at=at, size=size).people))


def _make_room() -> None:
    CodeList.objects.all().delete()  # those of the other tests' world
    Plan.objects.filter(key=places.SANDBOX).update(key="sandbox-of-other-tests")


def give_login(where: Lumen, person: Person) -> str:
    """Let a member sign in; return the address."""
    email = f"{person.number.lower()}@lumen-harbor.example"
    user = register_person(
        email=email, name=f"{person.given} {person.family}", password=PASSWORD,
        roles=[(Role.MEMBER, where.places.plan, None)],
    )  # fmt: skip
    Member.objects.filter(member_number=person.number).update(user=user)
    return email


def _neighbours(where: Places, rows: dict[str, object], chosen: list[Person]) -> None:
    """Register those who must see nothing: another practice's front desk, another member, another plan's nurse."""
    register_person(
        email="front.desk@cape-ortho.example", name="Front desk of Cape Lumen", password=PASSWORD,
        roles=[(Role.PROVIDER_STAFF, None, where.organizations["cape-ortho"])],
    )  # fmt: skip
    other = next(person for person in chosen if not person.is_named)
    user = register_person(
        email="neighbour@lumen-harbor.example", name=f"{other.given} {other.family}", password=PASSWORD,
        roles=[(Role.MEMBER, where.plan, None)],
    )  # fmt: skip
    row = rows[other.number]
    row.user = user
    row.save(update_fields=["user"])
    register_person(
        email="nurse@sandbox.example", name="Sandbox nurse", password=PASSWORD,
        roles=[(Role.NURSE, where.sandbox, None)],
    )  # fmt: skip


def hold_time(patch: pytest.MonkeyPatch) -> None:
    """Let no real time pass, so that every instant of a journey is exact."""
    patch.setattr("openum.db.clock.time", SimpleNamespace(time_ns=lambda: _REAL))


def audit_is_intact() -> bool:
    """Check every chain of the audit trail."""
    findings = verify()
    assert findings == [], findings
    return True
