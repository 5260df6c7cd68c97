"""What counts as used and as missing: decided at compile time, noted by the generated code."""

from __future__ import annotations

from typing import Final

from openum.cql.compile import tree
from openum.cql.fhir import model
from openum.cql.operators import lists
from openum.cql.operators.table import OPERATORS
from openum.cql.run.case import ElementPlace

# Functions that pass resources on; reading what they return is what counts as use.
PASSING: Final = frozenset(
    {lists.first, lists.last, lists.singleton, lists.at_index, lists.distinct, lists.flatten, lists.union, lists.intersect,
     lists.except_, lists.skip, lists.take, lists.tail, lists.slice_, lists.coalesce_list}
)  # fmt: skip
IS_NULL: Final = OPERATORS["IsNull"][0].inline
_NOT: Final = OPERATORS["Not"][0].inline


def root_of(node: tree.Typed) -> tree.Typed:
    """Return what a chain of elements and passing functions starts from."""
    while True:
        if isinstance(node, tree.Property | tree.Field):
            node = node.source
        elif isinstance(node, tree.Operation) and node.function in PASSING and node.args:
            node = node.args[0]
        else:
            return node


def wanted_element(condition: tree.Typed) -> tree.Property | None:
    """Return the element of a condition that only asks for its presence: `x.y is not null`."""
    if isinstance(condition, tree.Operation) and condition.inline == _NOT:
        inner = condition.args[0]
        if isinstance(inner, tree.Operation) and inner.inline == IS_NULL and isinstance(inner.args[0], tree.Property):
            return inner.args[0]
    return None


def place_of(node: tree.Property) -> ElementPlace:
    """Return where a property stands, for the list of missing elements."""
    path, current = node.name, node
    while not model.is_resource(current.owner) and isinstance(current.source, tree.Property):
        current = current.source
        path = f"{current.name}.{path}"
    owner, _, nested = current.owner.partition(".")
    if nested:
        path = ".".join([*(n[0].lower() + n[1:] for n in nested.split(".")), path])
    element = model.element(node.owner, node.name)
    others = tuple(k for k, _ in element.alternatives() if (k, _) not in node.keys) if element else ()
    return ElementPlace(owner, path, tuple(k for k, _ in node.keys), others)


def source_label(node: tree.Typed) -> tuple[str, str, str] | None:
    """Return the retrieve a query source comes from."""
    if isinstance(node, tree.RetrieveNode):
        return node.resource, node.path, node.label
    if isinstance(node, tree.QueryNode):
        return source_label(node.sources[0].source)
    if isinstance(node, tree.Operation) and node.function in PASSING and node.args:
        return source_label(node.args[0])
    return None
