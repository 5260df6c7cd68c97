"""A missed time under Part D: the case goes to the review entity in 24 hours, without an appeal and without a decision."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from openum.appeals.models import Appeal
from openum.appeals.queries import appealable_lines
from openum.appeals.rules.filing import NothingToAppeal
from openum.appeals.rules.law import Body
from openum.appeals.rules.states import AppealState, Outcome
from openum.appeals.services import enter_review_organization, record_outside_decision
from openum.cases.queries import current_lines
from openum.cases.services import correct_receipt
from openum.clocks.models import Breach, Clock
from openum.clocks.services import sweep
from openum.db import clock as demo
from openum.determination.models import Determination
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


def corrected(world, line, received_at, at):
    """Two people correct the receipt of a line's request."""
    correct_receipt(
        request=line.request, received_at=received_at, reason="The fax log shows the later minute.", by=world.intake,
        second=world.nurse, at=at,
    )  # fmt: skip


def test_a_receipt_that_was_wrong_takes_the_review_back_and_a_true_lapse_sends_it_again(world, at, desk, settings):
    """42 CFR 423.568(h): without a missed time there is nothing to send; the plan decides with its true time."""
    entity(world, desk, at)
    line = waiting(world, at)
    late = at + 73 * HOUR
    sweep(by=world.engine, at=late)
    work(late)
    opened = Appeal.objects.get(line=line)
    assert opened.state == AppealState.OUTSIDE
    corrected(world, line, at + 10 * HOUR, late + HOUR)
    opened.refresh_from_db()
    assert opened.state == AppealState.TAKEN_BACK
    assert "fax log" in opened.ended_note
    assert Clock.objects.get(request=opened.request, rule="ire.decision.part_d").state == "void"
    deciding = Clock.objects.get(request=line.request, rule="part_d.decide.standard")
    assert (deciding.state, deciding.due_at) == ("running", at + 82 * HOUR)
    assert (forward(line).state, forward(line).due_at) == ("waiting", None)
    line.refresh_from_db()
    assert line.status == LineStatus.PENDED_WITH_PAYER
    work(late + 2 * HOUR)
    opened.outside.refresh_from_db()
    proof = opened.outside.forward_proof["taken_back"]
    told = (Path(settings.OPENUM_DATA) / "outgoing" / proof["file"]).read_bytes()
    assert hashlib.sha256(told).hexdigest() == proof["sha256"]
    assert opened.outside.forward_proof["file"].encode() in told
    member = next(each for each in letters(line, "review-taken-back") if each.audience == "member")
    assert "by the right day" in member.html.lower()
    assert "to send your file back" in member.html
    (breach,) = Breach.objects.filter(clock__request=line.request)
    assert (breach.due_at, breach.set_aside_at) == (at + 72 * HOUR, late + HOUR)
    due = at + 82 * HOUR
    sweep(by=world.engine, at=due + HOUR)
    assert Breach.objects.filter(clock__request=line.request, set_aside_at__isnull=True).get().due_at == due
    work(due + HOUR)
    again = Appeal.objects.exclude(pk=opened.pk).get(line=line)
    assert (again.state, again.outside.because) == (AppealState.OUTSIDE, "undecided")
    assert forward(line).state == "met"


@pytest.mark.parametrize("hours", [-2, 0.5])
def test_a_receipt_that_leaves_the_time_missed_takes_nothing_back(world, at, desk, hours):
    """The time to send the file counts from the true end of the time."""
    line = waiting(world, at)
    late = at + 73 * HOUR
    sweep(by=world.engine, at=late)
    corrected(world, line, at + hours * HOUR, late + HOUR)
    assert Appeal.objects.get(line=line).state == AppealState.TO_BE_SENT
    assert not Breach.objects.filter(clock__request=line.request, set_aside_at__isnull=False).exists()
    assert forward(line).due_at == at + (72 + hours + 24) * HOUR


def test_a_file_that_had_not_gone_yet_does_not_go(world, at, desk, settings):
    entity(world, desk, at)
    line = waiting(world, at)
    late = at + 73 * HOUR
    sweep(by=world.engine, at=late)
    corrected(world, line, at + 10 * HOUR, late)
    work(late + HOUR)
    assert Appeal.objects.get(line=line).state == AppealState.TAKEN_BACK
    assert not (Path(settings.OPENUM_DATA) / "outgoing").exists()
    assert any("Your file did not leave our plan." in each.html for each in letters(line, "review-taken-back"))


def test_a_redetermination_in_time_after_all_comes_back_to_the_plan(world, at, desk):
    """42 CFR 423.590(c): the review that a late answer had opened frees its place for the lawful one."""
    entity(world, desk, at)
    line = story.denied_under(world, at, LineOfBusiness.MEDICARE_PART_D, authority="42 CFR 423.120")
    appeal = story.file(world, line, at + HOUR * 5)
    due = story.clock(appeal, "part_d.appeal.standard").due_at
    sweep(by=world.engine, at=due + HOUR)
    correct_receipt(
        request=appeal.request, received_at=at + 3 * DAY, reason="Stamped too early.", by=world.intake,
        second=world.nurse, at=due + 2 * HOUR,
    )  # fmt: skip
    assert Appeal.objects.get(follows=appeal).state == AppealState.TAKEN_BACK
    appeal.refresh_from_db()
    assert (appeal.state, story.clock(appeal, "part_d.appeal.standard").state) == (AppealState.OPEN, "running")
    later = story.clock(appeal, "part_d.appeal.standard").due_at
    sweep(by=world.engine, at=later + HOUR)
    assert Appeal.objects.filter(follows=appeal, state=AppealState.TO_BE_SENT).count() == 1


def test_the_entity_upholds_what_the_plan_never_decided(world, at, desk, client):
    """The entity's no ends the line: its own decision, told by letter, with a judge next (42 CFR 423.600, 423.2000)."""
    entity(world, desk, at)
    line = waiting(world, at)
    late = at + 73 * HOUR
    sweep(by=world.engine, at=late)
    work(late)
    review = Appeal.objects.get(line=line)
    decided = late + 3 * DAY
    record_outside_decision(
        appeal=review, outcome=Outcome.UPHELD, rationale="The drug is not covered for this use.", reference="M-2",
        by=desk, at=decided,
    )  # fmt: skip
    work(decided)
    line.refresh_from_db()
    review.refresh_from_db()
    assert (line.status, review.state) == (LineStatus.DENIED, AppealState.CLOSED)
    kept = Determination.objects.get(line=line)
    assert (kept.deciding_function, kept.licence, kept.is_adverse) == ("independent review", "Maple Entity", True)
    assert review.decision.determination == kept
    html = letters(line, "outside-decision")[0].html
    assert "The reviewer says no. We had not answered." in html
    assert "a hearing before a judge" in html
    assert not letters(line, "denial")
    assert not Clock.objects.filter(request=line.request, purpose="decide", stopped_at__isnull=True).exists()
    with pytest.raises(NothingToAppeal, match="independent reviewer"):
        story.file(world, line, decided + DAY)
    assert not appealable_lines(desk).filter(pk=line.pk).exists()
