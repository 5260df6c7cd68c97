"""The infix operators as closures over the closures of their operands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from openum.cql.fhirpath import arithmetic, equality, model
from openum.cql.fhirpath.errors import Fault
from openum.cql.fhirpath.items import Items, Node, distinct, key, truth
from openum.cql.fhirpath.registry import Code, Run


def text_equality(left: Code, text: str, *, wanted: bool) -> Code:
    """`x = 'text'`, the most frequent comparison of all."""
    other: Items = [text]

    def compare(run: Run, this: Items) -> Items:
        items = left(run, this)
        if not items:
            return []
        item = items[0]
        if len(items) == 1 and type(item) is Node and item.type in model.STRINGS and item.value is not None:
            return [(item.value == text) is wanted]
        same = equality.equal(items, other)
        return [] if same is None else [same is wanted]

    return compare


def _equality(wanted: bool) -> Callable[[Code, Code], Code]:
    def build(left: Code, right: Code) -> Code:
        def compare(run: Run, this: Items) -> Items:
            same = equality.equal(left(run, this), right(run, this))
            return [] if same is None else [same is wanted]

        return compare

    return build


def _equivalence(wanted: bool) -> Callable[[Code, Code], Code]:
    def build(left: Code, right: Code) -> Code:
        return lambda run, this: [equality.equivalent(left(run, this), right(run, this)) is wanted]

    return build


def _order(test: Callable[[int], bool]) -> Callable[[Code, Code], Code]:
    def build(left: Code, right: Code) -> Code:
        def compare(run: Run, this: Items) -> Items:
            found = equality.order(left(run, this), right(run, this))
            return [] if found is None else [test(found)]

        return compare

    return build


def _value(apply: Callable[[Items, Items], Any]) -> Callable[[Code, Code], Code]:
    def build(left: Code, right: Code) -> Code:
        def compute(run: Run, this: Items) -> Items:
            value = apply(left(run, this), right(run, this))
            return [] if value is None else [value]

        return compute

    return build


def _membership(item_left: bool) -> Callable[[Code, Code], Code]:
    def build(left: Code, right: Code) -> Code:
        def member(run: Run, this: Items) -> Items:
            a, b = left(run, this), right(run, this)
            one, many = (a, b) if item_left else (b, a)
            if not one:
                return []
            if len(one) > 1:
                raise Fault(f"The item of a membership test is one; there are {len(one)}.")
            wanted = key(one[0])
            return [any(key(item) == wanted for item in many)]

        return member

    return build


def _union(left: Code, right: Code) -> Code:
    return lambda run, this: distinct([*left(run, this), *right(run, this)])


def _operand(items: Items) -> bool | None:
    """Return an operand of a logical operator: elements of a record that repeat count as there, as us-core's pd-1 means."""
    if len(items) > 1 and all(type(item) is Node for item in items):
        return True
    return truth(items)


def _and(left: Code, right: Code) -> Code:
    def logic(run: Run, this: Items) -> Items:
        a = _operand(left(run, this))
        if a is False:
            return [False]
        b = _operand(right(run, this))
        if b is False:
            return [False]
        return [] if a is None or b is None else [True]

    return logic


def _or(left: Code, right: Code) -> Code:
    def logic(run: Run, this: Items) -> Items:
        a = _operand(left(run, this))
        if a:
            return [True]
        b = _operand(right(run, this))
        if b:
            return [True]
        return [] if a is None or b is None else [False]

    return logic


def _xor(left: Code, right: Code) -> Code:
    def logic(run: Run, this: Items) -> Items:
        a, b = _operand(left(run, this)), _operand(right(run, this))
        return [] if a is None or b is None else [a is not b]

    return logic


def _implies(left: Code, right: Code) -> Code:
    def logic(run: Run, this: Items) -> Items:
        a = _operand(left(run, this))
        if a is False:
            return [True]
        b = _operand(right(run, this))
        if b:
            return [True]
        return [] if a is None or b is None else [False]

    return logic


INFIX: Final[dict[str, Callable[[Code, Code], Code]]] = {
    "and": _and, "or": _or, "xor": _xor, "implies": _implies, "|": _union,
    "in": _membership(True), "contains": _membership(False),
    "=": _equality(True), "!=": _equality(False), "~": _equivalence(True), "!~": _equivalence(False),
    "<": _order(lambda o: o < 0), "<=": _order(lambda o: o <= 0),
    ">": _order(lambda o: o > 0), ">=": _order(lambda o: o >= 0),
    "+": _value(arithmetic.add), "-": _value(arithmetic.subtract), "*": _value(arithmetic.multiply),
    "/": _value(arithmetic.divide), "div": _value(arithmetic.div), "mod": _value(arithmetic.mod),
    "&": _value(arithmetic.concatenate),
}  # fmt: skip
