"""The demo world holds appeals that the coordinator can work on, made by the services."""

import pytest
from django.test import Client

from openum.appeals.models import Appeal, ReviewOrganization
from openum.grievances.models import Grievance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def test_the_coordinator_finds_appeals_a_complaint_and_outside_bodies(world):
    found = list(Appeal.objects.order_by("filed_at"))
    assert 1 <= len(found) <= 3
    assert found[0].packets.get().manifest["parts"]
    assert ReviewOrganization.objects.filter(body="external").count() == 3
    assert Grievance.objects.get().acknowledged_at is not None
    desk = Client()
    desk.force_login(world.user("appeals"))
    page = desk.get("/appeals/")
    assert all(appeal.number in page.text for appeal in found)
    for appeal in found:
        assert desk.get(f"/appeals/{appeal.public_id}/").status_code == 200
    assert Grievance.objects.get().number in desk.get("/complaints/").text
