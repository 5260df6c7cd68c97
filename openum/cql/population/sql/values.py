"""SQL expressions with what is known about them, and how they are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from openum.cql.compile import tree
from openum.cql.compile.types import ANY, BOOLEAN, Type
from openum.cql.population.sql.schema import PRESENT
from openum.cql.population.sql.shapes import BOOL, NULL, WHOLE_DATE, Shape, Untranslatable, form_of, quoted, sql_type

SIZES: Final = {1: 4, 2: 7, 3: 10, 4: 13, 5: 16, 6: 19, 7: 23}  # precision → length of an ISO text
DAY: Final = 3  # the precision of days
TIME_SIZES: Final = {4: 2, 5: 5, 6: 8, 7: 12}

MACROS: Final = (
    "cql_lt(x, y) AS CASE WHEN length(x) = length(y) THEN x < y"
    " WHEN left(x, least(length(x), length(y))) <> left(y, least(length(x), length(y))) THEN x < y END",
    "cql_le(x, y) AS CASE WHEN length(x) = length(y) THEN x <= y"
    " WHEN left(x, least(length(x), length(y))) <> left(y, least(length(x), length(y))) THEN x < y END",
    "cql_eq(x, y) AS CASE WHEN length(x) = length(y) THEN x = y"
    " WHEN left(x, least(length(x), length(y))) <> left(y, least(length(x), length(y))) THEN FALSE END",
    "cql_lt_at(x, y, z) AS CASE WHEN length(x) >= z AND length(y) >= z THEN left(x, z) < left(y, z)"
    " WHEN left(x, least(length(x), length(y), z)) <> left(y, least(length(x), length(y), z)) THEN x < y END",
    "cql_le_at(x, y, z) AS CASE WHEN length(x) >= z AND length(y) >= z THEN left(x, z) <= left(y, z)"
    " WHEN left(x, least(length(x), length(y), z)) <> left(y, least(length(x), length(y), z)) THEN x < y END",
    "cql_eq_at(x, y, z) AS CASE WHEN length(x) >= z AND length(y) >= z THEN left(x, z) = left(y, z)"
    " WHEN left(x, least(length(x), length(y), z)) <> left(y, least(length(x), length(y), z)) THEN FALSE END",
    "cql_ts(x) AS CAST(x || substr('0001-01-01T00:00:00.000', length(x) + 1) AS TIMESTAMP)",
    # the same instant at the evaluation's offset z
    "cql_at(x, y, z) AS CASE WHEN y IS NULL OR y = z OR length(x) < 13 THEN x"
    " ELSE left(strftime(cql_ts(x) + to_minutes(CAST(z - y AS BIGINT)), '%Y-%m-%dT%H:%M:%S.%g'), length(x)) END",
    # the first and the last day a date may stand for
    "cql_first(x) AS TRY_CAST(x || substr('0001-01-01', length(x) + 1) AS DATE)",
    "cql_last(x) AS CASE length(x) WHEN 10 THEN TRY_CAST(x AS DATE)"
    " WHEN 7 THEN last_day(TRY_CAST(x || '-01' AS DATE)) WHEN 4 THEN TRY_CAST(x || '-12-31' AS DATE) END",
    # a day or its month or year as text, as long as asked for
    "cql_text(x, z) AS left(strftime(x, '%Y-%m-%d'), z)",
    # months times a hundred and the day: whole months and years are differences of these, rounded towards zero
    "cql_count(x) AS (year(x) * 12 + month(x)) * 100 + day(x)",
)


@dataclass(frozen=True, slots=True)
class Value:
    """An expression.

    Attributes:
        sql: its text; without variables of a lambda unless it is used within that.
        bad: a condition in the same scope under which the value cannot be relied on, or "". DuckDB's own errors are
            of no use for this: each takes milliseconds.
        span_bad: the same while only the bounds of an uncertain number are used.
        fails: columns it rests on that say by true that the case is left to the Python target.
        solid: a list whose items are never null.
        constant: its value at compile time, under `is_constant`.
        numbers: the code numbers of a value set, None where it is none.
        codes: the codes of that value set as texts.
        choice: the choice element this stands for, whose `sql` is the source.
    """

    sql: str
    shape: Shape
    type: Type = ANY
    bad: str = ""
    fails: frozenset[str] = frozenset()
    solid: bool = False
    constant: object = None
    is_constant: bool = False
    numbers: tuple[int, ...] | None = None
    codes: tuple[str, ...] = ()
    choice: tree.Property | None = None
    unit: str = ""  # of a quantity, where it is known at compile time
    span: tuple[str, str] | None = None  # the least and the greatest value of an uncertain number
    span_bad: str = ""
    repeated: str = ""  # of a list without duplicates: the list with them
    path: tuple[str, str, str] | None = None  # the same text, the columns its parts stand in, and the place there


Scope = Mapping[str, Value]
"""What names stand for: aliases, lets, operands of functions."""


def part(value: Value, name: str) -> str:
    """Return a part of a value: from its own column where it has one."""
    if value.path is not None and value.path[0] == value.sql:
        _, prefix, place = value.path
        return f"{quoted(f'{prefix}.{name}')}[{place}]"
    return f"({value.sql}).{quoted(name)}"


def is_null(value: Value) -> str:
    """Return whether a value is null."""
    if value.path is not None and value.path[0] == value.sql:
        return f"({part(value, 't' if value.shape.kind == 'datetime' else PRESENT)} IS NULL)"
    return f"({value.sql} IS NULL)"


def any_of(*conditions: str) -> str:
    """Return the condition that one of some conditions holds; "" stands for one that never does."""
    found = list(dict.fromkeys(c for c in conditions if c))
    return "".join(found) if len(found) < 2 else "(" + " OR ".join(found) + ")"


def made(sql: str, shape: Shape, kind: Type, *parts: Value, bad: str = "", solid: bool = False) -> Value:
    """Return an expression made of others."""
    fails: frozenset[str] = frozenset().union(*(p.fails for p in parts))
    return Value(sql, shape, kind, any_of(*(p.bad for p in parts), bad), fails, solid)


def truth(sql: str, *parts: Value, bad: str = "") -> Value:
    """Return a Boolean expression made of others."""
    return made(sql, BOOL, BOOLEAN, *parts, bad=bad)


def when(condition: str, bad: str) -> str:
    """Return a fault that counts only under a condition."""
    return f"({condition} AND {bad})" if bad else ""


def among(items: str, variable: str, bad: str) -> str:
    """Return the condition that one of some items is at fault."""
    return f"(coalesce(len(list_filter({items}, lambda {variable}: {bad})), 0) > 0)" if bad else ""


def fitted(value: Value, shape: Shape) -> Value:
    """Return a value where a shape is wanted: a null takes any.

    Raises:
        Untranslatable: it has another shape.
    """
    if value.choice is not None:
        raise Untranslatable("a choice element is passed on")
    if value.shape == shape or value.shape.kind == "null":
        if value.shape.kind == "null" and shape.kind != "null":
            return replace(value, sql=f"CAST(NULL AS {sql_type(shape)})", shape=shape)
        return value
    if form_of(value.shape) == form_of(shape):
        return replace(value, shape=shape)
    if value.shape.kind == "list" == shape.kind and value.shape.of.kind == "null":
        return replace(value, sql=f"CAST([] AS {sql_type(shape)})", shape=shape)
    if value.shape.kind == "tuple" == shape.kind:
        inner = dict(value.shape.fields)
        if {n for n, _ in shape.fields} == set(inner):
            parts = {n: fitted(Value(f"({value.sql}).{quoted(n)}", inner[n]), s).sql for n, s in shape.fields}
            body = ", ".join(f"{quoted(n)} := {p}" for n, p in parts.items())
            return replace(value, sql=f"CASE WHEN {value.sql} IS NOT NULL THEN struct_pack({body}) END", shape=shape)
    raise Untranslatable(f"a {value.shape.kind} stands beside a {shape.kind}")


def common(*values: Value) -> Shape:
    """Return the shape all values have but for nulls.

    Raises:
        Untranslatable: they have several.
    """
    found = NULL
    for value in values:
        found = _joined(found, value.shape)
    return found


def _joined(a: Shape, b: Shape) -> Shape:
    if a == b or b.kind == "null":
        return a
    if a.kind == "null":
        return b
    if a.kind == b.kind and a.kind in ("date", "datetime"):
        return Shape(a.kind)  # one of them may lack its day
    if a.kind == b.kind and a.kind in ("list", "interval") and a.item is not None and b.item is not None:
        return Shape(a.kind, _joined(a.item, b.item))
    if a.kind == b.kind == "tuple" and [n for n, _ in a.fields] == [n for n, _ in b.fields]:
        pairs = zip(a.fields, b.fields, strict=True)
        return Shape("tuple", fields=tuple((n, _joined(s, t)) for (n, s), (_, t) in pairs))
    raise Untranslatable(f"a {a.kind} stands beside a {b.kind}")


# --- comparing --------------------------------------------------------------------------------------------------------

_SIGNS: Final = {"lt": "<", "le": "<=", "eq": "="}


def compare(op: str, a: Value, b: Value, precision: int | None = None) -> Value:
    """Return a < b (lt), a <= b (le) or a = b (eq), three-valued, at a precision.

    Raises:
        Untranslatable: the shapes do not compare.
    """
    shape = common(a, b)
    if shape.kind == "int" and (a.span or b.span):
        return _of_spans(op, a, b)
    a, b = fitted(a, shape), fitted(b, shape)
    if shape.kind in ("int", "dec", "str") or (shape.kind == "bool" and op == "eq"):
        return truth(f"({a.sql} {_SIGNS[op]} {b.sql})", a, b)
    if shape.kind in ("date", "time"):
        return truth(_texts(op, a.sql, b.sql, precision, shape), a, b)
    if shape.kind == "datetime":
        same = f"{part(a, 'o')} IS NOT DISTINCT FROM {part(b, 'o')}"
        local = _texts(op, part(a, "t"), part(b, "t"), precision, shape)
        moved = _texts(op, part(a, "n"), part(b, "n"), precision, shape)
        return truth(f"CASE WHEN {same} THEN {local} ELSE {moved} END", a, b)
    if shape.kind == "qty":
        test = f"({a.sql}).v {_SIGNS[op]} ({b.sql}).v"
        null = f"({a.sql}) IS NULL OR ({b.sql}) IS NULL"
        other = f"(({a.sql}).u <> ({b.sql}).u)"
        return truth(f"CASE WHEN {null} THEN NULL ELSE {test} END", a, b, bad=other)
    if shape.kind == "null":
        return truth("CAST(NULL AS BOOLEAN)")
    raise Untranslatable(f"values of kind {shape.kind} are compared")


def _of_spans(op: str, a: Value, b: Value) -> Value:
    """Compare numbers of which one is known only to lie between two bounds."""
    (a_low, a_high), (b_low, b_high) = a.span or (a.sql, a.sql), b.span or (b.sql, b.sql)
    sql = {
        "lt": f"CASE WHEN {a_high} < {b_low} THEN TRUE WHEN {a_low} >= {b_high} THEN FALSE END",
        "le": f"CASE WHEN {a_high} <= {b_low} THEN TRUE WHEN {a_low} > {b_high} THEN FALSE END",
        "eq": f"CASE WHEN {a_high} < {b_low} OR {a_low} > {b_high} THEN FALSE"
        f" WHEN {a_low} = {a_high} AND {b_low} = {b_high} THEN TRUE END",
    }[op]
    parts = [replace(v, bad=v.span_bad) if v.span else v for v in (a, b)]
    return truth(sql, *parts)


def _texts(op: str, a: str, b: str, precision: int | None, shape: Shape) -> str:
    sizes = TIME_SIZES if shape.kind == "time" else SIZES
    if shape == WHOLE_DATE and precision in (None, DAY):
        return f"({a} {_SIGNS[op]} {b})"
    if shape.is_whole and precision is not None and precision <= DAY:
        return f"(left({a}, {sizes[precision]}) {_SIGNS[op]} left({b}, {sizes[precision]}))"
    if precision is None:
        return f"cql_{op}({a}, {b})"
    if precision not in sizes:
        raise Untranslatable("a precision these values do not have")
    return f"cql_{op}_at({a}, {b}, {sizes[precision]})"


def identity_is_plain(shape: Shape) -> bool:
    """Say whether two items count as one exactly when SQL finds them equal."""
    return (
        shape.is_resource
        or shape.kind in ("int", "dec", "str", "bool", "date", "time", "null", "qty")
        or (shape.kind == "tuple" and all(identity_is_plain(s) and s.kind != "qty" for _, s in shape.fields))
    )


def identity(sql: str, shape: Shape) -> str:
    """Return what two items share exactly when they count as one.

    Raises:
        Untranslatable: that cannot be told from one item alone.
    """
    if identity_is_plain(shape):
        return sql
    if shape.kind == "datetime":
        return f"({sql}).n"
    if shape.kind == "tuple" and all(s.kind != "qty" for _, s in shape.fields):
        parts = ", ".join(f"{quoted(n)} := {identity(f'({sql}).{quoted(n)}', s)}" for n, s in shape.fields)
        return f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({parts}) END"
    raise Untranslatable(f"items of kind {shape.kind} are told apart")
