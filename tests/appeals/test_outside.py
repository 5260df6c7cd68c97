"""The levels outside the plan: external review by rotation, the Medicare entity, and orders carried out."""

import hashlib

import pytest
from django.test import Client

from openum.appeals.models import Appeal, AppealDecision
from openum.appeals.rules.law import Body
from openum.appeals.rules.reviewers import ReviewerNotIndependent
from openum.appeals.rules.rotation import NoOrganizationFree
from openum.appeals.rules.states import AppealState, Outcome
from openum.appeals.services import (
    ask_outside_review,
    check_external_review,
    decide_appeal,
    enter_review_organization,
    record_outside_decision,
    reverse_early,
    send_file,
)
from openum.appeals.services.outside import NotExhausted
from openum.cases.services import NewDocument, attach
from openum.clocks.services import sweep
from openum.db import clock as demo
from openum.determination.models import OverturnLesson
from openum.determination.queries import determinations_of
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, LineStatus
from tests.appeals import story
from tests.appeals.story import DAY, clock, letters, work

pytestmark = pytest.mark.django_db


def test_external_review_by_rotation_with_packet_and_order(world, line, at, desk, reviewer, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    words = story.asked(at + 40 * DAY, channel=Channel.PORTAL)
    with pytest.raises(NotExhausted):
        ask_outside_review(appeal=appeal, asked=story.asked(at + 2 * DAY), by=world.intake, at=at + 2 * DAY)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 20 * DAY)
    work(at + 20 * DAY)
    outside = ask_outside_review(appeal=appeal, asked=words, by=world.intake, at=at + 40 * DAY)
    assert (outside.level, outside.body, outside.state) == (2, Body.EXTERNAL, AppealState.PRELIMINARY)
    with pytest.raises(NoOrganizationFree, match="at least 3"):
        check_external_review(appeal=outside, result="complete", note="", by=desk, at=at + 42 * DAY)
    alder, birch, _cedar = story.organizations(world, desk, at)
    alder.interests = {world.surgeon_npi: "Its owner works with this surgeon."}
    alder.save()
    check_external_review(appeal=outside, result="complete", note="", by=desk, at=at + 42 * DAY)
    outside.refresh_from_db()
    review = outside.outside
    assert review.organization == birch
    assert review.rotation[0]["why"].startswith("Passed over: Its owner")
    assert "Birch Review" in letters(line, "external-review-checked")[0].html
    packet = send_file(appeal=outside, by=desk, at=at + 43 * DAY)
    assert clock(outside, "external_review.packet.insured").state == "running"
    work(at + 43 * DAY)
    outside.refresh_from_db()
    assert outside.state == AppealState.OUTSIDE
    assert clock(outside, "external_review.packet.insured").state == "met"
    review.refresh_from_db()
    sent = (tmp_path / "outgoing" / f"{packet.public_id}.zip").read_bytes()
    assert review.forward_proof["sha256"] == hashlib.sha256(sent).hexdigest()
    assert clock(outside, "external_review.decision.insured").due_at > at + 80 * DAY
    record_outside_decision(
        appeal=outside, outcome=Outcome.OVERTURNED, rationale="The newer labelling allows it.", reference="B-77",
        cause_kind="node", cause_key="5", cause_words="The criterion is older than the labelling.", by=desk,
        at=at + 70 * DAY,
    )  # fmt: skip
    work(at + 70 * DAY)
    line.refresh_from_db()
    outside.refresh_from_db()
    assert (line.status, outside.state) == (LineStatus.APPROVED, AppealState.CLOSED)
    decision = determinations_of(line)[-1]
    assert (decision.supersedes_because, decision.cited_authority) == ("external_review", "Birch Review, B-77")
    assert clock(outside, "external_review.effectuate").state == "met"
    assert OverturnLesson.objects.get().because == "external_review"


def test_an_ineligible_or_incomplete_request_for_external_review_is_told_so(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)
    outside = ask_outside_review(appeal=appeal, asked=story.asked(at + 3 * DAY), by=world.intake, at=at + 3 * DAY)
    with pytest.raises(Invalid, match="Write what is missing"):
        check_external_review(appeal=outside, result="incomplete", note="", by=desk, at=at + 4 * DAY)
    check_external_review(appeal=outside, result="incomplete", note="The consent form.", by=desk, at=at + 4 * DAY)
    check_external_review(appeal=outside, result="not_eligible", note="Not covered then.", by=desk, at=at + 5 * DAY)
    outside.refresh_from_db()
    assert outside.state == AppealState.DISMISSED
    assert len(letters(line, "external-review-checked")) == 2


def test_medicare_sends_what_it_upholds_on_by_itself(world, at, desk, reviewer, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    line = story.denied(world, at, of=world.member)
    enter_review_organization(plan=world.plan, body=Body.REVIEW_ENTITY, name="Maple Entity", by=desk, at=at)
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 10 * DAY)
    work(at + 10 * DAY)
    second = Appeal.objects.get(follows=appeal)
    assert (second.level, second.body, second.state) == (2, Body.REVIEW_ENTITY, AppealState.OUTSIDE)
    assert clock(appeal, "ma.forward.standard_affirmed").state == "met"
    assert clock(appeal, "ma.forward.standard_affirmed").due_at == clock(appeal, "ma.appeal.standard").due_at
    assert "Medicare" in letters(line, "appeal-sent-on")[0].html
    assert "In most cases you do not have to ask" in letters(line, "appeal-upheld")[0].html


def test_without_a_review_entity_medicare_upholds_and_the_file_stays_owed_until_one_is_entered(
    world, at, desk, reviewer, settings, tmp_path, demo_clock
):
    settings.OPENUM_DATA = tmp_path
    denied = story.denied(world, at, of=world.member)
    appeal = story.assigned(world, denied, at + DAY, reviewer, desk)
    decide_appeal(appeal=appeal, verdict=story.no(denied), by=reviewer, at=at + 10 * DAY)
    work(at + 10 * DAY)
    assert letters(denied, "appeal-upheld")
    assert clock(appeal, "ma.appeal.standard").state == "met"
    owed = clock(appeal, "ma.forward.standard_affirmed")
    assert owed.state == "running"
    second = Appeal.objects.get(follows=appeal)
    assert (second.body, second.state) == (Body.REVIEW_ENTITY, AppealState.TO_BE_SENT)
    client = Client()
    client.force_login(desk)
    demo.set_demo_clock(at + 11 * DAY)
    assert "no review entity is entered: enter one" in client.get("/appeals/?view=outside").text
    page = client.get(f"/appeals/{second.public_id}/").text
    assert "so the file cannot leave" in page
    assert "Seal and send the file" not in page
    with pytest.raises(NoOrganizationFree, match="Enter it, then send the file"):
        send_file(appeal=second, by=desk, at=at + 11 * DAY)
    enter_review_organization(plan=world.plan, body=Body.FAIR_HEARING, name="State office", by=desk, at=at + 11 * DAY)
    assert not second.packets.exists()
    enter_review_organization(plan=world.plan, body=Body.REVIEW_ENTITY, name="Maple Entity", by=desk, at=at + 11 * DAY)
    work(at + 11 * DAY)
    second.refresh_from_db()
    assert (second.state, second.outside.organization.name) == (AppealState.OUTSIDE, "Maple Entity")
    assert clock(appeal, "ma.forward.standard_affirmed").state == "met"
    enter_review_organization(
        plan=world.plan, body=Body.REVIEW_ENTITY, name="Maple Entity", phone="555-0100", by=desk, at=at + 12 * DAY
    )
    assert second.packets.count() == 1
    assert "no review entity is entered" not in client.get("/appeals/").text


def test_a_missed_time_in_medicare_without_a_review_entity_opens_the_next_level(world, at, desk):
    denied = story.denied(world, at, of=world.member)
    appeal = story.file(world, denied, at + DAY)
    sweep(by=world.engine, at=at + 33 * DAY)
    work(at + 33 * DAY)
    second = Appeal.objects.get(follows=appeal)
    assert (second.outside.because, second.state, second.packets.count()) == ("late", AppealState.TO_BE_SENT, 0)


def test_a_missed_time_in_medicare_sends_the_file_on_and_decides_nothing(world, at, desk, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    line = story.denied(world, at, of=world.member)
    enter_review_organization(plan=world.plan, body=Body.REVIEW_ENTITY, name="Maple Entity", by=desk, at=at)
    appeal = story.file(world, line, at + DAY)
    late = at + 33 * DAY
    sweep(by=world.engine, at=late)
    work(late)
    second = Appeal.objects.get(follows=appeal)
    assert second.outside.because == "late"
    assert not AppealDecision.objects.exists()
    line.refresh_from_db()
    appeal.refresh_from_db()
    assert (line.status, appeal.state) == (LineStatus.DENIED, AppealState.OPEN)


def test_a_medicare_reversal_is_due_within_the_time_of_the_reconsideration(world, at, desk, reviewer):
    line = story.denied(world, at, of=world.member)
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    decide_appeal(appeal=appeal, verdict=story.yes(), by=reviewer, at=at + 5 * DAY)
    owed = clock(appeal, "ma.effectuate.standard")
    assert owed.due_at == clock(appeal, "ma.appeal.standard").due_at
    assert owed.state == "met"


def test_in_medicare_the_first_decider_may_not_reverse_early(world, at, desk):
    line = story.denied(world, at, of=world.member)
    appeal = story.file(world, line, at + DAY)
    paper = NewDocument(title="New", content_type="text/plain", content=b"New.")
    attach(case=line.case, request=None, documents=[paper], channel=Channel.FAX, by=world.intake, at=at + 2 * DAY)
    with pytest.raises(ReviewerNotIndependent, match="Took part"):
        reverse_early(appeal=appeal, verdict=story.yes(), by=world.physician, at=at + 2 * DAY)
