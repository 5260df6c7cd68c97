"""Properties: three-valued logic against its tables, interval relations against sets of points, dates against Python."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openum.cql import eval_expression
from openum.cql.operators import interval_sets, intervals
from openum.cql.operators.calendar import shift
from openum.cql.operators.comparison import both, either, negate
from openum.cql.operators.durations import difference_between, duration_between
from openum.cql.values import temporal, uncertainty
from openum.cql.values.interval import Interval
from openum.cql.values.temporal import Date, DateTime
from openum.cql.values.uncertainty import Uncertainty

TRUTH = (True, False, None)
WORDS = {True: "true", False: "false", None: "null"}
TABLES = {
    "and": lambda a, b: False if a is False or b is False else None if a is None or b is None else True,
    "or": lambda a, b: True if a is True or b is True else None if a is None or b is None else False,
    "xor": lambda a, b: None if a is None or b is None else a != b,
    "implies": lambda a, b: True if a is False or b is True else False if a is True and b is False else None,
}


def json_of(value):
    return None if value is None else {"Boolean": value}


@pytest.mark.parametrize(("op", "a", "b"), list(product(TABLES, TRUTH, TRUTH)))
def test_a_logical_operator_follows_its_table(op, a, b):
    typed = "({} as Boolean)".format
    text = f"{typed(WORDS[a]) if a is None else WORDS[a]} {op} {typed(WORDS[b]) if b is None else WORDS[b]}"
    assert eval_expression(text) == json_of(TABLES[op](a, b))


terms = st.recursive(
    st.sampled_from(["true", "false", "(null as Boolean)"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or", "xor", "implies"]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        inner.map(lambda t: f"(not {t})"),
    ),
    max_leaves=12,
)


def by_hand(text):
    tokens = text.replace("(null as Boolean)", "N").replace("(", " ( ").replace(")", " ) ").split()

    def read(index):
        if tokens[index] == "(" and tokens[index + 1] == "not":
            value, index = read(index + 2)
            return negate(value), index + 1
        if tokens[index] == "(":
            left, index = read(index + 1)
            op = tokens[index]
            right, index = read(index + 1)
            return TABLES[op](left, right), index + 1
        return {"true": True, "false": False, "N": None}[tokens[index]], index + 1

    return read(0)[0]


@given(terms)
@settings(max_examples=150, deadline=None)
def test_nested_logic_equals_the_tables_applied_by_hand(text):
    assert eval_expression(text) == json_of(by_hand(text))


@given(terms)
@settings(max_examples=60, deadline=None)
def test_where_and_if_take_only_true(text):
    truth = by_hand(text)
    assert eval_expression(f"if {text} then 1 else 2") == {"Integer": 1 if truth is True else 2}
    assert eval_expression(f"Count(({{1}}) X where {text})") == {"Integer": 1 if truth is True else 0}


points = st.integers(-6, 6)
bounds = st.tuples(points, points).map(lambda t: Interval(min(t), max(t), True, True, "Integer"))


def members(interval):
    return set(range(interval.start, interval.end + 1))


@given(bounds, bounds)
def test_interval_relations_equal_the_relations_of_their_points(a, b):
    x, y = members(a), members(b)
    assert intervals.overlaps(a, b) == bool(x & y)
    assert intervals.includes(a, b) == (y <= x)
    assert intervals.properly_includes(a, b) == (y < x)
    assert intervals.before(a, b) == (max(x) < min(y))
    assert intervals.after(a, b) == (min(x) > max(y))
    assert intervals.meets(a, b) == (max(x) + 1 == min(y) or max(y) + 1 == min(x))
    assert intervals.starts(a, b) == (min(x) == min(y) and x <= y)
    assert intervals.ends(a, b) == (max(x) == max(y) and x <= y)
    assert intervals.overlaps_before(a, b) == (bool(x & y) and min(x) < min(y))
    assert intervals.overlaps_after(a, b) == (bool(x & y) and max(x) > max(y))
    together = interval_sets.intersect(a, b)
    assert (set() if together is None else members(together)) == (x & y)
    whole = interval_sets.union(a, b)
    if x & y or intervals.meets(a, b):
        assert whole is not None
        assert members(whole) == x | y
    else:
        assert whole is None


@given(st.lists(bounds, max_size=6))
def test_collapse_keeps_every_point_and_leaves_gaps_between(items):
    found = interval_sets.collapse(list(items))
    assert found is not None
    assert set().union(*map(members, found)) == set().union(*map(members, items))
    assert all(later.start > earlier.end + 1 for earlier, later in pairwise(found))


@given(bounds)
def test_expand_cuts_an_interval_into_its_points(item):
    found = interval_sets.expand([item])
    assert found is not None
    assert [(i.start, i.end) for i in found] == [(p, p) for p in sorted(members(item))]


@given(st.one_of(st.none(), points), st.one_of(st.none(), points), points)
def test_an_open_null_bound_is_unknown_and_a_closed_one_the_end_of_the_type(low, high, point):
    if low is not None and high is not None and low > high:
        low, high = high, low
    unknown = Interval(low, high, low is not None, high is not None, "Integer")
    whole = Interval(low, high, True, True, "Integer")
    inside = (low is None or low <= point) and (high is None or point <= high)
    assert intervals.contains(whole, point) is inside
    expected = both(None if low is None else low <= point, None if high is None else point <= high)
    assert intervals.contains(unknown, point) is expected


days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def cut(day, size):
    return Date((day.year, day.month, day.day)[:size])


@given(days, days, st.integers(1, 3), st.integers(1, 3))
def test_a_partial_date_compares_as_all_its_days_agree(a, b, m, n):
    x, y = cut(a, m), cut(b, n)
    orders = set()
    for p in (x.low(), x.high()):
        for q in (y.low(), y.high()):
            orders.add((p.fields > q.fields) - (p.fields < q.fields))
    found = temporal.compare(x, y)
    if found is not None and (m == n == 3 or found != 0):
        assert orders == {found}
    if found is None:
        assert m != n


@given(days, st.integers(-2000, 2000))
def test_adding_days_and_weeks_equals_python(a, amount):
    moved = a + timedelta(days=amount)
    assert shift(cut(a, 3), amount, "day").fields == (moved.year, moved.month, moved.day)
    weeks = a + timedelta(weeks=amount // 7)
    assert shift(cut(a, 3), amount // 7, "week").fields == (weeks.year, weeks.month, weeks.day)


@given(days, st.integers(-400, 400))
def test_adding_months_keeps_the_day_or_takes_the_last(a, amount):
    year, month, day = shift(cut(a, 3), amount, "month").fields
    assert (year * 12 + month) - (a.year * 12 + a.month) == amount
    assert day == min(a.day, temporal.days_in_month(year, month))


@given(days, days)
def test_days_between_equal_python_and_change_sign(a, b):
    x, y = cut(a, 3), cut(b, 3)
    assert duration_between(x, y, "day") == (b - a).days == difference_between(x, y, "day")
    assert duration_between(y, x, "day") == -(b - a).days
    assert duration_between(x, y, "year") == -duration_between(y, x, "year")


@given(days, days, st.integers(1, 3), st.integers(1, 3))
def test_the_duration_between_partial_dates_holds_every_possible_one(a, b, m, n):
    found = duration_between(DateTime(cut(a, m).fields), DateTime(cut(b, n).fields), "day")
    low, high = uncertainty.bounds(found)
    assert low <= (b - a).days <= high


numbers = st.one_of(
    st.integers(-9, 9), st.tuples(st.integers(-9, 9), st.integers(0, 5)).map(lambda t: Uncertainty(t[0], t[0] + t[1]))
)


@given(numbers, numbers)
def test_arithmetic_and_order_of_uncertain_numbers_hold_for_every_value(a, b):
    def values(n):
        low, high = uncertainty.bounds(n)
        return range(low, high + 1)

    for op in (lambda p, q: p + q, lambda p, q: p - q, lambda p, q: p * q):
        low, high = uncertainty.bounds(op(a, b))
        results = [op(p, q) for p in values(a) for q in values(b)]
        assert (low, high) == (min(results), max(results))
    answers = {p < q for p in values(a) for q in values(b)}
    assert uncertainty.less(a, b, or_equal=False) == (answers.pop() if len(answers) == 1 else None)


def test_three_valued_helpers_agree_with_the_tables():
    for a, b in product(TRUTH, TRUTH):
        assert both(a, b) is TABLES["and"](a, b)
        assert either(a, b) is TABLES["or"](a, b)
