"""Intervals in SQL: their bounds, how two stand to each other, and offsets from an instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from openum.cql.compile import tree
from openum.cql.compile.types import DATE, INTEGER, Type
from openum.cql.operators import intervals as iv
from openum.cql.population.sql import reading, shapes
from openum.cql.population.sql.shapes import DECIMAL_SQL, INT, Shape, Untranslatable, form_of
from openum.cql.population.sql.times import Build, far, moved_day, shifted
from openum.cql.population.sql.values import Value, any_of, common, compare, fitted, is_null, made, truth
from openum.cql.run import support
from openum.cql.values.interval import Interval, maximum, minimum
from openum.cql.values.quantity import Quantity

if TYPE_CHECKING:
    from openum.cql.population.sql.translate import Translator

_KINDS: Final = {"int": "Integer", "dec": "Decimal", "date": "Date", "datetime": "DateTime", "time": "Time",
                 "qty": "Quantity"}  # fmt: skip


def _bound(value: Value, name: str) -> Value:
    """Return the first (lo) or last (hi) point of an interval, or a point itself."""
    if value.shape.kind != "interval":
        return value
    point = value.shape.of
    if isinstance(value.constant, Interval):
        bound = value.constant.start if name == "lo" else value.constant.end
        return reading.constant(bound, Type(_KINDS.get(point.kind, "Any")), {})
    return made(f"({value.sql}).{name}", point, Type(_KINDS.get(point.kind, "Any")), value)


def _interval(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    low, high, low_closed, high_closed, kind = args
    point = shapes.shape_of(Type(str(kind.constant)))
    low, high = (v if form_of(v.shape) == point else fitted(v, point) for v in (low, high))
    first = _closed(low, point, closed=low_closed.constant is True, name=str(kind.constant), upper=False)
    last = _closed(high, point, closed=high_closed.constant is True, name=str(kind.constant), upper=True)
    later = compare("lt", last, first)
    sql = f"struct_pack(lo := {first.sql}, hi := {last.sql})"
    bad = any_of(later.bad, f"coalesce({later.sql}, FALSE)")
    return made(sql, shapes.interval_of(common(first, last)), node.type, first, last, bad=bad)


def _closed(value: Value, point: Shape, *, closed: bool, name: str, upper: bool) -> Value:
    if closed:
        end = reading.literal((maximum if upper else minimum)(name))[0]
        return replace(value, sql=f"coalesce({value.sql}, {end})")
    step = "-" if upper else "+"
    if point.kind == "int":
        sql = f"({value.sql} {step} 1)"
        return made(sql, INT, INTEGER, value, bad=f"(abs({sql}) >= {2**31 - 1})")
    if point.kind == "dec":
        large = f"(abs({value.sql}) > 1000000000000000000)"
        return made(f"CAST({value.sql} {step} 0.00000001 AS {DECIMAL_SQL})", point, Type("Decimal"), value, bad=large)
    if point.kind == "date":
        text = moved_day(value.sql, f"{step}1", "day", is_whole=value.shape.is_whole)
        partial = "" if value.shape.is_whole else f"(length({value.sql}) < 10)"
        return made(text, value.shape, DATE, value, bad=any_of(far(value.sql), partial))
    if point.kind != "datetime":
        raise Untranslatable(f"an open bound of kind {point.kind}")
    one = Value("", shapes.QTY, constant=Quantity(Decimal(1), "ms"))
    return shifted(value, one, -1 if upper else 1)


def _end(name: str) -> Build:
    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        if args[0].shape.kind != "interval":
            raise Untranslatable("the bound of what is no interval")
        return _bound(args[0], name)

    return build


def _precision(args: list[Value], place: int) -> int | None:
    if len(args) <= place:
        return None
    found = args[place].constant
    if not isinstance(found, int | None):
        raise Untranslatable("an open precision")
    return found


def _both(a: Value, b: Value) -> Value:
    return truth(f"({a.sql} AND {b.sql})", a, b)


def _either(a: Value, b: Value) -> Value:
    return truth(f"({a.sql} OR {b.sql})", a, b)


def _contained(*, swap: bool, proper: bool) -> Build:
    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        interval, point = (args[1], args[0]) if swap else (args[0], args[1])
        precision, op = _precision(args, 2), "lt" if proper else "le"
        if interval.shape.kind != "interval":
            raise Untranslatable("an interval that is none")
        found = _both(
            compare(op, _bound(interval, "lo"), point, precision), compare(op, point, _bound(interval, "hi"), precision)
        )
        if interval.is_constant and interval.constant is not None:
            return found
        return replace(found, sql=f"CASE WHEN {interval.sql} IS NOT NULL THEN {found.sql} ELSE FALSE END")

    return build


def _present(*values: Value) -> str:
    tests = [f"NOT {is_null(v)}" for v in values if not v.is_constant or v.constant is None]
    return " AND ".join(tests) or "TRUE"


def _ordered(op: str, *, swap: bool) -> Build:
    """Return before, after and their kin, for points and intervals."""

    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        a, b = (args[1], args[0]) if swap else (args[0], args[1])
        return compare(op, _bound(a, "hi"), _bound(b, "lo"), _precision(args, 2))

    return build


def _same_as(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    a, b, precision = args[0], args[1], _precision(args, 2)
    if "interval" not in (a.shape.kind, b.shape.kind):
        return compare("eq", a, b, precision)
    return _both(
        compare("eq", _bound(a, "lo"), _bound(b, "lo"), precision),
        compare("eq", _bound(a, "hi"), _bound(b, "hi"), precision),
    )


Bounds = Callable[[Value, Value, Value, Value, int | None], Value]


def _of_two(rule: Bounds, *, swap: bool = False) -> Build:
    """Return a relation of two intervals from their bounds; null when one is null."""

    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        a, b = (args[1], args[0]) if swap else (args[0], args[1])
        if a.shape.kind != "interval" or b.shape.kind != "interval":
            raise Untranslatable("an interval that is none")
        found = rule(_bound(a, "lo"), _bound(a, "hi"), _bound(b, "lo"), _bound(b, "hi"), _precision(args, 2))
        return replace(found, sql=f"CASE WHEN {_present(a, b)} THEN {found.sql} END")

    return build


def _includes(al: Value, ah: Value, bl: Value, bh: Value, p: int | None) -> Value:
    return _both(compare("le", al, bl, p), compare("le", bh, ah, p))


def _properly_includes(al: Value, ah: Value, bl: Value, bh: Value, p: int | None) -> Value:
    larger = _either(compare("lt", al, bl, p), compare("lt", bh, ah, p))
    return _both(_includes(al, ah, bl, bh, p), larger)


def _overlaps(al: Value, ah: Value, bl: Value, bh: Value, p: int | None) -> Value:
    return _both(compare("le", al, bh, p), compare("le", bl, ah, p))


def _overlaps_before(al: Value, ah: Value, bl: Value, bh: Value, p: int | None) -> Value:
    return _both(compare("lt", al, bl, p), compare("le", bl, ah, p))


def _overlaps_after(al: Value, ah: Value, bl: Value, bh: Value, p: int | None) -> Value:
    return _both(compare("lt", bh, ah, p), compare("le", al, bh, p))


def _starts(al: Value, ah: Value, bl: Value, bh: Value, p: int | None) -> Value:
    return _both(compare("eq", al, bl, p), compare("le", ah, bh, p))


def _ends(al: Value, ah: Value, bl: Value, bh: Value, p: int | None) -> Value:
    return _both(compare("le", bl, al, p), compare("eq", ah, bh, p))


# --- offsets ----------------------------------------------------------------------------------------------------------


def _with_offset(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    value, anchor, amount, how, is_later, is_inclusive = args[:6]
    precision, later, relation = _precision(args, 6), is_later.constant is True, how.constant
    limit = shifted(anchor, amount, 1 if later else -1)
    limit, value, anchor = (translator.hoisted(v) for v in (limit, value, anchor))
    if relation == "exactly":
        found = compare("eq", value, limit, precision)
    elif relation in ("or more", "more than"):
        op = "lt" if relation == "more than" else "le"
        found = compare(op, limit, value, precision) if later else compare(op, value, limit, precision)
    else:
        near, far = "le" if is_inclusive.constant is True else "lt", "le" if relation == "or less" else "lt"
        if later:
            found = _both(compare(near, anchor, value, precision), compare(far, value, limit, precision))
        else:
            found = _both(compare(far, limit, value, precision), compare(near, value, anchor, precision))
    return found  # null with its value or its anchor: each comparison reads both


def _within(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    value, anchor, amount, is_proper = args[:4]
    precision, op = _precision(args, 4), "lt" if is_proper.constant is True else "le"
    low, high, first, last = _bound(anchor, "lo"), _bound(anchor, "hi"), _bound(value, "lo"), _bound(value, "hi")
    from_, to = (translator.hoisted(shifted(v, amount, s)) for v, s in ((low, -1), (high, 1)))
    found = _both(compare(op, from_, first, precision), compare(op, last, to, precision))
    return replace(found, sql=f"CASE WHEN {_present(low, high, first, last)} THEN {found.sql} END")


def _sort_instant(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    value = args[0]
    if value.shape.kind != "interval":
        return value
    return made(f"coalesce(({value.sql}).lo, ({value.sql}).hi)", value.shape.of, node.type, value)


INTERVALS: Final[dict[Any, Build]] = {
    iv.make: _interval, iv.start: _end("lo"), iv.end: _end("hi"), iv.contains: _contained(swap=False, proper=False),
    iv.member: _contained(swap=True, proper=False), iv.properly_contains: _contained(swap=False, proper=True),
    iv.properly_in: _contained(swap=True, proper=True), iv.before: _ordered("lt", swap=False),
    iv.after: _ordered("lt", swap=True), iv.on_or_before: _ordered("le", swap=False),
    iv.on_or_after: _ordered("le", swap=True), iv.same_as: _same_as, iv.includes: _of_two(_includes),
    iv.included_in: _of_two(_includes, swap=True), iv.properly_includes: _of_two(_properly_includes),
    iv.properly_included_in: _of_two(_properly_includes, swap=True), iv.overlaps: _of_two(_overlaps),
    iv.overlaps_before: _of_two(_overlaps_before), iv.overlaps_after: _of_two(_overlaps_after),
    iv.starts: _of_two(_starts), iv.ends: _of_two(_ends), iv.with_offset: _with_offset, iv.within: _within,
    support.sort_instant: _sort_instant,
}  # fmt: skip
