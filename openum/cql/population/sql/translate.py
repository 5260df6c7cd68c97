"""The typed tree to SQL expressions over one row a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from openum.cql.compile import tree
from openum.cql.compile.program import Program
from openum.cql.compile.types import BOOLEAN, Type
from openum.cql.errors import CqlError, CqlRuntimeError
from openum.cql.population.sql import paths, queries, reading
from openum.cql.population.sql.operators import operation
from openum.cql.population.sql.schema import Schema
from openum.cql.population.sql.shapes import Shape, Untranslatable, quoted
from openum.cql.population.sql.statement import Column, Retrieve
from openum.cql.population.sql.values import Scope, Value, common, fitted, made, truth, when
from openum.cql.run.data import Pair

_MOST_SQL: Final = 60_000  # characters of one expression
_MOST_DEPTH: Final = 12  # lambdas within lambdas
_WORTH_A_COLUMN: Final = 60


class _Rests(Untranslatable):
    """Names the definition that has no SQL form, also to those that rest on it."""


class Translator:
    """Translates definitions one after the other into columns that later ones read.

    Attributes:
        columns: of the definitions and their helpers, each reading only what stands before it.
        retrieves: by code.
    """

    def __init__(
        self,
        program: Program,
        schema: Schema,
        numbers: Mapping[Pair, int],
        value_set: Callable[[Any], frozenset[Pair]],
        parameters: Mapping[int, Value],
        now: Any,
        *,
        retrieves: list[Retrieve],
        partial: frozenset[str],
    ) -> None:
        """Begin.

        Args:
            program, schema, numbers, value_set, parameters, now: what is translated, and for which answers.
            retrieves: by code, of other translations of the same program too; found ones are added.
            partial: the elements whose dates may lack month or day.
        """
        self.program = program
        self.schema = schema
        self.numbers = numbers
        self.value_set = value_set
        self.parameters = dict(parameters)
        self.now = now
        self.partial = partial
        self.columns: list[Column] = []
        self.retrieves = retrieves
        self.definitions: dict[int, Value | Untranslatable] = {}
        self._known: dict[str, Value] = {}
        self._names: set[str] = set()
        self._depth = 0
        self._calls: list[int] = []

    # --- definitions -------------------------------------------------------------------------------------------------

    def definition(self, index: int) -> Value:
        """Return the column of a definition.

        Raises:
            Untranslatable: it, or one it rests on, has no SQL form.
        """
        found = self.definitions.get(index)
        if found is None:
            found = self.definitions[index] = self._define(index)
        if isinstance(found, Untranslatable):
            raise found
        return found

    def _define(self, index: int) -> Value | Untranslatable:
        entry = self.program.definitions[index]
        kept = self._depth, self._calls
        self._depth, self._calls = 0, []
        try:
            if entry.body is None:
                raise Untranslatable("it has no body")
            value = self.plain(entry.body, {})
            if value.is_constant:
                return value
            return value if value.sql in self._names else self.column(value, f"d{index}")
        except (Untranslatable, CqlRuntimeError, CqlError, RecursionError) as error:
            reason = str(error) or type(error).__name__
            return error if isinstance(error, _Rests) else _Rests(f"“{entry.name}”: {reason}")
        finally:
            self._depth, self._calls = kept

    def column(self, value: Value, name: str = "") -> Value:
        """Give a value a column of its own, so that it is computed once."""
        name = name or f"h{len(self.columns)}"
        self._names.add(name)
        self.columns.append(Column(name, value.sql))
        found = replace(value, sql=name, bad="")
        if value.span is not None:
            self.columns += [Column(f"{name}1", value.span[0]), Column(f"{name}2", value.span[1])]
            found = replace(found, span=(f"{name}1", f"{name}2"))
            return replace(
                found, bad=self._fault(f"{name}3", value.bad), span_bad=self._fault(f"{name}4", value.span_bad)
            )
        if value.bad:
            found = replace(found, fails=value.fails | {self._fault(name, value.bad)})
        return found

    def _fault(self, name: str, bad: str) -> str:
        if not bad:
            return ""
        self.columns.append(Column(f"{name}b", f"coalesce({bad}, FALSE)"))
        return f"{name}b"

    def hoisted(self, value: Value) -> Value:
        """Return a value as a column when that is worth it: outside of lambdas, and once for the same text."""
        if self._depth or len(value.sql) < _WORTH_A_COLUMN or value.choice is not None or value.numbers is not None:
            return value
        found = self._known.get(value.sql)
        if found is None:
            found = self._known[value.sql] = self.column(value)
        return replace(found, type=value.type, unit=value.unit)

    # --- expressions -------------------------------------------------------------------------------------------------

    def value(self, node: tree.Typed, scope: Scope) -> Value:
        """Return the SQL of an expression.

        Raises:
            Untranslatable: it has none here.
        """
        found = self._value(node, scope)
        if len(found.sql) > _MOST_SQL:
            raise Untranslatable("the statement would become too long")
        return found

    def _value(self, node: tree.Typed, scope: Scope) -> Value:
        match node:
            case tree.Constant():
                return reading.constant(node.value, node.type, self.numbers)
            case tree.Local():
                if node.name not in scope:
                    raise Untranslatable("a running value")
                return scope[node.name]
            case tree.DefinitionRef():
                return self.definition(node.index)
            case tree.ParameterRef():
                return self._parameter(node)
            case tree.Logic():
                return self._logic(node, scope)
            case tree.Choose():
                return self._choose(node, scope)
            case tree.FunctionCall():
                return self._call(node, scope)
            case tree.Property():
                return paths.element_of(self, node, scope)
            case tree.Field():
                return paths.field_of(self, node, scope)
            case tree.RetrieveNode():
                return queries.retrieve(self, node, scope)
            case tree.ListNode():
                return queries.items(self, node, scope)
            case tree.TupleNode():
                parts = [(n, self.plain(v, scope)) for n, v in node.elements]
                shape = Shape("tuple", fields=tuple((n, v.shape) for n, v in parts))
                body = ", ".join(f"{quoted(n)} := {v.sql}" for n, v in parts)
                return made(f"struct_pack({body})", shape, node.type, *(v for _, v in parts))
            case tree.QueryNode():
                return queries.query(self, node, scope)
            case tree.Operation():
                return operation(self, node, scope)
        raise Untranslatable(f"a {type(node).__name__}")

    def plain(self, node: tree.Typed, scope: Scope) -> Value:
        """Return an expression that is no choice element and no value set.

        Raises:
            Untranslatable: it is one, or has no SQL form.
        """
        value = self.value(node, scope)
        if value.choice is not None or value.numbers is not None:
            raise Untranslatable("a choice element is passed on")
        return value

    def _parameter(self, node: tree.ParameterRef) -> Value:
        if node.index not in self.parameters:
            default = self.program.parameters[node.index].default
            empty = reading.constant(None, node.type, self.numbers)
            self.parameters[node.index] = empty if default is None else self.value(default, {})
        return self.parameters[node.index]

    def boolean(self, node: tree.Typed, scope: Scope) -> Value:
        """Return a Boolean expression."""
        value = self.plain(node, scope)
        if value.shape.kind == "null":
            return replace(value, sql="CAST(NULL AS BOOLEAN)", shape=Shape("bool"), type=BOOLEAN)
        if value.shape.kind != "bool":
            raise Untranslatable("a condition that is no Boolean")
        return value

    def _logic(self, node: tree.Logic, scope: Scope) -> Value:
        a, b = self.boolean(node.left, scope), self.boolean(node.right, scope)
        reached = {"and": f"coalesce({a.sql}, TRUE)", "or": f"(NOT coalesce({a.sql}, FALSE))"}
        b = replace(b, bad=when(reached.get(node.op, "TRUE"), b.bad))
        sql = {
            "and": f"({a.sql} AND {b.sql})",
            "or": f"({a.sql} OR {b.sql})",
            "xor": f"({a.sql} <> {b.sql})",
            "implies": f"(NOT {a.sql} OR {b.sql})",
        }[node.op]
        return truth(sql, a, b)

    def _choose(self, node: tree.Choose, scope: Scope) -> Value:
        condition = self.boolean(node.condition, scope)
        then, otherwise = self.plain(node.then, scope), self.plain(node.otherwise, scope)
        shape = common(then, otherwise)
        then, otherwise = fitted(then, shape), fitted(otherwise, shape)
        then = replace(then, bad=when(f"coalesce({condition.sql}, FALSE)", then.bad))
        otherwise = replace(otherwise, bad=when(f"(NOT coalesce({condition.sql}, FALSE))", otherwise.bad))
        sql = f"CASE WHEN {condition.sql} THEN {then.sql} ELSE {otherwise.sql} END"
        return made(sql, shape, node.type, condition, then, otherwise, solid=then.solid and otherwise.solid)

    def _call(self, node: tree.FunctionCall, scope: Scope) -> Value:
        function = self.program.functions[node.index]
        if function.body is None or node.index in self._calls:
            raise Untranslatable(f"the function “{function.name}” calls itself")
        inner: dict[str, Value] = {}
        for (_, name, kind), arg in zip(function.operands, node.args, strict=True):
            found = self.value(arg, scope)
            if found.shape.kind == "null" and found.choice is None and found.constant is None:
                found = _typed_null(found, kind)
            inner[name] = self.hoisted(found)
        self._calls.append(node.index)
        try:
            return self.hoisted(self.value(function.body, inner))
        finally:
            self._calls.pop()

    # --- used by queries and operators -------------------------------------------------------------------------------

    def _variable(self) -> str:
        if self._depth > _MOST_DEPTH:
            raise Untranslatable("queries stand too deeply within each other")
        return f"x{self._depth}"

    def within(self, scope: Scope, name: str, item: Value, body: Callable[[str, Scope], Any]) -> Any:
        """Run a function with an alias bound to a lambda's variable."""
        self._depth += 1
        variable = self._variable()
        try:
            return body(variable, {**scope, name: replace(item, sql=variable)})
        finally:
            self._depth -= 1

    def args(self, nodes: Iterable[tree.Typed], scope: Scope) -> list[Value]:
        """Return the arguments of an operation; long lists, which it may read often, become columns."""
        found = [self.value(n, scope) for n in nodes]
        return [self.hoisted(v) if v.shape.kind == "list" else v for v in found]

    @property
    def depth(self) -> int:
        """How many lambdas are open."""
        return self._depth


def _typed_null(value: Value, kind: Type) -> Value:
    return replace(reading.constant(None, kind, {}), fails=value.fails)
