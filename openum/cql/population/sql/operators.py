"""The SQL of operators, by the function that computes them in the Python target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from openum.cql.compile import tree
from openum.cql.compile.conversions import is_of
from openum.cql.compile.types import ANY, BOOLEAN, Type
from openum.cql.errors import CqlRuntimeError
from openum.cql.operators import arithmetic as ar
from openum.cql.operators import comparison as cm
from openum.cql.operators import conversion as cv
from openum.cql.operators import strings as st
from openum.cql.operators.table import OPERATORS
from openum.cql.population.sql import elements, reading
from openum.cql.population.sql.intervals import INTERVALS
from openum.cql.population.sql.list_operators import LIST_OPERATORS, READ_ONCE
from openum.cql.population.sql.schema import CODES
from openum.cql.population.sql.shapes import BOOL, INT, STR, Untranslatable, text
from openum.cql.population.sql.times import TIMES, Build
from openum.cql.population.sql.values import Value, common, compare, fitted, is_null, made, part, truth
from openum.cql.run import support, value_sets
from openum.cql.values.codes import Code, Concept, ValueSetRef
from openum.cql.values.interval import kind_of

if TYPE_CHECKING:
    from openum.cql.population.sql.translate import Translator

_IS_NULL, _IS_TRUE, _IS_FALSE, _NOT = (OPERATORS[n][0].inline for n in ("IsNull", "IsTrue", "IsFalse", "Not"))
_PLAIN_PATTERN: Final = re.compile(r"[A-Za-z0-9 .*+?()|,;:/_-]*\Z")


def operation(translator: Translator, node: tree.Operation, scope: Mapping[str, Value]) -> Value:
    """Return the SQL of an operation.

    Raises:
        Untranslatable: it has none.
    """
    reads_once = node.function in READ_ONCE
    args = [translator.value(n, scope) for n in node.args] if reads_once else translator.args(node.args, scope)
    folded = _folded(translator, args, node)
    if folded is not None:
        return folded
    if reads_once:
        return translator.hoisted(READ_ONCE[node.function](translator, args, node))
    if node.inline == _IS_NULL:
        return _is_null(translator, args[0])
    if isinstance(node.function, partial) and node.function.func is is_of:
        return reading.is_of_type(translator, args[0], node.function.keywords["target"])
    if len(args) == 1 and args[0].choice is not None:
        return reading.narrowed(translator, args[0], node.function)
    if any(a.choice is not None for a in args):
        raise Untranslatable("a choice element is passed on")
    if node.inline in (_IS_TRUE, _IS_FALSE):
        return truth(f"coalesce({args[0].sql} = {'TRUE' if node.inline == _IS_TRUE else 'FALSE'}, FALSE)", args[0])
    if node.inline == _NOT:
        return truth(f"(NOT {fitted(args[0], BOOL).sql})", args[0])
    build = _BUILDERS.get(node.function)
    if build is not None:
        return build(translator, args, node)
    if len(args) == 1:
        return reading.converted(args[0], node.function)
    raise Untranslatable(f"the operator {getattr(node.function, '__name__', 'of this kind').replace('_', ' ').strip()}")


def _folded(translator: Translator, args: list[Value], node: tree.Operation) -> Value | None:
    """Return an operation on constants as a constant, as the Python target computes it."""
    if not args or node.needs_case or node.inline or not all(_is_known(a) for a in args):
        return None
    try:
        found = node.function(*(a.constant for a in args))
        return reading.constant(found, _type_of(found, node.type), translator.numbers)
    except (CqlRuntimeError, Untranslatable):
        return None


def _is_known(value: Value) -> bool:
    return value.is_constant and value.choice is None and not isinstance(value.constant, ValueSetRef)


def _type_of(value: Any, declared: Type) -> Type:
    """Return the type of a constant; a converted argument is declared as Any."""
    return Type(kind_of(value)) if declared == ANY and kind_of(value) != "Any" else declared


def _is_null(translator: Translator, value: Value) -> Value:
    found = elements.tag(translator, value) if value.choice is not None else value
    if found.numbers is not None:
        raise Untranslatable("a value set that may be null")
    return truth(is_null(found), found)


# --- comparison -------------------------------------------------------------------------------------------------------


def _compared(op: str, *, swap: bool = False, negate: bool = False) -> Build:
    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        a, b = (args[1], args[0]) if swap else (args[0], args[1])
        found = compare(op, a, b)
        return replace(found, sql=f"(NOT {found.sql})") if negate else found

    return build


def _equivalent(*, negate: bool) -> Build:
    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        found = _same(*args)
        return replace(found, sql=f"(NOT {found.sql})") if negate else found

    return build


def _same(a: Value, b: Value) -> Value:
    kinds = {a.shape.kind, b.shape.kind}
    if kinds <= {"code", "concept"}:
        fixed, other = (a, b) if a.is_constant and a.constant is not None else (b, a)
        if not fixed.is_constant or fixed.constant is None:
            raise Untranslatable("two codes of the case are compared")
        numbers = fixed.sql if fixed.shape.kind == "concept" else f"[{fixed.sql}]"
        return _has_any(other, numbers)
    shape = common(a, b)
    if shape.kind not in ("bool", "int", "date"):
        raise Untranslatable(f"values of kind {shape.kind} are equivalent")
    return truth(f"({fitted(a, shape).sql} IS NOT DISTINCT FROM {fitted(b, shape).sql})", a, b)


def _has_any(value: Value, numbers: str) -> Value:
    if value.shape.kind == "code":
        return truth(f"coalesce(list_contains({numbers}, {value.sql}), FALSE)", value)
    return truth(f"coalesce(list_has_any({value.sql}, {numbers}), FALSE)", value)


# --- terminology ------------------------------------------------------------------------------------------------------


def _members(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    if args[0].constant is None:
        raise Untranslatable("a value set that only the case knows")
    return _numbered(translator, translator.value_set(args[0].constant), node)


def _numbered(translator: Translator, pairs: Any, node: tree.Operation) -> Value:
    numbers = tuple(sorted(translator.numbers[p] for p in pairs or () if p in translator.numbers))
    codes = tuple(sorted({c for _, c in pairs or () if c is not None}))
    return Value("", BOOL, node.type, numbers=numbers, codes=codes)


def _pairs(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    value = args[0].constant
    if not args[0].is_constant or not isinstance(value, Code | Concept):
        raise Untranslatable("a retrieve by codes that only the case knows")
    return _numbered(translator, support.pairs_of(value), node)


def _in_value_set(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    value, members = args
    if members.numbers is None:
        raise Untranslatable("a value set that only the case knows")
    if not members.numbers or value.shape.kind == "null":
        return Value("FALSE", BOOL, BOOLEAN)
    numbers = f"CAST([{', '.join(map(str, members.numbers))}] AS INTEGER[])"
    if value.shape.kind == "str":
        listed = ", ".join(text(c) for c in members.codes)
        return truth(f"coalesce({value.sql} IN ({listed}), FALSE)", value)
    return _member_of(value, numbers)


def _member_of(value: Value, numbers: str) -> Value:
    if value.shape.kind in ("code", "concept"):
        return _has_any(value, numbers)
    if value.shape.kind == "fhir" and value.shape.name == "CodeableConcept":
        return truth(f"coalesce(list_has_any({part(value, CODES)}, {numbers}), FALSE)", value)
    if value.shape.kind == "list":
        inner = _member_of(Value("z", value.shape.of, value.type.item), numbers)
        return truth(f"(coalesce(len(list_filter({value.sql}, lambda z: {inner.sql})), 0) > 0)", value)
    raise Untranslatable(f"a {value.shape.kind} in a value set")


# --- numbers and texts ------------------------------------------------------------------------------------------------


def _whole(sign: str) -> Build:
    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        a, b = (fitted(x, INT) for x in args)
        sql = f"({a.sql} {sign} {b.sql})"
        return made(sql, INT, node.type, a, b, bad=f"(abs({sql}) >= {2**31 - 1})")

    return build


def _decimal(sign: str) -> Build:
    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        a, b = args
        if {a.shape.kind, b.shape.kind} != {"dec"}:
            raise Untranslatable("numbers of two kinds")
        sql = f"CAST({a.sql} {sign} {b.sql} AS DECIMAL(28,8))"
        large = " OR ".join(f"abs({x.sql}) > 1000000000000000000" for x in (a, b))
        return made(sql, a.shape, node.type, a, b, bad=f"({large})")

    return build


def _to_string(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    value = args[0]
    if value.shape.kind in ("date", "str"):
        return made(value.sql, STR, node.type, value)
    if value.shape.kind == "int":
        return made(f"CAST({value.sql} AS VARCHAR)", STR, node.type, value)
    if value.shape.kind == "bool":
        return made(f"CASE {value.sql} WHEN TRUE THEN 'true' WHEN FALSE THEN 'false' END", STR, node.type, value)
    raise Untranslatable(f"a {value.shape.kind} as text")


def _to_decimal(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    if args[0].shape.kind not in ("int", "dec"):
        raise Untranslatable("a number read from a text")
    return reading.to_type(replace(args[0], type=Type("Integer")), Type("Decimal"))


def _concatenate(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    a, b = (fitted(x, STR) for x in args)
    return made(f"({a.sql} || {b.sql})", STR, node.type, a, b)


def _concatenate_or_empty(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    a, b = (fitted(x, STR) for x in args)
    return made(f"(coalesce({a.sql}, '') || coalesce({b.sql}, ''))", STR, node.type, a, b)


def _case(function: str) -> Build:
    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        value = args[0]
        # beyond ASCII the two languages fold differently
        return made(
            f"{function}({value.sql})", STR, node.type, value, bad=f"(strlen({value.sql}) <> length({value.sql}))"
        )

    return build


def _matches(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    value, pattern = args
    if not isinstance(pattern.constant, str) or not _PLAIN_PATTERN.match(pattern.constant):
        raise Untranslatable("a pattern that the two languages may read differently")
    st.matches("", pattern.constant)
    sql = f"regexp_full_match({value.sql}, {pattern.sql}, 's')"
    return truth(sql, value, bad=f"(length({value.sql}) > 1000)")


def _text_test(function: str) -> Build:
    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        return truth(f"{function}({args[0].sql}, {args[1].sql})", *args)

    return build


def _text_length(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    return made(f"CAST(length({fitted(args[0], STR).sql}) AS BIGINT)", INT, node.type, args[0])


def _quantity(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    number, unit = args
    if not isinstance(unit.constant, str):
        raise Untranslatable("a quantity whose unit only the case knows")
    from openum.cql.population.sql.flatten import unit_key

    value = replace(number, type=Type("Decimal"))
    found = reading.to_type(value, Type("Quantity"))
    return replace(
        found, sql=found.sql.replace("u := '1'", f"u := {text(unit_key(unit.constant))}"), unit=unit.constant
    )


_BUILDERS: Final[dict[Any, Build]] = TIMES | INTERVALS | LIST_OPERATORS | {
    cm.equal: _compared("eq"), cm.not_equal: _compared("eq", negate=True), cm.less: _compared("lt"),
    cm.less_or_equal: _compared("le"), cm.greater: _compared("lt", swap=True),
    cm.greater_or_equal: _compared("le", swap=True), cm.equivalent: _equivalent(negate=False),
    cm.not_equivalent: _equivalent(negate=True), value_sets.members: _members, support.pairs_of: _pairs,
    cm.in_value_set_raw: _in_value_set, cm.in_value_set_code: _in_value_set, cm.in_value_set_concept: _in_value_set,
    cm.in_value_set_string: _in_value_set, cm.in_value_set_list: _in_value_set, ar.add_integer: _whole("+"),
    ar.subtract_integer: _whole("-"), ar.multiply_integer: _whole("*"), ar.add_decimal: _decimal("+"),
    ar.subtract_decimal: _decimal("-"), cv.to_string: _to_string, cv.to_decimal: _to_decimal,
    st.concatenate: _concatenate, st.concatenate_or_empty: _concatenate_or_empty, st.upper: _case("upper"),
    st.lower: _case("lower"), st.matches: _matches, st.starts_with: _text_test("starts_with"),
    st.ends_with: _text_test("ends_with"), st.length: _text_length, support.MAKERS["Quantity"]: _quantity,
}  # fmt: skip
