"""Complaints from any door: receipt, clock, answer, trend; moved where they are appeals; disputes kept apart."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from openum.accounts.rules import PermissionRefused
from openum.appeals.models import Appeal
from openum.audit import events_of
from openum.cases.models import Case, ServiceLine
from openum.cases.services import write_note
from openum.clocks.models import Clock
from openum.db import clock as demo
from openum.grievances import services
from openum.grievances.models import Grievance, ProviderDispute
from openum.grievances.queries import trend
from openum.grievances.rules import (
    About,
    AlreadyAnswered,
    Answerer,
    AnswerMissing,
    NeedsClinician,
    NotYourOwnMatter,
    check_may_answer,
    clinicians_law,
)
from openum.jobs import run_due
from openum.notices.models import Notice
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, LineOfBusiness, LineStatus, Role
from tests.appeals import story

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def complain(world, at, *, about=About.SERVICE, case=None, member=None, **more):
    facts = {"about": about, "issue": "Nobody called back.", "channel": Channel.PHONE, "received_at": at}
    row = services.file_grievance(
        member=member or world.commercial_member, case=case, complained=services.Complained(**facts | more),
        by=world.intake, at=at,
    )  # fmt: skip
    run_due(at + timedelta(seconds=1), 100)
    return row


def clock(row, rule):
    return Clock.objects.get(request=row.request, rule=rule)


@pytest.mark.parametrize(
    ("of", "about", "rule", "law", "due"),
    [
        ("member", About.SERVICE, "ma.grievance.standard", "42 CFR 422.564(e)", timedelta(days=30)),
        ("member", About.EXTENSION, "ma.grievance.expedited", "42 CFR 422.564(f)", timedelta(hours=24)),
        ("member", About.SPEED, "ma.grievance.expedited", "42 CFR 422.564(f)", timedelta(hours=24)),
        ("commercial_member", About.BILLING, "plan.grievance.standard", "Plan policy, complaints", timedelta(days=30)),
        (
            "erisa_member",
            About.SPEED,
            "medicaid.grievance.expedited",
            "Plan policy, fast complaints",
            timedelta(hours=24),
        ),
    ],
)
def test_each_line_of_business_has_its_time(world, at, of, about, rule, law, due):
    row = complain(world, at, about=about, member=getattr(world, of))
    found = clock(row, rule)
    assert found.citation.startswith(law)
    assert timedelta(0) <= found.due_at - at - due < DAY


def test_a_complaint_has_receipt_and_answer_and_its_clock_stops_with_the_letter(world, at):
    desk = story.coordinator(world)
    row = complain(world, at)
    row.refresh_from_db()
    assert row.acknowledged_at == at
    letter = Notice.objects.get(case=row.request.case, kind="grievance-acknowledgement", audience="member")
    assert row.number in letter.html
    assert "For that you can appeal." in letter.html
    with pytest.raises(AnswerMissing):
        services.answer_grievance(grievance=row, found="", done="x", is_substantiated=True, by=desk, at=at + DAY)
    services.answer_grievance(
        grievance=row,
        found="The call was lost.",
        done="We call you on Monday.",
        is_substantiated=True,
        by=desk,
        at=at + DAY,
    )
    answer = Notice.objects.get(case=row.request.case, kind="grievance-resolution")
    assert "The call was lost." in answer.html
    assert clock(row, "plan.grievance.standard").state == "met"
    assert clock(row, "plan.acknowledge.appeal").state == "met"
    assert Case.objects.get(pk=row.request.case_id).is_open is False
    with pytest.raises(AlreadyAnswered):
        services.answer_grievance(grievance=row, found="x", done="y", is_substantiated=True, by=desk, at=at + DAY)
    (counted,) = trend(desk, since=at - DAY)
    assert (counted.about, counted.filed, counted.answered, counted.in_time, counted.substantiated) == (
        "service",
        1,
        1,
        1,
        1,
    )
    assert {"GrievanceFiled", "GrievanceAnswered"} <= {each.type for each in events_of(row.request.case.public_id)}


def test_nobody_answers_about_the_own_work_and_no_other_role_answers(world, at):
    line = story.denied(world, at)
    desk, other = story.coordinator(world), story.coordinator(world)
    write_note(case=line.case, line=line, text="Refused to expedite.", purpose="expedite", by=desk, at=at + DAY)
    row = complain(world, at + DAY, about=About.SPEED, case=line.case)
    facts = {"found": "Refused too fast.", "done": "It is fast now.", "is_substantiated": True, "at": at + DAY}
    with pytest.raises(NotYourOwnMatter):
        services.answer_grievance(grievance=row, by=desk, **facts)
    with pytest.raises(PermissionRefused):
        services.answer_grievance(grievance=row, by=world.nurse, **facts)
    product = row.request.case.product
    product.line_of_business = LineOfBusiness.MEDICAID_MANAGED_CARE
    product.save()
    other.licences.all().delete()
    with pytest.raises(NeedsClinician):
        services.answer_grievance(grievance=row, by=other, **facts)
    nurse = story.person(world, "desk nurse", Role.APPEALS, (), licence=("registered nurse", "EX"))
    services.answer_grievance(grievance=row, by=nurse, **facts)


@pytest.mark.parametrize(
    ("about", "business", "law"),
    [
        (About.SPEED, LineOfBusiness.MEDICAID_MANAGED_CARE, "42 CFR 438.406(b)(2)(ii)"),
        (About.CARE, LineOfBusiness.MEDICAID_MANAGED_CARE, "42 CFR 438.406(b)(2)(ii)"),
        (About.CARE, LineOfBusiness.INTEGRATED_DUAL, "42 CFR 422.629(k)"),
        (About.EXTENSION, LineOfBusiness.MEDICAID_MANAGED_CARE, ""),
        (About.SERVICE, LineOfBusiness.INTEGRATED_DUAL, ""),
        (About.SPEED, LineOfBusiness.MEDICARE_ADVANTAGE, ""),
    ],
)
def test_a_clinician_answers_where_speed_was_refused_or_care_is_complained_of(about, business, law):
    assert clinicians_law(about, business) == law
    desk = Answerer(key="desk", is_machine=False)
    if law:
        with pytest.raises(NeedsClinician, match="valid licence"):
            check_may_answer(desk, involved=frozenset(), clinicians_law=law)
    check_may_answer(replace(desk, is_licensed=True), involved=frozenset({"chief"}), clinicians_law=law)
    for unfit in (
        replace(desk, superiors=frozenset({"chief"})),
        replace(desk, key="chief"),
        replace(desk, is_machine=True),
    ):
        with pytest.raises(NotYourOwnMatter):
            check_may_answer(replace(unfit, is_licensed=True), involved=frozenset({"chief"}), clinicians_law=law)


def test_what_cannot_be_taken_is_said(world, at):
    with pytest.raises(Invalid, match="Write what"):
        complain(world, at, issue=" ")
    with pytest.raises(Invalid, match="future"):
        complain(world, at, received_at=at + DAY)
    line = story.denied(world, at)
    with pytest.raises(Invalid, match="another member"):
        complain(world, at + DAY, case=line.case, member=world.member)


def test_a_complaint_that_is_an_appeal_moves_with_its_receipt(world, at):
    line, desk = story.denied(world, at), story.coordinator(world)
    row = complain(world, at + DAY, case=line.case)
    appeal = services.move_to_appeal(grievance=row, line=line, by=desk, at=at + 3 * DAY)
    assert appeal.filed_at == at + DAY
    assert clock(appeal, "insured.appeal.preservice").started_at == at + DAY
    row.refresh_from_db()
    assert (row.state, row.moved_to) == ("moved", appeal)
    assert clock(row, "plan.grievance.standard").state == "void"
    with pytest.raises(AlreadyAnswered):
        services.move_to_appeal(grievance=row, line=line, by=desk, at=at + 3 * DAY)


def test_a_dispute_of_a_provider_is_no_appeal_and_uses_up_nothing(world, at):
    line, desk = story.denied(world, at), story.coordinator(world)
    facts = {"line": line, "organization": world.practice, "channel": Channel.PORTAL, "by": world.provider}
    dispute = services.file_dispute(issue="Paid too little.", received_at=at + DAY, at=at + DAY, **facts)
    with pytest.raises(AlreadyAnswered):
        services.file_dispute(issue="Again.", received_at=at + DAY, at=at + DAY, **facts)
    assert not Appeal.objects.exists()
    story.file(world, line, at + DAY)
    services.answer_dispute(
        dispute=dispute, answer="The contract says so.", is_for_provider=False, by=desk, at=at + 2 * DAY
    )
    assert clock(dispute, "plan.provider_dispute").state == "met"
    assert ServiceLine.objects.get(pk=line.pk).status == LineStatus.DENIED
    with pytest.raises(AlreadyAnswered):
        services.answer_dispute(dispute=dispute, answer="No.", is_for_provider=False, by=desk, at=at + 2 * DAY)
    assert ProviderDispute.objects.get().state == "answered"


def test_the_two_doors_of_the_member_and_the_pages_of_the_desk(world, at, demo_clock):
    line = story.denied(world, at)
    world.member.user = None
    world.member.save()
    world.commercial_member.user = world.member_user
    world.commercial_member.save()
    demo.set_demo_clock(at + DAY)
    member, desk = Client(), Client()
    member.force_login(world.member_user)
    desk.force_login(story.coordinator(world))
    assert "A complaint is not an appeal." in member.get(f"/my/{line.case.public_id}/").text
    assert member.get("/my/complaints/").status_code == 200
    assert member.post("/my/complaints/", {"about": "service", "issue": ""}).status_code == 422
    assert member.post("/my/complaints/", {"about": "service", "issue": "x", "case": "zzz"}).status_code == 404
    sent = member.post("/my/complaints/", {"about": "service", "issue": "Nobody called.", "case": line.case.public_id})
    assert sent.status_code == 302
    row = Grievance.objects.get()
    assert row.number in member.get("/my/complaints/").text
    assert row.number in desk.get("/complaints/").text
    assert desk.get(f"/complaints/{row.public_id}/").status_code == 200
    assert desk.post(f"/complaints/{row.public_id}/", {"found": "", "done": ""}).status_code == 422
    assert desk.post(f"/complaints/{row.public_id}/", {"do": "move", "line": "no"}).status_code == 404
    assert desk.post(f"/complaints/{row.public_id}/", {"found": "Lost.", "done": "We call."}).status_code == 302
    taken = {
        "about": "billing", "issue": "A bill.", "member_number": "C-1", "channel": "phone", "received_at": "2026-11-17T09:00",
    }  # fmt: skip
    assert desk.post("/complaints/new/", {**taken, "member_number": "nobody"}).status_code == 422
    assert desk.post("/complaints/new/", taken).status_code == 302
    assert "Lost." in member.get("/my/complaints/").text
    assert "service,1,1,1,0" in desk.get("/complaints/trend/?as=csv").text
    assert "A bill" in desk.get("/complaints/trend/").text
    assert member.get("/complaints/").status_code == 403
    assert len(member.get("/my/").text.split(line.case.number)) <= 2
