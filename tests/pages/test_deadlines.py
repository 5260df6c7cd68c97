"""What runs out: the day by hours, the rungs that tell people, and the register of breaches with owner and cause."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from openum.accounts.services import register_person
from openum.audit.models import EventRow
from openum.clocks.models import Breach, Clock, Escalation
from openum.clocks.services import NotTold, assign_breach, note_escalation, sweep
from openum.db import clock
from openum.jobs import run_due
from openum.review.services import start_review
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Role, Urgency
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db
RULE = "ma.decide.expedited"


def browser_of(user):
    """A signed-in browser."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def director(world):
    """The director of the plan."""
    return register_person(
        email="director@example.invalid", name="Dana Director", password="a long enough word",
        roles=[(Role.DIRECTOR, world.plan, None)],
    )  # fmt: skip


@pytest.fixture
def late(world, at):
    """An expedited request that a nurse has taken up; nobody decides it."""
    request = knee_request(
        world, of=world.member, at=at, urgency=Urgency.EXPEDITED, evidence=(note("Visit", "Knee pain."),)
    )
    case = send(world, request, at=at).case
    start_review(line=case.lines.get(), level="nurse", by=world.nurse, at=at + timedelta(hours=1))
    return case


def pass_time(world, *moments):
    """Sweep, and let the worker do what is due, at each instant."""
    for moment in moments:
        clock.set_demo_clock(moment)
        sweep(by=world.engine, at=moment)
        run_due(moment, limit=50)


def rungs(case):
    """The rungs raised for the duty to decide, in order."""
    rows = Escalation.objects.filter(case=case, clock__rule=RULE).order_by("raised_at", "pk")
    return [(row.rung, row.raised_at, row.tells) for row in rows]


def test_each_rung_is_raised_once_at_its_time(world, late, at):
    due = at + timedelta(hours=72)
    moments = [at + timedelta(hours=hours) for hours in (60, 61, 68, 69, 73, 74, 96, 97)]
    pass_time(world, *moments)
    assert rungs(late) == [
        ("at-risk", moments[0], ["nurse"]),
        ("last-call", due - timedelta(hours=4), ["medical_director"]),
        ("passed", moments[4], ["medical_director", "director"]),
        ("one-day-late", due + timedelta(hours=24), ["director"]),
    ]
    assert EventRow.objects.filter(type="ClockEscalated", case_id=late.public_id).count() >= 4


def test_a_duty_that_is_met_raises_no_further_rung(world, late, at):
    pass_time(world, at + timedelta(hours=60))
    Clock.objects.filter(case=late).update(stopped_at=at + timedelta(hours=61), state="met")
    pass_time(world, at + timedelta(hours=70), at + timedelta(hours=100))
    assert [rung for rung, _at, _tells in rungs(late)] == ["at-risk"]
    assert not Breach.objects.exists()


def test_those_who_were_told_see_it_and_take_note(world, late, at):
    pass_time(world, at + timedelta(hours=60))
    row = Escalation.objects.get(case=late, clock__rule=RULE)
    nurse, address = browser_of(world.nurse), f"/deadlines/escalations/{row.public_id}/"
    assert late.number in nurse.get("/deadlines/").content.decode()
    assert late.number not in browser_of(world.physician).get("/deadlines/").content.decode()
    with pytest.raises(NotTold):
        note_escalation(escalation=row, by=world.physician, at=at + timedelta(hours=61))
    assert browser_of(world.physician).post(address).status_code == 302
    row.refresh_from_db()
    assert row.noted_by is None
    assert nurse.post(address).status_code == 302
    row.refresh_from_db()
    assert row.noted_by == world.nurse
    again = note_escalation(escalation=row, by=world.nurse, at=at + timedelta(hours=62))
    assert again.noted_at == row.noted_at
    assert EventRow.objects.filter(type="EscalationNoted").count() == 1
    assert browser_of(world.provider).get("/deadlines/").status_code == 403


def test_the_day_is_shown_by_hours_and_leads_to_the_cases(world, late, at):
    clock.set_demo_clock(at + timedelta(hours=70))
    nurse = browser_of(world.nurse)
    page = nurse.get("/deadlines/").content.decode()
    assert 'href="/deadlines/hours/12/"' in page
    assert "12:00: 1 due" in page
    assert late.number in nurse.get("/deadlines/hours/12/").content.decode()
    assert "Nothing is due in this hour" in nurse.get("/deadlines/hours/13/").content.decode()
    assert nurse.get("/deadlines/hours/24/").status_code == 404
    clock.set_demo_clock(at + timedelta(hours=96))
    assert "1 case was due before today" in nurse.get("/deadlines/").content.decode()


def test_a_breach_belongs_to_the_reviewer_who_says_why(world, late, at, director):
    pass_time(world, at + timedelta(hours=73))
    breach = Breach.objects.get(case=late, clock__rule=RULE)
    assert (breach.owner, breach.due_at, breach.ball, breach.missed, breach.cause) == (
        world.nurse, at + timedelta(hours=72), "payer", "adverse_appealable", "",
    )  # fmt: skip
    nurse, address = browser_of(world.nurse), f"/deadlines/breaches/{breach.public_id}/"
    assert "not yet: the duty stays open" in nurse.get(address).content.decode()
    assert nurse.post(address, {"do": "explain", "cause": "capacity", "explanation": ""}).status_code == 422
    assert nurse.post(address, {"do": "explain", "cause": "mood", "explanation": "x"}).status_code == 422
    words = {"do": "explain", "cause": "capacity", "explanation": "=Two of four nurses were ill.", "remedy": "On-call."}
    assert nurse.post(address, words).status_code == 302
    breach.refresh_from_db()
    assert (breach.cause, breach.explained_by, breach.remedy) == ("capacity", world.nurse, "On-call.")
    assert EventRow.objects.filter(type="BreachExplained", case_id=late.public_id).count() == 1
    keeper = browser_of(director)
    assert "Too few reviewers free" in keeper.get("/deadlines/breaches/").content.decode()
    assert address not in keeper.get("/deadlines/breaches/?view=no-cause").content.decode()
    text = keeper.get("/deadlines/breaches.csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {each["case"] for each in rows} == {late.number}
    assert "'=Two of four nurses were ill." in {each["explanation"] for each in rows}
    assert world.member.family_name not in text


def test_who_keeps_the_register_assigns_and_nobody_else(world, late, at, director):
    pass_time(world, at + timedelta(hours=73))
    breach = Breach.objects.get(case=late, clock__rule=RULE)
    address = f"/deadlines/breaches/{breach.public_id}/"
    assert browser_of(world.intake).get(address).status_code == 404
    assert (
        browser_of(world.intake).post(address, {"do": "explain", "cause": "system", "explanation": "x"}).status_code
        == 404
    )
    nurse = browser_of(world.nurse)
    assert "Give it to this person" not in nurse.get(address).content.decode()
    nurse.post(address, {"do": "assign", "owner": str(world.intake.pk)})
    breach.refresh_from_db()
    assert breach.owner == world.nurse
    keeper = browser_of(director)
    assert keeper.post(address, {"do": "assign", "owner": str(world.provider.pk)}).status_code == 422
    assert keeper.post(address, {"do": "assign", "owner": str(world.intake.pk)}).status_code == 302
    breach.refresh_from_db()
    assert breach.owner == world.intake
    assert browser_of(world.intake).get(address).status_code == 200
    for stranger in (world.provider, world.engine):
        with pytest.raises(Invalid):
            assign_breach(breach=breach, owner=stranger, by=director, at=at + timedelta(hours=74))


def test_a_cause_without_its_author_is_refused_by_the_database(world, late, at):
    pass_time(world, at + timedelta(hours=73))
    with pytest.raises(IntegrityError), transaction.atomic():
        Breach.objects.update(cause="system")


def test_a_missed_target_of_the_plan_is_no_breach(world, late, at):
    pass_time(world, at + timedelta(hours=73))
    assert {row.clock.force for row in Breach.objects.select_related("clock")} == {"law"}
