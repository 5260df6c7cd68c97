"""Typed tree to Python source.

The generated text consists of fixed templates, mangled names and references into a constants table; no text of an
author is ever part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, Final

from openum.cql.compile import tree
from openum.cql.compile.fast import (
    PLAIN_TYPES,
    Known,
    asks_parameter,
    branches_of,
    constant_texts,
    first_operands,
    fixed_key,
    reader_of,
)
from openum.cql.compile.program import Program
from openum.cql.compile.trace import IS_NULL, PASSING, place_of, root_of, source_label, wanted_element
from openum.cql.compile.types import ANY, STRING, Type, record_types
from openum.cql.errors import CqlError
from openum.cql.operators import intervals, lists
from openum.cql.run import support
from openum.cql.values.codes import Instance

_MAX_INDENT: Final = 60
_CHAINED: Final = (tree.Logic, tree.Operation)
_LONG, _MANY = 40, 5  # operands in a row, branches in a row
_MAX_LOOPS: Final = 17  # Python allows 20 blocks in each other


class Emitter:
    """Writes the Python source of a program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.lines: list[str] = []
        self.indent = 0
        self.temporaries = 0
        self.ready: dict[int, str] = {}  # results of operands written ahead of their operation
        self.loops = 0  # open loops, functions counting as one: what is fixed is kept there
        self.inside_fixed = False
        self.fixed: dict[Hashable, int] = {}
        self.sources: dict[str, str] = {}
        self.keys: Known = {}
        self.rows: set[str] = set()  # local names that always hold a record
        self.namespace: dict[str, Any] = {"Instance": Instance, "choice": support.choice, "read": support.read, "dynamic": support.dynamic,
                                          "each": support.each, "sort": lists.sort, "distinct": lists.distinct}  # fmt: skip
        self.constants: dict[int, str] = {}
        self.roots: frozenset[str] = frozenset()

    # --- output ------------------------------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        """Write one line."""
        if self.indent > _MAX_INDENT:
            raise CqlError(
                "An expression is nested too deeply.", suggestion="Move a part of it into a definition of its own."
            )
        self.lines.append("    " * self.indent + text)

    def temporary(self) -> str:
        """Return a fresh local name."""
        self.temporaries += 1
        return f"t{self.temporaries}"

    def constant(self, value: object) -> str:
        """Return the name of a value in the constants table."""
        if value is None or value is True or value is False:
            return repr(value)
        key = id(value)
        if key not in self.constants:
            name = f"K{len(self.constants)}"
            self.constants[key] = name
            self.namespace[name] = value
        return self.constants[key]

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
                self._use(arg, name)
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
        self._use(node.source, source)
        result = self.temporary()
        guard = "" if source in self.rows else f" if isinstance({source}, dict) else None"
        self.line(f"{result} = read({source}, {self.constant(readers)}){guard}")
        self._note_missing(node, source, result)
        return result

    def _note_missing(self, node: tree.Property, source: str, result: str) -> None:
        where = self.constant(place_of(node))
        certain = "" if source in self.rows else f" and {source} is not None"
        self.line(f"if {result} is None{certain}: f.missing.append(({where}, {source}))")

    def _is_record(self, kind: Type) -> bool:
        """Say whether values of a type are records or parts of records, which evidence can name."""
        roots = record_types(kind)
        if "." in str(kind):
            self.roots |= roots
        return bool(roots)

    def _use(self, node: tree.Typed, name: str) -> None:
        """Note the records in a value as used; what a query or a caller named is noted there, if it stands the test."""
        if self._is_record(node.type) and not isinstance(root_of(node), tree.Local | tree.Constant):
            self.line(f"if {name}: f.used.append({name})")

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
        self._check_loops()
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
        if not self._is_record(node.type):
            for arg, name in zip(node.args, args, strict=True):
                self._use(arg, name)
        result = self.temporary()
        self.line("c.enter()")
        self.line(f"{result} = f{node.index}({', '.join(['c', 'f', *args])})")
        self.line("c.depth -= 1")
        return result

    def on_property(self, node: tree.Property, *, quiet: bool = False) -> str:
        """An element of a FHIR value; unless `quiet`, an empty one is noted as missing."""
        source = self.value(node.source)
        if not self._is_record(node.type):
            self._use(node.source, source)
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
        if node.source.type.name != "Tuple" and not self._is_record(node.type):
            self._use(node.source, source)
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

    # --- queries -----------------------------------------------------------------------------------------------------

    def on_query(self, node: tree.QueryNode) -> str:
        """A query."""
        out, depth, loops = self.temporary(), self.indent, self.loops
        sources = [self.value(s.source) for s in node.sources]
        null = " or ".join(f"{s} is None" for s in sources)
        aggregate = node.aggregate
        start = self.value(aggregate.starting) if aggregate is not None else ""
        self.line(f"if {null}:")
        self.line(f"    {out} = None")
        self.line("else:")
        self.indent += 1
        self.line(f"{out} = []")
        if len(sources) > 1:
            self.line(f"c.check_rows({', '.join(sources)})")
        related = [self._related(r.source.source, sources[0]) for r in node.relations]
        for source, name in zip(node.sources, sources, strict=True):
            is_list = source.source.type.name == "List" or source.source.type == ANY
            self.line(f"for {source.name} in {name if is_list else f'({name},)'}:")
            self._open_loop(source)
        mark = self.temporary()
        self.line(f"{mark} = len(f.missing)")
        for name, expression in node.lets:
            self.line(f"{name} = {self.value(expression)}")
        if node.where is not None:
            self._require(node.where, mark)
        for relation, given in zip(node.relations, related, strict=True):
            self._relation(relation, given)
        if node.where is not None or node.relations:
            self.line(f"del f.missing[{mark}:]")
        self._emit_row(node, out)
        self.indent, self.loops = depth + 1, loops
        label = source_label(node.sources[0].source)
        if label is not None and (node.where is not None or node.relations):
            self.line(f"if not {out} and {sources[0]}: f.missing.append(({self.constant(label)}, None))")
        if node.distinct:
            self.line(f"{out} = distinct({out})")
        self._sort(node, out)
        if aggregate is not None:
            self._aggregate(node, out, start)
        elif node.is_single:
            self.line(f"{out} = {out}[0] if {out} else None")
        self.indent = depth
        return out

    def _open_loop(self, source: tree.SourceNode) -> None:
        self.indent += 1
        self.loops += 1
        self._check_loops()
        if self._gives_records(source.source):
            self.rows.add(source.name)

    def _check_loops(self) -> None:
        if self.loops > _MAX_LOOPS:
            hint = "Move a part of them into a definition of its own."
            raise CqlError("Queries are nested too deeply.", suggestion=hint)

    def _gives_records(self, node: tree.Typed) -> bool:
        """Say whether a list holds nothing but records of the case."""
        if isinstance(node, tree.RetrieveNode):
            return True
        if isinstance(node, tree.DefinitionRef):
            body = self.program.definitions[node.index].body
            return body is not None and self._gives_records(body)
        if isinstance(node, tree.QueryNode):
            own = node.result is None and node.aggregate is None and len(node.sources) == 1
            return own and self._gives_records(node.sources[0].source)
        return False

    def _require(self, condition: tree.Typed, mark: str) -> None:
        """Write: go on to the next row unless the condition is true; only an unknown one leaves something missing."""
        if isinstance(condition, tree.Logic) and condition.op == "and":
            self._require(condition.left, mark)
            self._require(condition.right, mark)
            return
        wanted = wanted_element(condition)
        if wanted is not None:
            self.line(f"if {self.value(wanted)} is None: continue")
            return
        test = self.value(condition)
        self.line(f"if not {test}:")
        self.line(f"    if {test} is False: del f.missing[{mark}:]")
        self.line("    continue")

    def _related(self, node: tree.Typed, rows: str) -> str:
        """Write, before the loop over the rows, the source of a relation that is the same for all of them."""
        if isinstance(node, tree.RetrieveNode):
            steady = node.codes is None or fixed_key(
                tree.Operation(ANY, support.pairs_of, _inner(node.codes)), self.keys
            )
        else:
            steady = isinstance(node, tree.DefinitionRef)
        if not steady:
            return ""
        result = self.temporary()
        self.line(f"{result} = None")
        self.line(f"if {rows}:")
        self.indent += 1
        self.line(f"{result} = {self.value(node)}")
        self.indent -= 1
        return result

    def _relation(self, relation: tree.RelationNode, given: str) -> None:
        source, flag = given or self.value(relation.source.source), self.temporary()
        is_list = relation.source.source.type.name == "List"
        self.line(f"{flag} = False")
        self.line(f"for {relation.source.name} in {f'{source} or ()' if is_list else f'({source},)'}:")
        self._open_loop(relation.source)
        self.line(f"if {self.value(relation.condition)}:")
        self.line(f"    {flag} = True")
        if not relation.negated and self._is_record(relation.source.item):
            self.line(f"    f.used.append({relation.source.name})")
        self.line("    break")
        self.indent -= 1
        self.loops -= 1
        self.line(f"if {flag}: continue" if relation.negated else f"if not {flag}: continue")

    def _emit_row(self, node: tree.QueryNode, out: str) -> None:
        for name, expression in node.lets:
            if self._is_record(expression.type):
                self.line(f"if {name}: f.used.append({name})")
        passes_on = node.aggregate is None and (node.result is None or self._is_record(node.result.type))
        for source in node.sources:
            if not passes_on and self._is_record(source.item):
                self.line(f"f.used.append({source.name})")
        if node.aggregate is not None:
            names = ", ".join(s.name for s in node.sources)
            self.line(f"{out}.append(({names}{',' if len(node.sources) == 1 else ''}))")
        else:
            result = node.sources[0].name if node.result is None else self.value(node.result)
            self.line(f"{out}.append({result})")

    def _sort(self, node: tree.QueryNode, out: str) -> None:
        if not node.sort or node.is_single:
            return
        keys = self.temporary()
        self.line(f"{keys} = []")
        self.line(f"for {node.this} in {out}:")
        self.indent += 1
        self.loops += 1
        if self._gives_records(replace(node, sort=[])):
            self.rows.add(node.this)
        parts = [self.value(s.key) for s in node.sort]
        self.line(f"{keys}.append(({', '.join(parts)},))")
        self.indent -= 1
        self.loops -= 1
        directions = self.constant(tuple(s.descending for s in node.sort))
        self.line(f"{out} = sort({out}, {keys}, {directions})")

    def _aggregate(self, node: tree.QueryNode, out: str, start: str) -> None:
        aggregate = node.aggregate
        if aggregate is None:
            return
        self.line(f"{aggregate.name} = {start}")
        names = ", ".join(s.name for s in node.sources)
        rows = self.temporary()
        self.line(f"{rows} = [list(r) for r in {out}]")
        if aggregate.distinct:
            self.line(f"{rows} = distinct({rows})")
        self.line(f"for {names}{',' if len(node.sources) == 1 else ''} in {rows}:")
        self.indent += 1
        for name, expression in node.lets:
            self.line(f"{name} = {self.value(expression)}")
        self.line(f"{aggregate.name} = {self.value(aggregate.expression)}")
        self.indent -= 1
        self.line(f"{out} = {aggregate.name}")


def _inner(codes: tree.Typed) -> list[tree.Typed]:
    """Return what the codes of a retrieve are made from."""
    return codes.args if isinstance(codes, tree.Operation) else [codes]


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
