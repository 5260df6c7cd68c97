"""The demo world holds claims that rules found: a lead list, one waits for records, one for the practice, one was rebutted."""

import pytest
from django.test import Client

from openum.retrospective.models import ClaimFinding, Lead
from openum.retrospective.rules.leads import LeadState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def test_the_pages_of_claim_review_are_not_empty(world):
    assert Lead.objects.filter(state=LeadState.OPEN).count() >= 8
    assert Lead.objects.filter(state=LeadState.IN_REVIEW).count() == 3
    desk = Client()
    desk.force_login(world.user("nurse"))
    assert "C-77188" in desk.get("/claim-review/").text
    assert "C-77260" in desk.get("/claim-review/findings/").text
    assert "99215" in desk.get("/claim-review/patterns/").text
    (mine,) = ClaimFinding.objects.filter(offers_late_request=True)
    office = Client()
    office.force_login(world.user("provider_staff"))
    assert "38 timed minutes" in office.get(f"/requests/findings/{mine.public_id}/").text
