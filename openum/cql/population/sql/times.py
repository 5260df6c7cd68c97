"""Dates, times, ages and intervals in SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_DOWN
from typing import TYPE_CHECKING, Any, Final

from openum.cql.compile import tree
from openum.cql.compile.types import DATE, DATETIME, INTEGER, Type
from openum.cql.operators import calendar as ca
from openum.cql.operators import clinical as cl
from openum.cql.operators import durations as du
from openum.cql.population.sql import elements, reading, shapes
from openum.cql.population.sql.shapes import INT, Untranslatable
from openum.cql.population.sql.values import SIZES, Value, any_of, fitted, made, part
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
        moved = moved_day(value.sql, count, word, is_whole=value.shape.is_whole)
        return made(moved, value.shape, DATE, value, amount, bad=far(value.sql))
    if value.shape.kind != "datetime":
        raise Untranslatable(f"a {value.shape.kind} moved in time")
    local = part(value, "t")
    bad = far(local)
    if word in _FINER:
        moved = f"strftime(cql_ts({local}) + to_milliseconds({count} * {_MS[word]}), '%Y-%m-%dT%H:%M:%S.%g')"
        text, bad = f"left({moved}, length({local}))", any_of(bad, f"(length({local}) < {SIZES[_FINER[word]]})")
    else:
        moved = moved_day(f"left({local}, 10)", count, word, is_whole=value.shape.is_whole)
        text = f"{moved} || substr({local}, 11)"
    return made(_datetime(text, part(value, "o")), value.shape, DATETIME, value, amount, bad=bad)


def far(text: str) -> str:
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


def moved_day(sql: str, count: str, word: str, *, is_whole: bool) -> str:
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


TIMES: Final[dict[Any, Build]] = {
    ca.add_duration: _moved(1), ca.subtract_duration: _moved(-1), du.duration_between: _duration,
    du.difference_between: _difference, du.component: _component, du.date_from: _date_from,
    du.age_at: _calculated_age_at, cl.age_in: _age_in, cl.age_in_at: _age_in_at, cl.calculate_age: _calculated_age,
    cl.now: _now_of, cl.today: _today,
}  # fmt: skip
