"""The way of an appeal by its pages: one tap, docket, an independent reviewer, external review, carried out (D6)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openum.appeals.models import Appeal
from openum.appeals.rules.states import AppealState
from openum.cases.models import Attachment
from openum.db import clock
from openum.determination.queries import open_leaves
from openum.jobs import run_due
from openum.notices.models import Notice
from openum.vocabulary.terms import LineStatus
from tests.appeals import story

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.OPENUM_DATA = tmp_path


def desk_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def set_time(at):
    clock.set_demo_clock(at)
    run_due(at + timedelta(seconds=1), 200)


def step(client, appeal, do, **fields):
    return client.post(f"/appeals/{appeal.public_id}/step/", {"do": do, **fields})


def test_a_denied_knee_goes_through_every_level_to_a_yes(world, at, demo_clock):
    line = story.denied(world, at)
    world.commercial_member.user = world.member_user
    world.member.user = None
    world.member.save()
    world.commercial_member.save()
    coordinator, reviewer = story.coordinator(world), story.surgeon(world)
    story.organizations(world, coordinator, at)
    member, desk, doctor = desk_of(world.member_user), desk_of(coordinator), desk_of(reviewer)

    filed = at + 15 * DAY
    set_time(filed)
    page = member.get(f"/my/{line.case.public_id}/")
    assert f"/appeal/{line.public_id}/" in page.text
    assert member.get(f"/appeal/{line.public_id}/").status_code == 200
    answer = member.post(
        f"/appeal/{line.public_id}/",
        {
            "filer": "representative", "name": "Arun Alder", "relationship": "husband", "issue": "Therapy made it swell.",
            "signed_on": "2026-11-30", "paper": SimpleUploadedFile("form.txt", b"I name my husband.", "text/plain"),
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.text
    appeal = Appeal.objects.get()
    assert (appeal.state, appeal.filer_name) == (AppealState.OPEN, "Arun Alder")
    set_time(filed + timedelta(hours=1))
    assert "You will hear by" in member.get(f"/my/{line.case.public_id}/").text

    docket = desk.get("/appeals/")
    assert appeal.number in docket.text
    assert "Assign an independent reviewer" in docket.text
    page = desk.get(f"/appeals/{appeal.public_id}/")
    assert "Took part in the decision that is appealed." in page.text
    refused = step(desk, appeal, "assign", reviewer=world.physician.public_id)
    assert refused.status_code == 403
    assert "Choose another reviewer" in refused.text
    assert step(desk, appeal, "assign", reviewer=reviewer.public_id).status_code == 302

    set_time(filed + 22 * DAY)
    page = doctor.get(f"/appeals/{appeal.public_id}/decide/")
    assert "not opened yet" in page.text
    verdict = {"outcome": "upheld", "rationale": story.STILL, "attests": "on"}
    verdict |= {f"answer-{key}": "Still not shown in the record." for key in open_leaves(line)}
    answer = doctor.post(f"/appeals/{appeal.public_id}/decide/", verdict)
    assert answer.status_code == 409
    assert "Open 2 more" in answer.text
    for item in Attachment.objects.filter(case=line.case, kind="document"):
        doctor.post(f"/appeals/{appeal.public_id}/documents/{item.public_id}/")
    answer = doctor.post(f"/appeals/{appeal.public_id}/decide/", {**verdict, "attests": ""})
    assert answer.status_code == 403
    assert doctor.post(f"/appeals/{appeal.public_id}/decide/", verdict).status_code == 302
    set_time(filed + 23 * DAY)
    appeal.refresh_from_db()
    assert (appeal.outcome, appeal.state) == ("upheld", AppealState.CLOSED)

    asked = filed + 43 * DAY
    set_time(asked)
    assert "people who do not work for the plan" in member.get(f"/my/{line.case.public_id}/").text
    assert member.post(f"/appeal/{appeal.public_id}/outside/").status_code == 302
    outside = Appeal.objects.get(follows=appeal)
    set_time(asked + 3 * DAY)
    assert step(desk, outside, "check", result="complete", note="").status_code == 302
    assert step(desk, outside, "send").status_code == 302
    set_time(asked + 4 * DAY)
    outside.refresh_from_db()
    assert outside.state == AppealState.OUTSIDE
    packet = outside.packets.get()
    archive = desk.get(f"/appeals/files/{packet.public_id}/")
    assert archive["Content-Type"] == "application/zip"
    assert archive.content == desk.get(f"/appeals/files/{packet.public_id}/").content
    answer = step(
        desk, outside, "outside", outcome="overturned", reference="A-1", rationale="The newer labelling allows it.",
        cause_kind="node", cause_key="5", cause_words="The criterion is older than the labelling.",
    )  # fmt: skip
    assert answer.status_code == 302, answer.text
    set_time(asked + 35 * DAY)
    line.refresh_from_db()
    outside.refresh_from_db()
    assert (line.status, outside.state) == (LineStatus.APPROVED, AppealState.CLOSED)
    assert "The answer is now yes." in member.get(f"/my/{line.case.public_id}/").text
    page = desk.get(f"/appeals/{outside.public_id}/")
    assert "Order of the outside reviewer" in page.text
    assert "Longest without a review" in page.text
    for notice in Notice.objects.filter(case=line.case, audience="member"):
        assert "letter-taglines" in notice.html, notice.kind


def test_what_one_may_not_see_does_not_exist(world, at, demo_clock):
    line = story.denied(world, at)
    appeal = story.file(world, line, at + DAY)
    stranger = desk_of(world.member_user)
    assert stranger.get(f"/appeal/{line.public_id}/").status_code == 404
    assert stranger.post(f"/appeal/{appeal.public_id}/outside/").status_code == 404
    assert stranger.get("/appeals/").status_code == 403
    assert desk_of(world.nurse).post(f"/appeals/{appeal.public_id}/step/", {"do": "packet"}).status_code == 403
    assert desk_of(world.provider).get(f"/appeals/{appeal.public_id}/").status_code == 403


def test_a_practice_appeals_for_its_patient_and_an_office_takes_a_call(world, at, demo_clock):
    first, second = story.denied(world, at), story.denied(world, at, of=world.erisa_member)
    set_time(at + DAY)
    office = desk_of(world.provider)
    assert f"/appeal/{first.public_id}/" in office.get(f"/requests/{first.case.public_id}/").text
    answer = office.post(
        f"/appeal/{first.public_id}/", {"name": "Dr. Surgeon", "issue": "Swelling.", "wants_speed": "on"}
    )
    assert answer.status_code == 302, answer.text
    made = Appeal.objects.get(line=first)
    assert (made.state, made.speed, made.filer) == (AppealState.OPEN, "granted", "clinician")
    desk = desk_of(story.coordinator(world))
    assert second.case.number in desk.get("/appeals/new/").text
    assert desk.get(f"/appeals/new/{second.public_id}/").status_code == 200
    answer = desk.post(
        f"/appeals/new/{second.public_id}/",
        {"channel": "phone", "received_at": "2026-11-17T09:00", "filer": "member", "wants_speed": "on"},
    )
    assert answer.status_code == 302, answer.text
    called = Appeal.objects.get(line=second)
    assert called.filed_at.isoformat() == "2026-11-17T14:00:00+00:00"
    assert "Answer the wish for speed" in desk.get("/appeals/?view=speed").text
    wrong = desk.post(f"/appeals/new/{second.public_id}/", {"channel": "phone", "received_at": "x", "filer": "member"})
    assert wrong.status_code == 422
    answer = step(desk, called, "refuse_speed", reason="")
    assert answer.status_code == 422
    assert step(desk, called, "nothing").status_code == 422
    assert step(desk, called, "refuse_speed", reason="The knee is stable.").status_code == 302
