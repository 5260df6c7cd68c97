"""Day strip, lanes, flow, bar of parts: every drawing carries its sentence and its table or list."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client

from openum.design.drawings import parts_bar
from openum.design.lanes import Span, lanes
from openum.design.river import Column, flow
from openum.design.strip import STATES, StayDay, day_strip

FIRST = date(2030, 3, 4)


def stay(*states: str) -> list[StayDay]:
    return [
        StayDay(on=FIRST + timedelta(days=n), level="Acute", height=n + 1, state=state)
        for n, state in enumerate(states)
    ]


@pytest.mark.parametrize("state", STATES)
def test_each_state_of_a_day_has_its_own_fill_and_word(state):
    drawn = day_strip(stay(state))
    assert f"strip-{state}" in drawn
    assert f"1 day: {STATES[state]} 1." in drawn
    assert f"<td>{STATES[state]}</td>" in drawn


def test_a_strip_adds_its_days_up_and_marks_the_usual_length():
    drawn = day_strip(stay("certified", "certified", "avoidable"), usual=6)
    assert "3 days: certified 2, avoidable 1. Usual length: 6 days." in drawn
    assert 'x1="168"' in drawn
    assert drawn.count("<tr>") == 4
    assert "Usual length" not in day_strip(stay("certified"))


def test_a_higher_level_of_care_stands_higher():
    heights = [int(height) for height in re.findall(r'<rect[^>]* height="(\d+)"', day_strip(stay(*["certified"] * 4)))]
    assert heights == sorted(heights)
    assert len(set(heights)) == 4


def test_lanes_are_a_list_in_order_of_time():
    drawn = lanes(
        [
            Span(lane="Stays", words="Acute stay", first=FIRST, last=FIRST + timedelta(days=4)),
            Span(lane="Requests", words="Knee", first=FIRST - timedelta(days=5), last=FIRST - timedelta(days=5)),
        ],
        label="Ten days",
    )
    assert re.findall(r"<li>(\w+)", drawn) == ["Knee", "Acute"]
    assert 'role="img" aria-label="Ten days"' in drawn
    assert "Nothing happened yet." in lanes([], label="x")


def test_flow_sets_counts_beside_each_other_to_one_scale():
    hours = [Column(label="09:00", counts=(4, 2), url=""), Column(label="10:00", counts=(0, 0), url="")]
    drawn = flow(hours, kinds=["came", "decided"], now=1, label="By hour", empty="Nothing.")
    first, second = re.findall(r'<rect class="river-\d" x="(\d+)" y="[\d.]+" width="\d+" height="([\d.]+)"', drawn)[:2]
    assert (int(first[0]) < int(second[0]), float(first[1]) == 2 * float(second[1])) == (True, True)
    assert drawn.count('<th scope="row">') == 1
    assert "Nothing." in flow([hours[1]], kinds=["came"], now=0, label="By hour", empty="Nothing.")


def test_the_parts_of_a_bar_make_the_whole_and_lead_to_their_lists():
    drawn = parts_bar(
        [("payer", "plan", 3, "3", "/a/"), ("provider", "provider", 1, "1", ""), ("transit", "way", 0, "0", "")]
    )
    widths = [float(width) for width in re.findall(r'class="split-\w+" x="[\d.]+" y="0" width="([\d.]+)"', drawn)]
    assert widths == [225.0, 75.0, 0.0]
    assert '<a href="/a/">plan 3</a>' in drawn
    assert "way" not in drawn


@pytest.mark.django_db
def test_the_style_page_shows_every_component_and_state():
    text = Client().get("/style/").content.decode()
    for heading in (
        "Line status", "Clocks", "The pie in eight steps", "Clock ladder", "Due river", "Flow", "Day strip", "Timeline with lanes",
        "Parcel line", "Split bar", "Loading", "Empty", "Error", "Conflict", "Offline", "Saved",
    ):  # fmt: skip
        assert f"<h2>{heading}" in text or heading in text, heading
    assert all(f"strip-{state}" in text for state in STATES)
    assert "style=" not in text
