"""More time for a complaint, its oral answer, the quality organization; the pages and letters of provider disputes."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from openum.accounts.models import User
from openum.appeals.faces import member_sentence
from openum.appeals.models import Appeal
from openum.appeals.rules.states import AppealState
from openum.cases.models import ContactAttempt
from openum.clocks.services import ExtensionNotAllowed, ExtensionUsed
from openum.db import clock as demo
from openum.grievances import services
from openum.grievances.forms import IntakeForm
from openum.grievances.models import ProviderDispute
from openum.grievances.rules import About, AlreadyAnswered, AnswerMissing, DeciderInvolved, NotFast
from openum.jobs import run_due
from openum.notices.models import Notice
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, LineStatus, Role
from tests.appeals import story
from tests.grievances.test_grievances import DAY, clock, complain

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ANSWER = {"found": "The call was lost.", "done": "We call you.", "is_substantiated": True}


def at_desk(user):
    client = Client()
    client.force_login(user)
    return client


def test_medicare_takes_fourteen_days_once_with_a_letter(world, at):
    desk = story.coordinator(world)
    row = complain(world, at, member=world.member)
    before = clock(row, "ma.grievance.standard").due_at
    facts = {"grievance": row, "reason": "enrollee_asked", "because": "You asked us to wait.", "by": desk}
    with pytest.raises(Invalid, match="Write why"):
        services.extend_grievance(**{**facts, "because": ""}, at=at + DAY)
    services.extend_grievance(**facts, at=at + DAY)
    assert clock(row, "ma.grievance.standard").due_at - before == 14 * DAY
    letter = Notice.objects.get(case=row.request.case, kind="grievance-extension", audience="member")
    assert "You asked us to wait." in letter.html
    assert "fast complaint" in letter.html
    with pytest.raises(ExtensionUsed):
        services.extend_grievance(**facts, at=at + 2 * DAY)
    services.answer_grievance(grievance=row, by=desk, at=at + 2 * DAY, **ANSWER)
    with pytest.raises(AlreadyAnswered):
        services.extend_grievance(**facts, at=at + 3 * DAY)


@pytest.mark.parametrize(("of", "about"), [("member", About.SPEED), ("commercial_member", About.SERVICE)])
def test_a_fast_complaint_and_a_plans_own_time_are_not_extended(world, at, of, about):
    row = complain(world, at, about=about, member=getattr(world, of))
    with pytest.raises(ExtensionNotAllowed):
        services.extend_grievance(
            grievance=row, reason="enrollee_asked", because="x", by=story.coordinator(world), at=at + HOUR
        )


def test_the_answer_to_a_fast_complaint_is_told_by_telephone_first(world, at):
    desk = story.coordinator(world)
    story.by_mail(world.member)
    row = complain(world, at, about=About.SPEED, member=world.member)
    told = {"grievance": row, "outcome": "reached", "person": "the member", "by": desk}
    with pytest.raises(AnswerMissing, match="first"):
        services.tell_by_phone(**told, at=at + HOUR)
    services.answer_grievance(grievance=row, by=desk, at=at + HOUR, **ANSWER)
    services.tell_by_phone(**{**told, "outcome": "no answer"}, at=at + HOUR)
    assert clock(row, "ma.grievance.expedited").state == "running"
    services.tell_by_phone(**told, at=at + 2 * HOUR)
    assert clock(row, "ma.grievance.expedited").stopped_at == at + 2 * HOUR
    assert clock(row, "plan.letter_after_oral_grievance").state == "running"
    run_due(at + 3 * HOUR, 100)
    assert clock(row, "plan.letter_after_oral_grievance").state == "met"
    assert ContactAttempt.objects.filter(case=row.request.case).count() == 2
    slow = complain(world, at, member=world.member)
    with pytest.raises(NotFast):
        services.tell_by_phone(**{**told, "grievance": slow}, at=at + HOUR)


@pytest.mark.parametrize(("about", "is_named"), [(About.CARE, True), (About.BILLING, False)])
def test_a_complaint_about_care_names_the_quality_organization_42_cfr_422_564_e(world, at, about, is_named):
    row = complain(world, at, about=about, member=world.member)
    services.answer_grievance(grievance=row, by=story.coordinator(world), at=at + DAY, **ANSWER)
    letter = Notice.objects.get(case=row.request.case, kind="grievance-resolution")
    assert ("quality organization of your state" in letter.html) is is_named


def test_the_pages_of_a_complaint_take_time_and_keep_the_call(world, at, demo_clock):
    desk = at_desk(story.coordinator(world))
    row = complain(world, at, member=world.member)
    fast = complain(world, at, about=About.SPEED, member=world.member)
    demo.set_demo_clock(at + HOUR)
    page, other = f"/complaints/{row.public_id}/", f"/complaints/{fast.public_id}/"
    assert desk.post(page, {"do": "extend", "reason": "enrollee_asked", "because": ""}).status_code == 422
    assert desk.post(page, {"do": "extend", "reason": "enrollee_asked", "because": "Asked."}).status_code == 302
    assert "More time taken" in desk.get(page).text
    assert desk.post(other, {"do": "extend", "reason": "info", "because": "x"}).status_code == 403
    assert desk.post(other, {"found": "Too fast.", "done": "It is fast now."}).status_code == 302
    assert "Tell the answer by telephone" in desk.get(other).text
    assert desk.post(other, {"do": "tell", "outcome": "reached", "person": "x"}).status_code == 302
    assert desk.post(page, {"do": "tell", "outcome": "reached", "person": "x"}).status_code == 409


def test_a_practice_disputes_by_page_and_gets_its_letters(world, at, demo_clock):
    line = story.denied(world, at)
    coordinator = story.coordinator(world)
    desk, office = at_desk(coordinator), at_desk(world.provider)
    demo.set_demo_clock(at + DAY)
    address = f"/requests/disputes/{line.public_id}/"
    assert address in office.get(f"/requests/{line.case.public_id}/").text
    assert "appeal for the member instead" in office.get(address).text
    assert office.post(address, {"issue": ""}).status_code == 422
    assert office.post(address, {"issue": "Paid too little."}).status_code == 302
    assert office.post(address, {"issue": "Again."}).status_code == 409
    row = ProviderDispute.objects.get()
    assert row.acknowledged_at is not None
    assert clock(row, "plan.acknowledge.appeal").state == "met"
    (receipt,) = Notice.objects.filter(case=line.case, kind="dispute-acknowledgement")
    assert (receipt.audience, row.number in receipt.html) == ("provider", True)
    assert row.number in desk.get("/disputes/").text
    page = f"/disputes/{row.public_id}/"
    assert "moves no line" in desk.get(page).text
    assert desk.post(page, {"is_for_provider": "no", "answer": ""}).status_code == 422
    assert desk.post(page, {"is_for_provider": "no", "answer": "The contract says so."}).status_code == 302
    assert desk.post(page, {"is_for_provider": "no", "answer": "Again."}).status_code == 409
    (letter,) = Notice.objects.filter(case=line.case, kind="dispute-answer")
    assert "Our answer stays as it was." in letter.html
    assert f"Answered by {coordinator.name}." in letter.html
    assert "takes nothing from the member" in letter.html
    assert row.number in desk.get("/disputes/?view=answered").text
    assert "The contract says so." in office.get("/requests/disputes/").text
    line.refresh_from_db()
    assert line.status == LineStatus.DENIED
    assert at_desk(world.nurse).get("/disputes/").status_code == 403
    assert at_desk(world.member_user).get(address).status_code == 403
    undecided = at_desk(world.provider).get(f"/requests/disputes/{row.public_id}/")
    assert undecided.status_code == 404


def test_who_took_part_does_not_answer_and_another_practice_does_not_dispute(world, at):
    line = story.denied(world, at)
    facts = {"line": line, "issue": "Paid too little.", "channel": Channel.PORTAL, "received_at": at + DAY}
    other = type(world.practice).objects.exclude(pk=world.practice.pk).first() or type(world.practice)(pk=0)
    with pytest.raises(Invalid, match="Only the practice that asked"):
        services.file_dispute(**facts, organization=other, by=world.provider, at=at + DAY)
    dispute = services.file_dispute(**facts, organization=world.practice, by=world.provider, at=at + DAY)
    world.physician.memberships.create(role=Role.APPEALS, plan=world.plan)
    decider = User.objects.get(pk=world.physician.pk)  # signed in anew: a user object keeps the scope it was read with
    with pytest.raises(DeciderInvolved, match="took part"):
        services.answer_dispute(dispute=dispute, answer="No.", is_for_provider=False, by=decider, at=at + 2 * DAY)


def test_the_form_of_the_desk_speaks_of_the_member_in_the_third_person():
    form = IntakeForm()
    words = [str(field.label) for field in form] + [str(label) for _, label in form.fields["about"].choices]
    assert {"Subject", "Who complains, if not the member"} <= set(words)
    assert [text for text in words if {"you", "your", "us"} & set(text.lower().replace(",", "").split())] == []


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (AppealState.WITHDRAWN, "Usted retiró esta apelación."),
        (AppealState.LATE_FILING, "Su apelación llegó después del último día. Díganos por qué llegó tarde."),
        (AppealState.ASSIGNED, "La revisa un médico que no participó en la primera respuesta."),
    ],
)
def test_a_member_reads_in_spanish_where_the_appeal_stands(state, sentence):
    with translation.override("es"):
        assert member_sentence(Appeal(state=state), due="") == sentence
