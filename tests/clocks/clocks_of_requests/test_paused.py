"""Clocks paused by a question and resumed by its answer."""

import pytest

from openum.clocks import queries
from openum.clocks.models import ClockFact
from openum.clocks.rules import FactKind
from tests.clocks.book import eastern
from tests.clocks.clocks_of_requests.steps import (
    answer,
    ask,
    clock,
    decide,
    send,
    start,
    types,
)

pytestmark = pytest.mark.django_db


def test_d2_is_paused_by_the_question_and_resumed_by_the_answer():
    request = start("commercial_state", state="EX")
    asked = ask(request, eastern("2026-11-24 16:41"))
    paused = clock(request, "insured.decide.preservice")
    assert (paused.state, paused.ball, paused.due_at) == ("tolled", "provider", None)
    assert queries.binding_clock(request.case).state == "tolled"
    answer(request, asked, eastern("2026-11-30 10:05"))
    running = clock(request, "insured.decide.preservice")
    assert (running.state, running.ball, running.due_at) == ("running", "payer", eastern("2026-12-30 23:59:59"))
    assert types(request) == ["ClockStarted", "ClockExtended", "ClockTolled", "ClockResumed"]
    decide(request, eastern("2026-12-02 14:20"), status="denied")
    assert clock(request, "insured.decide.preservice").ball == "transit"
    send(request, eastern("2026-12-02 14:26"), kind="denial")
    stopped = clock(request, "insured.decide.preservice")
    assert (stopped.state, stopped.stopped_at) == ("met", eastern("2026-12-02 14:26"))
    split = queries.reading_of(stopped, eastern("2026-12-05 09:00")).split
    assert (str(split.payer), str(split.provider)) == ("2 days, 4:16:00", "5 days, 17:24:00")


def test_d2_under_medicare_advantage_runs_on_whatever_is_asked():
    request = start()
    ask(request, eastern("2026-11-24 16:41"))
    deciding = clock(request, "ma.decide.standard")
    assert (deciding.state, deciding.ball, deciding.due_at) == ("running", "provider", eastern("2026-12-01 23:59:59"))
    assert not ClockFact.objects.filter(request=request, kind=FactKind.EXTENSION_TAKEN).exists()


def test_a_second_question_takes_no_second_extension():
    request = start("erisa_group")
    answer(request, ask(request, eastern("2026-11-25 09:00")), eastern("2026-11-27 09:00"))
    due = clock(request, "erisa.decide.preservice").due_at
    ask(request, eastern("2026-11-30 09:00"))
    again = clock(request, "erisa.decide.preservice")
    assert (again.state, again.due_at, again.ball) == ("running", due, "provider")


def test_the_clock_stays_paused_while_another_question_is_open():
    request = start("erisa_group")
    first = ask(request, eastern("2026-11-25 09:00"))
    second = ask(request, eastern("2026-11-25 10:00"))
    answer(request, first, eastern("2026-11-27 09:00"))
    assert clock(request, "erisa.decide.preservice").state == "tolled"
    answer(request, second, eastern("2026-11-30 09:00"))
    assert clock(request, "erisa.decide.preservice").state == "running"
