"""Set operations on intervals, collapse and expand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from openum.cql.errors import CqlRuntimeError
from openum.cql.operators.arithmetic import add_quantity
from openum.cql.operators.calendar import add_duration, shift, unit_word
from openum.cql.operators.comparison import at_most, below
from openum.cql.operators.intervals import meets, overlaps
from openum.cql.values import quantity
from openum.cql.values.interval import Interval, compare_points, predecessor, successor
from openum.cql.values.numbers import CONTEXT, Long
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import PRECISIONS, Temporal

Value = Any
MAX_EXPAND: Final = 100_000


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
    return at_most(b.start, a.end + per.value, None) is True


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
        amount = quantity.aligned(low, step)
        pairs = _number_pieces(low.value, high.value, step.value if amount is None else amount[1])
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
    reach = CONTEXT.subtract(size, unit)
    while CONTEXT.add(low, reach) <= high:
        pieces.append((low, CONTEXT.add(low, reach)))
        low = CONTEXT.add(low, size)
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
