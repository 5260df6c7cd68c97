"""Insured coverage by state: the specialty review of Texas, and the time that a state's own review has."""

import pytest
from django.test import Client

from openum.appeals.models import Appeal
from openum.appeals.rules.filing import NoSpecialtyReview
from openum.appeals.rules.law import Body, Filer
from openum.appeals.rules.states import AppealState
from openum.appeals.services import (
    ask_outside_review,
    ask_second_level,
    decide_appeal,
    enter_review_organization,
    send_file,
)
from openum.clocks.models import Clock
from openum.db.clock import set_demo_clock
from openum.directory.models import Product
from tests.appeals import story
from tests.appeals.story import DAY, clock, letters, work

pytestmark = pytest.mark.django_db


def upheld_in(state, world, at, desk, reviewer):
    """An appeal upheld under the law of a state, by a reviewer licensed there."""
    line = story.denied(world, at)
    Product.objects.filter(pk=line.case.product_id).update(state=state, line_of_business="commercial_state")
    reviewer.licences.update(state=state)
    line.refresh_from_db()
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)
    work(at + 2 * DAY)
    return line, Appeal.objects.get(pk=appeal.pk)


def test_texas_gives_the_provider_a_specialty_review_beside_the_external_one(world, at, desk, reviewer, demo_clock):
    """Tex. Ins. Code 4201.356(b): asked for in 10 working days, finished in 15."""
    line, first = upheld_in("TX", world, at, desk, reviewer)
    (member,) = letters(line, "appeal-upheld")
    assert "of the same or a like field" in member.html
    assert "December 3, 2026" in member.html  # ten working days after November 18; Thanksgiving does not count
    late = {"by": world.intake, "at": at + 5 * DAY}
    with pytest.raises(NoSpecialtyReview, match="own name"):
        ask_second_level(appeal=first, asked=story.asked(at + 5 * DAY), **late)
    provider = {"filer": Filer.CLINICIAN, "name": "Sam Surgeon"}
    with pytest.raises(NoSpecialtyReview, match="good cause"):
        ask_second_level(appeal=first, asked=story.asked(at + 5 * DAY, **provider, issue=" "), **late)
    set_demo_clock(at + 5 * DAY)
    office = Client()
    office.force_login(world.provider)
    page = f"/requests/{line.case.public_id}/"
    assert "Ask for a specialty review" in office.get(page).text
    ask = f"/appeal/{first.public_id}/again/"
    assert office.post(ask, {"good_cause": " "}).status_code == 422, "a reason is wanted"
    assert office.post(ask, {"good_cause": "A hand surgeon should look at it."}).status_code == 302
    second = Appeal.objects.get(follows=first)
    assert (second.filer, second.filer_name, second.issue) == (
        "clinician", world.provider.name, "A hand surgeon should look at it.",
    )  # fmt: skip
    assert "Ask for a specialty review" not in office.get(page).text, "it is asked for once"
    assert (second.level, second.body, second.state, second.form) == (2, Body.PLAN, AppealState.OPEN, "")
    review = clock(second, "tx.appeal.specialty_review")
    assert (review.state, review.due_at < clock(second, "insured.appeal.preservice").due_at) == ("running", True)
    outside = ask_outside_review(appeal=second, asked=story.asked(at + 6 * DAY), by=world.intake, at=at + 6 * DAY)
    assert (outside.level, outside.body) == (3, Body.STATE_EXTERNAL)


@pytest.mark.parametrize(
    ("state", "rule", "words"),
    [
        ("NY", "ny.external_appeal", "The reviewer has 30 days to answer."),
        ("TX", "tx.iro", "The reviewer has 20 days to answer."),
    ],
)
def test_the_letter_about_the_file_states_the_time_of_its_own_clock(
    world, at, desk, reviewer, settings, tmp_path, state, rule, words
):
    settings.OPENUM_DATA = tmp_path
    line, appeal = upheld_in(state, world, at, desk, reviewer)
    enter_review_organization(plan=world.plan, body=Body.STATE_EXTERNAL, name="State Office", by=desk, at=at)
    outside = ask_outside_review(appeal=appeal, asked=story.asked(at + 6 * DAY), by=world.intake, at=at + 6 * DAY)
    laws = set(Clock.objects.filter(request=outside.request, binds=True).values_list("rule", flat=True))
    assert not any(law.startswith("external_review.") for law in laws), "no part of the federal process"
    assert clock(outside, f"{rule}.file").state == "running"
    send_file(appeal=outside, by=desk, at=at + 7 * DAY)
    work(at + 7 * DAY)
    assert clock(outside, f"{rule}.file").state == "met"
    (letter,) = (each.html for each in letters(line, "appeal-sent-on"))
    assert words in letter
    due = clock(outside, f"{rule}.decision").due_at
    assert f"{due:%B} " in letter
    assert str(due.year) in letter
