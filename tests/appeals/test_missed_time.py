"""A missed time under Part D: the case goes to the review entity in 24 hours, without an appeal and without a decision."""

from datetime import timedelta

import pytest
from django.test import Client

from openum.appeals.models import Appeal
from openum.appeals.rules.law import Body
from openum.appeals.rules.states import AppealState, Outcome
from openum.appeals.services import enter_review_organization, record_outside_decision
from openum.cases.queries import current_lines
from openum.clocks.models import Breach, Clock
from openum.clocks.services import sweep
from openum.db import clock as demo
from openum.determination.services import approve_line
from openum.directory.queries import latest_coverage, product_of
from openum.vocabulary.terms import LineOfBusiness, LineStatus, Urgency
from tests.appeals import story
from tests.appeals.story import DAY, letters, work
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FORWARD = "part_d.forward.untimely"


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.OPENUM_DATA = tmp_path


def waiting(world, at, *, business=LineOfBusiness.MEDICARE_PART_D, **changes):
    """A line that nobody decided, of a member of a plan of that business."""
    product = product_of(latest_coverage(member=world.erisa_member, known_at=at), world.plan)
    product.line_of_business = business
    product.save()
    request = knee_request(world, of=world.erisa_member, at=at, evidence=(note("Visit", "Knee pain."),), **changes)
    return current_lines(send(world, request, at=at).case)[0]


def forward(line) -> Clock:
    """The time to send the case of a line on."""
    return Clock.objects.get(request=line.request, rule=FORWARD)


def entity(world, desk, at):
    """The review entity of the plan."""
    return enter_review_organization(plan=world.plan, body=Body.REVIEW_ENTITY, name="Maple Entity", by=desk, at=at)


@pytest.mark.parametrize(
    ("urgency", "hours", "deciding", "answer", "last_day"),
    [
        (Urgency.STANDARD, 72, "part_d.decide.standard", "ire.decision.part_d", "November 26, 2026"),
        (Urgency.EXPEDITED, 24, "part_d.decide.expedited", "ire.decision.expedited", "November 20, 2026"),
    ],
)
def test_a_missed_time_sends_the_case_to_the_entity_with_proof(
    world, at, desk, urgency, hours, deciding, answer, last_day
):
    """42 CFR 423.568(h), 423.572(d), 423.600(d)."""
    entity(world, desk, at)
    line = waiting(world, at, urgency=urgency)
    due = Clock.objects.get(request=line.request, rule=deciding).due_at
    assert due == at + hours * HOUR
    sweep(by=world.engine, at=due + HOUR)
    owed = forward(line)
    assert (owed.state, owed.due_at, owed.recipient) == ("running", due + 24 * HOUR, "independent_reviewer")
    assert Breach.objects.get(rule=deciding).missed == "forward_to_independent_review"
    work(due + HOUR)
    opened = Appeal.objects.get(line=line)
    assert (opened.level, opened.body, opened.state) == (2, Body.REVIEW_ENTITY, AppealState.OUTSIDE)
    assert (opened.follows, opened.determination, opened.outside.because) == (None, None, "undecided")
    assert opened.outside.forward_proof["sha256"]
    assert forward(line).state == "met"
    assert story.clock(opened, answer).state == "running"
    html = letters(line, "appeal-sent-on")[0].html
    assert "We did not answer your request in time" in html
    assert f"The reviewer writes to you by {last_day}." in html
    line.refresh_from_db()
    assert line.status == LineStatus.PENDED_WITH_PAYER
    sweep(by=world.engine, at=due + 30 * HOUR)
    assert Appeal.objects.filter(line=line).count() == 1


def test_without_an_entity_the_file_stays_owed_and_the_coordinator_sends_it_from_the_page(world, at, desk, demo_clock):
    line = waiting(world, at)
    late = at + 73 * HOUR
    sweep(by=world.engine, at=late)
    work(late)
    opened = Appeal.objects.get(line=line)
    assert (opened.state, forward(line).state) == (AppealState.TO_BE_SENT, "running")
    client = Client()
    client.force_login(desk)
    demo.set_demo_clock(late)
    assert "no review entity is entered: enter one" in client.get("/appeals/?view=outside").text
    assert "did not decide in time" in client.get(f"/appeals/{opened.public_id}/").text
    refused = client.post("/appeals/outside/", {"body": "review_entity", "name": ""})
    assert refused.status_code == 422
    assert forward(line).state == "running"
    sent = client.post("/appeals/outside/", {"body": "review_entity", "name": "Maple Entity", "is_active": "on"})
    assert sent.status_code == 302
    work(late + HOUR)
    opened.refresh_from_db()
    assert opened.state == AppealState.OUTSIDE
    assert forward(line).state == "met"


def test_a_forward_that_is_late_too_is_a_breach_of_its_own(world, at):
    line = waiting(world, at)
    sweep(by=world.engine, at=at + 73 * HOUR)
    sweep(by=world.engine, at=at + 97 * HOUR)
    assert forward(line).state == "late"
    assert set(Breach.objects.values_list("rule", flat=True)) >= {"part_d.decide.standard", FORWARD}


def test_what_was_approved_before_the_lapse_was_found_is_not_sent_on(world, at):
    line = waiting(world, at)
    approve_line(line=line, by=world.nurse, at=at + 73 * HOUR, cited_authority="42 CFR 423.120")
    sweep(by=world.engine, at=at + 74 * HOUR)
    assert not Appeal.objects.filter(line=line).exists()
    assert not Clock.objects.filter(rule=FORWARD).exists()


def test_the_entity_gives_what_the_plan_did_not_decide(world, at, desk):
    entity(world, desk, at)
    line = waiting(world, at)
    late = at + 73 * HOUR
    sweep(by=world.engine, at=late)
    work(late)
    record_outside_decision(
        appeal=Appeal.objects.get(line=line), outcome=Outcome.OVERTURNED, rationale="It is covered.",
        reference="M-1", cause_kind="step", cause_key="time", cause_words="Nobody looked at it.", by=desk,
        at=late + 3 * DAY,
    )  # fmt: skip
    work(late + 3 * DAY)
    line.refresh_from_db()
    assert line.status == LineStatus.APPROVED
    assert Appeal.objects.get(line=line).state == AppealState.CLOSED


def test_another_law_sends_no_undecided_request_anywhere(world, at):
    line = waiting(world, at, business=LineOfBusiness.ERISA_GROUP)
    sweep(by=world.engine, at=at + 40 * DAY)
    assert not Appeal.objects.filter(line=line).exists()
    assert not Clock.objects.filter(request=line.request, purpose="forward").exists()


def test_a_missed_redetermination_owes_its_file_within_24_hours_too(world, at, desk):
    """42 CFR 423.590(c), (e)."""
    entity(world, desk, at)
    line = story.denied_under(world, at, LineOfBusiness.MEDICARE_PART_D, authority="42 CFR 423.120")
    appeal = story.file(world, line, at + HOUR * 5)
    due = story.clock(appeal, "part_d.appeal.standard").due_at
    sweep(by=world.engine, at=due + HOUR)
    owed = story.clock(appeal, FORWARD)
    assert (owed.state, owed.due_at) == ("running", due + 24 * HOUR)
    work(due + HOUR)
    assert story.clock(appeal, FORWARD).state == "met"
    assert Appeal.objects.get(follows=appeal).outside.because == "late"


def test_a_missed_expedited_reconsideration_owes_its_file_within_24_hours(world, at, desk):
    """42 CFR 422.590(e), (g)."""
    line = story.denied(world, at, of=world.member)
    appeal = story.file(world, line, at + DAY, wants_speed=True, clinician_supports=True)
    due = story.clock(appeal, "ma.appeal.expedited").due_at
    sweep(by=world.engine, at=due + HOUR)
    owed = story.clock(appeal, "ma.forward.untimely_expedited")
    assert (owed.state, owed.due_at) == ("running", due + 24 * HOUR)
    entity(world, desk, due + HOUR)
    work(due + 2 * HOUR)
    assert story.clock(appeal, "ma.forward.untimely_expedited").state == "met"
