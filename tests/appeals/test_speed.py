"""A wish for speed: a clinician binds the plan, a refusal has its letter."""

import pytest

from openum.appeals.rules.filing import SpeedMustBeGranted
from openum.appeals.services import (
    ask_for_speed,
    grant_speed,
    refuse_speed,
)
from tests.appeals import story
from tests.appeals.story import DAY, clock, letters

pytestmark = pytest.mark.django_db


def test_a_clinician_makes_it_fast_and_nobody_may_refuse(world, line, at, desk):
    appeal = story.file(world, line, at + DAY, wants_speed=True, clinician_supports=True)
    assert appeal.speed == "granted"
    assert clock(appeal, "insured.appeal.urgent").due_at == at + 4 * DAY
    with pytest.raises(SpeedMustBeGranted):
        refuse_speed(appeal=appeal, reason="No harm.", by=desk, at=at + DAY)


def test_a_members_wish_for_speed_is_refused_with_a_letter_and_counts_from_the_receipt(world, line, at, desk):
    appeal = story.file(world, line, at + DAY, wants_speed=True)
    assert appeal.speed == "to_decide"
    refuse_speed(appeal=appeal, reason="The knee is stable.", by=desk, at=at + 1.5 * DAY)
    appeal.refresh_from_db()
    assert appeal.speed == "refused"
    decide = clock(appeal, "insured.appeal.urgent")
    assert (decide.governing_rule, decide.started_at) == ("insured.appeal.preservice", at + DAY)
    assert "fast complaint" in letters(line, "appeal-speed-refused")[0].html
    ask_for_speed(appeal=appeal, clinician="Dr. Surgeon", reason="Swelling.", by=world.intake, at=at + 2 * DAY)
    appeal.refresh_from_db()
    assert appeal.speed == "granted"


def test_a_wish_can_be_granted(world, line, at, desk):
    appeal = story.file(world, line, at + DAY, wants_speed=True)
    grant_speed(appeal=appeal, by=desk, at=at + DAY)
    appeal.refresh_from_db()
    assert appeal.speed == "granted"
