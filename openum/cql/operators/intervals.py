"""Interval relations, set operations, collapse and expand, three-valued, with precision."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from openum.cql.errors import CqlRuntimeError
from openum.cql.operators.arithmetic import add_duration, add_quantity, shift, subtract_duration, subtract_quantity, unit_word
from openum.cql.operators.comparison import at_most, below, both, either, same
from openum.cql.values import quantity
from openum.cql.values.interval import Interval, compare_points, predecessor, successor
from openum.cql.values.numbers import CONTEXT, Long
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import PRECISIONS, Temporal

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
    found = i.end - i.start
    return Long(found) if isinstance(i.start, Long) else found


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
    return both(at_most(a.start, b.start, precision), at_most(b.end, a.end, precision))


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
    if a is None or anchor is None:
        return None
    move = _plus if later else _minus
    limit = move(anchor, amount)
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


def _lesser(a: Value, b: Value) -> Value:
    if a is None or b is None:
        return None
    order = compare_points(a, b)
    return None if order is None else a if order <= 0 else b


def _greater(a: Value, b: Value) -> Value:
    if a is None or b is None:
        return None
    order = compare_points(a, b)
    return None if order is None else a if order >= 0 else b


def union(a: Interval | None, b: Interval | None) -> Interval | None:
    """The interval that covers both, when they overlap or meet."""
    if a is None or b is None or not (overlaps(a, b) or meets(a, b)):
        return None
    low, high = _lesser(a.start, b.start), _greater(a.end, b.end)
    return Interval(low, high, low is not None, high is not None, a.kind)


def intersect(a: Interval | None, b: Interval | None) -> Interval | None:
    """What both cover."""
    if a is None or b is None or overlaps(a, b) is False:
        return None
    low, high = _greater(a.start, b.start), _lesser(a.end, b.end)
    return Interval(low, high, low is not None, high is not None, a.kind)


def except_(a: Interval | None, b: Interval | None) -> Interval | None:
    """What a covers and b does not, when that is one interval."""
    if a is None or b is None:
        return None
    if overlaps(a, b) is False:
        return a
    left, right = below(a.start, b.start, None), below(b.end, a.end, None)
    if left is True and right is False:
        return Interval(a.start, predecessor(b.start), True, True, a.kind)
    if left is False and right is True:
        return Interval(successor(b.end), a.end, True, True, a.kind)
    return None


def collapse(items: list[Interval | None] | None, per: Value = None) -> list[Interval] | None:
    """Merge intervals that overlap or meet; with `per`, also those no further apart than it."""
    if items is None:
        return None
    known = [i for i in items if i is not None and i.start is not None and i.end is not None]
    known.sort(key=_SortKey)
    merged: list[Interval] = []
    for item in known:
        last = merged[-1] if merged else None
        if last is not None and (overlaps(last, item) or meets(last, item) or _near(last, item, per)):
            merged[-1] = Interval(last.start, _greater(last.end, item.end), True, True, last.kind)
        else:
            merged.append(item)
    return merged


class _SortKey:
    __slots__ = ("interval",)

    def __init__(self, interval: Interval) -> None:
        self.interval = interval

    def __lt__(self, other: _SortKey) -> bool:
        return compare_points(self.interval.start, other.interval.start) == -1


def _near(a: Interval, b: Interval, per: Value) -> bool:
    if per is None:
        return False
    if isinstance(per, str):
        per = Quantity(Decimal(1), per)
    if isinstance(a.end, Temporal):
        return at_most(b.start, add_duration(a.end, per), PRECISIONS[unit_word(per.unit)]) is True
    if isinstance(a.end, Quantity):
        return at_most(b.start, add_quantity(a.end, per), None) is True
    return bool(b.start - a.end <= per.value)


def expand(items: list[Interval | None] | None, per: Value = None) -> list[Interval] | None:
    """Cut intervals into pieces of the size `per`."""
    if items is None:
        return None
    pieces: list[Interval] = []
    for item in items:
        if item is not None:
            pieces.extend(Interval(a, b, True, True, item.kind) for a, b in _pieces(item, per))
            if len(pieces) > MAX_EXPAND:
                raise CqlRuntimeError(f"“expand” made more than {MAX_EXPAND} intervals.")
    return pieces


def expand_interval(item: Interval | None, per: Value = None) -> list[Value] | None:
    """Return the first point of each piece."""
    return None if item is None else [a for a, _ in _pieces(item, per)]


def _pieces(item: Interval, per: Value) -> list[tuple[Value, Value]]:
    low, high = item.start, item.end
    if low is None or high is None or item.low is None or item.high is None:
        return []
    if isinstance(low, Temporal):
        return _temporal_pieces(low, high, per)
    if isinstance(low, Quantity):
        step = Quantity(Decimal(1), low.unit) if per is None else per
        amount = quantity.aligned(low, step) or quantity.aligned(low, Quantity(step.value, low.unit))
        pairs = _number_pieces(low.value, high.value, amount[1] if amount else Decimal(1))
        return [(Quantity(a, low.unit), Quantity(b, low.unit)) for a, b in pairs]
    size = Decimal(1) if per is None else per.value
    found = _number_pieces(Decimal(low), Decimal(high), size)
    if isinstance(low, int) and size == size.to_integral_value():
        kind: type[int] = Long if isinstance(low, Long) else int
        return [(kind(a), kind(b)) for a, b in found]
    return list(found)


def _number_pieces(low: Decimal, high: Decimal, size: Decimal) -> list[tuple[Decimal, Decimal]]:
    if size <= 0:
        raise CqlRuntimeError("“per” must be more than nothing.")
    exponent = size.as_tuple().exponent
    scale = max(0, -exponent) if isinstance(exponent, int) else 0
    unit = Decimal(1).scaleb(-scale)
    own = high.as_tuple().exponent
    if isinstance(own, int) and -own < scale:
        high = CONTEXT.subtract(CONTEXT.add(high, Decimal(1).scaleb(own)), unit)
    low, high = low.quantize(unit, "ROUND_FLOOR", CONTEXT), high.quantize(unit, "ROUND_FLOOR", CONTEXT)
    if (high - low) / size > MAX_EXPAND:
        raise CqlRuntimeError(f"“expand” would make more than {MAX_EXPAND} intervals.")
    pieces = []
    while low + size - unit <= high:
        pieces.append((low, low + size - unit))
        low += size
    return pieces


def _temporal_pieces(low: Temporal, high: Temporal, per: Value) -> list[tuple[Value, Value]]:
    if per is None:
        finest = min(low.precision, high.precision)
        word, amount = next(w for w, p in PRECISIONS.items() if p == finest and w != "week"), 1
    elif isinstance(per, str):
        word, amount = per, 1
    else:
        word, amount = unit_word(per.unit), int(per.value)
    size = PRECISIONS[word]
    if amount < 1:
        raise CqlRuntimeError("“per” must be more than nothing.")
    if low.precision < size or high.precision < size:
        return []
    low = low.with_fields(low.fields[: size - low.first])
    high = high.with_fields(high.fields[: size - high.first])
    pieces: list[tuple[Value, Value]] = []
    while len(pieces) <= MAX_EXPAND:
        try:
            following = shift(low, amount, word)
            last = predecessor(following)
        except CqlRuntimeError:
            break
        if following.fields <= low.fields or compare_points(last, high) not in (-1, 0):
            if following.fields <= low.fields and compare_points(low, high) == 0:
                pieces.append((low, low))
            break
        pieces.append((low, last))
        low = following
    else:
        raise CqlRuntimeError(f"“expand” would make more than {MAX_EXPAND} intervals.")
    return pieces


