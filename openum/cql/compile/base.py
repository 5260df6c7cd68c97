"""What all parts of the analyser share: errors, types, conversions, operator calls, scopes."""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Final, NoReturn

from openum.cql.compile import tree
from openum.cql.compile.conversions import Conversion, common_type, conversion
from openum.cql.compile.overloads import resolve
from openum.cql.compile.program import Program
from openum.cql.compile.tree import Constant, Operation, Property, Typed
from openum.cql.compile.types import (
    ANY,
    BOOLEAN,
    CODE,
    SYSTEM_TYPES,
    VALUESET,
    Type,
    choice_of,
    interval_of,
    list_of,
    parse_type,
)
from openum.cql.errors import CqlError
from openum.cql.fhir import model
from openum.cql.fhir.convert import CONVERTERS
from openum.cql.operators import lists
from openum.cql.parser import nodes
from openum.cql.parser.stream import MODELS
from openum.cql.run import value_sets
from openum.cql.values.temporal import PRECISIONS

_PRECISE: Final = frozenset(
    """Contains ProperContains In ProperIn Includes IncludedIn ProperIncludes ProperIncludedIn Before After
    SameOrBefore SameOrAfter SameAs Meets MeetsBefore MeetsAfter Overlaps OverlapsBefore OverlapsAfter Starts Ends""".split()  # noqa: SIM905 - read as words
)


# Operators that read a list at the end of an element path as its one element, an error when there are more.
_OF_ONE: Final = frozenset(
    """Equal NotEqual Equivalent NotEquivalent Less LessOrEqual Greater GreaterOrEqual In Add Concatenate
    ConcatenateOrEmpty""".split()  # noqa: SIM905 - read as words
)


class Base(ABC):
    """Common ground of the analyser's parts."""

    def __init__(self, program: Program, library: str) -> None:
        self.program = program
        self.library = library
        self.locals: list[dict[str, Typed]] = [{}]
        self.this: list[Typed] = []
        self.models: set[str] = set(MODELS)

    # --- errors ------------------------------------------------------------------------------------------------------

    def fail(self, node: nodes.Node, message: str, *, expected: str = "", suggestion: str = "") -> NoReturn:
        """Raise an error at a node."""
        raise CqlError(message, node.line, node.column, expected=expected, suggestion=suggestion, library=self.library)

    @staticmethod
    def did_you_mean(name: str, options: Iterable[str]) -> str:
        """Return a suggestion for a misspelt name, or nothing."""
        choices = list(options)
        close = difflib.get_close_matches(name, choices, 1, 0.7)
        if not close:
            close = [o for o in choices if o.lower() == name.lower()][:1]
        return f"Did you mean “{close[0]}”?" if close else ""

    # --- types -------------------------------------------------------------------------------------------------------

    def type_of(self, node: nodes.TypeName) -> Type:
        """Resolve a type specifier."""
        if node.name in ("List", "Interval") and node.parts:
            inner = self.type_of(node.parts[0])
            return list_of(inner) if node.name == "List" else interval_of(inner)
        if node.name == "Choice":
            return choice_of([self.type_of(p) for p in node.parts])
        if node.name == "Tuple" and node.elements:
            return Type("Tuple", (), tuple((n, self.type_of(t)) for n, t in node.elements))
        if node.qualifier in ("", "System") and node.name in SYSTEM_TYPES:
            return Type(node.name)
        found = model.resolve_name(node.name) if node.qualifier != "System" else None
        if found is None:
            close = [*model.suggestions(node.name), *difflib.get_close_matches(node.name, SYSTEM_TYPES, 1, 0.7)]
            hint = f"Did you mean “{close[0]}”?" if close else ""
            self.fail(node, f"There is no type “{node.name}”.", suggestion=hint)
        return Type(f"FHIR.{found}")

    # --- scopes ------------------------------------------------------------------------------------------------------

    def push(self) -> None:
        """Open a scope."""
        self.locals.append({})

    def pop(self) -> None:
        """Close the innermost scope."""
        self.locals.pop()

    def declare(self, node: nodes.Node, name: str, value: Typed) -> None:
        """Name a local value."""
        if any(name in scope for scope in self.locals):
            self.fail(node, f"“{name}” is already the name of something here.", suggestion="Choose another name.")
        self.locals[-1][name] = value

    def local(self, name: str) -> Typed | None:
        """Return a local value by name."""
        for scope in reversed(self.locals):
            if name in scope:
                return scope[name]
        return None

    # --- building ----------------------------------------------------------------------------------------------------

    @abstractmethod
    def analyze(self, node: nodes.Node) -> Typed:
        """Return the typed tree of an expression; see `Analyzer`."""

    def apply(self, step: Conversion, value: Typed, target: Type) -> Typed:
        """Return a value converted by a known step."""
        if step.function is None:
            return value
        if isinstance(value, Constant):
            return Constant(target, step.function(value.value))
        if isinstance(value, Property) and value.convert is None and not value.tagged and value.type.name != "List":
            return Property(target, value.source, value.name, value.keys, value.owner, step.function)
        return Operation(target, step.function, [value])

    def convert(self, node: nodes.Node, value: Typed, target: Type, purpose: str = "") -> Typed:
        """Return a value converted to a type, or fail."""
        step = conversion(value.type, target)
        if step is None:
            what = f" {purpose}" if purpose else ""
            self.fail(node, f"This is of type {value.type}; {target} is needed{what}.")
        converted = self.apply(step, value, target)
        if converted is value and value.type == ANY and isinstance(value, Constant):
            return Constant(target, value.value)
        return converted

    def apply_system(self, value: Typed) -> Typed:
        """Return a FHIR value converted to its System type when it has one."""
        found = CONVERTERS.get(value.type.fhir) if value.type.is_fhir else None
        return value if found is None else self.convert(nodes.Node(), value, parse_type(found[0]))

    def call(self, node: nodes.Node, name: str, args: list[Typed], precision: str = "") -> Typed:
        """Return a call of an operator, choosing the overload by the argument types."""
        found = resolve(name, tuple(a.type for a in args))
        if found is None:
            adapted = self._adapted(name, args)
            if adapted is not None:
                return self.call(node, name, adapted, precision)
            if name == "Exists" and len(args) == 1 and not isinstance(args[0], Constant):
                return Operation(BOOLEAN, lists.is_present, args)
            have = ", ".join(str(a.type) for a in args) or "no arguments"
            self.fail(node, f"{_spoken(name)} is not defined for {have}.", suggestion=_hint(args))
        converted = [
            self.apply(step, arg, step_type)
            for step, arg, step_type in zip(found.conversions, args, found.targets, strict=True)
        ]
        if precision and name in _PRECISE and "List<" not in str(found.row.params[0]) + str(found.row.params[-1]):
            converted.append(Constant(Type("Precision"), PRECISIONS[precision]))
        return Operation(found.result, found.row.function, converted, found.row.needs_case, found.row.inline)

    def _adapted(self, name: str, args: list[Typed]) -> list[Typed] | None:
        """Return arguments an operator takes: the codes of a value set, the one element at the end of a path."""
        changed = [self.expanded(a) if a.type == VALUESET else a for a in args]
        if name in _OF_ONE:
            changed = [Operation(a.type.item, lists.singleton, [a]) if _is_path(a) else a for a in changed]
        if all(c is a for c, a in zip(changed, args, strict=True)):
            return None
        return changed if resolve(name, tuple(a.type for a in changed)) is not None else None

    def expanded(self, value_set: Typed) -> Typed:
        """Return the codes of a value set as a list."""
        return Operation(list_of(CODE), value_sets.expand, [value_set], needs_case=True)

    def merge(self, node: nodes.Node, values: list[Typed]) -> tuple[Type, list[Typed]]:
        """Return branches converted to their common type, a choice when there is none."""
        types = [v.type for v in values]
        target = common_type(types)
        if target is None:
            target = choice_of(types)
        return target, [self.convert(node, v, target) if v.type != ANY else v for v in values]

    def constant(self, kind: str, value: Any) -> Constant:
        """Return a constant of a named type."""
        return tree.Constant(Type(kind), value)


def _is_path(value: Typed) -> bool:
    """Say whether a list is the end of a path over FHIR elements, such as `C.code.coding.code`."""
    if value.type.name != "List" or not value.type.item.is_fhir:
        return False
    return isinstance(value, tree.Property) or (isinstance(value, tree.Field) and value.kind == "each")


def _spoken(name: str) -> str:
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
    return f"The operator “{words}”"


def _hint(args: list[Typed]) -> str:
    if any(a.type.name == "List" for a in args) and any(a.type.name != "List" for a in args):
        return "One side is a list: perhaps First(…), singleton from, exists or a query is missing."
    if any(a.type.name == "Choice" for a in args):
        return "One side may have several types: narrow it with “as”."
    return ""
