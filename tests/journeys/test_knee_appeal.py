"""The appeal of the Medicare knee replacement: no talk was reached, a no, one tap, upheld by somebody new, sent on by itself.

The outside entity reverses and the plan carries it out. Told by the pages that people use; every date is asserted.
"""

from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import Client

from openum.accounts.models import User
from openum.appeals.models import Appeal
from openum.appeals.rules.law import Body
from openum.appeals.rules.states import AppealState
from openum.appeals.services import enter_review_organization
from openum.clocks.models import Clock
from openum.determination.models import Authorization, Determination, OverturnLesson
from openum.determination.queries import open_leaves
from openum.notices.models import Notice
from openum.vocabulary.terms import LineStatus
from tests.journeys.knee import NOT_MET, UNKNOWN
from tests.journeys.knee_medicare import begin, unanswered
from tests.journeys.lumen import audit_is_intact, plan_time

pytestmark = pytest.mark.django_db
STILL = "The record still shows seven weeks of therapy and no reason why it stopped. Twelve weeks are asked for."
ANSWERS = {"3a": NOT_MET, "3b": UNKNOWN}


@pytest.fixture(scope="module")
def told(lumen, django_db_blocker):
    """The whole story, told once."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield tell(lumen)
        transaction.set_rollback(True)


def at_desk(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def tell(lumen) -> SimpleNamespace:
    """Go on from the no of 1 December to the approval of 12 January."""
    knee = unanswered(begin(lumen))
    desk_user, second = lumen.user("appeals"), lumen.user("orthopaedist")
    desk, member, reviewer = at_desk(desk_user), at_desk(knee.case.member.user), at_desk(second)
    seen = SimpleNamespace(knee=knee, line=knee.line, answers={})

    knee.at("2026-12-10 10:30")
    seen.page = member.get(f"/my/{knee.case.public_id}/").text
    seen.answers["filed"] = member.post(
        f"/appeal/{seen.line.public_id}/", {"filer": "member", "issue": "I cannot do more therapy."}
    ).status_code
    lumen.work()
    seen.appeal = Appeal.objects.get(line__case=knee.case)

    def step(appeal, do, **fields):
        answer = desk.post(f"/appeals/{appeal.public_id}/step/", {"do": do, **fields})
        lumen.work()
        return answer.status_code

    knee.at("2026-12-11 09:00")
    at = knee.moment("2026-12-11 09:00")
    enter_review_organization(
        plan=knee.case.plan, body=Body.REVIEW_ENTITY, name="Maple Review Entity", by=desk_user, at=at
    )
    first = lumen.user("medical_director").public_id
    seen.answers["first reviewer"] = step(seen.appeal, "assign", reviewer=first)
    seen.answers["assigned"] = step(seen.appeal, "assign", reviewer=second.public_id)
    knee.at("2026-12-21 15:00")
    verdict = {"outcome": "upheld", "rationale": STILL, "attests": "on"}
    verdict |= {f"answer-{key}": ANSWERS[key] for key in open_leaves(seen.line)}
    seen.answers["unread"] = reviewer.post(f"/appeals/{seen.appeal.public_id}/decide/", verdict).status_code
    for paper in knee.documents():
        reviewer.post(f"/appeals/{seen.appeal.public_id}/documents/{paper.public_id}/")
    seen.answers["upheld"] = reviewer.post(f"/appeals/{seen.appeal.public_id}/decide/", verdict).status_code
    lumen.work()
    seen.outside = Appeal.objects.get(follows=seen.appeal)
    seen.answers["asked outside"] = member.post(f"/appeal/{seen.appeal.public_id}/outside/").status_code
    knee.at("2027-01-12 14:00")
    seen.answers["ordered"] = step(
        seen.outside, "outside", outcome="overturned", reference="MRE-27-4", received_at="2027-01-12T11:00",
        rationale="Twelve weeks of therapy were not safe for this knee.", cause_kind="node", cause_key="3b",
        cause_words="The practice was not asked why therapy stopped.",
    )  # fmt: skip
    lumen.work()
    seen.approved = member.get(f"/my/{knee.case.public_id}/").text
    for row in (seen.line, seen.appeal, seen.outside):
        row.refresh_from_db()
    return seen


def clock(appeal, rule):
    return Clock.objects.get(request=appeal.request, rule=rule)


def test_every_step_of_the_pages_was_taken(told):
    assert told.answers == {
        "filed": 302, "first reviewer": 403, "assigned": 302, "unread": 409, "upheld": 302, "asked outside": 409,
        "ordered": 302,
    }  # fmt: skip
    assert f"/appeal/{told.line.public_id}/" in told.page


def test_the_member_had_sixty_days_from_the_day_the_letter_is_presumed_received_42_cfr_422_582_b(told):
    assert told.appeal.last_day_to_file.isoformat() == "2027-02-04"
    assert told.appeal.filed_at == plan_time("2026-12-10 10:30")
    assert told.appeal.acknowledged_at.date().isoformat() == "2026-12-10"


def test_the_reconsideration_was_due_in_thirty_days_and_used_eleven_42_cfr_422_590_a(told):
    decide = clock(told.appeal, "ma.appeal.standard")
    assert decide.due_at == plan_time("2027-01-09 23:59:59")
    assert (decide.state, (decide.stopped_at - told.appeal.filed_at).days) == ("met", 11)
    assert (told.appeal.outcome, told.appeal.decision.decided_by.name) == ("upheld", "Dr. Omar Farouk")
    assert all(check["holds"] for check in told.appeal.decision.independence)


def test_what_was_upheld_went_on_by_itself_and_was_answered_in_time(told):
    forward = clock(told.appeal, "ma.forward.standard_affirmed")
    assert (forward.due_at, forward.state) == (plan_time("2027-01-09 23:59:59"), "met")
    assert told.outside.body == Body.REVIEW_ENTITY
    assert told.outside.outside.organization.name == "Maple Review Entity"
    assert told.outside.outside.forwarded_at.date().isoformat() == "2026-12-21"
    decision = clock(told.outside, "ire.decision")
    assert (decision.due_at, decision.state) == (plan_time("2027-01-20 23:59:59"), "met")


def test_the_order_was_carried_out_within_seventy_two_hours_of_its_arrival_42_cfr_422_618_b(told):
    owed = clock(told.outside, "ma.effectuate.ire")
    assert (owed.started_at, owed.due_at) == (plan_time("2027-01-12 11:00"), plan_time("2027-01-15 11:00"))
    assert (owed.stopped_at, owed.state) == (plan_time("2027-01-12 14:00"), "met")
    assert (told.line.status, told.outside.state) == (LineStatus.APPROVED, AppealState.CLOSED)
    assert Authorization.objects.filter(line=told.line).count() == 1
    assert "The answer is now yes." in told.approved


def test_both_findings_stay_and_the_reversal_teaches_the_criterion(told):
    denied, approved = Determination.objects.filter(line=told.line).order_by("decided_at")
    assert (denied.outcome, denied.decided_at) == (LineStatus.DENIED, plan_time("2026-12-01 15:05"))
    assert approved.supersedes == denied
    lesson = OverturnLesson.objects.get(overturned__line=told.line)
    assert (lesson.kind, lesson.key) == ("node", "3b")
    kinds = set(Notice.objects.filter(case=told.line.case, audience="member").values_list("kind", flat=True))
    assert kinds >= {"denial", "appeal-acknowledgement", "appeal-upheld", "appeal-sent-on"}
    assert audit_is_intact()
