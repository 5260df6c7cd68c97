"""Forecasts of arrivals: what is learnt from weeks, how sure it is, and who shares which work."""

import itertools
from datetime import date, timedelta
from math import sin, tau
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openum.work.rules.forecasting import (
    AHEAD,
    LEAST_WEEKS,
    Hands,
    TooFewWeeks,
    Week,
    fit,
    forecast,
    in_full_time,
    monday_of,
    shared,
    trial,
    whole_weeks,
)

FIRST = date(2024, 1, 1)


def weeks_of(counts, days=()):
    days = [*days, *[5] * (len(counts) - len(days))]
    return [
        Week(FIRST + timedelta(weeks=place), count, days[place]) for place, count in enumerate(counts)
    ]  # fmt: skip


def ahead_of(weeks, days=(5,) * AHEAD):
    return forecast(
        weeks, [(weeks[-1].monday + timedelta(weeks=place), each) for place, each in enumerate(days, start=1)]
    )


def test_fewer_than_eight_weeks_are_refused_and_eight_are_enough():
    with pytest.raises(TooFewWeeks, match="There are 7 whole weeks of arrivals; a forecast needs 8"):
        ahead_of(weeks_of([20] * 7))
    assert len(ahead_of(weeks_of([20] * LEAST_WEEKS))) == AHEAD


def test_what_is_always_alike_goes_on_with_the_scatter_of_chance():
    first, *_, last = ahead_of(weeks_of([100] * 30))
    assert first.expected == pytest.approx(100, abs=0.5)
    # the 95 % interval of a Poisson count of 100 is 80.4 to 121.6
    assert (first.low95, first.high95) == (pytest.approx(81.2, abs=0.6), pytest.approx(120.5, abs=0.6))
    assert last.high95 > first.high95


@pytest.mark.parametrize(("days", "share"), [(4, 0.8), (3, 0.6), (5, 1)])
def test_a_week_with_holidays_brings_its_working_days_part(days, share):
    (found,) = ahead_of(weeks_of([50] * 20), (days,))
    assert found.expected == pytest.approx(50 * share, rel=0.03)
    short = weeks_of([50] * 10 + [40] + [50] * 9, days=[5] * 10 + [4])
    assert fit(short).level == pytest.approx(fit(weeks_of([50] * 20)).level, abs=0.05)


def test_a_step_is_followed():
    found = fit(weeks_of([20] * 15 + [60] * 15))
    assert found.alpha >= 0.5
    assert ahead_of(weeks_of([20] * 15 + [60] * 15))[0].expected == pytest.approx(60, rel=0.06)


def test_a_season_is_used_with_two_years_and_only_where_there_is_one():
    random = Random(4)
    wave = [round(60 + 25 * sin(tau * place / 52.18) + random.gauss(0, 4)) for place in range(130)]
    assert fit(weeks_of(wave)).season
    assert not fit(weeks_of(wave[:103])).season
    tried = trial(weeks_of(wave))
    assert tried.is_better
    assert tried.held95 >= 0.9


def test_intervals_hold_about_as_many_weeks_as_they_say():
    held80 = held95 = whole = 0
    for seed in range(40):
        random = Random(seed)
        tried = trial(weeks_of([sum(random.random() < 0.3 for _ in range(100)) for _ in range(52)]))
        held80, held95, whole = held80 + tried.held80, held95 + tried.held95, whole + 1
    assert 0.76 <= held80 / whole <= 0.95
    assert 0.93 <= held95 / whole <= 1


def test_there_is_no_trial_without_a_week_to_try():
    assert trial(weeks_of([5] * LEAST_WEEKS)) is None


@given(st.lists(st.integers(0, 500), min_size=LEAST_WEEKS, max_size=60), st.integers(0, 5))
def test_intervals_are_ordered_never_below_nought_and_never_narrower_later(counts, days):
    found = ahead_of(weeks_of(counts), (days,) * AHEAD)
    for each in found:
        assert 0 <= each.low95 <= each.low80 <= each.high80 <= each.high95
        assert each.expected >= 0
    assert all(later.high95 >= one.high95 and later.low95 <= one.low95 for one, later in itertools.pairwise(found))


def test_weeks_without_anything_count_and_the_present_one_does_not():
    today = date(2024, 2, 1)  # a Thursday
    found = whole_weeks({FIRST: 3, FIRST + timedelta(weeks=2): 5, monday_of(today): 9}, today=today, days={FIRST: 4})
    assert [(week.count, week.days) for week in found] == [(3, 4), (0, 5), (5, 5), (0, 5)]
    assert whole_weeks({}, today=today, days={}) == []


@pytest.mark.parametrize(
    ("people", "demand", "given_out"),
    [
        ([(100, "a")], {"a": 50, "b": 10}, {"a": 100, "b": 0}),
        ([(100, "ab")], {"a": 60, "b": 20}, {"a": 75, "b": 25}),
        ([(100, "ab"), (100, "b")], {"a": 90, "b": 90}, {"a": 100, "b": 100}),
        ([(100, "ab"), (100, "b")], {"a": 300, "b": 20}, {"a": 100, "b": 100}),
        ([(100, "ab"), (100, "bc"), (50, "c")], {"a": 100, "b": 100, "c": 100}, {"a": 83.3, "b": 83.3, "c": 83.3}),
        ([(900, "ab"), (300, "b")], {"a": 100, "b": 20, "c": 500}, {"a": 900, "b": 300, "c": 0}),
        ([], {"a": 10}, {"a": 0}),
    ],
)
def test_people_of_several_queues_go_where_they_are_missed_most(people, demand, given_out):
    found = shared([Hands(points, frozenset(queues)) for points, queues in people], demand)
    assert found == pytest.approx(given_out, abs=1.2)


@given(
    st.lists(st.tuples(st.integers(1, 900), st.sets(st.sampled_from("abc"), min_size=1)), max_size=6),
    st.fixed_dictionaries({key: st.floats(0.1, 2000) for key in "abc"}),
)
def test_sharing_gives_out_exactly_what_there_is(people, demand):
    found = shared([Hands(points, frozenset(queues)) for points, queues in people], demand)
    assert sum(found.values()) == pytest.approx(sum(points for points, _ in people))


def test_points_of_a_week_are_people_who_work_all_its_days():
    assert in_full_time(-640, a_day=160, days=5) == pytest.approx(-0.8)
    assert in_full_time(-640, a_day=160, days=4) == -1
