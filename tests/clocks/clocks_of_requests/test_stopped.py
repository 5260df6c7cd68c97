"""Clocks stopped by a decision or by proof of sending, and the lapse of a late one."""

from datetime import timedelta

import pytest

from openum.cases.events import (
    ContactAttempted,
    LineStatusChanged,
)
from openum.cases.models import Case, ContactAttempt
from openum.clocks import queries, services
from openum.clocks.models import Clock
from tests.clocks.book import eastern
from tests.clocks.clocks_of_requests.steps import (
    RECEIVED,
    clock,
    decide,
    lines_of,
    recorded_at,
    send,
    start,
    types,
)
from tests.clocks.world import machine, person, request_of

pytestmark = pytest.mark.django_db


def test_an_electronic_answer_stops_the_provider_clock_and_signing_stops_no_letter():
    request = start(channel="fhir")
    decide(request, RECEIVED + timedelta(seconds=1))
    assert clock(request, "ma.tell_provider.standard").stopped_at == RECEIVED + timedelta(seconds=1)
    assert clock(request, "ma.decide.standard").stopped_at is None
    send(request, RECEIVED + timedelta(seconds=9))
    assert clock(request, "ma.decide.standard").stopped_at == RECEIVED + timedelta(seconds=9)


def test_a_sandbox_answer_is_all_there_is():
    request = request_of("medicare_advantage", RECEIVED, channel="fhir")
    Case.objects.filter(pk=request.case_id).update(is_sandbox=True)
    services.start_request(request_id=request.pk, by=machine(), at=RECEIVED)
    decide(request, RECEIVED + timedelta(seconds=1))
    assert set(Clock.objects.filter(request=request).values_list("state", flat=True)) == {"met"}


def test_a_request_by_mail_waits_for_the_letter_to_its_provider():
    request = start(channel="mail")
    decide(request, eastern("2026-11-25 09:00"))
    assert clock(request, "ma.tell_provider.standard").stopped_at is None
    send(request, eastern("2026-11-25 15:00"), audience="provider")
    assert clock(request, "ma.tell_provider.standard").state == "met"
    assert clock(request, "ma.decide.standard").state == "running"


def test_a_request_for_information_is_no_decision_letter():
    request = start()
    send(request, eastern("2026-11-25 09:00"), kind="information-request")
    assert clock(request, "ma.decide.standard").state == "running"


def test_lines_are_told_on_different_days():
    request = start(lines=2)
    first, second = lines_of(request)
    decide(request, eastern("2026-11-25 09:00"), lines=(first,))
    send(request, eastern("2026-11-25 10:00"), lines=(first,))
    open_one = clock(request, "ma.decide.standard")
    assert (open_one.state, open_one.ball) == ("running", "payer")
    decide(request, eastern("2026-11-30 09:00"), lines=(second,))
    send(request, eastern("2026-11-30 10:00"), lines=(second,))
    assert clock(request, "ma.decide.standard").stopped_at == eastern("2026-11-30 10:00")


def test_a_withdrawn_request_owes_nothing():
    request = start()
    event = LineStatusChanged(
        case_id=request.case.public_id, line_ids=lines_of(request), before="received", after="withdrawn"
    )
    services.end_with_line(event, recorded_at(eastern("2026-11-25 09:00")))
    assert set(Clock.objects.filter(request=request).values_list("state", flat=True)) == {"void"}
    assert queries.binding_clock(request.case) is None


def test_an_oral_denial_stops_the_fast_clock_and_starts_its_letter():
    request = start(urgency="expedited", channel="phone")
    decide(request, eastern("2026-11-25 09:00"), status="denied")
    attempt = ContactAttempt.objects.create(
        case=request.case,
        purpose="oral notice",
        channel="phone",
        outcome="reached",
        at=eastern("2026-11-25 09:30"),
        recorded_by=person(),
    )
    event = ContactAttempted(
        case_id=request.case.public_id, attempt_id=attempt.public_id, purpose="oral notice", outcome="reached"
    )
    services.note_contact(event, recorded_at(eastern("2026-11-25 09:40")))
    assert clock(request, "ma.decide.expedited").stopped_at == eastern("2026-11-25 09:30")
    letter = clock(request, "ma.letter_after_oral")
    assert (letter.due_at, letter.state) == (eastern("2026-11-28 23:59:59"), "running")
    send(request, eastern("2026-11-27 09:00"), kind="denial")
    assert clock(request, "ma.letter_after_oral").state == "met"


def test_a_late_answer_records_the_lapse_even_before_the_sweep():
    request = start()
    decide(request, eastern("2026-12-02 09:00"))
    send(request, eastern("2026-12-02 10:00"))
    late = clock(request, "ma.decide.standard")
    assert (late.state, late.lapsed_at, late.stopped_at) == (
        "late",
        eastern("2026-12-02 10:00"),
        eastern("2026-12-02 10:00"),
    )
    assert types(request).count("ClockLapsed") >= 1
