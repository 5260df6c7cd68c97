"""The capacity board: weeks taken in, a forecast, the gap, and the same as a table."""

import csv
import html
import io
import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openum.db import clock
from openum.vocabulary.errors import NotAllowed
from openum.work.models import PastWeek
from openum.work.queries.capacity import board
from openum.work.queries.people import local_day
from openum.work.rules.forecasting import Count, monday_of
from openum.work.services import record_absence, take_in_past_weeks
from openum.work.services.past import PastWeeksInvalid
from tests.world import knee_request, send


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def weeks_before(this, lines, *, weeks=20, points=20, queue="ortho-rn"):
    return [
        Count(queue=queue, day=this - timedelta(weeks=back), lines=lines, points=lines * points, field="orthopaedics")
        for back in range(1, weeks + 1)
    ]


def uploaded(content):
    return {"file": SimpleUploadedFile("weeks.csv", content.encode()), "source": "the old system"}


def test_the_board_says_who_is_missing_and_when(desk, at):
    world = desk.world
    this = monday_of(local_day(world.plan, at))
    keeper = browser_of(desk.director)
    clock.set_demo_clock(at)
    page = text(keeper.get("/desk/capacity/"))
    assert "There are 0 whole weeks of arrivals; a forecast needs 8." in page
    rows = "\n".join(f"ortho-rn,{each.day},{each.lines},{each.points},{each.field}" for each in weeks_before(this, 18))
    answer = keeper.post("/desk/capacity/weeks/", uploaded(f"queue,week,requests,points,field\n{rows}\n"))
    assert (answer.status_code, PastWeek.objects.count()) == (302, 20)
    take_in_past_weeks(
        plan=world.plan, counts=weeks_before(this, 5, queue="general-rn"), source="s", by=desk.director, at=at
    )
    send(world, knee_request(world, at=at), at=at)
    record_absence(
        user=desk.ortho_nurse, kind="away", first_day=this + timedelta(weeks=2), back_on=this + timedelta(weeks=3),
        percent_left=0, by=desk.director, at=at,
    )  # fmt: skip
    found = board(world.plan, at=at)
    ortho = next(each for each in found.queues if each.key == "ortho-rn")
    assert (len(ortho.weeks), ortho.taken_in, ortho.points, ortho.a_day, ortho.waiting) == (20, 20, 20.0, 60.0, 15)
    whole = next(each for each in ortho.ahead if each.said.days == 5 and each.monday != this + timedelta(weeks=2))
    assert whole.given == pytest.approx(300)
    assert whole.gap == pytest.approx((300 - whole.said.expected * 20) / 300)
    assert -0.4 < whole.gap < -0.15
    assert whole.gap_low < whole.gap < whole.gap_high
    assert (ortho.worst.monday, ortho.worst.given) == (this + timedelta(weeks=2), 0)
    assert all(
        each.said.days == 4
        for each in ortho.ahead
        if each.monday <= date(each.monday.year, 12, 25) < each.monday + timedelta(days=7)
    )
    assert [(each.name, each.stage) for each in found.fields] == [("orthopaedics", "nurse")]
    page = text(keeper.get("/desk/capacity/"))
    assert re.search(r"Ortho RN Short by 1\.\d full-time people in the week of", page)
    assert "General RN Enough people in all twelve weeks" in page
    assert desk.spanish_nurse.name not in page
    nurse = browser_of(world.nurse)
    assert "Take in the weeks" not in text(nurse.get("/desk/capacity/"))
    sheet = list(csv.DictReader(io.StringIO(nurse.get("/desk/capacity/sheet/").content.decode())))
    assert len(sheet) == 24
    assert float(next(row for row in sheet if row["queue"] == "ortho-rn")["gap_fte"]) < 0
    assert nurse.post("/desk/capacity/weeks/", uploaded("x")).status_code == 403
    with pytest.raises(NotAllowed):
        take_in_past_weeks(plan=world.plan, counts=[], source="s", by=world.nurse, at=at)


def test_weeks_that_cannot_be_taken_in_are_refused_with_the_row(desk, at):
    clock.set_demo_clock(at)
    keeper, this = browser_of(desk.director), monday_of(local_day(desk.world.plan, at))
    for content, said in (
        ("queue,week\northo-rn,2026-01-05\n", "The first row must name queue, week, requests and points"),
        ("queue,week,requests,points\northo-rn,soon,1,1\n", "Row 1: write the week as YYYY-MM-DD"),
        ("queue,week,requests,points\nnone,2026-01-05,1,1\n", "Row 1: there is no queue none"),
        (f"queue,week,requests,points\northo-rn,{this},1,1\n", "are counted here"),
        ("queue,week,requests,points\northo-rn,2026-01-05,1,9\northo-rn,2026-01-07,1,9\n", "stands there twice"),
    ):
        answer = keeper.post("/desk/capacity/weeks/", uploaded(content))
        assert (answer.status_code, said in text(answer)) == (422, True), said
    again = weeks_before(this, 3, weeks=1)
    for lines in (3, 4):
        take_in_past_weeks(
            plan=desk.world.plan, counts=weeks_before(this, lines, weeks=1), source="s", by=desk.director, at=at
        )
    assert [row.lines for row in PastWeek.objects.all()] == [4]
    with pytest.raises(PastWeeksInvalid, match="Say where"):
        take_in_past_weeks(plan=desk.world.plan, counts=again, source=" ", by=desk.director, at=at)
