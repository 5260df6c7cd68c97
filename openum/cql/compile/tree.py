"""The typed tree: what the analyser makes of the syntax tree, and what targets are generated from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from openum.cql.compile.types import Type


@dataclass(slots=True)
class Typed:
    """An expression with its type."""

    type: Type


@dataclass(slots=True)
class Constant(Typed):
    """A value known at compile time."""

    value: Any


@dataclass(slots=True)
class Operation(Typed):
    """A call of a run-time function; `needs_case` passes the evaluation first."""

    function: Callable[..., Any]
    args: list[Typed]
    needs_case: bool = False
    inline: str = ""  # Python template over the arguments, instead of a call


@dataclass(slots=True)
class Logic(Typed):
    """and, or, xor, implies."""

    op: str
    left: Typed
    right: Typed


@dataclass(slots=True)
class Choose(Typed):
    """if … then … else; only True takes the first branch."""

    condition: Typed
    then: Typed
    otherwise: Typed


@dataclass(slots=True)
class Local(Typed):
    """An alias, let, operand, $this or running result, by its mangled name."""

    name: str


@dataclass(slots=True)
class DefinitionRef(Typed):
    """The value of a definition, by its index in the program."""

    index: int


@dataclass(slots=True)
class ParameterRef(Typed):
    """The value of a parameter, by its index in the program."""

    index: int


@dataclass(slots=True)
class FunctionCall(Typed):
    """A call of a user-defined function, by its index in the program."""

    index: int
    args: list[Typed]


@dataclass(slots=True)
class Property(Typed):
    """An element of a FHIR value. `keys` are (JSON key, type name); more than one for a choice."""

    source: Typed
    name: str
    keys: tuple[tuple[str, str], ...]
    owner: str  # FHIR type that has the element
    convert: Callable[[Any], Any] | None = None  # fused FHIR → System conversion
    tagged: bool = False


@dataclass(slots=True)
class Field(Typed):
    """An element of a System value or tuple."""

    source: Typed
    name: str
    kind: str  # "attribute", "item", "dynamic" or "each"
    keys: tuple[tuple[str, str], ...] = ()  # of a choice element, under "each"
    convert: Callable[[Any], Any] | None = None


@dataclass(slots=True)
class RetrieveNode(Typed):
    """Resources of a type, filtered by code."""

    resource: str
    path: str
    codes: Typed | None
    label: str


@dataclass(slots=True)
class ListNode(Typed):
    """A list selector."""

    items: list[Typed]


@dataclass(slots=True)
class TupleNode(Typed):
    """A tuple or instance selector."""

    elements: list[tuple[str, Typed]]


@dataclass(slots=True)
class SourceNode:
    """A query source with its mangled alias."""

    name: str
    source: Typed
    item: Type


@dataclass(slots=True)
class RelationNode:
    """with or without … such that."""

    source: SourceNode
    condition: Typed
    negated: bool


@dataclass(slots=True)
class SortNode:
    """One sort key over `$this`."""

    key: Typed
    descending: bool


@dataclass(slots=True)
class AggregateNode:
    """An aggregate clause."""

    name: str
    distinct: bool
    starting: Typed
    expression: Typed


@dataclass(slots=True)
class QueryNode(Typed):
    """A query."""

    sources: list[SourceNode]
    lets: list[tuple[str, Typed]]
    relations: list[RelationNode]
    where: Typed | None
    result: Typed | None
    distinct: bool
    aggregate: AggregateNode | None
    sort: list[SortNode] = field(default_factory=list)
    this: str = ""
    is_single: bool = False
