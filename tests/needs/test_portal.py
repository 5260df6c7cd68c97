"""The page of offices: with a member, without one, its receipts found again, and only for one's own."""

import pytest
from django.test import Client

from openum.accounts.models import Organization
from openum.accounts.services import register_person
from openum.audit.models import EventRow
from openum.cases.models import ServiceLine
from openum.determination.services import approve_line
from openum.needs.models import Assertion
from openum.vocabulary.terms import Role
from tests.adapters.crd import kit
from tests.adapters.crd.conftest import crd
from tests.world import knee_request, npi, send

__all__ = ["crd"]
pytestmark = pytest.mark.django_db


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def office(world, demo_clock):
    return browser_of(world.provider)


def form(world, code="95806", **facts):
    member = {"member_number": "M-1", "birth_date": "1960-05-04"}
    return {"do": "check", "plan": str(world.plan.public_id), "code_system": "CPT", "code": code, **member, **facts}


def in_general(world, code="95806", **facts):
    said = {"member_number": "", "birth_date": "", "product": str(world.medicare.public_id)}
    return form(world, code, **{**said, **facts})


def page_after(client, data):
    response = client.post("/needs/", data)
    assert response.status_code == 302, response.content.decode()
    return client.get(response.headers["Location"]).content.decode()


def test_nothing_to_ask_gives_a_numbered_receipt_that_is_found_again(office, world):
    page = page_after(office, form(world))
    row = Assertion.objects.get()
    assert row.receipt_number.startswith("N-26-")
    assert (row.member, row.organization, row.asked_by, row.way) == (
        world.member,
        world.practice,
        world.provider,
        "portal",
    )
    for words in ("No authorization needed", row.receipt_number, "Mina Osgood", "services 2026.3 sleep-home"):
        assert words in page
    found = office.post("/needs/", {"do": "find", "number": f" {row.receipt_number.lower()} "})
    assert found.headers["Location"] == f"/needs/{row.public_id}/"
    assert row.receipt_number in office.get("/needs/").content.decode()
    assert EventRow.objects.filter(type="NeedsAsked").count() == 1
    assert EventRow.objects.filter(type="AssertionRead").count() == 1


@pytest.mark.parametrize(
    ("code", "facts", "words"),
    [
        ("72148", {"birth_date": "1980-01-01"}, ["Authorization needed", "/policies/LBP-MRI/"]),
        ("72148", {}, ["Authorization needed"]),
        ("17380", {}, ["Not covered", "organization determination"]),
        ("97110", {}, ["It depends", "Name who will treat"]),
        ("72148", {"place": "23"}, ["No authorization needed", "Receipt", "45 CFR 149.110"]),
        ("72148", {"circumstance": "emergency"}, ["No authorization needed", "Receipt"]),
        ("00001", {}, ["It depends", "Ask the plan"]),
        ("95810", {}, ["Authorization needed", "A sleep test at home needs no authorization"]),
    ],
)
def test_each_answer_is_told_in_words_also_without_a_member(office, world, code, facts, words):
    page = page_after(office, in_general(world, code, **facts))
    for each in words:
        assert each in page
    assert Assertion.objects.get().member is None


def test_the_performer_decides_about_the_network(office, world):
    assert "No authorization needed" in page_after(office, in_general(world, "97110", npi=world.surgeon_npi))
    assert "Authorization needed" in page_after(office, in_general(world, "97110", npi=npi(900000777)))


def test_an_authorization_in_force_is_named_and_its_case_noted_as_read(office, world, at):
    send(world, knee_request(world, of=world.member, at=at), at=at)
    line = ServiceLine.objects.get()
    approve_line(line=line, by=world.orthopaedist, at=at, rationale="It is so.", cited_authority="plan page 1")
    page = page_after(office, form(world, "27447", first_day="2026-12-17"))
    assert "Authorized already" in page
    assert line.authorizations.get().number in page
    assert EventRow.objects.filter(type="CasesRead", data__contains="portal").count() == 1


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"code": ""}, "This field is required."),
        ({"birth_date": ""}, "The date of birth must come with the member number."),
        ({"birth_date": "1961-01-01"}, "knows no member with this number"),
        ({"member_number": "X-1"}, "knows no member with this number"),
        ({"member_number": ""}, "Give a member number, or choose a product."),
        ({"npi": "1234567890"}, "not a valid NPI"),
        ({"first_day": "2020-01-01"}, "no active coverage"),
        ({"plan": "nonsense"}, "Select a valid choice"),
        ({"circumstance": "boredom"}, "Select a valid choice"),
        ({"do": "find", "number": "N-26-9999999"}, "There is no such receipt"),
        ({"do": "find"}, "This field is required."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(office, world, facts, words):
    response = office.post("/needs/", form(world, "72148") | facts)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page.replace("&#x27;", "'")
    assert not Assertion.objects.exists()
    if facts.get("do") != "find" and "code" not in facts:
        assert 'value="72148"' in page


def test_a_product_of_another_plan_is_refused(office, world):
    data = in_general(world) | {"plan": str(world.sandbox.public_id)}
    assert "not one of the health plan" in office.post("/needs/", data).content.decode()


def test_an_answer_is_seen_by_the_office_and_the_plan_only(office, world):
    page_after(office, form(world))
    row = Assertion.objects.get()
    other = Organization.objects.create(tenant=world.practice.tenant, kind=Organization.PROVIDER, name="Other")
    stranger = register_person(
        email="stranger@test.invalid", name="Stranger", password="a long test pass phrase",
        roles=[(Role.PROVIDER_STAFF, None, other)],
    )  # fmt: skip
    address = f"/needs/{row.public_id}/"
    assert browser_of(stranger).get(address).status_code == 404
    assert browser_of(stranger).post("/needs/", {"do": "find", "number": row.receipt_number}).status_code == 422
    assert browser_of(world.intake).get(address).status_code == 200
    assert browser_of(world.member_user).get(address).status_code == 403
    assert Client().get("/needs/").status_code == 302


def test_staff_of_the_plan_ask_for_their_own_members(world, demo_clock):
    nurse = browser_of(world.nurse)
    page = page_after(nurse, form(world, "72148"))
    assert "New request" not in page
    assert Assertion.objects.get().organization is None


def test_the_page_and_the_hook_give_the_same_answer(office, world, crd):
    page_after(office, form(world, "72148"))
    crd.ask(kit.call(kit.order()))
    page, hook = Assertion.objects.order_by("told_at")
    for name in ("covered", "authorization", "reason", "rests_on", "valid_to"):
        assert getattr(page, name) == getattr(hook, name)
