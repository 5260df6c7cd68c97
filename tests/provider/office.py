"""What an office does: a request written field by field, sent through the one door, and its pages."""

from django.test import Client

from openum.accounts.models import Organization, User
from openum.accounts.services import register_person
from openum.submission import drafts
from openum.submission.composing import CPT
from openum.vocabulary.terms import Role
from tests.world import World, npi

FIELDS = {
    "member_number": "M-1", "birth_date": "1960-05-04", "family_name": "Osgood", "line_count": "1",
    "line1-code_system": CPT, "line1-units": "1", "line1-unit": "UN", "line1-first_day": "2026-12-17",
    "diagnosis1": "M17.11",
}  # fmt: skip


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def written(world: World, at, **fields: str) -> drafts.Draft:
    """A draft of the office with every field that a request needs."""
    draft = drafts.start(plan=world.plan, organization=world.practice, by=world.provider, at=at)
    named = {"ordering_npi": world.surgeon_npi, **FIELDS, **fields}
    return drafts.save_fields(draft=draft, fields=named, by=world.provider, at=at)


def sent(world: World, at, **fields: str):
    """A request of the office, sent."""
    return drafts.send(draft=written(world, at, **fields), by=world.provider, at=at)


def stranger(world: World) -> User:
    """Somebody of another office, to whom nothing here exists."""
    other = Organization.objects.create(
        tenant=world.plan.tenant, kind=Organization.PROVIDER, name="Other Office", npi=npi(900000888)
    )
    return register_person(
        email="other@test.invalid", name="Other", password=None, roles=[(Role.PROVIDER_STAFF, None, other)]
    )
