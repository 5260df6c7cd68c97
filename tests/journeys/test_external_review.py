"""D6: denied, appealed by the husband, upheld by somebody new, overturned outside, carried out the same day.

Told once by the same services and pages that people use; every date of the story is asserted.
"""

from datetime import date
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from openum.accounts.models import User
from openum.appeals.models import Appeal
from openum.appeals.rules.reviewers import ReviewerNotIndependent
from openum.appeals.rules.states import AppealState
from openum.appeals.services import assign_reviewer
from openum.cases.models import Attachment
from openum.clocks.models import Clock
from openum.determination.models import Authorization, Determination, OverturnLesson
from openum.determination.queries import open_leaves
from openum.directory.models import Member
from openum.notices.models import Notice
from openum.vocabulary.terms import LineStatus
from tests.journeys import lumen as worlds
from tests.journeys.lumen import audit_is_intact, plan_time
from tests.journeys.raman import NUMBER, STILL, WHY, denied_line, prepare

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    """The whole story, told once."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        worlds.hold_time(patch)
        yield tell(worlds.build(today="2026-08-03"))
        transaction.set_rollback(True)


def at_desk(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def tell(lumen) -> SimpleNamespace:
    """Tell D6 from the request to the approval."""
    amadi, _ = prepare(lumen)
    desk_user = lumen.user("appeals")
    member = at_desk(Member.objects.get(member_number=NUMBER).user)
    line = denied_line(lumen)
    seen = SimpleNamespace(lumen=lumen, line=line, pages={}, answers={})

    lumen.at("2026-08-20 11:00")
    seen.pages["denied"] = member.get(f"/my/{line.case.public_id}/").text
    paper = SimpleUploadedFile("form.txt", b"I name my husband.", "text/plain")
    seen.answers["filed"] = member.post(
        f"/appeal/{line.public_id}/",
        {
            "filer": "representative", "name": "Arjun Raman", "relationship": "husband", "issue": "Nothing else helps.",
            "signed_on": "2026-08-19", "paper": paper,
        },
    ).status_code  # fmt: skip
    lumen.work()
    seen.appeal = Appeal.objects.get()
    desk = at_desk(desk_user)

    def step(appeal, do, **fields):
        answer = desk.post(f"/appeals/{appeal.public_id}/step/", {"do": do, **fields})
        lumen.work()
        return answer.status_code

    at = lumen.at("2026-08-24 09:00")
    with pytest.raises(ReviewerNotIndependent):
        assign_reviewer(appeal=seen.appeal, reviewer=lumen.user("medical_director"), by=desk_user, at=at)
    seen.answers["first reviewer"] = step(seen.appeal, "assign", reviewer=lumen.user("medical_director").public_id)
    seen.answers["assigned"] = step(seen.appeal, "assign", reviewer=amadi.public_id)
    at = lumen.at("2026-09-11 15:00")
    for item in Attachment.objects.filter(case=line.case, kind="document"):
        at_desk(amadi).post(f"/appeals/{seen.appeal.public_id}/documents/{item.public_id}/")
    verdict = {"outcome": "upheld", "rationale": STILL, "attests": "on"}
    verdict |= {f"answer-{key}": "BMI 36.1 in the record." for key in open_leaves(line)}
    seen.answers["upheld"] = at_desk(amadi).post(f"/appeals/{seen.appeal.public_id}/decide/", verdict).status_code
    lumen.work()
    lumen.at("2026-10-02 10:00")
    seen.answers["outside"] = member.post(f"/appeal/{seen.appeal.public_id}/outside/").status_code
    lumen.work()
    seen.outside = Appeal.objects.get(follows=seen.appeal)
    lumen.at("2026-10-07 16:00")
    seen.answers["checked"] = step(seen.outside, "check", result="complete", note="", is_assigned_later="on")
    seen.letters_after_check = Notice.objects.filter(case=line.case, kind="external-review-checked").count()
    seen.answers["too early"] = step(seen.outside, "send")
    lumen.at("2026-10-08 09:00")
    seen.answers["rotation"] = step(seen.outside, "assign_organization")
    lumen.at("2026-10-14 09:00")
    seen.answers["sent"] = step(seen.outside, "send")
    lumen.at("2026-11-12 15:05")
    seen.answers["ordered"] = step(
        seen.outside, "outside", outcome="overturned", reference="ALD-26-118",
        rationale="The newer labelling of the device admits a body mass index of up to 40.", cause_kind="node",
        cause_key="2", cause_words="The criterion is older than the labelling.",
        received_at="2026-11-12T14:30",
    )  # fmt: skip
    lumen.at("2026-11-12 18:00")
    lumen.work()
    seen.pages["approved"] = member.get(f"/my/{line.case.public_id}/").text
    seen.pages["outside"] = desk.get("/appeals/outside/").text
    for row in (seen.line, seen.appeal, seen.outside):
        row.refresh_from_db()
    return seen


def clock(of, rule):
    return Clock.objects.get(request=of.request, rule=rule)


def test_every_step_of_the_pages_was_taken(told):
    assert told.answers == {
        "filed": 302, "first reviewer": 403, "assigned": 302, "upheld": 302, "outside": 302, "checked": 302,
        "too early": 409, "rotation": 302, "sent": 302, "ordered": 302,
    }  # fmt: skip
    assert f"/appeal/{told.line.public_id}/" in told.pages["denied"]


def test_the_decision_was_due_in_fifteen_days_and_used_two(told):
    assert not Notice.objects.filter(case=told.line.case, kind="information-request").exists()
    decide = clock(told.line, "insured.decide.preservice")
    assert decide.due_at == plan_time("2026-08-18 23:59:59")
    assert decide.state == "met"
    assert (plan_time("2026-08-05 10:00") - plan_time("2026-08-03 09:00")).days == 2
    first = Determination.objects.filter(line=told.line).order_by("decided_at")[0]
    assert (first.outcome, first.decided_at, first.rationale) == (LineStatus.DENIED, plan_time("2026-08-05 10:00"), WHY)


def test_the_appeal_was_acknowledged_the_same_day_and_answered_in_22_of_30_days(told):
    appeal = told.appeal
    assert (appeal.filer, appeal.filer_name, appeal.form_signed_on) == (
        "representative",
        "Arjun Raman",
        date(2026, 8, 19),
    )
    assert appeal.filed_at == plan_time("2026-08-20 11:00")
    assert appeal.acknowledged_at.date() == date(2026, 8, 20)
    decide = clock(appeal, "insured.appeal.preservice")
    assert decide.due_at == plan_time("2026-09-19 23:59:59")
    assert (decide.state, (decide.stopped_at - appeal.filed_at).days) == ("met", 22)
    assert (appeal.outcome, appeal.decision.decided_by.name) == ("upheld", "Dr. Ruth Amadi")
    assert all(check["holds"] for check in appeal.decision.independence)


def test_the_external_review_kept_each_of_its_dates(told):
    outside, review = told.outside, told.outside.outside
    assert outside.filed_at == plan_time("2026-10-02 10:00")
    assert outside.last_day_to_file >= date(2027, 1, 11)
    preliminary = clock(outside, "external_review.preliminary.insured")
    assert (preliminary.due_at, preliminary.stopped_at) == (
        plan_time("2026-10-09 23:59:59"), plan_time("2026-10-07 16:00"),
    )  # fmt: skip
    assert told.letters_after_check == 0
    notice = clock(outside, "external_review.preliminary_notice.insured")
    assert notice.due_at == plan_time("2026-10-08 23:59:59")
    assert (notice.state, notice.stopped_at.date()) == ("met", date(2026, 10, 8))
    assert review.assigned_at == plan_time("2026-10-08 09:00")
    assert review.organization.name == "Alder Independent Review"
    assert [turn["taken"] for turn in review.rotation] == [True, False, False]
    packet = clock(outside, "external_review.packet.insured")
    assert (packet.due_at, packet.state) == (plan_time("2026-10-16 23:59:59"), "met")
    assert review.forwarded_at.date() == date(2026, 10, 14)
    decision = clock(outside, "external_review.decision.insured")
    assert decision.due_at == plan_time("2026-11-22 23:59:59")
    assert (decision.state, (decision.stopped_at - review.assigned_at).days) == ("met", 35)


def test_the_order_was_carried_out_the_same_day_and_teaches_the_criterion(told):
    assert (told.line.status, told.outside.state) == (LineStatus.APPROVED, AppealState.CLOSED)
    owed = clock(told.outside, "external_review.effectuate")
    assert (owed.started_at, owed.stopped_at, owed.state) == (
        plan_time("2026-11-12 14:30"), plan_time("2026-11-12 15:05"), "met",
    )  # fmt: skip
    assert Authorization.objects.filter(line=told.line).count() == 1
    denied, approved = Determination.objects.filter(line=told.line).order_by("decided_at")
    assert (approved.supersedes, approved.supersedes_because) == (denied, "external_review")
    lesson = OverturnLesson.objects.get()
    assert (lesson.because, lesson.kind, lesson.key) == ("external_review", "node", "2")
    assert "The answer is now yes." in told.pages["approved"]
    assert "Alder Independent Review" in told.pages["outside"]
    assert "Nov 12" in told.pages["outside"]


def test_what_must_not_happen_did_not(told):
    assert told.appeal.assigned_to.name == "Dr. Ruth Amadi"
    letters = Notice.objects.filter(case=told.line.case, audience="member")
    assert {letter.kind for letter in letters} >= {
        "denial", "appeal-acknowledgement", "appeal-upheld", "external-review-checked", "appeal-sent-on",
    }  # fmt: skip
    for letter in letters:
        assert "letter-taglines" in letter.html, letter.kind
    upheld = letters.get(kind="appeal-upheld", language="en")
    assert "by doctors who do not work for us" in upheld.html
    assert "January 11, 2027" in upheld.html
    packet = told.outside.packets.get()
    sections = {part["path"].split("/")[0] for part in packet.manifest["parts"]}
    assert {"packet.pdf", "bundle.json", "criteria", "letters", "record"} <= sections
    assert len(packet.manifest_digest) == 64
    assert audit_is_intact()
