"""The analyser with a memory: what was meant by each node of the typed tree, which alone says only what to run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from openum.cql.compile.analyzer import Analyzer
from openum.cql.compile.base import _PRECISE
from openum.cql.compile.conversions import Conversion, common_type, is_of
from openum.cql.compile.navigation import _SYSTEM as SYSTEM_ELEMENTS
from openum.cql.compile.overloads import _candidates, _mentions, resolve, substitute
from openum.cql.compile.program import Program
from openum.cql.compile.tree import Constant, Local, Operation, Typed
from openum.cql.compile.types import ANY, Type, choice_of, parse_type
from openum.cql.fhir import model
from openum.cql.fhir.convert import CONVERTERS
from openum.cql.operators.table import Row
from openum.cql.parser import nodes
from openum.cql.values.temporal import PRECISIONS


@dataclass(slots=True)
class Called:
    """An operator by name, its arguments with the types it takes."""

    name: str
    args: list[Typed]
    targets: list[Type]
    precision: str


@dataclass(slots=True)
class Converted:
    """A value as another type."""

    value: Typed
    target: Type


@dataclass(slots=True)
class Seen:
    """A value seen as a type (`as`, `cast`)."""

    value: Typed
    target: Type
    strict: bool


@dataclass(slots=True)
class Tested:
    """A value tested for a type."""

    value: Typed
    target: Type


@dataclass(slots=True)
class Declared:
    """A code, concept, value set or code system by its declaration."""

    kind: str
    name: str
    library: str


@dataclass(slots=True)
class Subject:
    """The resource of the context."""

    name: str


@dataclass(slots=True)
class Inner:
    """The System value inside a FHIR primitive."""

    value: Typed


@dataclass(slots=True)
class Made:
    """An instance of a type with its elements."""

    type: Type
    elements: list[tuple[str, Typed]]


Note = Called | Converted | Seen | Tested | Declared | Subject | Inner | Made


@dataclass(slots=True)
class Notes:
    """What is remembered, by the identity of the nodes, which are kept alive here."""

    by_node: dict[int, Note] = field(default_factory=dict)
    places: dict[int, nodes.Node] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    kept: list[Typed] = field(default_factory=list)


class NotingAnalyzer(Analyzer):
    """Analyses as the engine does and notes what each node stands for. Its trees are for ELM, not to be run."""

    notes: Notes  # set on the class made for one library and its includes

    def __init__(
        self, program: Program, tree: nodes.LibraryTree, library: str, load: Callable[[nodes.Include], Analyzer]
    ) -> None:
        super().__init__(program, tree, library, load)

    def note(self, found: Typed, note: Note) -> Typed:
        """Remember what a node stands for."""
        self.notes.by_node[id(found)] = note
        self.notes.kept.append(found)
        return found

    def analyze(self, node: nodes.Node) -> Typed:
        """Return the typed tree of an expression; its place is noted."""
        found = super().analyze(node)
        if isinstance(node, nodes.Name) and isinstance(found, Operation) and id(found) not in self.notes.by_node:
            self.note(found, Subject(node.name))
        if node.line and id(found) not in self.notes.places:
            self.notes.places[id(found)] = node
            self.notes.kept.append(found)
        return found

    def declare(self, node: nodes.Node, name: str, value: Typed) -> None:
        """Name a local value; the author's name is noted."""
        super().declare(node, name, value)
        if isinstance(value, Local):
            self.notes.names[value.name] = name

    def apply(self, step: Conversion, value: Typed, target: Type) -> Typed:
        """Return a value converted by a known step; constants are converted like all others."""
        if step.function is None:
            return value
        return self.note(Operation(target, step.function, [value]), Converted(value, target))

    def call(self, node: nodes.Node, name: str, args: list[Typed], precision: str = "") -> Typed:
        """Return a call of an operator, noting its name and the types it takes."""
        found = resolve(name, tuple(a.type for a in args))
        if found is None:
            return super().call(node, name, args, precision)
        targets = parameter_types(found.row, [a.type for a in args])
        converted = [self.apply(s, a, t) for s, a, t in zip(found.conversions, args, targets, strict=True)]
        precise = (
            bool(precision) and name in _PRECISE and "List<" not in str(found.row.params[0]) + str(found.row.params[-1])
        )
        extra = [Constant(Type("Precision"), PRECISIONS[precision])] if precise else []
        made = Operation(found.result, found.row.function, [*converted, *extra], found.row.needs_case, found.row.inline)
        return self.note(made, Called(name, converted, targets, precision if precise else ""))

    def as_type(self, node: nodes.Node, operand: Typed, target: Type, *, strict: bool = False) -> Typed:
        """Return the operand seen as a type."""
        found = super().as_type(node, operand, target, strict=strict)
        if found is operand or isinstance(found, Constant):
            return found
        return self.note(found, Seen(operand, target, strict))

    def is_of_type(self, operand: Typed, target: Type) -> Typed:
        """Return a test of the operand's type."""
        found = super().is_of_type(operand, target)
        return self.note(Operation(found.type, partial(is_of, target=target), [operand]), Tested(operand, target))

    def _fhir_element(self, source: Typed, name: str) -> Typed | None:
        kind = source.type.fhir
        if name == "value" and kind in model.PRIMITIVES:
            system, function = CONVERTERS[kind]
            return self.note(Operation(parse_type(system), function, [source]), Inner(source))
        return super()._fhir_element(source, name)

    def _terminology(self, node: nodes.Terminology) -> Constant:
        found = super()._terminology(node)
        self.note(found, Declared(node.kind, node.name, self.library))
        return found

    def _fhir_instance(self, node: nodes.TupleSelector, kind: Type, elements: list[tuple[str, Typed]]) -> Typed:
        return self.note(super()._fhir_instance(node, kind, elements), Made(kind, elements))

    def _instance(self, node: nodes.TupleSelector, kind: Type, given: dict[str, Typed]) -> Typed:
        found = super()._instance(node, kind, given)
        values = found.args if isinstance(found, Operation) else []
        return self.note(found, Made(kind, list(zip(SYSTEM_ELEMENTS[kind.name], values, strict=True))))


def parameter_types(row: Row, types: list[Type]) -> list[Type]:
    """Return the types an overload takes for these arguments, with T bound as the analyser binds it."""
    bound = ANY
    if any(_mentions(p) for p in row.params):
        found = [c for p, t in zip(row.params, types, strict=True) for c in _candidates(p, t)]
        bound = common_type(found) or choice_of(found)
    return [substitute(p, bound) for p in row.params]
