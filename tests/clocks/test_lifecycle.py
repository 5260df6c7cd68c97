"""Clocks inside the whole system: the real services of the other folders tell them what happened."""

from datetime import timedelta

import pytest

from openum.cases.queries import current_lines, open_information_requests
from openum.cases.services.contact import ItemAsked
from openum.cases.services.lines import withdraw_line
from openum.clocks.models import Clock
from openum.clocks.queries import binding_clock, clocks_of, replay
from openum.review.services import ask_for_information, receive_information
from tests.clocks.book import eastern
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db

RECEIVED = eastern("2026-11-24 16:40")


def clock(case, rule):
    return Clock.objects.get(case=case, rule=rule)


def ask(world, accepted, at):
    line = current_lines(accepted.case)[0]
    return ask_for_information(
        case=accepted.case,
        request=accepted.request,
        items=[ItemAsked(line=line, text="Therapy record")],
        by=world.nurse,
        at=at,
    )


def test_the_commercial_clock_pauses_with_the_question_and_runs_with_the_answer(world):
    accepted = send(world, knee_request(world, at=RECEIVED), at=RECEIVED)
    ask(world, accepted, RECEIVED + timedelta(minutes=1))
    assert clock(accepted.case, "insured.decide.preservice").state == "tolled"
    for question in open_information_requests(accepted.case):
        receive_information(
            question=question, documents=[], answered=list(question.items.all()), channel="portal", by=world.provider,
            at=eastern("2026-11-30 10:05"),
        )  # fmt: skip
    running = clock(accepted.case, "insured.decide.preservice")
    assert (running.state, running.due_at) == ("running", eastern("2026-12-30 23:59:59"))
    assert binding_clock(accepted.case).rule == "insured.decide.preservice"


def test_the_medicare_clock_runs_on(world):
    accepted = send(world, knee_request(world, of=world.member, at=RECEIVED), at=RECEIVED)
    ask(world, accepted, RECEIVED + timedelta(minutes=1))
    running = clock(accepted.case, "ma.decide.standard")
    assert (running.state, running.ball, running.due_at) == ("running", "provider", eastern("2026-12-01 23:59:59"))


def test_a_withdrawn_line_ends_its_clocks(world):
    accepted = send(world, knee_request(world, of=world.member, at=RECEIVED), at=RECEIVED)
    line = current_lines(accepted.case)[0]
    withdraw_line(
        line=line,
        reason="not wanted",
        requested_by="practice",
        channel="portal",
        by=world.provider,
        at=eastern("2026-11-25 09:00"),
    )
    assert {row.state for row in clocks_of(accepted.case)} == {"void"}
    assert [reading.state for _, reading in replay(accepted.case, RECEIVED)] == ["running"] * 3


def test_the_panel_shows_every_deadline_with_its_law(world):
    from django.template.loader import render_to_string

    from openum.clocks.sections import _clocks

    accepted = send(world, knee_request(world, at=RECEIVED), at=RECEIVED)
    ask(world, accepted, RECEIVED + timedelta(minutes=1))
    html = render_to_string("clocks/panel.html", _clocks(accepted.case, world.nurse, eastern("2026-11-25 09:00")))
    assert "45 CFR 147.136(b) with 29 CFR 2560.503-1(f)(2)(iii)(A)" in html
    assert "Paused from Tue Nov 24, 2026, 4:4" in html
    assert "insured.decide.preservice" in html
