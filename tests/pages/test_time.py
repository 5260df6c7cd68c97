"""The time of a request by its page: speed asked for, speed refused with its letter, the extension of the law."""

from datetime import timedelta

import pytest
from django.test import Client

from openum.cases.models import Note
from openum.clocks.models import Clock
from openum.db import clock
from openum.jobs import run_due
from openum.notices.models import Notice
from openum.vocabulary.terms import Urgency
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db


def browser_of(user):
    """A signed-in browser."""
    client = Client()
    client.force_login(user)
    return client


def asked(world, at, *, of, **changes):
    """A request that came at the instant; it is an hour later now."""
    clock.set_demo_clock(at + timedelta(hours=1))
    return send(world, knee_request(world, of=of, at=at, **changes), at=at).case.requests.get()


def due(request, rule):
    """When a clock is due."""
    return Clock.objects.get(request=request, rule=rule).due_at.isoformat()


def test_speed_counts_from_the_moment_it_was_asked_for(world, at):
    request = asked(world, at, of=world.member)
    nurse, address = browser_of(world.nurse), f"/time/{request.public_id}/"
    assert address in nurse.get(f"/cases/{request.case.public_id}/").content.decode()
    fields = {"do": "speed", "asked_at": "2026-11-16T12:30", "asked_by": "Front desk", "reason": "Pain got worse."}
    ahead = nurse.post(address, {**fields, "asked_at": "2026-11-16T18:00"})
    assert ahead.status_code == 422
    assert nurse.post(address, {**fields, "reason": ""}).status_code == 422
    assert nurse.post(address, fields).status_code == 302
    assert due(request, "ma.decide.standard") == "2026-11-19T17:30:00+00:00"
    assert Note.objects.get(purpose="expedite").text == "Asked to expedite. Front desk: Pain got worse."
    assert "The expedited time counts already." in nurse.get(address).content.decode()


def test_a_physician_refuses_speed_and_the_letter_stops_its_clock(world, at):
    request = asked(world, at, of=world.member, urgency=Urgency.EXPEDITED)
    address, fields = f"/time/{request.public_id}/", {"do": "refuse", "reason": "Stable for months; no new finding."}
    assert browser_of(world.nurse).post(address, fields).status_code == 403
    assert browser_of(world.physician).post(address, fields).status_code == 302
    assert due(request, "ma.decide.expedited") == "2026-11-24T04:59:59+00:00"
    assert due(request, "ma.letter_expedite_refused") == "2026-11-20T04:59:59+00:00"
    for _ in range(3):
        run_due(at + timedelta(hours=2), limit=20)
    letter = Notice.objects.get(case=request.case, kind="expedite-refused", audience="member")
    assert letter.state == "sent"
    assert "November 23, 2026" in letter.html
    assert "Stable for months" not in letter.html
    assert Clock.objects.get(request=request, rule="ma.letter_expedite_refused").state == "met"


def test_speed_that_a_clinician_attested_may_not_be_refused(world, at):
    request = asked(world, at, of=world.member, urgency=Urgency.EXPEDITED, urgency_attested_by="Dr. Sam Surgeon")
    physician, address = browser_of(world.physician), f"/time/{request.public_id}/"
    page = physician.get(address).content.decode()
    assert "Dr. Sam Surgeon attested" in page
    assert "Refuse and write the letter" not in page
    assert physician.post(address, {"do": "refuse", "reason": "No."}).status_code == 403
    assert not Clock.objects.filter(request=request, rule="ma.letter_expedite_refused").exists()


def test_an_extension_offers_the_reasons_of_its_law_and_is_taken_once(world, at):
    request = asked(world, at, of=world.member)
    nurse, address = browser_of(world.nurse), f"/time/{request.public_id}/"
    page = nurse.get(address).content.decode()
    assert "42 CFR 422.568(b)(2)" in page
    assert nurse.post(address, {"do": "extend", "reason": "beyond_control"}).status_code == 422
    assert nurse.post(address, {"do": "extend", "reason": "noncontract_evidence"}).status_code == 403
    assert nurse.post(address, {"do": "extend", "reason": "enrollee_asked"}).status_code == 302
    assert due(request, "ma.decide.standard") == "2026-12-08T04:59:59+00:00"
    assert "allows no extension now" in nurse.get(address).content.decode()
    assert browser_of(world.provider).get(address).status_code == 403
