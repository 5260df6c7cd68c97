"""Constants and conversions in SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from openum.cql.compile.conversions import conversion
from openum.cql.compile.types import ANY, BOOLEAN, STRING, Type, interval_of, list_of
from openum.cql.fhir import model
from openum.cql.fhir.convert import CONVERTERS
from openum.cql.population.sql import elements, shapes
from openum.cql.population.sql.flatten import Odd, decimal_text, value_row
from openum.cql.population.sql.schema import CODES, VALUE
from openum.cql.population.sql.shapes import DECIMAL_SQL, NULL, Shape, Untranslatable, form_of, shape_of, sql_type, text
from openum.cql.population.sql.values import DAY, SIZES, Value, made, part, truth
from openum.cql.run.data import Pair
from openum.cql.values.codes import Code, Concept, ValueSetRef
from openum.cql.values.interval import Interval
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import Date, DateTime, Time

if TYPE_CHECKING:
    from openum.cql.population.sql.translate import Translator

_SYSTEM: Final = tuple(map(Type, ("Boolean", "Integer", "Decimal", "String", "Date", "DateTime", "Time", "Quantity",
                                  "Code", "Concept")))  # fmt: skip
_TARGETS: Final = (
    *_SYSTEM,
    *(interval_of(t) for t in _SYSTEM[1:8]),
    *(list_of(t) for t in _SYSTEM),
)


def constant(value: Any, kind: Type, numbers: Mapping[Pair, int]) -> Value:
    """Return a constant.

    Raises:
        Untranslatable: it has no SQL form.
    """
    if value is None:
        try:
            shape = shape_of(kind)
            sql = "NULL" if shape is NULL else f"CAST(NULL AS {sql_type(shape)})"
        except Untranslatable:
            shape, sql = NULL, "NULL"
        return Value(sql, shape, kind, is_constant=True)
    if isinstance(value, Code):
        number = numbers.get((value.system, value.code))
        return Value(
            str(number) if number else "CAST(NULL AS INTEGER)", shapes.CODE, kind, constant=value, is_constant=True
        )
    if isinstance(value, Concept):
        found = [str(n) for c in value.codes if (n := numbers.get((c.system, c.code)))]
        return Value(f"CAST([{', '.join(found)}] AS INTEGER[])", shapes.CONCEPT, kind, constant=value, is_constant=True)
    if isinstance(value, ValueSetRef):
        return Value("", NULL, kind, constant=value, is_constant=True)
    if isinstance(value, str) and kind != STRING and kind.name == "Precision":
        return Value("", NULL, kind, constant=value, is_constant=True)
    sql, shape = literal(value)
    unit = value.unit if isinstance(value, Quantity) else ""
    return Value(sql, shape, kind, constant=value, is_constant=True, unit=unit)


def literal(value: Any) -> tuple[str, Shape]:
    """Return a System value as SQL with its shape.

    Raises:
        Untranslatable: it has no SQL form.
    """
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), shapes.BOOL
    if type(value) is int:
        return f"CAST({value} AS BIGINT)", shapes.INT
    if isinstance(value, str):
        return text(value), shapes.STR
    try:
        if isinstance(value, Decimal):
            return f"CAST('{decimal_text(value)}' AS {DECIMAL_SQL})", shapes.DEC
        row = value_row(value)
    except Odd as error:
        raise Untranslatable("a number with too many digits") from error
    if isinstance(value, Date):
        return text(row), shapes.WHOLE_DATE if len(row) == SIZES[DAY] else shapes.DATE
    if isinstance(value, Time):
        return text(row), shapes.TIME
    if isinstance(value, DateTime):
        offset = "CAST(NULL AS INTEGER)" if row["o"] is None else f"CAST({row['o']} AS INTEGER)"
        sql = f"struct_pack(t := {text(row['t'])}, o := {offset}, n := {text(row['n'])})"
        return sql, shapes.WHOLE_DATETIME if len(row["t"]) >= SIZES[DAY] else shapes.DATETIME
    if isinstance(value, Quantity):
        return f"struct_pack(v := CAST('{row['v']}' AS {DECIMAL_SQL}), u := {text(row['u'])})", shapes.QTY
    if isinstance(value, Interval):
        point = shape_of(Type(value.kind))
        bounds = [f"CAST(NULL AS {sql_type(point)})" if b is None else literal(b)[0] for b in (value.start, value.end)]
        return f"struct_pack(lo := {bounds[0]}, hi := {bounds[1]})", shapes.interval_of(point)
    if isinstance(value, list) and value:
        parts = [literal(v) for v in value]
        forms = {form_of(s) for _, s in parts}
        if len(forms) == 1:
            return f"[{', '.join(p for p, _ in parts)}]", shapes.list_of(forms.pop())
    raise Untranslatable(f"a constant of kind {type(value).__name__}")


# --- conversions ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2048)
def target_of(function: Callable[[Any], Any], source: Type) -> Type | None:
    """Return the type that a conversion function of the compiler makes of a type, or None."""
    if source.is_fhir:
        found = CONVERTERS.get(source.fhir)
        if found is not None and found[1] is function:
            return shapes_parse(found[0])
    for target in _TARGETS:
        step = conversion(source, target)
        if step is not None and step.function is function:
            return target
    return None


def shapes_parse(name: str) -> Type:
    """Return a System type by its name in the conversion table."""
    from openum.cql.compile.types import parse_type

    return parse_type(name)


def converted(value: Value, function: Callable[[Any], Any]) -> Value:
    """Return a value converted by a function of the compiler.

    Raises:
        Untranslatable: the conversion is not known here.
    """
    target = target_of(function, value.type)
    if target is None:
        raise Untranslatable(f"a conversion from {value.type}")
    return to_type(value, target)


def to_type(value: Value, target: Type) -> Value:
    """Return a value as one of a System type.

    Raises:
        Untranslatable: there is no such conversion here.
    """
    source = value.type
    if source == target or value.shape.kind == "null":
        return replace(value, type=target)
    if source.name == "List" == target.name:
        inner = to_type(Value("z", value.shape.of, source.item), target.item)
        sql = f"list_transform({value.sql}, lambda z: {inner.sql})"
        return made(sql, shapes.list_of(inner.shape), target, value, inner, solid=value.solid)
    wanted = shape_of(target)
    if value.shape.kind == "fhir":
        return _of_fhir(value, target)
    if form_of(value.shape) == wanted:
        return replace(value, type=target)
    found = _promoted(value, wanted)
    if found is None:
        raise Untranslatable(f"a conversion from {source} to {target}")
    return replace(found, type=target)


def _of_fhir(value: Value, target: Type) -> Value:
    kind = value.shape.name
    if (kind == "Period" and target == interval_of(Type("DateTime"))) or (
        kind == "Range" and target == interval_of(Type("Quantity"))
    ):
        return made(part(value, VALUE), shape_of(target), target, value)
    if kind in model.QUANTITY_LIKE and target == Type("Quantity"):
        return made(part(value, VALUE), shapes.QTY, target, value)
    if kind == "Coding" and target.name in ("Code", "Concept"):
        sql = part(value, CODES) if target.name == "Code" else f"[{part(value, CODES)}]"
        return made(sql, shape_of(target), target, value)
    if kind == "CodeableConcept" and target.name == "Concept":
        return made(part(value, CODES), shapes.CONCEPT, target, value)
    raise Untranslatable(f"a conversion from {value.type} to {target}")


def _promoted(value: Value, wanted: Shape) -> Value | None:
    step = (value.shape.kind, wanted.kind)
    if step == ("int", "dec"):
        return replace(value, sql=f"CAST({value.sql} AS {DECIMAL_SQL})", shape=wanted)
    if step == ("date", "datetime"):
        sql = (
            f"CASE WHEN {value.sql} IS NOT NULL THEN"
            f" struct_pack(t := {value.sql}, o := CAST(NULL AS INTEGER), n := {value.sql}) END"
        )
        return replace(value, sql=sql, shape=wanted)
    if step in (("int", "qty"), ("dec", "qty")):
        sql = (
            f"CASE WHEN {value.sql} IS NOT NULL THEN struct_pack(v := CAST({value.sql} AS {DECIMAL_SQL}), u := '1') END"
        )
        return replace(value, sql=sql, shape=wanted, unit="1")
    if value.shape.kind == "interval" == wanted.kind:
        low, high = (_promoted(Value(f"({value.sql}).{b}", value.shape.of), wanted.of) for b in ("lo", "hi"))
        if low is not None and high is not None and (value.shape.of.kind, wanted.of.kind) == ("int", "dec"):
            sql = f"CASE WHEN {value.sql} IS NOT NULL THEN struct_pack(lo := {low.sql}, hi := {high.sql}) END"
            return replace(value, sql=sql, shape=wanted)
    return None


# --- choice elements ---------------------------------------------------------------------------------------------------


def is_of_type(translator: Translator, value: Value, target: Type) -> Value:
    """Return whether a choice element has a type.

    Raises:
        Untranslatable: that cannot be told from its type name.
    """
    if value.choice is None:
        raise Untranslatable("a test of the type of an open value")
    tag = elements.tag(translator, value)
    names = [
        kind
        for _, kind in value.choice.keys
        if (target.is_fhir and model.is_a(kind, target.fhir))
        or (not target.is_fhir and CONVERTERS.get(kind, ("",))[0] == str(target))
    ]
    if target == ANY:
        raise Untranslatable("a test for any type")
    if not names:
        return Value("FALSE", shapes.BOOL, BOOLEAN)
    listed = ", ".join(text(n) for n in names)
    return truth(f"coalesce({tag.sql} IN ({listed}), FALSE)", tag)


def narrowed(translator: Translator, value: Value, function: Callable[[Any], Any]) -> Value:
    """Return a choice element as a value of one type.

    Raises:
        Untranslatable: the type it becomes is not known here.
    """
    assert value.choice is not None
    target = target_of(function, value.type)
    if target is None:
        raise Untranslatable("a choice element as an open value")
    shape = shape_of(target)
    branches, parts = [], [elements.tag(translator, value)]
    for key in value.choice.keys:
        part = Type(f"FHIR.{key[1]}")
        point = target.name == "Interval" and key[1] in ("dateTime", "date", "instant")
        step = conversion(part, target)
        if step is None and not point:
            continue
        found = elements.alternative(translator, value, key)
        if step is None:
            found = to_type(found, target.item)
            found = replace(found, sql=f"struct_pack(lo := {found.sql}, hi := {found.sql})", shape=shape)
        else:
            found = to_type(found, target)
        parts.append(found)
        branches.append(f"WHEN {text(key[1])} THEN {found.sql}")
    if not branches:
        raise Untranslatable("a choice element that never has this type")
    return made(f"CASE {parts[0].sql} {' '.join(branches)} END", shape, target, *parts)
