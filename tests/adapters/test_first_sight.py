"""Two messages about a person whom nobody knew arrive in the same moment: both are answered. On both databases."""

import orjson
import pytest
from django.test import Client

from openum.cases.models import Case
from openum.db import clock
from openum.directory.models import Member
from tests import world as worlds
from tests.adapters.kit import message, resource
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox(transactional_db, at):
    """The sandbox of the small world, seen by every thread."""
    world = worlds.fresh()
    clock.set_demo_clock(at)
    return world.sandbox


def _request(number, family):
    data = message("home-care")
    resource(data, "Claim")["identifier"][0]["value"] = f"FIRST-SIGHT-{number}"
    resource(data, "Patient")["name"] = [{"family": family, "given": ["Otto"]}]
    return orjson.dumps(data)


def _submitted(body):
    headers = {"Authorization": "Bearer sandbox-token"}
    answer = Client().post("/fhir/2.2/Claim/$submit", body, content_type="application/fhir+json", headers=headers)
    return answer.status_code


def test_one_person_is_put_on_file_once(sandbox):
    bodies = [_request(number, "Newcomer") for number in range(4)]
    assert at_once(*[lambda body=body: _submitted(body) for body in bodies]) == [200] * 4
    assert Case.objects.count() == 4
    assert Member.objects.filter(plan=sandbox).count() == 1


def test_people_of_one_number_are_rows_of_their_own(sandbox):
    bodies = [_request(number, family) for number, family in enumerate(("Ash", "Birch", "Cedar"))]
    assert at_once(*[lambda body=body: _submitted(body) for body in bodies]) == [200] * 3
    numbers = sorted(Member.objects.filter(plan=sandbox).values_list("member_number", flat=True))
    assert numbers == [numbers[0], f"{numbers[0]} (2)", f"{numbers[0]} (3)"]
