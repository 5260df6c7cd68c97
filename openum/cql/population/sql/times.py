"""Dates, times, ages and intervals in SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any, Final

from openum.cql.compile import tree
from openum.cql.compile.types import DATE, DATETIME, INTEGER, Type
from openum.cql.operators import calendar as ca
from openum.cql.operators import clinical as cl
from openum.cql.operators import durations as du
from openum.cql.operators import intervals as iv
from openum.cql.population.sql import elements, reading, shapes
from openum.cql.population.sql.shapes import DECIMAL_SQL, INT, Shape, Untranslatable, form_of
from openum.cql.population.sql.values import SIZES, Value, any_of, common, compare, fitted, is_null, made, part, truth
from openum.cql.run import support
from openum.cql.values.interval import Interval, maximum, minimum
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import DEFAULT_OFFSET, PRECISIONS, Date

if TYPE_CHECKING:
    from openum.cql.population.sql.translate import Translator

Build = Callable[["Translator", list[Value], tree.Operation], Value]
_KINDS: Final = {"int": "Integer", "dec": "Decimal", "date": "Date", "datetime": "DateTime", "time": "Time",
                 "qty": "Quantity"}  # fmt: skip
_FINER: Final = {"hour": 4, "minute": 5, "second": 6, "millisecond": 7}
_MS: Final = {"week": 604_800_000, "day": 86_400_000, "hour": 3_600_000, "minute": 60_000, "second": 1000,
              "millisecond": 1}  # fmt: skip


# --- moving -----------------------------------------------------------------------------------------------------------


def shifted(value: Value, amount: Value, sign: int) -> Value:
    """Return a date or date-time moved by a quantity of time.

    Raises:
        Untranslatable: the unit is not known at compile time, or too fine for the value.
    """
    word = _word(amount)
    if value.is_constant and isinstance(amount.constant, Quantity):
        move = ca.add_duration if sign > 0 else ca.subtract_duration
        return reading.constant(move(value.constant, amount.constant), value.type, {})
    if isinstance(amount.constant, Quantity):
        if word == "second" and amount.constant.value != int(amount.constant.value):
            raise Untranslatable("fractions of a second")
        count = str(sign * int(amount.constant.value.to_integral_value(ROUND_DOWN)))
    else:
        count = f"({sign} * CAST(trunc(({amount.sql}).v) AS INTEGER))"
    if value.shape.kind == "date":
        moved = _moved_day(value.sql, count, word, is_whole=value.shape.is_whole)
        return made(moved, value.shape, DATE, value, amount, bad=_far(value.sql))
    if value.shape.kind != "datetime":
        raise Untranslatable(f"a {value.shape.kind} moved in time")
    local = part(value, "t")
    bad = _far(local)
    if word in _FINER:
        moved = f"strftime(cql_ts({local}) + to_milliseconds({count} * {_MS[word]}), '%Y-%m-%dT%H:%M:%S.%g')"
        text, bad = f"left({moved}, length({local}))", any_of(bad, f"(length({local}) < {SIZES[_FINER[word]]})")
    else:
        moved = _moved_day(f"left({local}, 10)", count, word, is_whole=value.shape.is_whole)
        text = f"{moved} || substr({local}, 11)"
    return made(_datetime(text, part(value, "o")), value.shape, DATETIME, value, amount, bad=bad)


def _far(text: str) -> str:
    """Return whether a date lies so far out that moving it may leave the calendar."""
    return f"({text} < '1100' OR {text} >= '9900')"


def _datetime(text: str, offset: str) -> str:
    body = f"struct_pack(t := y.t, o := y.o, n := cql_at(y.t, y.o, {DEFAULT_OFFSET.get()}))"
    pair = f"struct_pack(t := {text}, o := {offset})"
    return f"list_transform([{pair}], lambda y: CASE WHEN y.t IS NOT NULL THEN {body} END)[1]"


def _word(amount: Value) -> str:
    unit = amount.constant.unit if isinstance(amount.constant, Quantity) else amount.unit
    if not unit:
        raise Untranslatable("a duration whose unit only the case knows")
    return ca.unit_word(unit)


def _moved_day(sql: str, count: str, word: str, *, is_whole: bool) -> str:
    """Return a date moved; one known to the month or year only moves by whole months or years of the amount."""
    if word not in ("day", "week", "month", "year"):
        raise Untranslatable("a date moved by hours")
    first, size = f"cql_first({sql})", f"length({sql})"
    days = f"{count} * {7 if word == 'week' else 1}"
    months = f"CAST({count} * {12 if word == 'year' else 1} AS INTEGER)"
    if is_whole:
        step = f"to_months({months})" if word in ("month", "year") else f"CAST({days} AS INTEGER)"
        return f"strftime(TRY_CAST({sql} AS DATE) + {step}, '%Y-%m-%d')"
    if word in ("month", "year"):
        years = f"CAST(trunc({count} / {12.0 if word == 'month' else 1.0}) * 12 AS INTEGER)"
        step = f"to_months(CASE {size} WHEN 4 THEN {years} ELSE {months} END)"
        return f"cql_text({first} + {step}, {size})"
    whole_days = f"CASE {size} WHEN 10 THEN {first} + CAST({days} AS INTEGER)"
    whole_days += f" WHEN 7 THEN CAST({first} + to_months(CAST(trunc({days} / 30.0) AS INTEGER)) AS DATE)"
    whole_days += f" WHEN 4 THEN CAST({first} + to_months(CAST(trunc({days} / 365.0) AS INTEGER) * 12) AS DATE) END"
    return f"cql_text({whole_days}, {size})"


def _moved(sign: int) -> Build:
    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        return replace(shifted(args[0], args[1], sign), type=node.type)

    return build


# --- durations --------------------------------------------------------------------------------------------------------


def _days(value: Value) -> tuple[str, str]:
    """Return the first and the last day a value may stand for."""
    if value.shape.kind == "datetime":
        text = f"left({part(value, 'n')}, 10)"
    elif value.shape.kind == "date":
        text = value.sql
    else:
        raise Untranslatable(f"the duration of values of kind {value.shape.kind}")
    if isinstance(value.constant, Date):
        first, last = value.constant.low().text(), value.constant.high().text()
        return f"DATE '{first}'", f"DATE '{last}'"
    if value.shape.is_whole:
        return (f"TRY_CAST({text} AS DATE)",) * 2
    return f"cql_first({text})", f"cql_last({text})"


def whole(a: Value, b: Value, word: str) -> Value:
    """Return whole units from a to b, uncertain where a part of a date is missing.

    Raises:
        Untranslatable: the values are of other kinds, or the unit is too fine for them.
    """
    if {a.shape.kind, b.shape.kind} == {"date"}:
        if word in _FINER:
            raise Untranslatable("hours between dates")
        (a_first, a_last), (b_first, b_last) = _days(a), _days(b)
        low, high = (_whole_days(x, y, word) for x, y in ((a_last, b_first), (a_first, b_last)))
        return made(low, INT, INTEGER, a, b) if low == high else _span(low, high, a, b)
    if {a.shape.kind, b.shape.kind} != {"datetime"} or word not in _MS or word == "millisecond":
        raise Untranslatable(f"{word}s between values of kinds {a.shape.kind} and {b.shape.kind}")
    need, times, short = SIZES[max(PRECISIONS[word], 3)], [], []
    same = f"{part(a, 'o')} IS NOT DISTINCT FROM {part(b, 'o')}"
    for one in (a, b):
        times.append(f"epoch_ms(cql_ts(CASE WHEN {same} THEN {part(one, 't')} ELSE {part(one, 'n')} END))")
        short.append(f"(length({part(one, 't')}) < {need})")
    sql = f"CAST(trunc(CAST({times[1]} - {times[0]} AS DOUBLE) / {_MS[word]}) AS BIGINT)"
    return made(sql, INT, INTEGER, a, b, bad=any_of(*short))


def _whole_days(x: str, y: str, word: str) -> str:
    if word in ("year", "month"):
        return f"CAST(trunc((cql_count({y}) - cql_count({x})) / {1200.0 if word == 'year' else 100.0}) AS BIGINT)"
    return f"CAST(({y} - {x}) AS BIGINT)" if word == "day" else f"CAST(trunc(({y} - {x}) / 7.0) AS BIGINT)"


def _span(low: str, high: str, a: Value, b: Value) -> Value:
    """Return a number between two bounds; where they differ the number itself is left to the Python target."""
    certain = made(low, INT, INTEGER, a, b)
    return replace(certain, span=(low, high), span_bad=certain.bad, bad=any_of(certain.bad, f"({low} <> {high})"))


def _duration(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    return whole(args[0], args[1], _precision_word(args[2]))


def _precision_word(value: Value) -> str:
    if not isinstance(value.constant, str):
        raise Untranslatable("an open precision")
    return value.constant


def _difference(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    a, b, word = args[0], args[1], _precision_word(args[2])
    if {a.shape.kind, b.shape.kind} != {"date"} or word not in ("year", "month", "week", "day"):
        raise Untranslatable(f"the difference in {word}s between these values")
    x, y = f"cql_first({a.sql})", f"cql_first({b.sql})"
    need = SIZES[PRECISIONS[word]]
    short = [f"(length({v.sql}) < {need})" for v in (a, b)]
    sql = {
        "day": f"({y} - {x})",
        "month": f"((year({y}) - year({x})) * 12 + month({y}) - month({x}))",
        "year": f"(year({y}) - year({x}))",
        # weeks begin as those of the Python target: at multiples of seven days from 0001-01-01
        "week": f"((({y} - DATE '0001-01-01' + 1) // 7) - (({x} - DATE '0001-01-01' + 1) // 7))",
    }[word]
    return made(f"CAST({sql} AS BIGINT)", INT, node.type, a, b, bad=any_of(*short))


def _component(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    value, word = args[0], _precision_word(args[1])
    place = {"year": (1, 4, 4), "month": (6, 2, 7), "day": (9, 2, 10), "hour": (12, 2, 13), "minute": (15, 2, 16),
             "second": (18, 2, 19), "millisecond": (21, 3, 23)}.get(word)  # fmt: skip
    if place is None or value.shape.kind not in ("date", "datetime"):
        raise Untranslatable(f"the {word} of a {value.shape.kind}")
    source = value.sql if value.shape.kind == "date" else part(value, "t")
    start, size, needed = place
    sql = f"CASE WHEN length({source}) >= {needed} THEN CAST(substr({source}, {start}, {size}) AS BIGINT) END"
    return made(sql, INT, node.type, value)


def _date_from(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    value = args[0]
    if value.shape.kind == "datetime":
        shape = shapes.WHOLE_DATE if value.shape.is_whole else shapes.DATE
        return made(f"left({part(value, 't')}, 10)", shape, DATE, value)
    return replace(value if value.shape.kind == "date" else fitted(value, shapes.DATE), type=DATE)


def _born(translator: Translator) -> Value:
    first = Value("1", translator.schema.resource("Patient"), Type("FHIR.Patient"))
    return replace(elements.element(translator, first, "Patient", "birthDate"), type=DATE)


def _age(birth: Value, at: Value, word: str) -> Value:
    if at.shape.kind == "datetime":
        shape = shapes.WHOLE_DATE if at.shape.is_whole else shapes.DATE
        at = made(f"left({part(at, 'n')}, 10)", shape, DATE, at)
    return whole(birth, at, word)


def _age_in(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    return _age(_born(translator), _now(translator), _precision_word(args[0]))


def _age_in_at(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    return _age(_born(translator), args[0], _precision_word(args[1]))


def _calculated_age(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    if args[0].shape.kind != "date":
        raise Untranslatable("an age from a birth time")
    return _age(args[0], _now(translator), _precision_word(args[1]))


def _calculated_age_at(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    if args[0].shape.kind != "date":
        raise Untranslatable("an age from a birth time")
    return _age(args[0], args[1], _precision_word(args[2]))


def _now(translator: Translator) -> Value:
    sql, shape = reading.literal(translator.now)
    return Value(sql, shape, DATETIME, constant=translator.now, is_constant=True)


def _now_of(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    return _now(translator)


def _today(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    sql, shape = reading.literal(translator.now.date())
    return Value(sql, shape, DATE, constant=translator.now.date(), is_constant=True)


# --- intervals --------------------------------------------------------------------------------------------------------


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
        text = _moved_day(value.sql, f"{step}1", "day", is_whole=value.shape.is_whole)
        partial = "" if value.shape.is_whole else f"(length({value.sql}) < 10)"
        return made(text, value.shape, DATE, value, bad=any_of(_far(value.sql), partial))
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


TIMES: Final[dict[Any, Build]] = {
    ca.add_duration: _moved(1), ca.subtract_duration: _moved(-1), du.duration_between: _duration,
    du.difference_between: _difference, du.component: _component, du.date_from: _date_from,
    du.age_at: _calculated_age_at, cl.age_in: _age_in, cl.age_in_at: _age_in_at, cl.calculate_age: _calculated_age,
    cl.now: _now_of, cl.today: _today, iv.make: _interval, iv.start: _end("lo"), iv.end: _end("hi"),
    iv.contains: _contained(swap=False, proper=False), iv.member: _contained(swap=True, proper=False),
    iv.properly_contains: _contained(swap=False, proper=True), iv.properly_in: _contained(swap=True, proper=True),
    iv.before: _ordered("lt", swap=False), iv.after: _ordered("lt", swap=True),
    iv.on_or_before: _ordered("le", swap=False), iv.on_or_after: _ordered("le", swap=True), iv.same_as: _same_as,
    iv.includes: _of_two(_includes), iv.included_in: _of_two(_includes, swap=True),
    iv.properly_includes: _of_two(_properly_includes), iv.properly_included_in: _of_two(_properly_includes, swap=True),
    iv.overlaps: _of_two(_overlaps), iv.overlaps_before: _of_two(_overlaps_before),
    iv.overlaps_after: _of_two(_overlaps_after), iv.starts: _of_two(_starts), iv.ends: _of_two(_ends),
    iv.with_offset: _with_offset, iv.within: _within, support.sort_instant: _sort_instant,
}  # fmt: skip
