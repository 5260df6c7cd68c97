"""A benefit that goes on during a Medicaid appeal, and how it ends: on a ground of the law, by letter, with its day."""

from datetime import date

import pytest
from django.test import Client

from openum.appeals.models import BenefitContinuation
from openum.appeals.rules.continuation import BenefitGoesOn, EndsInThePast
from openum.appeals.services import (
    ask_outside_review,
    ask_to_continue,
    decide_appeal,
    end_continuation,
    withdraw_appeal,
)
from openum.db import clock as demo
from openum.vocabulary.errors import Conflict
from openum.vocabulary.terms import LineOfBusiness
from tests.appeals import story
from tests.appeals.story import DAY, letters, work

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 30)


@pytest.fixture
def kept(world, at, desk, reviewer):
    """An appeal of a Medicaid member whose benefit goes on."""
    line = story.denied_under(world, at, LineOfBusiness.MEDICAID_MANAGED_CARE)
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    row = ask_to_continue(
        appeal=appeal, was_authorized=True, ordered_by_provider=True, recovery_told=True, by=desk, at=at + 2 * DAY
    )
    assert row.is_granted, row.refused_because
    return appeal


def test_it_ends_when_no_hearing_is_asked_for_within_ten_days(world, at, kept, desk, reviewer):
    decide_appeal(appeal=kept, verdict=story.no(kept.line), by=reviewer, at=at + 3 * DAY)
    work(at + 3 * DAY)
    with pytest.raises(BenefitGoesOn, match="438.420"):
        end_continuation(appeal=kept, last_day=TODAY, by=desk, at=at + 13 * DAY)
    with pytest.raises(EndsInThePast):
        end_continuation(appeal=kept, last_day=date(2026, 11, 29), by=desk, at=at + 14 * DAY)
    row = end_continuation(appeal=kept, last_day=TODAY, by=desk, at=at + 14 * DAY)
    assert (row.ended_because, row.last_day) == ("no_hearing_asked", TODAY)
    (letter,) = letters(kept.line, "continuation-ended")
    assert "The last day on which we pay for this care is November 30, 2026." in letter.html
    assert "No hearing was asked for within 10 days" in letter.html
    assert "You may have to pay" in letter.html
    with pytest.raises(Conflict, match="No benefit goes on"):
        end_continuation(appeal=kept, last_day=TODAY, by=desk, at=at + 14 * DAY)


def test_it_goes_on_when_a_hearing_is_asked_for(world, at, kept, desk, reviewer):
    decide_appeal(appeal=kept, verdict=story.no(kept.line), by=reviewer, at=at + 3 * DAY)
    work(at + 3 * DAY)
    ask_outside_review(appeal=kept, asked=story.asked(at + 5 * DAY), by=world.intake, at=at + 5 * DAY)
    with pytest.raises(BenefitGoesOn):
        end_continuation(appeal=kept, last_day=TODAY, by=desk, at=at + 14 * DAY)
    assert not letters(kept.line, "continuation-ended")


def test_it_ends_with_a_withdrawal_by_page(world, at, kept, desk, demo_clock):
    withdraw_appeal(appeal=kept, who="the member", why="better", by=world.intake, at=at + 3 * DAY)
    assert "The appeal was taken back" in letters(kept.line, "appeal-dismissed")[0].html
    demo.set_demo_clock(at + 14 * DAY)
    client = Client()
    client.force_login(desk)
    step = f"/appeals/{kept.public_id}/step/"
    assert "End the benefit" in client.get(f"/appeals/{kept.public_id}/").text
    assert client.post(step, {"do": "end_continuation", "last_day": ""}).status_code == 422
    assert client.post(step, {"do": "end_continuation", "last_day": "2026-11-01"}).status_code == 422
    assert client.post(step, {"do": "end_continuation", "last_day": "2026-12-01"}).status_code == 302
    assert BenefitContinuation.objects.get().ended_because == "withdrawn"
    assert "Last day:" in client.get(f"/appeals/{kept.public_id}/").text
