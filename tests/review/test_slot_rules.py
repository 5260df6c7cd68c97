"""The times a physician publishes, and the terms of an offer. Pure tables and properties."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from openum.accounts.rules import LicenceFact, ReviewerFacts
from openum.review.rules.offers import (
    DelegateKind,
    DelegateNotUsable,
    MayNotBook,
    MayNotHold,
    MayNotSpeak,
    NoConversationOffered,
    NoOfferTerms,
    TooLateToTalk,
    check_delegate,
    check_may_ask,
    check_may_book,
    check_may_hold,
    choose_terms,
    read_terms,
)
from openum.review.rules.slots import Hours, SlotsNotUsable, overlaps, starts_of
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import Timing

CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
ROWS = read_terms(read_yaml((settings.OPENUM_POLICIES / "peer_to_peer" / "offers.yaml").read_text()))
PLAIN = next(row for row in ROWS if row.key == "every-plan")
MEDICARE = next(row for row in ROWS if row.key == "medicare-advantage")
TEXAS = next(row for row in ROWS if row.key == "texas")


def hours(**facts):
    usual = {
        "first_day": date(2026, 11, 16), "last_day": date(2026, 11, 16), "weekdays": frozenset(range(7)),
        "opens": time(7, 0), "closes": time(7, 30), "minutes": 10,
    }  # fmt: skip
    return Hours(**{**usual, **facts})


def test_hours_become_times_in_the_physicians_own_zone():
    starts = starts_of(hours(), CHICAGO)
    assert [start.isoformat() for start in starts] == [
        "2026-11-16T13:00:00+00:00", "2026-11-16T13:10:00+00:00", "2026-11-16T13:20:00+00:00",
    ]  # fmt: skip


def test_only_the_weekdays_that_were_chosen_open():
    week = hours(last_day=date(2026, 11, 22), weekdays=frozenset({1, 3}), closes=time(7, 10))
    assert [start.astimezone(CHICAGO).date().isoformat() for start in starts_of(week, CHICAGO)] == [
        "2026-11-17", "2026-11-19",
    ]  # fmt: skip


def test_the_same_wall_clock_hour_moves_with_daylight_saving():
    days = hours(first_day=date(2027, 3, 13), last_day=date(2027, 3, 14), closes=time(7, 10))
    assert [start.hour for start in starts_of(days, CHICAGO)] == [13, 12]


def test_an_hour_the_wall_skips_gives_no_time_and_one_shown_twice_gives_it_once():
    spring = hours(
        first_day=date(2027, 3, 14), last_day=date(2027, 3, 14), opens=time(1, 30), closes=time(3, 30), minutes=30
    )
    assert [start.isoformat() for start in starts_of(spring, CHICAGO)] == [
        "2027-03-14T07:30:00+00:00", "2027-03-14T08:00:00+00:00",
    ]  # fmt: skip
    autumn = hours(
        first_day=date(2026, 11, 1), last_day=date(2026, 11, 1), opens=time(1, 0), closes=time(2, 0), minutes=30
    )
    assert len(starts_of(autumn, CHICAGO)) == 2


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"last_day": date(2026, 11, 15)}, "last day lies before"),
        ({"last_day": date(2027, 3, 1)}, "at most 92 days"),
        ({"weekdays": frozenset()}, "at least one day"),
        ({"closes": time(7, 5)}, "No conversation fits"),
        ({"last_day": date(2027, 2, 10), "closes": time(17, 0)}, "at most 400 at once"),
    ],
)
def test_hours_that_give_no_usable_time_are_refused_with_the_way_out(facts, says):
    with pytest.raises(SlotsNotUsable, match=says):
        starts_of(hours(**facts), CHICAGO)


@given(
    st.sampled_from(["America/Chicago", "America/New_York", "America/Phoenix", "Asia/Manila", "Europe/Brussels"]),
    st.dates(date(2026, 1, 1), date(2028, 12, 1)),
    st.integers(0, 20),
    st.integers(5, 60),
)
def test_times_never_overlap_and_always_stand_within_the_hours_of_the_wall(zone, first, days, minutes):
    wanted = hours(
        first_day=first, last_day=first + timedelta(days=days), opens=time(0, 0), closes=time(4, 0), minutes=minutes,
        weekdays=frozenset({0, 6}),
    )  # fmt: skip
    place = ZoneInfo(zone)
    try:
        starts = starts_of(wanted, place)
    except SlotsNotUsable:
        return
    length = timedelta(minutes=minutes)
    assert all(after - before >= length for before, after in pairwise(starts))
    for start in starts:
        wall = start.astimezone(place)
        assert wall.weekday() in {0, 6}
        assert wall.time() < time(4, 0)


def test_one_time_may_follow_another_at_once():
    busy = [(NOON, NOON + timedelta(minutes=10))]
    assert not overlaps(NOON + timedelta(minutes=10), NOON + timedelta(minutes=20), busy)
    assert not overlaps(NOON - timedelta(minutes=10), NOON, busy)
    assert overlaps(NOON + timedelta(minutes=9), NOON + timedelta(minutes=19), busy)


@pytest.mark.parametrize(
    ("business", "state", "timing", "row"),
    [
        ("medicare_advantage", "", "prospective", "medicare-advantage"),
        ("medicare_advantage", "TX", "concurrent", "medicare-advantage"),
        ("commercial_state", "TX", "prospective", "texas"),
        ("commercial_state", "TX", "concurrent", "texas-concurrent"),
        ("commercial_state", "TX", "retrospective", "texas-retrospective"),
        ("commercial_state", "NY", "prospective", "new-york"),
        ("commercial_state", "NY", "retrospective", "every-plan"),
        ("commercial_state", "EX", "prospective", "every-plan"),
        ("erisa_group", "TX", "prospective", "every-plan"),
        ("medicaid_managed_care", "", "prospective", "every-plan"),
    ],
)
def test_the_row_that_names_most_of_a_request_counts(business, state, timing, row):
    assert choose_terms(ROWS, line_of_business=business, state=state, timing=timing).key == row


def test_without_a_row_nothing_is_guessed():
    with pytest.raises(NoOfferTerms):
        choose_terms((MEDICARE,), line_of_business="erisa_group", state="", timing="prospective")


@pytest.mark.parametrize(
    "change", [{"attempts": -1}, {"reminders": [0]}, {"mood": "kind"}, {"lines_of_business": ["moonshine"]}]
)
def test_a_row_that_is_wrong_is_refused_when_it_is_read(change):
    row = read_yaml((settings.OPENUM_POLICIES / "peer_to_peer" / "offers.yaml").read_text())["rows"][0]
    with pytest.raises(ValueError, match=r"positive|unknown|moonshine"):
        read_terms({"rows": [{**row, **change}]})


@pytest.mark.parametrize(
    ("terms", "facts", "refusal"),
    [
        (PLAIN, {"is_decided": False}, None),
        (PLAIN, {"is_decided": True, "is_adverse": True}, None),
        (PLAIN, {"is_decided": True, "is_adverse": False}, TooLateToTalk),
        (PLAIN, {"is_decided": True, "is_adverse": True, "was_held": True}, TooLateToTalk),
        (PLAIN, {"is_decided": True, "is_adverse": True, "window_ended_at": NOON}, TooLateToTalk),
        (MEDICARE, {"is_decided": False}, None),
        (MEDICARE, {"is_decided": True, "is_adverse": True}, TooLateToTalk),
    ],
)
def test_a_practice_asks_to_talk_only_where_it_can_change_something(terms, facts, refusal):
    """42 CFR 422.616: after the notice of a Medicare Advantage plan it takes an appeal or a reopening."""
    usual = {"is_adverse": False, "was_held": False, "window_ended_at": None, "at": NOON}
    if refusal is None:
        check_may_ask(terms, **{**usual, **facts})
        return
    with pytest.raises(refusal):
        check_may_ask(terms, **{**usual, **facts})


def test_a_plan_that_takes_no_wishes_says_so():
    closed = replace(PLAIN, may_be_asked_for=False)
    with pytest.raises(NoConversationOffered):
        check_may_ask(closed, is_decided=False, is_adverse=False, was_held=False, window_ended_at=None, at=NOON)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({}, None),
        ({"name": " "}, DelegateNotUsable),
        ({"may_speak": False}, DelegateNotUsable),
        ({"may_book": True}, DelegateNotUsable),
        ({"may_book": True, "has_login": True}, None),
        ({"is_named_by_doctor": False}, DelegateNotUsable),
        ({"is_named_by_doctor": False, "on_word_of": "Dr. Surgeon"}, None),
        ({"kind": DelegateKind.STAFF}, None),
        ({"kind": DelegateKind.STAFF, "terms": TEXAS}, MayNotSpeak),
        ({"kind": DelegateKind.COLLEAGUE, "terms": TEXAS}, None),
    ],
)
def test_a_delegate_is_named_by_the_doctor_and_can_do_something(facts, refusal):
    usual = {
        "kind": DelegateKind.COLLEAGUE, "name": "Dr. Colleague", "may_book": False, "may_speak": True, "has_login": False,
        "is_named_by_doctor": True, "on_word_of": "", "terms": PLAIN,
    }  # fmt: skip
    if refusal is None:
        check_delegate(**{**usual, **facts})
        return
    with pytest.raises(refusal):
        check_delegate(**{**usual, **facts})


@pytest.mark.parametrize(
    ("booker", "named", "by", "is_doctor", "is_refused"),
    [
        (1, set(), set(), False, False),
        (1, {2}, set(), False, True),
        (2, {2}, set(), False, False),
        (3, {2}, {3}, False, False),
        (1, {2}, set(), True, False),
    ],
)
def test_once_the_doctor_has_named_who_books_others_do_not(booker, named, by, is_doctor, is_refused):
    facts = {"booker": booker, "named_to_book": frozenset(named), "named_by": frozenset(by), "is_doctor": is_doctor}
    if not is_refused:
        check_may_book(**facts)
        return
    with pytest.raises(MayNotBook):
        check_may_book(**facts)


def holder(*licences, fields=("sports medicine",)):
    """A physician of the plan with licences of kind, state and end."""
    rows = tuple(LicenceFact(kind, state, "active", date(2020, 1, 1), end) for kind, state, end in licences)
    return ReviewerFacts(is_machine=False, permissions=frozenset(), licences=rows, specialties=frozenset(fields))


@pytest.mark.parametrize(
    ("who", "missing"),
    [
        (holder(("physician", "TX", None)), ""),
        (holder(("physician", "TX", date(2026, 11, 17))), ""),
        (holder(("physician", "TX", date(2026, 11, 16))), "licence in TX"),
        (holder(("physician", "EX", None)), "licence in TX"),
        (holder(("administrative medicine physician", "TX", None)), "licence in TX"),
        (holder(("physician", "TX", None), fields=("internal medicine",)), "field of orthopaedics"),
        (holder(("physician", "EX", None), fields=()), "licence in TX that is valid on the day and the field"),
    ],
)
@pytest.mark.parametrize("business", ["commercial_state", "qhp_ffe"])
def test_in_texas_a_peer_licensed_there_and_of_a_like_field_holds_the_conversation(who, missing, business):
    """Tex. Ins. Code 4201.206."""
    facts = {"specialty": "orthopaedics", "state": "TX", "on": date(2026, 11, 16)}
    for timing in Timing:
        terms = choose_terms(ROWS, line_of_business=business, state="TX", timing=timing)
        assert terms.comes_first
        if missing:
            with pytest.raises(MayNotHold, match=missing):
                check_may_hold(terms, holder=who, **facts)
        else:
            check_may_hold(terms, holder=who, **facts)
    check_may_hold(PLAIN, holder=who, **facts)
    check_may_hold(MEDICARE, holder=who, **facts)
