"""Which elements of which FHIR types a set of definitions reads, and the tables that hold just these."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, Final

from openum.cql.compile import tree
from openum.cql.compile.program import Program
from openum.cql.compile.trace import IS_NULL
from openum.cql.compile.types import record_types
from openum.cql.fhir import model
from openum.cql.operators import clinical
from openum.cql.population.sql.shapes import (
    BOOL,
    CODE,
    CONCEPT,
    DATETIME,
    INT,
    QTY,
    STR,
    Shape,
    Untranslatable,
    interval_of,
    list_of,
    primitive,
)

PRESENT: Final = "_p"  # whether a struct that is spread over columns is there
NUMBER: Final = "_n"  # the place of a resource among those of its type
TAG: Final = "_t"  # ends the name of the column that tells which type a choice element has
CODES: Final = "_k"  # numbers of the codes
VALUE: Final = "_v"  # a FHIR element as the System value it converts to
_VALUES: Final = {
    "Period": interval_of(DATETIME), "Range": interval_of(QTY), **dict.fromkeys(model.QUANTITY_LIKE, QTY),
}  # fmt: skip
_CHOICES: Final = frozenset(
    {"Period", "Range", "Coding", "CodeableConcept", *model.QUANTITY_LIKE, *model.PRIMITIVES}
)  # fmt: skip
_NO_ELEMENT: Final = frozenset({"Resource", "DomainResource", "Element", "BackboneElement", "xhtml"})


def children(node: Any) -> Iterator[tree.Typed]:
    """Yield the expressions directly within a node of the typed tree."""
    for field in dataclasses.fields(node):
        yield from _typed(getattr(node, field.name))


def _typed(value: Any) -> Iterator[tree.Typed]:
    if isinstance(value, tree.Typed):
        yield value
    elif isinstance(value, tree.SourceNode | tree.RelationNode | tree.SortNode | tree.AggregateNode):
        yield from children(value)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _typed(item)


class Schema:
    """The columns of each FHIR type, the resource types and the code paths that some definitions need.

    Attributes:
        kinds: resource types, sorted.
        paths: (resource type, path) of retrieves by code, sorted.
        refs: resource types, and types that contain themselves; their values are numbers into lists of columns.
    """

    def __init__(self) -> None:
        self._columns: dict[str, dict[str, Shape]] = {}
        self._kinds: set[str] = set()
        self._paths: set[tuple[str, str]] = set()
        self._busy: set[int] = set()
        self.refs: frozenset[str] = frozenset()
        self._shapes: dict[str, Shape] = {}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The resource types."""
        return tuple(sorted(self._kinds))

    @property
    def paths(self) -> tuple[tuple[str, str], ...]:
        """The (resource type, path) pairs of retrieves by code."""
        return tuple(sorted(self._paths))

    # --- collecting --------------------------------------------------------------------------------------------------

    def need(self, node: tree.Typed, program: Program) -> None:
        """Add what an expression reads, the definitions and functions it uses included.

        Raises:
            Untranslatable: it reads something that has no column.
        """
        if isinstance(node, tree.DefinitionRef):
            self._once(id(program.definitions[node.index]), program.definitions[node.index].body, program)
        elif isinstance(node, tree.FunctionCall):
            self._once(id(program.functions[node.index]), program.functions[node.index].body, program)
        elif isinstance(node, tree.Property):
            self._property(node, whole=True)
        elif isinstance(node, tree.Field) and node.kind == "each":
            self._each(node)
        elif isinstance(node, tree.RetrieveNode):
            self._kinds.add(node.resource)
            if node.codes is not None:
                self._paths.add((node.resource, node.path))
        elif isinstance(node, tree.Operation):
            self._operation(node)
        for child in children(node):
            if not (isinstance(child, tree.Property) and child.tagged and _asks_presence(node)):
                self.need(child, program)
            else:
                self.need(child.source, program)

    def _once(self, key: int, body: tree.Typed | None, program: Program) -> None:
        if body is None:
            raise Untranslatable("a function has no body")
        if key not in self._busy:
            self._busy.add(key)
            self.need(body, program)

    def _operation(self, node: tree.Operation) -> None:
        if node.function in (clinical.age_in, clinical.age_in_at):
            self._kinds.add("Patient")
            self._add("Patient", "birthDate", primitive("date"))
        if _asks_presence(node) and isinstance(node.args[0], tree.Property) and node.args[0].tagged:
            self._property(node.args[0], whole=False)

    def _property(self, node: tree.Property, *, whole: bool) -> None:
        element = model.element(node.owner, node.name)
        if element is None:
            raise Untranslatable(f"{node.owner}.{node.name} is no element")
        if not node.tagged:
            self._element(node.owner, node.keys[0], is_list=element.is_list)
            return
        if element.is_list:
            raise Untranslatable("a choice element repeats")
        self._add(node.owner, node.name + TAG, STR)
        for key in node.keys if whole else ():
            if key[1] in _CHOICES:
                self._element(node.owner, key, is_list=False)

    def _each(self, node: tree.Field) -> None:
        owner = node.source.type.item
        if owner.name == "Tuple":
            return
        element = model.element(owner.fhir, node.name) if owner.is_fhir else None
        if element is None or element.is_choice:
            raise Untranslatable("an element of a list of that kind")
        self._element(owner.fhir, element.alternatives()[0], is_list=element.is_list)

    def _element(self, owner: str, key: tuple[str, str], *, is_list: bool) -> None:
        name, kind = key
        shape = primitive(kind)
        if shape is None:
            if kind in _NO_ELEMENT or model.is_resource(kind):
                raise Untranslatable(f"{owner}.{name} may hold anything")
            shape = Shape("fhir", name=kind)
            self._columns.setdefault(kind, {})
        self._add(owner, name, list_of(shape) if is_list else shape)

    def _add(self, owner: str, name: str, shape: Shape | None) -> None:
        assert shape is not None
        self._columns.setdefault(owner, {})[name] = shape

    # --- the finished tables -----------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Find the types that contain themselves, and fix all shapes."""
        for kind in self._kinds:
            self._columns.setdefault(kind, {})
        found: set[str] = set()
        for kind in list(self._columns):
            self._walk(kind, [], found)
        self.refs = frozenset(found | self._kinds)

    def _walk(self, kind: str, above: list[str], found: set[str]) -> None:
        if kind in above:
            found.add(kind)
            return
        if kind in found:
            return
        for shape in self._columns.get(kind, {}).values():
            inner = shape.of if shape.kind == "list" else shape
            if inner.kind == "fhir":
                self._walk(inner.name, [*above, kind], found)

    def columns(self, kind: str) -> dict[str, Shape]:
        """Return the columns of a FHIR type, in a fixed order; never none."""
        found = dict(sorted(self._columns.get(kind, {}).items()))
        if model.is_resource(kind):
            found[NUMBER] = INT
        if kind in _VALUES:
            found[VALUE] = _VALUES[kind]
        if kind == "Coding":
            found[CODES] = CODE
        if kind == "CodeableConcept":
            found[CODES] = CONCEPT
        return {n: self.settled(s) for n, s in found.items()} or {NUMBER: BOOL}

    def leaves(self, kind: str) -> dict[str, Shape]:
        """Return the columns of a type whose values are numbers, each a list of the case: structs are spread out."""
        return {n: s for name, shape in self.columns(kind).items() for n, s in self.spread(f"{kind}.{name}", shape)}

    def spread(self, prefix: str, shape: Shape) -> Iterator[tuple[str, Shape]]:
        """Yield the columns of a value by name."""
        if shape.kind == "datetime":
            yield from ((f"{prefix}.t", STR), (f"{prefix}.o", CODE), (f"{prefix}.n", STR))
        elif shape.kind == "fhir":
            yield f"{prefix}.{PRESENT}", BOOL
            for name, inner in self.columns(shape.name).items():
                yield from self.spread(f"{prefix}.{name}", inner)
        else:
            yield prefix, shape

    def settled(self, shape: Shape) -> Shape:
        """Return a shape with its fields, or as a reference."""
        if shape.kind == "list":
            return list_of(self.settled(shape.of))
        if shape.kind != "fhir":
            return shape
        if shape.name in self.refs:
            return Shape("ref", name=shape.name)
        found = self._shapes.get(shape.name)
        if found is None:
            found = Shape("fhir", name=shape.name, fields=tuple(self.columns(shape.name).items()))
            self._shapes[shape.name] = found
        return found

    def resource(self, kind: str) -> Shape:
        """Return the shape of a resource type."""
        return self.settled(Shape("fhir", name=kind))


def _asks_presence(node: Any) -> bool:
    """Say whether an operation only asks whether its operand is there, or of which type it is."""
    return isinstance(node, tree.Operation) and (
        node.inline == IS_NULL or getattr(node.function, "keywords", {}).keys() == {"target"}
    )


def kinds_of(node: tree.Typed) -> frozenset[str]:
    """Return the resource types whose records a value holds."""
    return record_types(node.type)
