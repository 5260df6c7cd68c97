"""The director's page: every figure equals the list behind it, in one's own plans, whatever the line of business."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from openum.accounts.services import register_person
from openum.audit.models import EventRow
from openum.clocks.models import Clock
from openum.clocks.rules.reading import ClockState
from openum.command import queries
from openum.command.views import DEFINITIONS, TITLES
from openum.db import clock
from openum.determination.services import approve_line
from openum.vocabulary.terms import Role
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db
EVIDENCE = (note("Visit note", "KL grade 4 on standing film."),)


@pytest.fixture
def director(world):
    """A director of the plan."""
    return person(Role.DIRECTOR, world.plan)


def person(role, plan):
    return register_person(email=f"{role}@test.invalid", name=str(role), password=None, roles=[(role, plan, None)])


@pytest.fixture
def cases(world, at):
    """Three requests of today, of three lines of business, one of them decided."""
    clock.set_demo_clock(at)
    made = [
        send(world, knee_request(world, of=member, at=at, evidence=EVIDENCE), at=at).case
        for member in (world.commercial_member, world.member, world.erisa_member)
    ]
    line = made[0].lines.get()
    approve_line(line=line, by=world.physician, at=at, rationale="It is met in another way.", cited_authority="NCD 1")
    return made


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def figures(client, query="") -> dict[str, int]:
    text = client.get(f"/command.csv{query}").content.decode()
    return {row["figure"]: int(row["value"]) for row in csv.DictReader(io.StringIO(text))}


def test_every_figure_has_words_a_definition_and_a_list():
    assert (
        {*queries.DUTIES, *queries.LISTS, "agreement"} == set(TITLES) == set(DEFINITIONS)
    )  # rounds have a page of their own


def test_each_figure_is_the_length_of_its_list(world, cases, director, at):
    clock.set_demo_clock(at + timedelta(hours=2))
    Clock.objects.filter(case=cases[1], binds=True).update(
        state=ClockState.RUNNING, resumes_at=None, started_at=at - timedelta(days=9), due_at=at + timedelta(hours=3)
    )
    Clock.objects.filter(case=cases[2], binds=True).update(
        state=ClockState.RUNNING, resumes_at=None, started_at=at - timedelta(days=9), due_at=at + timedelta(hours=1)
    )
    client = browser_of(director)
    found = figures(client)
    assert (found["came"], found["decided"], found["due"], found["at-risk"], found["late"]) == (3, 1, 1, 1, 1)
    for key, value in found.items():
        rows = client.get(f"/command/{key}/").content.decode().count('<th scope="row">')
        assert rows == value, key


def test_the_page_shows_who_has_the_ball_and_leads_to_each_list(world, cases, director):
    text = browser_of(director).get("/command/").content.decode()
    for address in set(re.findall(r'href="(/command/[a-z-]+/[^"]*)"', text)):
        assert browser_of(director).get(address).status_code == 200, address
    assert "provider 2" in re.sub(r"<[^>]+>", "", text)
    assert cases[0].member.family_name not in text


def test_a_line_of_business_narrows_figures_and_lists(world, cases, director):
    client = browser_of(director)
    assert figures(client, "?line=0")["came"] == 1
    assert cases[1].number in client.get("/command/came/?line=0").content.decode()
    assert cases[0].number not in client.get("/command/came/?line=0").content.decode()
    assert client.get("/command/came/?line=99").status_code == 200


def test_a_list_records_what_it_showed_and_masks_what_is_sealed(world, cases, director):
    cases[0].sealed_as = "mental health"
    cases[0].save(update_fields=["sealed_as"])
    text = browser_of(director).get("/command/came/").content.decode()
    assert cases[0].number in text
    assert cases[0].member.family_name not in text
    assert EventRow.objects.filter(type="CasesRead", data__contains="command: came").count() == 1


def test_other_plans_do_not_count(world, cases):
    client = browser_of(person(Role.DIRECTOR, world.sandbox))
    assert set(figures(client).values()) == {0}


def test_who_does_not_keep_the_plans_promise_does_not_see_it(world, cases):
    assert browser_of(world.nurse).get("/command/").status_code in {403, 404}
    assert browser_of(world.physician).get("/command/nothing/").status_code == 404


def test_the_page_takes_few_queries_however_many_cases(world, cases, director, django_assert_max_num_queries):
    client = browser_of(director)
    text = client.get(reverse("command:dashboard")).content.decode()
    assert all(f'id="{row}"' in text for row in ("promise", "flow", "quality", "people", "goals"))
    with django_assert_max_num_queries(40):
        client.get(reverse("command:dashboard"))
