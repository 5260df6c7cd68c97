"""What the Python target does faster: values fixed for a case, fused reads, plain tests. Meanings stay the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final

from openum.cql.compile import tree
from openum.cql.fhir import convert
from openum.cql.operators import clinical, lists

# Functions that look at the case and answer the same for the whole evaluation.
_FIXED_CASE: Final = frozenset({clinical.now, clinical.today, clinical.time_of_day})
_NEVER_FIXED: Final = frozenset({clinical.message, lists.singleton})

# Conversions of a FHIR primitive that are one test of the JSON type.
PLAIN_TYPES: Final[dict[Callable[..., Any], str]] = {
    convert.to_string: "str", convert.to_boolean: "bool", convert.to_integer: "int",
}  # fmt: skip


Known = dict[int, tuple[tree.Typed, Hashable]]  # by the identity of a node, which is held so that it stays taken


def fixed_key(node: tree.Typed, known: Known) -> Hashable:
    """Return a key that equal fixed expressions share, or None when the value may change within a case."""
    found = known.get(id(node))
    if found is None:
        found = known[id(node)] = (node, _fixed_key(node, known))
    return found[1]


def _fixed_key(node: tree.Typed, known: Known) -> Hashable:
    if isinstance(node, tree.Constant):
        try:
            hash(node.value)
        except TypeError:
            return ("id", id(node.value))
        return (type(node.value).__name__, node.value, str(node.type))
    if isinstance(node, tree.ParameterRef):
        return ("parameter", node.index)
    if isinstance(node, tree.Operation):
        if node.function in _NEVER_FIXED or (node.needs_case and node.function not in _FIXED_CASE):
            return None
        keys = [fixed_key(a, known) for a in node.args]
        return None if any(k is None for k in keys) else (id(node.function), node.inline, *keys)
    return None


def asks_parameter(key: Hashable) -> bool:
    """Say whether a fixed expression rests on a parameter."""
    return isinstance(key, tuple) and (key[0] == "parameter" or any(asks_parameter(part) for part in key))


def reader_of(node: tree.Operation) -> tuple[tree.Property, tuple[tuple[str, Callable[[Any], Any] | None], ...]] | None:
    """Return the choice element an operation only converts, with the conversion of each of its JSON keys."""
    readers = getattr(node.function, "readers", None)
    if readers is None or len(node.args) != 1:
        return None
    (source,) = node.args
    if not isinstance(source, tree.Property) or not source.tagged or source.type.name == "List" or source.convert:
        return None
    return source, tuple((key, readers.get(kind, _nothing)) for key, kind in source.keys)


def _nothing(_: Any) -> None:
    """Return null for an alternative that the wanted type does not cover."""


def constant_texts(node: tree.Typed) -> frozenset[str] | None:
    """Return the texts of a list of text constants, or None."""
    if not isinstance(node, tree.ListNode) or not node.items:
        return None
    values = frozenset(i.value for i in node.items if isinstance(i, tree.Constant) and isinstance(i.value, str))
    return values if all(isinstance(i, tree.Constant) and isinstance(i.value, str) for i in node.items) else None


def first_operands(node: tree.Typed) -> list[tree.Typed]:
    """Return a node, its first operand, the first operand of that, and so on: a chain such as a or b or c."""
    chain = [node]
    while True:
        if isinstance(node, tree.Logic):
            node = node.left
        elif isinstance(node, tree.Operation) and node.args and isinstance(node.args[0], tree.Operation | tree.Logic):
            node = node.args[0]
        else:
            return chain
        chain.append(node)


def branches_of(node: tree.Typed) -> list[tree.Typed]:
    """Return a choice, the choice in its “else”, and so on, with the last “else” at the end."""
    found = [node]
    while isinstance(node, tree.Choose):
        node = node.otherwise
        found.append(node)
    return found
