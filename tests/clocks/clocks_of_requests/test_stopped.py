"""Clocks stopped by a decision or by proof of sending, and the lapse of a late one."""

from datetime import timedelta

import pytest

from openum.cases.events import (
    ContactAttempted,
    LineStatusChanged,
)
from openum.cases.models import Case, ContactAttempt, Party, Request
from openum.clocks import queries, services
from openum.clocks.models import Clock
from tests.clocks.book import eastern
from tests.clocks.clocks_of_requests.steps import (
    RECEIVED,
    clock,
    decide,
    lines_of,
    recorded_at,
    rules_of,
    send,
    start,
    types,
)
from tests.clocks.world import machine, person, request_of

pytestmark = pytest.mark.django_db


def call(request, at, *, role=None, noted_at=None):
    """Reach the member, or the party of a role, by telephone."""
    party = Party.objects.create(request=request, role=role, name="Front desk") if role else None
    attempt = ContactAttempt.objects.create(
        case=request.case, purpose="oral notice", channel="phone", outcome="reached", at=at, party=party,
        recorded_by=person(),
    )  # fmt: skip
    event = ContactAttempted(
        case_id=request.case.public_id, attempt_id=attempt.public_id, purpose="oral notice", outcome="reached"
    )
    services.note_contact(event, recorded_at(noted_at or at))


def test_an_electronic_answer_stops_the_provider_clock_and_signing_stops_no_letter():
    request = start(channel="fhir")
    decide(request, RECEIVED + timedelta(seconds=1))
    assert clock(request, "ma.tell_provider.standard").stopped_at == RECEIVED + timedelta(seconds=1)
    assert clock(request, "ma.decide.standard").stopped_at is None
    send(request, RECEIVED + timedelta(seconds=9))
    assert clock(request, "ma.decide.standard").stopped_at == RECEIVED + timedelta(seconds=9)


@pytest.mark.parametrize(
    ("business", "state", "status"), [("medicare_advantage", "", "denied"), ("commercial_state", "NY", "approved")]
)
def test_a_sandbox_answer_is_all_there_is(business, state, status):
    request = request_of(business, RECEIVED, channel="fhir", state=state)
    Case.objects.filter(pk=request.case_id).update(is_sandbox=True)
    services.start_request(request_id=request.pk, by=machine(), at=RECEIVED)
    decide(request, RECEIVED + timedelta(seconds=1), status=status)
    assert set(Clock.objects.filter(request=request).values_list("state", flat=True)) == {"met"}


@pytest.mark.parametrize(
    ("timing", "urgency", "owed"),
    [
        ("prospective", "standard", {"enrollee", "provider"}),
        ("prospective", "expedited", {"enrollee.urgent", "provider.urgent"}),
        ("concurrent", "expedited", {"concurrent"}),
    ],
)
def test_new_york_is_told_by_telephone_as_well_as_in_writing(timing, urgency, owed):
    """N.Y. Ins. Law 4903(b), (c): a yes as well; where care continues the provider is told."""
    request = request_of("commercial_state", RECEIVED, state="NY", channel="fhir", urgency=urgency)
    Request.objects.filter(pk=request.pk).update(timing=timing)
    request.refresh_from_db()
    services.start_request(request_id=request.pk, by=machine(), at=RECEIVED)
    calls = {rule for rule in rules_of(request) if rule.startswith("ny.telephone.")}
    assert calls == {f"ny.telephone.{each}" for each in owed}
    decide(request, RECEIVED + timedelta(hours=1))
    send(request, RECEIVED + timedelta(hours=2))
    send(request, RECEIVED + timedelta(hours=2), audience="provider")
    assert {clock(request, rule).state for rule in calls} == {"running"}
    call(request, RECEIVED + timedelta(hours=3), role="requester")
    to_provider = {rule for rule in calls if "enrollee" not in rule}
    assert {rule for rule in calls if clock(request, rule).state == "met"} == to_provider
    call(request, RECEIVED + timedelta(hours=4))
    assert {clock(request, rule).state for rule in calls} == {"met"}


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
    call(request, eastern("2026-11-25 09:30"), noted_at=eastern("2026-11-25 09:40"))
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
