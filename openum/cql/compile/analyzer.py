"""Names, calls and libraries: the analyser as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openum.cql.compile.conversions import conversion
from openum.cql.compile.methods import Methods
from openum.cql.compile.program import DefinitionEntry, FunctionEntry, ParameterEntry, Program, ValueSetEntry
from openum.cql.compile.tree import (
    Choose,
    Constant,
    DefinitionRef,
    FunctionCall,
    ListNode,
    Local,
    Operation,
    ParameterRef,
    RetrieveNode,
    Typed,
)
from openum.cql.compile.types import ANY, BOOLEAN, CODE, CODESYSTEM, CONCEPT, VALUESET, Type, list_of
from openum.cql.fhir import model
from openum.cql.operators.table import FUNCTIONS, OPERATORS
from openum.cql.parser import nodes
from openum.cql.run import support
from openum.cql.values.codes import Code, CodeSystemRef, Concept, ValueSetRef

BUILT_IN_LIBRARIES = frozenset({"FHIRHelpers"})
_AGES = {
    f"{prefix}AgeIn{unit}{suffix}": (f"{prefix}AgeIn{suffix}", unit.lower().rstrip("s"))
    for prefix in ("", "Calculate")
    for unit in ("Years", "Months", "Weeks", "Days", "Hours", "Minutes", "Seconds")
    for suffix in ("", "At")
}
_ALIASES = {"Avg": "Avg", "exists": "Exists", "distinct": "Distinct", "flatten": "Flatten", "resolve": "Resolve"}


_FAMILY: dict[str, Callable[[Any], Any]] = {
    "Children": support.children, "children": support.children, "Descendents": support.descendents,
    "Descendants": support.descendents, "descendents": support.descendents, "descendants": support.descendents,
}  # fmt: skip


class Analyzer(Methods):
    """Analyses one library into the program it shares with the libraries it includes."""

    def __init__(
        self, program: Program, tree: nodes.LibraryTree, library: str, load: Callable[[nodes.Include], Analyzer]
    ) -> None:
        super().__init__(program, library)
        self.tree = tree
        self.definitions: dict[str, tuple[nodes.Definition, DefinitionEntry]] = {}
        self.functions: dict[str, list[tuple[nodes.Function, FunctionEntry]]] = {}
        self.parameters: dict[str, ParameterEntry] = {}
        self.terminology: dict[str, Constant] = {}
        self.libraries: dict[str, Analyzer | None] = {}
        declared: list[nodes.Definition | nodes.Parameter | nodes.Terminology] = [
            *tree.definitions, *tree.parameters, *tree.terminologies,
        ]  # fmt: skip
        self.hidden = frozenset(d.name for d in declared if d.private)
        self.models |= {u.alias for u in tree.usings if u.alias}
        for include in tree.includes:
            built_in = include.name.rsplit(".", 1)[-1] in BUILT_IN_LIBRARIES
            self.libraries[include.alias] = None if built_in else load(include)
        self.contexts = frozenset(map(self._context, tree.contexts))
        self._declare()

    def _context(self, node: nodes.Name) -> str:
        """Return the resource type of a context, "" for the one without a subject."""
        if node.name in ("Unfiltered", "Population", "Unspecified"):
            return ""
        if not model.is_resource(node.name):
            hint = self.did_you_mean(node.name, ("Patient", "Practitioner", "Unfiltered"))
            self.fail(
                node, f"“{node.name}” is no context.", expected="Patient, Practitioner or Unfiltered", suggestion=hint
            )
        return node.name

    def _declare(self) -> None:
        seen: set[str] = set(self.libraries)
        for terminology in self.tree.terminologies:
            self._unique(terminology, terminology.name, seen)
            self.terminology[terminology.name] = self._terminology(terminology)
        for definition in self.tree.definitions:
            self._unique(definition, definition.name, seen)
            entry = DefinitionEntry(self.library, definition.name, len(self.program.definitions))
            self.program.definitions.append(entry)
            self.definitions[definition.name] = (definition, entry)
        for parameter in self.tree.parameters:
            self._unique(parameter, parameter.name, seen)
            self._parameter(parameter)
        for function in self.tree.functions:
            operands = [(n, self.program.mangle(), self.type_of(t)) for n, t in function.operands]
            result = None if function.result is None else self.type_of(function.result)
            made = FunctionEntry(
                self.library, function.name, len(self.program.functions), operands, function.fluent, result
            )
            self.program.functions.append(made)
            group = self.functions.setdefault(function.name, [])
            if any([t for _, _, t in e.operands] == [t for _, _, t in operands] for _, e in group):
                self.fail(function, f"The function “{function.name}” is declared twice for the same operands.")
            group.append((function, made))

    def _unique(self, node: nodes.Node, name: str, seen: set[str]) -> None:
        if name in seen:
            self.fail(node, f"“{name}” is declared twice.", suggestion="Give one of them another name.")
        seen.add(name)

    def _terminology(self, node: nodes.Terminology) -> Constant:
        if node.kind == "codesystem":
            return Constant(CODESYSTEM, CodeSystemRef(node.id, node.version, node.name))
        if node.kind == "valueset":
            self.program.value_sets.append(ValueSetEntry(node.name, node.id, node.version))
            return Constant(VALUESET, ValueSetRef(node.id, node.version, node.name))
        parts = [self.analyze(s) for s in node.systems]
        values = [p.value for p in parts if isinstance(p, Constant)]
        if node.kind == "code":
            system = values[0] if values else None
            if not isinstance(system, CodeSystemRef):
                self.fail(node.systems[0], "A code needs the name of a declared code system.")
            return Constant(CODE, Code(node.id, system.id, system.version, node.display))
        if not all(isinstance(v, Code) for v in values):
            self.fail(node, "A concept is made of declared codes.")
        return Constant(CONCEPT, Concept(tuple(values), node.display))

    def _parameter(self, node: nodes.Parameter) -> None:
        default = None if node.default is None else self.analyze(node.default)
        kind = self.type_of(node.type) if node.type is not None else default.type if default is not None else ANY
        if default is not None:
            default = self.convert(node, default, kind, "as the default")
        entry = ParameterEntry(self.library, node.name, len(self.program.parameters), kind, default)
        self.program.parameters.append(entry)
        self.parameters[node.name] = entry

    def run(self) -> None:
        """Analyse every definition and function."""
        for name in self.definitions:
            self.definition(name)
        for group in self.functions.values():
            for function, entry in group:
                self.function_body(function, entry)

    # --- definitions and functions -----------------------------------------------------------------------------------

    def definition(self, name: str) -> DefinitionEntry:
        """Return a definition of this library, analysed."""
        node, entry = self.definitions[name]
        if entry.body is None:
            if entry.busy:
                self.fail(node, f"The definition “{name}” needs its own value.", suggestion="Break the circle.")
            entry.busy = True
            saved = self.locals, self.this
            self.locals, self.this = [{}], []
            entry.body = self.analyze(node.expression)
            self.locals, self.this = saved
            entry.busy = False
        return entry

    def function_body(self, node: nodes.Function, entry: FunctionEntry) -> FunctionEntry:
        """Return a function of this library, analysed."""
        if entry.body is not None or (entry.busy and entry.result is not None):
            return entry
        if entry.busy:
            self.fail(
                node, f"The function “{node.name}” calls itself.", suggestion="Declare its result with “returns”."
            )
        if node.expression is None:
            if entry.result is None:
                self.fail(node, f"The external function “{node.name}” needs “returns” and a type.")
            return entry
        entry.busy = True
        saved = self.locals, self.this
        self.locals, self.this = [{}], []
        for name, mangled, kind in entry.operands:
            self.declare(node, name, Local(kind, mangled))
        body = self.analyze(node.expression)
        if entry.result is not None:
            body = self.convert(node, body, entry.result, "as the declared result")
        self.locals, self.this = saved
        entry.body, entry.result, entry.busy = body, entry.result or body.type, False
        return entry

    # --- names -------------------------------------------------------------------------------------------------------

    def analyze(self, node: nodes.Node) -> Typed:
        """Return the typed tree of an expression."""
        self.program.place = node
        handler = _HANDLERS.get(type(node))
        if handler is None:
            self.fail(node, "This expression is not supported.")
        return handler(self, node)

    def on_name(self, node: nodes.Name) -> Typed:
        """An identifier."""
        name = node.name
        if name == "$this" and self.this:
            return self.this[-1]
        if self.this:
            found = self.find_element(self.this[-1], name)
            if found is not None:
                return found
        found = self.local(name) or self.global_name(name)
        if found is not None:
            return found
        if name in self.libraries:
            self.fail(node, f"“{name}” is a library; name something in it.")
        if name != "Patient" and name not in self.contexts:
            options = [*self.definitions, *self.parameters, *self.terminology, *self.libraries]
            options += [n for scope in self.locals for n in scope]
            self.fail(node, f"There is nothing called “{name}” here.", suggestion=self.did_you_mean(name, options))
        kind = Type(f"FHIR.{name}")
        row = OPERATORS["First"][0]
        return Operation(kind, row.function, [RetrieveNode(list_of(kind), name, "", None, "")])

    def global_name(self, name: str) -> Typed | None:
        """Return a definition, parameter or terminology of this library, or None."""
        if name in self.definitions:
            entry = self.definition(name)
            return DefinitionRef(entry.type, entry.index)
        if name in self.parameters:
            parameter = self.parameters[name]
            return ParameterRef(parameter.type, parameter.index)
        return self.terminology.get(name)

    def on_member(self, node: nodes.Member) -> Typed:
        """`source.name`."""
        if isinstance(node.source, nodes.Name) and self._is_library(node.source.name):
            library = self.libraries[node.source.name]
            found = None if library is None else self._public(node, library)
            if found is None:
                options = [] if library is None else [*library.definitions, *library.parameters, *library.terminology]
                hint = self.did_you_mean(node.name, options)
                self.fail(node, f"The library {node.source.name} has nothing called “{node.name}”.", suggestion=hint)
            return found
        return self.element(node, self.analyze(node.source), node.name)

    def _public(self, node: nodes.Member, library: Analyzer) -> Typed | None:
        if node.name in library.hidden:
            self.fail(node, f"“{node.name}” is private to its library.")
        return library.global_name(node.name)

    def _is_library(self, name: str) -> bool:
        return name in self.libraries and self.local(name) is None

    # --- calls -------------------------------------------------------------------------------------------------------

    def on_call(self, node: nodes.Call) -> Typed:
        """A function, fluent function or library function."""
        if node.source is None:
            args = [self.analyze(a) for a in node.args]
            return self._user_function(node, args, fluent=False) or self.built_in(node, args)
        if isinstance(node.source, nodes.Name) and self._is_library(node.source.name):
            library = self.libraries[node.source.name]
            args = [self.analyze(a) for a in node.args]
            found = self.built_in(node, args) if library is None else self._of_library(library, node, args)
            if found is None:
                self.fail(node, f"The library {node.source.name} has no function “{node.name}” for these arguments.")
            return found
        return self._fluent(node, self.analyze(node.source))

    def _fluent(self, node: nodes.Call, source: Typed) -> Typed:
        """`source.name(…)`: a fluent function, a FHIRPath-style method or a built-in function."""
        if self._declares(node.name):
            found = self._user_function(node, [source, *map(self.analyze, node.args)], fluent=True)
            if found is not None:
                return found
        return self.method(node, source) or self.built_in(node, [source, *map(self.analyze, node.args)])

    def _declares(self, name: str) -> bool:
        return name in self.functions or any(name in x.functions for x in self.libraries.values() if x is not None)

    def _user_function(self, node: nodes.Call, args: list[Typed], *, fluent: bool) -> Typed | None:
        found = self.own_function(node, args, fluent=fluent)
        if found is None and fluent:
            for library in self.libraries.values():
                found = None if library is None else library.own_function(node, args, fluent=True, outside=True)
                if found is not None:
                    break
        return found

    def _of_library(self, library: Analyzer, node: nodes.Call, args: list[Typed]) -> Typed | None:
        found = library.own_function(node, args, fluent=False, outside=True)
        if found is None and any(f.private for f, _ in library.functions.get(node.name, ())):
            self.fail(node, f"The function “{node.name}” of that library is private.")
        return found

    def own_function(self, node: nodes.Call, args: list[Typed], *, fluent: bool, outside: bool = False) -> Typed | None:
        """Return a call of this library's function that fits the arguments best, or None."""
        best: tuple[int, nodes.Function, FunctionEntry] | None = None
        args = [self.expanded(a) if a.type == VALUESET and not self._takes_value_set(node, i) else a
                for i, a in enumerate(args)]  # fmt: skip
        for function, entry in self.functions.get(node.name, ()):
            if len(entry.operands) != len(args) or (fluent and not entry.fluent) or (outside and function.private):
                continue
            steps = [conversion(a.type, t) for a, (_, _, t) in zip(args, entry.operands, strict=True)]
            if all(s is not None for s in steps):
                cost = sum(s.cost for s in steps if s is not None)
                if best is None or cost < best[0]:
                    best = (cost, function, entry)
        if best is None:
            return None
        if best[1].expression is None:
            self.fail(node, f"The function “{node.name}” is external; this engine runs CQL only.")
        entry = self.function_body(best[1], best[2])
        converted = [self.convert(node, a, t) for a, (_, _, t) in zip(args, entry.operands, strict=True)]
        return FunctionCall(entry.result or ANY, entry.index, converted)

    def _takes_value_set(self, node: nodes.Call, position: int) -> bool:
        """Say whether an overload takes the value set itself at a position, not its codes."""
        for _, entry in self.functions.get(node.name, ()):
            if position < len(entry.operands) and conversion(VALUESET, entry.operands[position][2]) is not None:
                return True
        return False

    def built_in(self, node: nodes.Call, args: list[Typed]) -> Typed:
        """Return a call of a built-in function."""
        name = _ALIASES.get(node.name, node.name)
        if name == "Coalesce" and len(args) > 1:
            kind, values = self.merge(node, args)
            return self.call(node, "Coalesce", [ListNode(list_of(kind), values)])
        if name == "Coalesce" and len(args) == 1 and args[0].type.name not in ("List", "Any"):
            return args[0]
        if name in ("InValueSet", "AnyInValueSet", "In") and len(args) == 2 and args[1].type == VALUESET:
            return self.in_value_set(node, args[0], args[1])
        if name in ("InCodeSystem", "AnyInCodeSystem", "In") and len(args) == 2 and args[1].type == CODESYSTEM:
            return self.in_code_system(node, args[0], args[1])
        if name == "ExpandValueSet" and len(args) == 1 and args[0].type == VALUESET:
            return self.expanded(args[0])
        if name in _AGES:
            operator, unit = _AGES[name]
            return self.call(node, operator, [*args, self.constant("Precision", unit)])
        if name.startswith("ConvertsTo") and f"To{name[10:]}" in OPERATORS and len(args) == 1:
            return self._converts(node, name[10:], args[0])
        if name in _FAMILY and len(args) == 1:
            return Operation(list_of(ANY), _FAMILY[name], [self.convert(node, args[0], ANY)])
        if name.startswith("To") and len(args) == 1 and args[0].type.is_fhir:
            value = self.apply_system(args[0])
            if name == "ToInterval" or str(value.type) == name[2:]:
                return value
            args = [value]
        if name not in FUNCTIONS:
            known = [*FUNCTIONS, *_AGES, *self.functions]
            for library in self.libraries.values():
                known += [] if library is None else list(library.functions)
            if self._declares(name) and node.source is not None and name not in self.libraries:
                self.fail(
                    node,
                    f"The function “{node.name}” cannot be called on a {args[0].type}.",
                    suggestion="It must be declared “define fluent function” and take a value of that type first.",
                )
            if name in self.functions:
                have = ", ".join(str(a.type) for a in args)
                self.fail(node, f"The function “{name}” does not take ({have}).")
            self.fail(node, f"There is no function “{node.name}”.", suggestion=self.did_you_mean(node.name, known))
        return self.call(node, name, args)

    def _converts(self, node: nodes.Call, target: str, value: Typed) -> Typed:
        done = self.call(node, f"To{target}", [value])
        found = self.call(node, "Not", [self.call(node, "IsNull", [done])])
        return Choose(BOOLEAN, self.call(node, "IsNull", [value]), Constant(BOOLEAN, None), found)


_HANDLERS: dict[type[nodes.Node], Callable[[Any, Any], Typed]] = {
    nodes.Literal: Analyzer.on_literal,
    nodes.Name: Analyzer.on_name,
    nodes.Member: Analyzer.on_member,
    nodes.Call: Analyzer.on_call,
    nodes.Index: Analyzer.on_index,
    nodes.Unary: Analyzer.on_unary,
    nodes.Binary: Analyzer.on_binary,
    nodes.TypeTest: Analyzer.on_type_test,
    nodes.ConvertUnit: Analyzer.on_convert_unit,
    nodes.IsValue: Analyzer.on_is_value,
    nodes.If: Analyzer.on_if,
    nodes.Case: Analyzer.on_case,
    nodes.Between: Analyzer.on_between,
    nodes.Duration: Analyzer.on_duration,
    nodes.Component: Analyzer.on_component,
    nodes.Extreme: Analyzer.on_extreme,
    nodes.Per: Analyzer.on_per,
    nodes.ListSelector: Analyzer.on_list,
    nodes.IntervalSelector: Analyzer.on_interval,
    nodes.TupleSelector: Analyzer.on_tuple,
    nodes.CodeSelector: Analyzer.on_code,
    nodes.ConceptSelector: Analyzer.on_concept,
    nodes.Retrieve: Analyzer.on_retrieve,
    nodes.Timing: Analyzer.on_timing,
    nodes.Query: Analyzer.on_query,
}
