"""Syntax tree to Python closures over collections."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from typing import Any, Final

from openum.cql.errors import CqlRuntimeError
from openum.cql.fhirpath import arithmetic, model
from openum.cql.fhirpath import functions as functions  # noqa: PLC0414 - importing fills the table of functions
from openum.cql.fhirpath.errors import Fault, FhirPathError
from openum.cql.fhirpath.functions.collections import sort
from openum.cql.fhirpath.infix import INFIX, text_equality
from openum.cql.fhirpath.items import Items, Node, integer, step
from openum.cql.fhirpath.parser import Variable
from openum.cql.fhirpath.registry import TABLE, Code, Run
from openum.cql.fhirpath.types import TypeSpec, spec_of
from openum.cql.parser import nodes

_FAULTS: Final = (Fault, CqlRuntimeError, ArithmeticError)
_CONSTANTS: Final = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "ucum": "http://unitsofmeasure.org",
}
_CARRIED: Final = {"resource": "resource", "rootResource": "root", "context": "context"}
_PREFIXES: Final = {
    "vs-": "http://hl7.org/fhir/ValueSet/",
    "ext-": "http://hl7.org/fhir/StructureDefinition/",
}
_TYPE_FUNCTIONS: Final = ("is", "as", "ofType")
# Their items are of every type, so `as` over them selects; R4's own dom-3 relies on it.
_OPEN: Final = frozenset({"children", "descendants", "repeat", "repeatAll"})


class Compiler:
    """Turns the tree of one expression into a closure."""

    def __init__(self, tree: nodes.Node) -> None:
        self.scoped = any(isinstance(n, nodes.Call) and n.name == "defineVariable" for n in walk(tree))

    def code(self, node: nodes.Node) -> Code:
        """Return the closure of a node."""
        return _HANDLERS[type(node)](self, node)

    def argument(self, node: nodes.Node) -> Code:
        """Return the closure of an operand or argument, whose variables end with it."""
        code = self.code(node)
        if not self.scoped:
            return code

        def scoped(run: Run, this: Items) -> Items:
            saved = run.variables
            found = code(run, this)
            run.variables = saved
            return found

        return scoped

    def on_literal(self, node: nodes.Literal) -> Code:
        """A value."""
        value: Items = [node.value]
        return _constant(value)

    def on_empty(self, node: nodes.ListSelector) -> Code:
        """`{}`."""
        return _constant([])

    def on_name(self, node: nodes.Name) -> Code:
        """`$this` and its kin, an element of `$this`, or the type of the root."""
        name = node.name
        if name == "$this":
            return _this
        if name in ("$index", "$total"):
            return _carried(name[1:])
        if name[:1].isupper() and model.is_type(name):

            def root(run: Run, this: Items) -> Items:
                out: Items = []
                for item in this:
                    if type(item) is Node and model.is_a(item.type, name):
                        out.append(item)
                    else:
                        step(item, name, out)
                return out

            return root
        return _step_code(name, None, node)

    def on_member(self, node: nodes.Member) -> Code:
        """`source.name`."""
        source = self.code(node.source)
        if node.name.startswith("$"):
            return source
        return _step_code(node.name, source, node)

    def on_variable(self, node: Variable) -> Code:
        """`%name`."""
        name = node.name
        if name in _CARRIED:
            return _carried(_CARRIED[name])
        constant = _CONSTANTS.get(name)
        for prefix, address in _PREFIXES.items():
            if name.startswith(prefix):
                constant = address + name.removeprefix(prefix)

        def variable(run: Run, this: Items) -> Items:
            found = run.variables.get(name)
            if found is None:
                found = run.environment.get(name)
            if found is not None:
                return found
            if constant is not None:
                return [constant]
            close = difflib.get_close_matches(name, [*run.variables, *run.environment, "resource", "context"], 1)
            hint = f"Did you mean “%{close[0]}”?" if close else ""
            raise FhirPathError(
                f"The variable “%{name}” is not defined.", node.line, node.column, kind="execution", suggestion=hint
            )

        return variable

    def on_index(self, node: nodes.Index) -> Code:
        """`source[index]`."""
        source, index = self.code(node.source), self.argument(node.index)

        def at(run: Run, this: Items) -> Items:
            items = source(run, this)
            position = integer(index(run, this))
            return [] if position is None or not 0 <= position < len(items) else [items[position]]

        return located(at, node)

    def on_unary(self, node: nodes.Unary) -> Code:
        """`-x` and `+x`."""
        operand = self.code(node.operand)
        apply = arithmetic.negate if node.op == "negate" else arithmetic.positive

        def unary(run: Run, this: Items) -> Items:
            value = apply(operand(run, this))
            return [] if value is None else [value]

        return located(unary, node)

    def on_type_test(self, node: nodes.TypeTest) -> Code:
        """`x is T` and `x as T`."""
        return self._typed(node, node.op, node.operand, spec_of(node.type, unknown=node.op == "is"))

    def _typed(self, node: nodes.Node, op: str, operand: nodes.Node | None, spec: TypeSpec) -> Code:
        source: Code = self.code(operand) if operand is not None else _this
        one = op != "ofType" and not (op == "as" and operand is not None and _is_open(operand))

        def test(run: Run, this: Items) -> Items:
            items = source(run, this)
            if one and len(items) > 1:
                raise Fault(f"“{op}” takes one item; there are {len(items)}. Use “ofType” to select by type.")
            if op == "is":
                return [spec.holds(items[0])] if items else []
            return [item for item in items if spec.selects(item)]

        return located(test, node)

    # --- operators ---------------------------------------------------------------------------------------------------

    def on_binary(self, node: nodes.Binary) -> Code:
        """An infix operator."""
        left, right = self.argument(node.left), self.argument(node.right)
        literal = node.right.value if isinstance(node.right, nodes.Literal) else None
        if node.op in ("=", "!=") and isinstance(literal, str):
            return text_equality(left, literal, wanted=node.op == "=")
        return located(INFIX[node.op](left, right), node)

    # --- calls -------------------------------------------------------------------------------------------------------

    def on_call(self, node: nodes.Call) -> Code:
        """A function."""
        name = node.name
        if name in _TYPE_FUNCTIONS and len(node.args) == 1:
            return self._typed(node, name, node.source, spec_of(node.args[0], unknown=name == "is"))
        if name == "sort":
            return self._sort(node)
        function = TABLE.get(name)
        if function is None:
            close = difflib.get_close_matches(name, [*TABLE, *_TYPE_FUNCTIONS, "sort"], 1, 0.7)
            hint = f"Did you mean “{close[0]}”?" if close else ""
            raise FhirPathError(
                f"There is no function “{name}”.", node.line, node.column, kind="semantic", suggestion=hint
            )
        count = len(node.args)
        if not function.least <= count <= function.most:
            most = "" if function.most == function.least else f" to {function.most}"
            raise FhirPathError(
                f"“{name}” takes {function.least}{most} arguments; here it has {count}.",
                node.line,
                node.column,
                kind="semantic",
            )
        source = self.code(node.source) if node.source is not None else None
        arguments = [self.argument(a) for a in node.args]
        return located(_call_code(function.call, source, arguments, lazy=function.lazy), node)

    def _sort(self, node: nodes.Call) -> Code:
        source: Code = self.code(node.source) if node.source is not None else _this
        keys: list[tuple[Code, bool]] = []
        for argument in node.args:
            down = isinstance(argument, nodes.Unary) and argument.op == "negate"
            keys.append((self.argument(argument.operand if isinstance(argument, nodes.Unary) else argument), down))
        return located(lambda run, this: sort(run, source(run, this), keys), node)


def _this(run: Run, this: Items) -> Items:
    return this


def _constant(value: Items) -> Code:
    def constant(run: Run, this: Items) -> Items:
        return value

    return constant


def _carried(name: str) -> Code:
    def carried(run: Run, this: Items) -> Items:
        return getattr(run, name)  # type: ignore[no-any-return]

    return carried


def walk(tree: Any) -> Iterator[nodes.Node]:
    """Yield every node of a tree."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, nodes.Node):
            yield node
            stack.extend(getattr(node, slot) for kind in type(node).__mro__ for slot in getattr(kind, "__slots__", ()))
        elif isinstance(node, list | tuple):
            stack.extend(node)


def _is_open(node: nodes.Node) -> bool:
    current: nodes.Node | None = node
    while isinstance(current, nodes.Call | nodes.Member | nodes.Index):
        if isinstance(current, nodes.Call) and current.name in _OPEN:
            return True
        current = current.source
    return False


def located(code: Code, node: nodes.Node) -> Code:
    """Return the closure with the place of its node on every fault."""

    def run_located(run: Run, this: Items) -> Items:
        try:
            return code(run, this)
        except _FAULTS as fault:
            text = str(fault) if isinstance(fault, Fault | CqlRuntimeError) else "The number is out of range."
            raise FhirPathError(text, node.line, node.column, kind="execution") from fault

    return run_located


def _step_code(name: str, source: Code | None, node: nodes.Node) -> Code:
    def members(run: Run, this: Items) -> Items:
        out: Items = []
        try:
            for item in this if source is None else source(run, this):
                step(item, name, out)
        except Fault as fault:
            raise FhirPathError(str(fault), node.line, node.column, kind="semantic") from fault
        return out

    return members


def _call_code(call: Callable[..., Items], source: Code | None, arguments: list[Code], *, lazy: bool) -> Code:
    if lazy:
        if source is None:
            return lambda run, this: call(run, this, this, *arguments)
        return lambda run, this: call(run, source(run, this), this, *arguments)
    if not arguments:
        if source is None:
            return call
        return lambda run, this: call(run, source(run, this))

    def eager(run: Run, this: Items) -> Items:
        items = this if source is None else source(run, this)
        return call(run, items, *[a(run, this) for a in arguments])

    return eager


_HANDLERS: Final[dict[type[nodes.Node], Callable[[Compiler, Any], Code]]] = {
    nodes.Literal: Compiler.on_literal,
    nodes.ListSelector: Compiler.on_empty,
    nodes.Name: Compiler.on_name,
    nodes.Member: Compiler.on_member,
    nodes.Call: Compiler.on_call,
    nodes.Index: Compiler.on_index,
    nodes.Unary: Compiler.on_unary,
    nodes.Binary: Compiler.on_binary,
    nodes.TypeTest: Compiler.on_type_test,
    Variable: Compiler.on_variable,
}
