"""An office asks again with the same details; the board tells the number and how much of it is used."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from openum.accounts.models import Organization
from openum.accounts.services import register_person
from openum.db import clock
from openum.determination.models import AuthorizationSegment
from openum.determination.services import approve_line, record_usage
from openum.submission.models import Draft
from openum.vocabulary.terms import Role
from tests.world import knee_request, npi, send

pytestmark = pytest.mark.django_db


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def case(world, at):
    clock.set_demo_clock(at)
    return send(world, knee_request(world, at=at), at=at).case


def test_a_new_request_begins_with_what_the_earlier_one_said(world, case):
    client = browser_of(world.provider)
    page = client.post(f"/requests/{case.public_id}/again/")
    assert page.headers["Location"].endswith("/service/")
    fields, line = Draft.objects.get().fields, case.lines.get()
    assert (fields["member_number"], fields["line1-code"], fields["diagnosis1"]) == ("C-1", line.code, "M17.11")
    assert fields["ordering_npi"] == world.surgeon_npi
    assert "line1-first_day" not in fields
    assert line.code in client.get(page.headers["Location"]).content.decode()


def test_another_office_begins_nothing(world, case):
    other = Organization.objects.create(
        tenant=world.plan.tenant, kind=Organization.PROVIDER, name="Other", npi=npi(900000888)
    )
    stranger = register_person(
        email="o@test.invalid", name="Other", password=None, roles=[(Role.PROVIDER_STAFF, None, other)]
    )
    assert browser_of(stranger).post(f"/requests/{case.public_id}/again/").status_code == 404
    assert not Draft.objects.exists()


def test_the_board_and_the_request_tell_what_is_used(world, case, at):
    line = case.lines.get()
    approve_line(line=line, by=world.physician, at=at, rationale="Met in another way.", cited_authority="NCD 1")
    segment = AuthorizationSegment.objects.get()
    day = segment.valid_from + timedelta(days=1)
    record_usage(
        segment=segment, kind="claim", units=Decimal(1), service_date=day, reference="CL-1", by=world.engine, at=at
    )
    client = browser_of(world.provider)
    for address in ("/requests/?tab=approved", f"/requests/{case.public_id}/"):
        assert "1 of 1 used" in client.get(address).content.decode(), address
