"""Interval relations, set operations, collapse and expand, three-valued, with precision."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from openum.cql.errors import CqlRuntimeError
from openum.cql.operators.arithmetic import add_quantity, subtract_quantity
from openum.cql.operators.calendar import add_duration, subtract_duration
from openum.cql.operators.comparison import at_most, below, both, either, same
from openum.cql.values import quantity
from openum.cql.values.interval import Interval, compare_points, successor
from openum.cql.values.numbers import CONTEXT, STEP, Long
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import DAY, Temporal, is_one_offset

Value = Any
Precision = int | None
MAX_EXPAND: Final = 100_000


def make(low: Value, high: Value, low_closed: bool, high_closed: bool, kind: str) -> Interval | None:
    """Build an interval; with two null bounds of no type it is null."""
    if low is None and high is None and kind == "Any":
        return None
    return Interval(low, high, low_closed, high_closed, kind)


def start(i: Interval | None) -> Value:
    """`start of`."""
    return None if i is None else i.start


def end(i: Interval | None) -> Value:
    """`end of`."""
    return None if i is None else i.end


def width(i: Interval | None) -> Value:
    """`width of`."""
    if i is None or i.start is None or i.end is None:
        return None
    if isinstance(i.start, Quantity):
        return quantity.add(i.end, i.start, sign=-1)
    if isinstance(i.start, Decimal):
        return CONTEXT.subtract(i.end, i.start)
    found = i.end - i.start
    return Long(found) if isinstance(i.start, Long) else found


def size(i: Interval | None) -> Value:
    """Size: the width and one step of the point type."""
    found = width(i)
    if i is None or found is None:
        return None
    if isinstance(found, Quantity):
        return Quantity(CONTEXT.add(found.value, STEP), found.unit)
    if isinstance(found, Decimal):
        return CONTEXT.add(found, STEP)
    return Long(found + 1) if isinstance(found, Long) else found + 1


def point_from(i: Interval | None) -> Value:
    """`point from`.

    Raises:
        CqlRuntimeError: the interval holds more than one point.
    """
    if i is None or i.start is None or i.end is None:
        return None
    if compare_points(i.start, i.end) != 0:
        raise CqlRuntimeError("“point from” needs an interval that holds exactly one point.")
    return i.start


def contains(i: Interval | None, p: Value, precision: Precision = None) -> bool | None:
    """`i contains p`."""
    if i is None:
        return False
    if p is None:
        return None
    return both(at_most(i.start, p, precision), at_most(p, i.end, precision))


def member(p: Value, i: Interval | None, precision: Precision = None) -> bool | None:
    """`p in i`."""
    return contains(i, p, precision)


def properly_contains(i: Interval | None, p: Value, precision: Precision = None) -> bool | None:
    """`i properly includes p`."""
    if i is None:
        return False
    if p is None:
        return None
    return both(below(i.start, p, precision), below(p, i.end, precision))


def properly_in(p: Value, i: Interval | None, precision: Precision = None) -> bool | None:
    """`p properly included in i`."""
    return properly_contains(i, p, precision)


def includes(a: Interval | None, b: Interval | None, precision: Precision = None) -> bool | None:
    """`a includes b`."""
    if a is None or b is None:
        return None
    if precision == DAY:
        outer, inner = a.days(), b.days()
        if outer and inner and a.start is not None and b.start is not None and is_one_offset(a.start, b.start):
            return outer[0] <= inner[0] and inner[1] <= outer[1]
    begins = at_most(a.start, b.start, precision)
    return False if begins is False else both(begins, at_most(b.end, a.end, precision))


def included_in(a: Interval | None, b: Interval | None, precision: Precision = None) -> bool | None:
    """`a included in b`."""
    return includes(b, a, precision)


def properly_includes(a: Interval | None, b: Interval | None, precision: Precision = None) -> bool | None:
    """`a properly includes b`."""
    if a is None or b is None:
        return None
    larger = either(below(a.start, b.start, precision), below(b.end, a.end, precision))
    return both(includes(a, b, precision), larger)


def properly_included_in(a: Interval | None, b: Interval | None, precision: Precision = None) -> bool | None:
    """`a properly included in b`."""
    return properly_includes(b, a, precision)


def _first(x: Value) -> Value:
    return x.start if isinstance(x, Interval) else x


def _last(x: Value) -> Value:
    return x.end if isinstance(x, Interval) else x


def before(a: Value, b: Value, precision: Precision = None) -> bool | None:
    """`a before b`, for points and intervals."""
    return below(_last(a), _first(b), precision)


def after(a: Value, b: Value, precision: Precision = None) -> bool | None:
    """`a after b`."""
    return below(_last(b), _first(a), precision)


def on_or_before(a: Value, b: Value, precision: Precision = None) -> bool | None:
    """`a on or before b`."""
    return at_most(_last(a), _first(b), precision)


def on_or_after(a: Value, b: Value, precision: Precision = None) -> bool | None:
    """`a on or after b`."""
    return at_most(_last(b), _first(a), precision)


def same_as(a: Value, b: Value, precision: Precision = None) -> bool | None:
    """`a same as b`."""
    return both(same(_first(a), _first(b), precision), same(_last(a), _last(b), precision))


def _next(value: Value) -> Value:
    try:
        return None if value is None else successor(value)
    except CqlRuntimeError:
        return None


def meets_before(a: Interval | None, b: Interval | None, precision: Precision = None) -> bool | None:
    """`a meets before b`."""
    if a is None or b is None:
        return None
    if a.end is not None and b.start is None and b.end is not None and compare_points(b.end, a.end) in (-1, 0):
        return False
    if a.end is None and a.start is not None and b.start is not None and compare_points(a.start, b.start) in (0, 1):
        return False
    if a.end is not None and _next(a.end) is None:
        return False
    return same(_next(a.end), b.start, precision)


def meets_after(a: Interval | None, b: Interval | None, precision: Precision = None) -> bool | None:
    """`a meets after b`."""
    if a is None or b is None:
        return None
    if a.end is not None and b.start is not None and compare_points(a.end, b.start) in (-1, 0):
        return False
    return meets_before(b, a, precision)


def meets(a: Interval | None, b: Interval | None, precision: Precision = None) -> bool | None:
    """`a meets b`."""
    return either(meets_before(a, b, precision), meets_after(a, b, precision))


def overlaps(a: Interval | None, b: Interval | None, precision: Precision = None) -> bool | None:
    """`a overlaps b`."""
    if a is None or b is None:
        return None
    return both(at_most(a.start, b.end, precision), at_most(b.start, a.end, precision))


def overlaps_before(a: Interval | None, b: Interval | None, precision: Precision = None) -> bool | None:
    """`a overlaps before b`."""
    if a is None or b is None:
        return None
    return both(below(a.start, b.start, precision), at_most(b.start, a.end, precision))


def overlaps_after(a: Interval | None, b: Interval | None, precision: Precision = None) -> bool | None:
    """`a overlaps after b`."""
    if a is None or b is None:
        return None
    return both(below(b.end, a.end, precision), at_most(a.start, b.end, precision))


def starts(a: Interval | None, b: Interval | None, precision: Precision = None) -> bool | None:
    """`a starts b`."""
    if a is None or b is None:
        return None
    return both(same(a.start, b.start, precision), at_most(a.end, b.end, precision))


def ends(a: Interval | None, b: Interval | None, precision: Precision = None) -> bool | None:
    """`a ends b`."""
    if a is None or b is None:
        return None
    return both(at_most(b.start, a.start, precision), same(a.end, b.end, precision))


def with_offset(
    a: Value, anchor: Value, amount: Quantity, relation: str, later: bool, inclusive: bool, precision: Precision = None
) -> bool | None:
    """Answer `a 3 days or less before anchor` and its kin."""
    return with_limit(a, anchor, limit_of(anchor, amount, later), relation, later, inclusive, precision)


def limit_of(anchor: Value, amount: Quantity, later: bool) -> Value:
    """Return the point an offset away from an anchor."""
    if anchor is None:
        return None
    return _plus(anchor, amount) if later else _minus(anchor, amount)


def with_limit(
    a: Value, anchor: Value, limit: Value, relation: str, later: bool, inclusive: bool, precision: Precision = None
) -> bool | None:
    """Answer `with_offset` for a limit that is known."""
    if a is None or anchor is None:
        return None
    if relation == "exactly":
        return same(a, limit, precision)
    if relation in ("or more", "more than"):
        if relation == "more than":
            return below(limit, a, precision) if later else below(a, limit, precision)
        return at_most(limit, a, precision) if later else at_most(a, limit, precision)
    near = at_most if inclusive else below
    far = at_most if relation == "or less" else below
    if later:
        return both(near(anchor, a, precision), far(a, limit, precision))
    return both(far(limit, a, precision), near(a, anchor, precision))


def within(a: Value, anchor: Value, amount: Quantity, proper: bool, precision: Precision = None) -> bool | None:
    """Answer `a within 3 days of anchor`."""
    low, high = _first(anchor), _last(anchor)
    first, last = _first(a), _last(a)
    if low is None or high is None or first is None or last is None:
        return None
    test = below if proper else at_most
    return both(test(_minus(low, amount), first, precision), test(last, _plus(high, amount), precision))


def _plus(value: Value, amount: Quantity) -> Value:
    return add_duration(value, amount) if isinstance(value, Temporal) else add_quantity(value, amount)


def _minus(value: Value, amount: Quantity) -> Value:
    return subtract_duration(value, amount) if isinstance(value, Temporal) else subtract_quantity(value, amount)
