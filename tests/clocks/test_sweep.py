"""Late and due soon are found by partial indexes, and each clock is claimed once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections

from openum import audit
from openum.audit.queries import events_of
from openum.cases.events import InformationRequested
from openum.clocks import services
from openum.clocks.models import Clock
from openum.clocks.services.sweeping import due_soon, lapsed, resuming
from openum.vocabulary.identifiers import new_uuid7
from tests.clocks.book import eastern
from tests.clocks.world import machine, question, request_of

RECEIVED = eastern("2026-11-16 12:00")
DUE = eastern("2026-11-23 23:59:59")


def start(business="medicare_advantage", **values):
    request = request_of(business, RECEIVED, **values)
    services.start_request(request_id=request.pk, by=machine(), at=RECEIVED)
    return request


def types(request):
    return [row.type for row in events_of(request.case.public_id)]


@pytest.mark.django_db
def test_a_clock_is_warned_once_then_lapses_once_and_stays_owed():
    request = start()
    for at in (DUE - timedelta(days=3), DUE - timedelta(hours=30), DUE - timedelta(hours=20)):
        services.sweep(by=machine(), at=at)
    assert types(request).count("ClockDueSoon") == 2  # the enrollee's clock and the provider's
    assert types(request).count("ClockLapsed") == 0
    for hours in (1, 2):
        services.sweep(by=machine(), at=DUE + timedelta(hours=hours))
    clock = Clock.objects.get(request=request, rule="ma.decide.standard")
    assert (clock.state, clock.stopped_at, clock.lapsed_at) == ("late", None, DUE + timedelta(hours=1))
    assert clock.explanation[-1]["kind"] == "passed"
    assert types(request).count("ClockLapsed") == 2
    assert set(request.lines.values_list("status", flat=True)) == {"received"}


@pytest.mark.django_db
def test_a_target_of_the_plan_closes_without_a_breach():
    request = start()
    services.sweep(by=machine(), at=eastern("2026-11-20 09:00"))
    target = Clock.objects.get(request=request, rule="plan.clinical_target.standard")
    assert (target.state, target.stopped_at) == ("void", eastern("2026-11-19 23:59:59"))
    assert "ClockLapsed" not in types(request)


@pytest.mark.django_db
def test_a_pause_that_nobody_ends_ends_by_itself():
    from tests.clocks.clocks_of_requests.steps import ask

    request = start("erisa_group")
    ask(request, eastern("2026-11-17 09:00"))
    services.sweep(by=machine(), at=eastern("2027-01-01 23:59:59"))
    assert Clock.objects.get(request=request, rule="erisa.decide.preservice").state == "tolled"
    services.sweep(by=machine(), at=eastern("2027-01-02 00:00:10"))
    clock = Clock.objects.get(request=request, rule="erisa.decide.preservice")
    assert (clock.state, clock.due_at, clock.ball) == ("running", eastern("2027-01-30 23:59:59"), "payer")
    assert types(request)[-1] == "ClockResumed"


@pytest.mark.django_db
def test_the_ball_comes_back_when_the_time_to_answer_ends():
    request = start()
    asked = question(request, eastern("2026-11-17 09:00"), respond_by=eastern("2026-11-19 09:00"))
    event = InformationRequested(
        case_id=request.case.public_id, information_request_id=asked.public_id, request_id=request.public_id
    )
    recorded = audit.Recorded(event_id=new_uuid7(), by=machine(), at=eastern("2026-11-17 09:00"))
    services.pause_if_the_law_allows(event, recorded)
    balls = []
    for at in ("2026-11-18 09:00", "2026-11-19 09:00:01"):
        services.sweep(by=machine(), at=eastern(at))
        balls.append(Clock.objects.get(request=request, rule="ma.decide.standard").ball)
    assert balls == ["provider", "payer"]


@pytest.mark.django_db
def test_a_moved_due_time_is_warned_of_again():
    request = start()
    services.sweep(by=machine(), at=DUE - timedelta(hours=3))
    services.take_extension(request=request, reason="enrollee_asked", by=machine(), at=DUE - timedelta(hours=2))
    clock = Clock.objects.get(request=request, rule="ma.decide.standard")
    assert (clock.warned_at, clock.due_at) == (None, eastern("2026-12-07 23:59:59"))


@pytest.mark.django_db(transaction=True)
def test_two_workers_claim_each_clock_once():
    requests = [start() for _ in range(4)]
    by = machine()
    barrier, touched = threading.Barrier(2), []

    def work():
        try:
            barrier.wait()
            touched.append(services.sweep(by=by, at=DUE + timedelta(hours=1)))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [types(request).count("ClockLapsed") for request in requests] == [2, 2, 2, 2]
    assert sum(touched) >= 8


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("find", "index"),
    [
        (lapsed, "running_clock_by_due"),
        (due_soon, "running_clock_by_warning"),
        (resuming, "paused_clock_by_resumption"),
    ],
)
def test_the_sweep_reads_a_partial_index(find, index):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert index in find(DUE).explain()
