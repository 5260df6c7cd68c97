"""The syntax tree. Every node carries the line and column where it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Node:
    """Anything with a place in the source."""

    line: int = 0
    column: int = 0


# --- types -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class TypeName(Node):
    """`FHIR.Observation`, `Integer`, or List, Interval, Choice and Tuple with `parts`."""

    name: str
    qualifier: str = ""
    parts: list[TypeName] = field(default_factory=list)
    elements: list[tuple[str, TypeName]] = field(default_factory=list)


# --- expressions -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Literal(Node):
    """A value written in the source; `type` is its CQL type name, "Any" for null."""

    value: Any
    type: str


@dataclass(slots=True)
class Name(Node):
    """An identifier: alias, let, operand, definition, parameter, terminology, library or element of $this."""

    name: str


@dataclass(slots=True)
class Member(Node):
    """`source.name`."""

    source: Node
    name: str


@dataclass(slots=True)
class Call(Node):
    """`name(args)` or `source.name(args)`."""

    name: str
    args: list[Node]
    source: Node | None = None


@dataclass(slots=True)
class Index(Node):
    """`source[index]`."""

    source: Node
    index: Node


@dataclass(slots=True)
class Unary(Node):
    """A prefix operator."""

    op: str
    operand: Node


@dataclass(slots=True)
class Binary(Node):
    """An infix operator, with the precision of `in day of` and `contains day of`."""

    op: str
    left: Node
    right: Node
    precision: str = ""


@dataclass(slots=True)
class TypeTest(Node):
    """`is`, `as`, `cast … as` and `convert … to` a type."""

    op: str
    operand: Node
    type: TypeName


@dataclass(slots=True)
class ConvertUnit(Node):
    """`convert q to 'unit'`."""

    operand: Node
    unit: str


@dataclass(slots=True)
class IsValue(Node):
    """`is [not] null | true | false`."""

    operand: Node
    value: bool | None
    negated: bool


@dataclass(slots=True)
class If(Node):
    """`if … then … else …`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(slots=True)
class Case(Node):
    """`case [comparand] when … then … else … end`."""

    comparand: Node | None
    items: list[tuple[Node, Node]]
    otherwise: Node


@dataclass(slots=True)
class Between(Node):
    """`a [properly] between b and c`."""

    operand: Node
    low: Node
    high: Node
    proper: bool


@dataclass(slots=True)
class Duration(Node):
    """`days between a and b`, `difference in days between a and b`; without `high`, of one interval."""

    op: str  # "duration" or "difference"
    precision: str
    low: Node
    high: Node | None


@dataclass(slots=True)
class Component(Node):
    """`year from x`, `date from x`."""

    part: str
    operand: Node


@dataclass(slots=True)
class Extreme(Node):
    """`minimum T`, `maximum T`."""

    op: str
    type: TypeName


@dataclass(slots=True)
class Per(Node):
    """`expand x per q` and `collapse x per q`."""

    op: str
    operand: Node
    per: Node | None


@dataclass(slots=True)
class ListSelector(Node):
    """`List<T>{ … }`."""

    items: list[Node]
    type: TypeName | None = None


@dataclass(slots=True)
class IntervalSelector(Node):
    """`Interval[a, b)`."""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(slots=True)
class TupleSelector(Node):
    """`Tuple { a: 1 }`, or `Type { a: 1 }` with a type."""

    elements: list[tuple[str, Node]]
    type: TypeName | None = None


@dataclass(slots=True)
class CodeSelector(Node):
    """`Code 'x' from "System" display 'y'`."""

    code: str
    system: Node
    display: str | None


@dataclass(slots=True)
class ConceptSelector(Node):
    """`Concept { Code … } display 'y'`."""

    codes: list[Node]
    display: str | None


@dataclass(slots=True)
class Retrieve(Node):
    """`[Type: path in terminology]`."""

    type: TypeName
    path: str = ""
    comparator: str = ""
    terminology: Node | None = None


@dataclass(slots=True)
class Offset(Node):
    """`3 days or less`: quantity and "exactly", "or less", "or more", "less than" or "more than"."""

    quantity: Literal
    relation: str


@dataclass(slots=True)
class Timing(Node):
    """A timing phrase between two operands."""

    op: str
    left: Node
    right: Node
    left_side: str = ""  # starts, ends, occurs
    right_side: str = ""  # start, end
    precision: str = ""
    proper: bool = False
    offset: Offset | None = None


@dataclass(slots=True)
class Aliased(Node):
    """A query source with its alias."""

    source: Node
    alias: str


@dataclass(slots=True)
class Relation(Node):
    """`with` or `without` … `such that`."""

    source: Aliased
    condition: Node
    negated: bool


@dataclass(slots=True)
class SortItem(Node):
    """One sort key; no expression sorts by the value itself."""

    expression: Node | None
    descending: bool


@dataclass(slots=True)
class AggregateClause(Node):
    """`aggregate [all|distinct] name starting x: expression`."""

    name: str
    distinct: bool
    starting: Node | None
    expression: Node


@dataclass(slots=True)
class Query(Node):
    """A query in any of its forms."""

    sources: list[Aliased]
    lets: list[tuple[str, Node]]
    relations: list[Relation]
    where: Node | None
    result: Node | None
    result_all: bool
    aggregate: AggregateClause | None
    sort: list[SortItem]


# --- declarations ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Using(Node):
    """`using FHIR version '4.0.1' [called Alias]`."""

    name: str
    version: str
    alias: str = ""


@dataclass(slots=True)
class Include(Node):
    """`include Name version 'x' called Alias`."""

    name: str
    version: str
    alias: str


@dataclass(slots=True)
class Parameter(Node):
    """`parameter Name Type default x`."""

    name: str
    type: TypeName | None
    default: Node | None
    private: bool = False


@dataclass(slots=True)
class Terminology(Node):
    """A codesystem, valueset, code or concept declaration."""

    kind: str
    name: str
    id: str
    version: str | None = None
    systems: list[Node] = field(
        default_factory=list
    )  # codesystems of a value set, system of a code, codes of a concept
    display: str | None = None
    private: bool = False


@dataclass(slots=True)
class Definition(Node):
    """`define "Name": expression`."""

    name: str
    expression: Node
    context: str = "Patient"
    private: bool = False


@dataclass(slots=True)
class Function(Node):
    """`define [fluent] function name(operands): expression`."""

    name: str
    operands: list[tuple[str, TypeName]]
    result: TypeName | None
    expression: Node | None
    fluent: bool = False
    private: bool = False


@dataclass(slots=True)
class LibraryTree(Node):
    """A whole library."""

    name: str = ""
    version: str = ""
    usings: list[Using] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    terminologies: list[Terminology] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    contexts: list[Name] = field(default_factory=list)
