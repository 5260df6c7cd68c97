"""Pages of outside bodies, hearings and conflicts of interest; the steps that a coordinator takes by page."""

import pytest
from django.test import Client

from openum.appeals.models import Appeal, DeclaredInterest, OutsideReview, ReviewOrganization
from openum.appeals.rules.law import Body
from openum.appeals.rules.reviewers import ReviewerNotIndependent
from openum.appeals.services import (
    ask_outside_review,
    assign_reviewer,
    check_external_review,
    decide_appeal,
    declare_interest,
    enter_review_organization,
    send_file,
)
from openum.db import clock as demo
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import LineOfBusiness
from tests.appeals import story
from tests.appeals.story import DAY, work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.OPENUM_DATA = tmp_path


def at_desk(user):
    client = Client()
    client.force_login(user)
    return client


def upheld(world, line, at, desk, reviewer, **changes):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk, **changes)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)
    work(at + 2 * DAY)
    return Appeal.objects.get(pk=appeal.pk)


def test_a_hearing_is_entered_and_the_member_sees_it(world, at, desk, reviewer, demo_clock):
    line = story.denied_under(world, at, LineOfBusiness.MEDICAID_MANAGED_CARE)
    world.member.user = None
    world.member.save()
    world.erisa_member.user = world.member_user
    world.erisa_member.save()
    enter_review_organization(plan=world.plan, body=Body.FAIR_HEARING, name="State Hearings", by=desk, at=at)
    first = upheld(world, line, at, desk, reviewer)
    hearing = ask_outside_review(appeal=first, asked=story.asked(at + 3 * DAY), by=world.intake, at=at + 3 * DAY)
    demo.set_demo_clock(at + 4 * DAY)
    client = at_desk(desk)
    step = f"/appeals/{hearing.public_id}/step/"
    assert client.post(step, {"do": "hearing", "hearing_at": "2026-12-10T09:30", "how": ""}).status_code == 422
    assert client.post(step, {"do": "hearing", "hearing_at": "2026-12-10T09:30", "how": "Room 2"}).status_code == 302
    assert OutsideReview.objects.get(appeal=hearing).hearing_at.isoformat() == "2026-12-10T14:30:00+00:00"
    assert "Room 2" in client.get(f"/appeals/{hearing.public_id}/").text
    assert "Dec 10" in client.get("/appeals/outside/").text
    assert "Room 2" in at_desk(world.member_user).get(f"/my/{line.case.public_id}/").text
    wrong = client.post(
        f"/appeals/{first.public_id}/step/", {"do": "hearing", "hearing_at": "2026-12-10T09:30", "how": "x"}
    )
    assert wrong.status_code == 409


def test_the_list_shows_the_dates_and_the_turns(world, line, at, desk, reviewer, demo_clock):
    story.organizations(world, desk, at)
    first = upheld(world, line, at, desk, reviewer)
    outside = ask_outside_review(appeal=first, asked=story.asked(at + 3 * DAY), by=world.intake, at=at + 3 * DAY)
    check_external_review(appeal=outside, result="complete", note="", by=desk, at=at + 4 * DAY)
    send_file(appeal=outside, by=desk, at=at + 5 * DAY)
    work(at + 5 * DAY)
    demo.set_demo_clock(at + 9 * DAY)
    client = at_desk(desk)
    page = client.get("/appeals/outside/").text
    for words in (outside.number, "Alder Review", "Nov 19", "Nov 20", "Nov 21", "With the outside reviewer"):
        assert words in page
    step = f"/appeals/{outside.public_id}/step/"
    answer = {
        "do": "outside", "outcome": "overturned", "reference": "A-1", "rationale": "The newer labelling allows it.",
        "cause_kind": "node", "cause_key": "5", "cause_words": "Older than the labelling.",
    }  # fmt: skip
    assert client.post(step, {**answer, "received_at": "2026-12-24T09:00"}).status_code == 422
    assert client.post(step, {**answer, "received_at": "2026-11-24T09:00"}).status_code == 302
    owed = story.clock(outside, "external_review.effectuate")
    assert owed.started_at.isoformat() == "2026-11-24T14:00:00+00:00"
    assert "Nov 24" in client.get("/appeals/outside/").text
    assert "Decision reached us" in client.get(f"/appeals/{outside.public_id}/").text


def test_an_organization_is_entered_with_its_conflicts(world, at, desk, demo_clock):
    client = at_desk(desk)
    given = {"body": "external", "name": "Dell Review", "interests": f"{world.surgeon_npi} Shares an owner."}
    assert client.post("/appeals/outside/", {**given, "name": ""}).status_code == 422
    assert client.post("/appeals/outside/", given).status_code == 302
    row = ReviewOrganization.objects.get(name="Dell Review")
    assert row.interests == {world.surgeon_npi: "Shares an owner."}
    assert "Shares an owner." in client.get("/appeals/outside/").text
    assert at_desk(world.nurse).get("/appeals/outside/").status_code == 403


def test_a_declared_interest_keeps_the_reviewer_away_until_it_ends(world, line, at, desk, reviewer, demo_clock):
    client = at_desk(reviewer)
    given = {"npi": world.surgeon_npi, "reason": "shares an office"}
    assert client.get("/appeals/interests/").status_code == 200
    assert client.post("/appeals/interests/", {**given, "npi": "9000001048"}).status_code == 422
    assert client.post("/appeals/interests/", {**given, "reason": ""}).status_code == 422
    assert client.post("/appeals/interests/", given).status_code == 302
    assert client.post("/appeals/interests/", given).status_code == 409
    assert "shares an office" in client.get("/appeals/interests/").text
    appeal = story.file(world, line, at + DAY)
    with pytest.raises(ReviewerNotIndependent, match="shares an office"):
        assign_reviewer(appeal=appeal, reviewer=reviewer, by=desk, at=at + DAY)
    ending = {"do": "end", "npi": world.surgeon_npi, "ends_on": "2026-11-17"}
    assert client.post("/appeals/interests/", {**ending, "ends_on": "2026-11-01"}).status_code == 422
    assert client.post("/appeals/interests/", ending).status_code == 302
    assert client.post("/appeals/interests/", ending).status_code == 409
    assign_reviewer(appeal=appeal, reviewer=reviewer, by=desk, at=at + DAY)
    assert DeclaredInterest.objects.get().ends_on.isoformat() == "2026-11-17"
    assert at_desk(desk).get("/appeals/interests/").status_code == 403


def test_only_a_reason_and_a_real_number_declare(world, at, reviewer):
    with pytest.raises(Invalid, match="what the interest is"):
        declare_interest(npi=world.surgeon_npi, reason=" ", by=reviewer, at=at)
    declare_interest(npi=world.surgeon_npi, reason="owner", by=reviewer, at=at)
    with pytest.raises(Conflict):
        declare_interest(npi=world.surgeon_npi, reason="owner", by=reviewer, at=at)


def test_more_time_the_call_and_the_second_look_by_page(world, at, desk, reviewer, demo_clock):
    enter_review_organization(plan=world.plan, body=Body.REVIEW_ENTITY, name="Maple Entity", by=desk, at=at)
    medicare = story.file(world, story.denied(world, at, of=world.member), at + DAY)
    fast = story.assigned(
        world, story.denied(world, at), at + DAY, reviewer, desk, wants_speed=True, clinician_supports=True
    )
    decide_appeal(appeal=fast, verdict=story.no(fast.line), by=reviewer, at=at + DAY)
    lost = upheld(world, story.denied(world, at, of=world.erisa_member), at, desk, story.surgeon(world))
    demo.set_demo_clock(at + 3 * DAY)
    client = at_desk(desk)

    def step(appeal, **fields):
        return client.post(f"/appeals/{appeal.public_id}/step/", fields)

    assert step(medicare, do="extend", reason="enrollee_asked", because="").status_code == 422
    assert step(medicare, do="extend", reason="enrollee_asked", because="You asked.").status_code == 302
    assert step(medicare, do="extend", reason="enrollee_asked", because="Again.").status_code == 409
    assert "More time taken" in client.get(f"/appeals/{medicare.public_id}/").text
    assert step(fast, do="tell", outcome="reached", person="the member").status_code == 302
    assert "Told by telephone" in client.get(f"/appeals/{fast.public_id}/").text
    assert step(medicare, do="tell", outcome="reached", person="x").status_code == 409
    assert step(lost, do="second_level").status_code == 302
    assert Appeal.objects.filter(follows=lost, level=2).exists()
    assert step(lost, do="second_level").status_code == 409
