"""Clocks made faster, slower or longer, and moved by a corrected receipt or a closed day."""

import pytest

from openum.cases.events import (
    ReceiptCorrected,
)
from openum.cases.models import Request
from openum.clocks import queries, services
from openum.clocks.models import BusinessDayOverride, ClockFact
from openum.clocks.rules import FactKind
from openum.determination.events import LineDecided
from openum.vocabulary.identifiers import new_uuid7
from tests.clocks.book import eastern
from tests.clocks.clocks_of_requests.steps import RECEIVED, clock, lines_of, recorded_at, rules_of, start, types
from tests.clocks.world import machine, person, request_of

pytestmark = pytest.mark.django_db


def test_an_upgrade_moves_the_clock_and_opens_what_only_fast_requests_have():
    request = start("erisa_group")
    services.upgrade(request=request, asked_at=eastern("2026-11-25 09:00"), by=person(), at=eastern("2026-11-25 09:05"))
    deciding = clock(request, "erisa.decide.preservice")
    assert (deciding.due_at, deciding.governing_rule) == (eastern("2026-11-28 09:00"), "erisa.decide.urgent")
    assert clock(request, "erisa.ask.urgent").due_at == eastern("2026-11-26 09:00")
    assert "erisa.decide.urgent" not in rules_of(request)


def test_a_refused_expedite_returns_to_the_standard_time_and_owes_a_letter():
    request = start(urgency="expedited")
    services.refuse_expedite(request=request, by=person(), at=eastern("2026-11-25 09:00"))
    assert clock(request, "ma.decide.expedited").due_at == eastern("2026-12-01 23:59:59")
    assert clock(request, "ma.letter_expedite_refused").due_at == eastern("2026-11-28 23:59:59")


def test_no_extension_waits_for_a_contracted_provider():
    request = start()
    with pytest.raises(services.ExtensionNotAllowed, match="this provider is contracted"):
        services.take_extension(
            request=request, reason="noncontract_evidence", by=person(), at=eastern("2026-11-25 09:00")
        )
    with pytest.raises(services.ExtensionNotAllowed, match="does not admit this reason"):
        services.take_extension(request=request, reason="info", by=person(), at=eastern("2026-11-25 09:00"))


def test_an_extension_is_taken_once_in_time_and_recorded():
    request = start()
    services.take_extension(
        request=request, reason="enrollee_asked", days=5, by=person(), at=eastern("2026-11-25 09:00")
    )
    assert clock(request, "ma.decide.standard").due_at == eastern("2026-12-06 23:59:59")
    assert "ClockExtended" in types(request)
    with pytest.raises(services.ExtensionUsed):
        services.take_extension(request=request, reason="enrollee_asked", by=person(), at=eastern("2026-11-26 09:00"))


def test_an_extension_after_the_time_is_refused():
    request = start()
    with pytest.raises(services.ExtensionTooLate):
        services.take_extension(request=request, reason="enrollee_asked", by=person(), at=eastern("2026-12-02 00:00"))


def test_a_corrected_receipt_moves_every_clock_and_the_past_stays():
    request = start()
    Request.objects.filter(pk=request.pk).update(received_at=eastern("2026-11-20 11:00"))
    event = ReceiptCorrected(case_id=request.case.public_id, request_id=request.public_id, second_person=new_uuid7())
    services.follow_corrected_receipt(event, recorded_at(eastern("2026-11-25 09:00")))
    assert clock(request, "ma.decide.standard").due_at == eastern("2026-11-27 23:59:59")
    then = {stored.rule: reading for stored, reading in queries.replay(request.case, eastern("2026-11-24 18:00"))}
    assert then["ma.decide.standard"].due_at == eastern("2026-12-01 23:59:59")


def test_a_fact_is_told_once_by_one_event_and_never_ahead_of_time():
    request = start()
    recorded = recorded_at(eastern("2026-11-25 09:00"))
    event = LineDecided(
        case_id=request.case.public_id,
        line_ids=lines_of(request),
        determination_id=new_uuid7(),
        outcome="approved",
        is_adverse=False,
    )
    services.note_decision(event, recorded)
    services.note_decision(event, recorded)
    assert ClockFact.objects.filter(request=request, kind=FactKind.DECIDED).count() == 1
    with pytest.raises(services.FactInTheFuture):
        services.upgrade(
            request=request, asked_at=eastern("2026-11-26 09:00"), by=person(), at=eastern("2026-11-25 09:05")
        )


def test_a_day_the_plan_is_closed_moves_business_days():
    request = request_of("commercial_state", RECEIVED, state="NY")
    BusinessDayOverride.objects.create(
        product=request.case.product,
        day=eastern("2026-11-27 00:00").date(),
        is_business_day=False,
        reason="closed",
        source="plan",
    )
    services.start_request(request_id=request.pk, by=machine(), at=RECEIVED)
    assert clock(request, "ny.decide.standard").due_at == eastern("2026-12-01 23:59:59")
