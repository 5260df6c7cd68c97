"""Typed tree to Python source.

The generated text consists of fixed templates, mangled names and references into a constants table; no text of an
author is ever part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final

from openum.cql.compile import tree
from openum.cql.compile.emit_queries import QueryWriter
from openum.cql.compile.fast import (
    PLAIN_TYPES,
    asks_parameter,
    branches_of,
    constant_texts,
    first_operands,
    fixed_key,
    reader_of,
)
from openum.cql.compile.trace import IS_NULL, PASSING, place_of
from openum.cql.compile.types import ANY, STRING
from openum.cql.operators import intervals, lists

_CHAINED: Final = (tree.Logic, tree.Operation)
_LONG, _MANY = 40, 5  # operands in a row, branches in a row


class Emitter(QueryWriter):
    """Writes the Python source of a program."""

    def program_source(self) -> dict[str, str]:
        """Write every definition, function and parameter default; return the source of each by its mangled name."""
        for definition in self.program.definitions:
            if definition.body is not None:
                self._function(f"d{definition.index}", [], definition.body)
        for function in self.program.functions:
            if function.body is not None:
                self.loops = 1
                self._function(f"f{function.index}", [m for _, m, _ in function.operands], function.body)
                self.loops = 0
        for parameter in self.program.parameters:
            if parameter.default is not None:
                self._function(f"p{parameter.index}", [], parameter.default)
        return self.sources

    def _function(self, name: str, operands: list[str], body: tree.Typed) -> None:
        self.lines = []
        self.line(f"def {name}({', '.join(['c', 'f', *operands])}):")
        self.indent += 1
        self.line(f"return {self.value(body)}")
        self.indent -= 1
        self.sources[name] = "\n".join(self.lines) + "\n"

    # --- values ------------------------------------------------------------------------------------------------------

    def value(self, node: tree.Typed) -> str:
        """Write the computation of a node and return the name that holds its value."""
        if self.ready:
            ready = self.ready.pop(id(node), None)
            if ready is not None:
                return ready
        elif type(node) in _CHAINED and not (self.loops and not self.inside_fixed):
            chain = first_operands(node)
            if len(chain) > _LONG:
                for link in reversed(chain[1:]):
                    self.ready[id(link)] = _HANDLERS[type(link)](self, link)
        return _HANDLERS[type(node)](self, node)

    def on_constant(self, node: tree.Constant) -> str:
        """A constant."""
        return self.constant(node.value)

    def on_local(self, node: tree.Local) -> str:
        """A local value."""
        return node.name

    def on_operation(self, node: tree.Operation) -> str:
        """A call of a run-time function."""
        if self.loops and not self.inside_fixed:
            key = fixed_key(node, self.keys)
            if key is not None:
                return self._fixed(node, key)
        fused = self._fused(node)
        if fused is not None:
            return fused
        asks_null = node.inline == IS_NULL
        args = [
            self.on_property(a, quiet=True) if asks_null and isinstance(a, tree.Property) else self.value(a)
            for a in node.args
        ]
        if node.function not in PASSING:
            for arg, name in zip(node.args, args, strict=True):
                self.use(arg, name)
        result = self.temporary()
        if node.inline:
            self.line(f"{result} = {node.inline.format(*args)}")
        else:
            if node.needs_case:
                args.insert(0, "c")
            self.line(f"{result} = {self.constant(node.function)}({', '.join(args)})")
        return result

    def _fixed(self, node: tree.Operation, key: Hashable) -> str:
        """Write the use of a value that is worked out once for a case."""
        index = self.fixed.get(key)
        if index is None:
            index = self.fixed[key] = len(self.fixed)
            saved = self.lines, self.indent
            self.lines, self.indent, self.inside_fixed = [], 0, True
            self.line(f"def h{index}(c):")
            self.indent = 1
            value = self.value(node)
            self.line(f"if {value} is not None: c.{self._memo(key)}[{index}] = {value}")
            self.line(f"return {value}")
            self.sources[f"h{index}"] = "\n".join(self.lines) + "\n"
            (self.lines, self.indent), self.inside_fixed = saved, False
        result = self.temporary()
        memo = self._memo(key)
        self.line(f"{result} = c.{memo}[{index}] if {index} in c.{memo} else h{index}(c)")
        return result

    @staticmethod
    def _memo(key: Hashable) -> str:
        return "memo" if asks_parameter(key) else "shared"

    def _fused(self, node: tree.Operation) -> str | None:
        """Write an operation that has a shorter form, and return its result."""
        found = reader_of(node)
        if found is not None:
            return self._read(*found)
        if node.function is lists.member and node.args[0].type == STRING:
            texts = constant_texts(node.args[1])
            if texts is not None:
                element = self.value(node.args[0])
                result = self.temporary()
                self.line(f"{result} = {element} in {self.constant(texts)}")
                return result
        if node.function is intervals.with_offset:
            a, anchor, amount, relation, later, inclusive, precision = node.args
            limit = tree.Operation(anchor.type, intervals.limit_of, [anchor, amount, later])
            args = [a, anchor, limit, relation, later, inclusive, precision]
            return self.value(tree.Operation(node.type, intervals.with_limit, args))
        return None

    def _read(self, node: tree.Property, readers: tuple[tuple[str, Callable[[Any], Any] | None], ...]) -> str:
        """Write the reading of a choice element together with its conversion."""
        source = self.value(node.source)
        self.use(node.source, source)
        result = self.temporary()
        guard = "" if source in self.rows else f" if isinstance({source}, dict) else None"
        self.line(f"{result} = read({source}, {self.constant(readers)}){guard}")
        self._note_missing(node, source, result)
        return result

    def _note_missing(self, node: tree.Property, source: str, result: str) -> None:
        where = self.constant(place_of(node))
        certain = "" if source in self.rows else f" and {source} is not None"
        self.line(f"if {result} is None{certain}: f.missing.append(({where}, {source}))")

    def on_logic(self, node: tree.Logic) -> str:
        """and, or, xor, implies."""
        result, left = self.temporary(), self.value(node.left)
        if node.op == "xor":
            right = self.value(node.right)
            self.line(f"{result} = None if {left} is None or {right} is None else {left} is not {right}")
            return result
        stop, outcome = {"and": ("False", "False"), "or": ("True", "True"), "implies": ("False", "True")}[node.op]
        self.line(f"if {left} is {stop}:")
        self.indent += 1
        self.line(f"{result} = {outcome}")
        self.indent -= 1
        self.line("else:")
        self.indent += 1
        right = self.value(node.right)
        if node.op == "and":
            self.line(f"{result} = {right} if {left} else (False if {right} is False else None)")
        elif node.op == "or":
            self.line(f"{result} = {right} if {left} is False else (True if {right} else None)")
        else:
            self.line(f"{result} = {right} if {left} else (True if {right} else None)")
        self.indent -= 1
        return result

    def on_choose(self, node: tree.Choose) -> str:
        """Write if … then … else."""
        branches = branches_of(node)
        if len(branches) > _MANY:
            return self._cases(branches)
        result, condition = self.temporary(), self.value(node.condition)
        self.line(f"if {condition}:")
        self._branch(result, node.then)
        self.line("else:")
        self._branch(result, node.otherwise)
        return result

    def _cases(self, branches: list[tree.Typed]) -> str:
        """Write a long “case” flat: the first condition that is true ends it."""
        result = self.temporary()
        self.line("while True:")
        self.indent += 1
        self.loops += 1
        self.check_loops()
        for choose in branches[:-1]:
            assert isinstance(choose, tree.Choose)
            self.line(f"if {self.value(choose.condition)}:")
            self._branch(result, choose.then)
            self.line("    break")
        self.line(f"{result} = {self.value(branches[-1])}")
        self.line("break")
        self.indent -= 1
        self.loops -= 1
        return result

    def _branch(self, result: str, node: tree.Typed) -> None:
        self.indent += 1
        self.line(f"{result} = {self.value(node)}")
        self.indent -= 1

    def on_definition(self, node: tree.DefinitionRef) -> str:
        """The value of a definition."""
        result = self.temporary()
        self.line(f"{result} = c.definition({node.index}, f)")
        return result

    def on_parameter(self, node: tree.ParameterRef) -> str:
        """The value of a parameter."""
        result = self.temporary()
        self.line(f"{result} = c.parameter({node.index})")
        return result

    def on_function(self, node: tree.FunctionCall) -> str:
        """A call of a user-defined function."""
        args = [self.value(a) for a in node.args]
        if not self.is_record(node.type):
            for arg, name in zip(node.args, args, strict=True):
                self.use(arg, name)
        result = self.temporary()
        self.line("c.enter()")
        self.line(f"{result} = f{node.index}({', '.join(['c', 'f', *args])})")
        self.line("c.depth -= 1")
        return result

    def on_property(self, node: tree.Property, *, quiet: bool = False) -> str:
        """An element of a FHIR value; unless `quiet`, an empty one is noted as missing."""
        source = self.value(node.source)
        if not self.is_record(node.type):
            self.use(node.source, source)
        result = self.temporary()
        if node.tagged:
            read = f"choice({source}, {self.constant(node.keys)})"
        else:
            read = f"{source}.get({self.constant(node.keys[0][0])})"
        guard = "" if source in self.rows else f" if isinstance({source}, dict) else None"
        self.line(f"{result} = {read}{guard}")
        if node.type.name == "List":
            self.line(f"if {result} is not None and not isinstance({result}, list): {result} = None")
        plain = PLAIN_TYPES.get(node.convert) if node.convert is not None else None
        if plain is not None:
            self.line(f"if type({result}) is not {plain}: {result} = None")
        elif node.convert is not None:
            self.line(f"if {result} is not None: {result} = {self.constant(node.convert)}({result})")
        if not quiet:
            self._note_missing(node, source, result)
        return result

    def on_field(self, node: tree.Field) -> str:
        """An element of a System value or tuple."""
        source = self.value(node.source)
        if node.source.type.name != "Tuple" and not self.is_record(node.type):
            self.use(node.source, source)
        result, name = self.temporary(), self.constant(node.name)
        if node.kind == "item":
            read = f"{source}.get({name})"
        elif node.kind == "attribute":
            read = f"getattr({source}, {name})"
        elif node.kind == "each":
            convert = self.constant(node.convert) if node.convert is not None else "None"
            read = f"each({source}, {name}, {self.constant(node.keys)}, {convert})"
        else:
            inner = node.type.item if node.type.name == "List" else node.type
            read = f"dynamic({source}, {name}, {inner == ANY or inner.name == 'Choice'})"
        self.line(f"{result} = None if {source} is None else {read}")
        return result

    def on_retrieve(self, node: tree.RetrieveNode) -> str:
        """Resources of a type."""
        codes = "None" if node.codes is None else self.value(node.codes)
        result = self.temporary()
        spec = self.constant((node.resource, node.path, node.label))
        filtered = node.codes is not None
        self.line(f"{result} = c.retrieve({spec}, {codes}, {filtered}, f)")
        return result

    def on_list(self, node: tree.ListNode) -> str:
        """A list selector."""
        items = [self.value(i) for i in node.items]
        result = self.temporary()
        self.line(f"{result} = [{', '.join(items)}]")
        return result

    def on_tuple(self, node: tree.TupleNode) -> str:
        """A tuple selector."""
        items = [(self.constant(n), self.value(v)) for n, v in node.elements]
        result = self.temporary()
        self.line(f"{result} = Instance({{{', '.join(f'{n}: {v}' for n, v in items)}}})")
        return result


_HANDLERS: dict[type[tree.Typed], Callable[[Emitter, Any], str]] = {
    tree.Constant: Emitter.on_constant,
    tree.Local: Emitter.on_local,
    tree.Operation: Emitter.on_operation,
    tree.Logic: Emitter.on_logic,
    tree.Choose: Emitter.on_choose,
    tree.DefinitionRef: Emitter.on_definition,
    tree.ParameterRef: Emitter.on_parameter,
    tree.FunctionCall: Emitter.on_function,
    tree.Property: Emitter.on_property,
    tree.Field: Emitter.on_field,
    tree.RetrieveNode: Emitter.on_retrieve,
    tree.ListNode: Emitter.on_list,
    tree.TupleNode: Emitter.on_tuple,
    tree.QueryNode: Emitter.on_query,
}
