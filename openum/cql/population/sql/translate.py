"""The typed tree to SQL expressions over one row a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from openum.cql.compile import tree
from openum.cql.compile.program import Program
from openum.cql.compile.types import ANY, BOOLEAN, Type
from openum.cql.errors import CqlError, CqlRuntimeError
from openum.cql.fhir import model
from openum.cql.population.sql import reading
from openum.cql.population.sql.lists import distinct, filtered, sorted_by
from openum.cql.population.sql.operators import operation
from openum.cql.population.sql.schema import NUMBER, PRESENT, TAG, Schema
from openum.cql.population.sql.shapes import Shape, Untranslatable, list_of, quoted, whole
from openum.cql.population.sql.statement import Column, Retrieve
from openum.cql.population.sql.values import Value, among, common, fitted, is_null, made, part, truth, when
from openum.cql.run.data import Pair

_MOST_SQL: Final = 60_000  # characters of one expression
_MOST_DEPTH: Final = 12  # lambdas within lambdas
_WORTH_A_COLUMN: Final = 60
Scope = Mapping[str, Value]


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
            value = self._plain(entry.body, {})
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
                return self._property(node, scope)
            case tree.Field():
                return self._field(node, scope)
            case tree.RetrieveNode():
                return self._retrieve(node, scope)
            case tree.ListNode():
                return self._list(node, scope)
            case tree.TupleNode():
                parts = [(n, self._plain(v, scope)) for n, v in node.elements]
                shape = Shape("tuple", fields=tuple((n, v.shape) for n, v in parts))
                body = ", ".join(f"{quoted(n)} := {v.sql}" for n, v in parts)
                return made(f"struct_pack({body})", shape, node.type, *(v for _, v in parts))
            case tree.QueryNode():
                return self._query(node, scope)
            case tree.Operation():
                return operation(self, node, scope)
        raise Untranslatable(f"a {type(node).__name__}")

    def _plain(self, node: tree.Typed, scope: Scope) -> Value:
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
        value = self._plain(node, scope)
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
        then, otherwise = self._plain(node.then, scope), self._plain(node.otherwise, scope)
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

    # --- elements ----------------------------------------------------------------------------------------------------

    def _property(self, node: tree.Property, scope: Scope) -> Value:
        """Return an element of a FHIR value."""
        source = self._plain(node.source, scope)
        if node.tagged:
            return replace(source, shape=Shape("choice", name=node.owner), type=node.type, choice=node, solid=False)
        name, kind = node.keys[0]
        found = self.element(source, node.owner, name)
        found = replace(found, type=_fhir_type(found, kind))
        return found if node.convert is None else reading.converted(found, node.convert)

    def element(self, source: Value, owner: str, name: str) -> Value:
        """Return a column of a FHIR value."""
        shape = self.schema.columns(owner).get(name)
        if shape is None or source.shape.kind not in ("fhir", "ref"):
            raise Untranslatable(f"{owner}.{name} has no column")
        if f"{owner}.{name}" not in self.partial:
            shape = whole(shape)
        if source.shape.kind == "ref":
            return self._leaf(source, f"{owner}.{name}", source.sql, shape)
        if source.path is not None and source.path[0] == source.sql:
            return self._leaf(source, f"{source.path[1]}.{name}", source.path[2], shape)
        return made(part(source, name), shape, ANY, source, solid=shape.kind == "list")

    def _leaf(self, source: Value, prefix: str, place: str, shape: Shape) -> Value:
        """Return what stands in the columns of a prefix, at a place."""
        sql = self._whole(prefix, place, shape)
        found = made(sql, shape, ANY, source, solid=shape.kind == "list")
        return replace(found, path=(sql, prefix, place)) if shape.kind in ("datetime", "fhir") else found

    def _whole(self, prefix: str, place: str, shape: Shape) -> str:
        """Return a value put together from its columns."""
        if shape.kind == "datetime":
            t, o, n = (f"{quoted(f'{prefix}.{name}')}[{place}]" for name in ("t", "o", "n"))
            return f"CASE WHEN {t} IS NOT NULL THEN struct_pack(t := {t}, o := {o}, n := {n}) END"
        if shape.kind != "fhir":
            return f"{quoted(prefix)}[{place}]"
        parts = ", ".join(
            f"{quoted(name)} := {self._whole(f'{prefix}.{name}', place, inner)}"
            for name, inner in self.schema.columns(shape.name).items()
        )
        return f"CASE WHEN {quoted(f'{prefix}.{PRESENT}')}[{place}] THEN struct_pack({parts}) END"

    def tag(self, value: Value) -> Value:
        """Return the type name that a choice element has."""
        assert value.choice is not None
        source = replace(value, shape=self._source_shape(value.choice.owner), choice=None)
        return self.element(source, value.choice.owner, value.choice.name + TAG)

    def alternative(self, value: Value, key: tuple[str, str]) -> Value:
        """Return one alternative of a choice element."""
        assert value.choice is not None
        source = replace(value, shape=self._source_shape(value.choice.owner), choice=None)
        found = self.element(source, value.choice.owner, key[0])
        return replace(found, type=Type(f"FHIR.{key[1]}"))

    def _source_shape(self, owner: str) -> Shape:
        return self.schema.settled(Shape("fhir", name=owner))

    def _field(self, node: tree.Field, scope: Scope) -> Value:
        source = self._plain(node.source, scope)
        if node.kind == "item":
            inner = dict(source.shape.fields).get(node.name)
            if source.shape.kind != "tuple" or inner is None:
                raise Untranslatable("an element of an open value")
            return made(f"({source.sql}).{quoted(node.name)}", inner, node.type, source)
        if node.kind == "each":
            return self._each(node, source)
        if node.kind == "attribute" and source.shape.kind == "interval" and node.name in ("low", "high"):
            raise Untranslatable("a bound as it was written")
        raise Untranslatable(f"the element “{node.name}”")

    def _each(self, node: tree.Field, source: Value) -> Value:
        item = source.shape.of
        self._depth += 1
        name = self._variable()
        one = Value(name, item, source.type.item)
        if item.kind == "tuple":
            found = made(f"{name}.{quoted(node.name)}", dict(item.fields)[node.name], ANY, one)
        elif node.keys or item.kind not in ("fhir", "ref"):
            self._depth -= 1
            raise Untranslatable(f"the element “{node.name}” of each")
        else:
            found = self.element(one, item.name, node.name)
            if node.convert is not None:
                inner = node.type.item if found.shape.kind != "list" else node.type
                found = reading.converted(
                    replace(found, type=_fhir_type(found, _kind(item.name, node.name))), node.convert
                )
                found = replace(found, type=inner)
        self._depth -= 1
        sql = f"list_transform({source.sql}, lambda {name}: {found.sql})"
        if found.shape.kind == "list":
            return made(f"flatten({sql})", found.shape, node.type, source, found, solid=True)
        kept = f"list_filter({sql}, lambda {name}: {name} IS NOT NULL)"
        return made(kept, list_of(found.shape), node.type, source, found, solid=True)

    # --- lists and queries -------------------------------------------------------------------------------------------

    def _retrieve(self, node: tree.RetrieveNode, scope: Scope) -> Value:
        shape = list_of(self.schema.resource(node.resource))
        if node.codes is None:
            return Value(quoted(f"{node.resource}.{NUMBER}"), shape, node.type, solid=True)
        codes = self.value(node.codes, scope)
        if codes.numbers is None:
            raise Untranslatable("a retrieve by codes that only the case knows")
        if not codes.numbers:
            return Value("CAST([] AS INTEGER[])", shape, node.type, solid=True)
        place = self.schema.paths.index((node.resource, node.path))
        for known in self.retrieves:
            if (known.place, known.numbers) == (place, codes.numbers):
                return Value(known.name, shape, node.type, solid=True)
        number = len(self.retrieves)
        self.retrieves.append(Retrieve(f"q{number}", place, codes.numbers))
        return Value(f"q{number}", shape, node.type, solid=True)

    def _list(self, node: tree.ListNode, scope: Scope) -> Value:
        items = [self._plain(i, scope) for i in node.items]
        shape = common(*items)
        items = [fitted(i, shape) for i in items]
        sql = f"[{', '.join(i.sql for i in items)}]"
        if items and all(i.is_constant and i.constant is not None for i in items):
            constants = [i.constant for i in items]
            return Value(sql, list_of(shape), node.type, solid=True, constant=constants, is_constant=True)
        return made(sql, list_of(shape), node.type, *items)

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

    def _query(self, node: tree.QueryNode, scope: Scope) -> Value:
        if node.aggregate is not None:
            raise Untranslatable("an aggregate clause")
        sources = [self.hoisted(self._plain(s.source, scope)) for s in node.sources]
        if node.is_single:
            return self._single(node, sources, scope)
        for source in sources:
            if source.shape.kind != "list":
                raise Untranslatable("a query over lists and single values together")
        found = self._rows(node, sources, 0, scope)
        if len(sources) > 1:
            missing = " OR ".join(f"{s.sql} IS NULL" for s in sources)
            found = replace(found, sql=f"CASE WHEN {missing} THEN NULL ELSE {found.sql} END")
        if node.distinct:
            found = distinct(self.hoisted(found), self._depth)
        if node.sort:
            found = self._sorted(node, self.hoisted(found), scope)
        return replace(found, type=node.type)

    def _rows(self, node: tree.QueryNode, sources: list[Value], place: int, scope: Scope) -> Value:
        """Return the rows of a query from one of its sources on."""
        source = sources[place]
        item = Value("", source.shape.of, node.sources[place].item)
        is_last = place == len(sources) - 1

        def body(variable: str, inner: Scope) -> Value:
            if not is_last:
                rest = self._rows(node, sources, place + 1, inner)
                rest = replace(rest, bad=among(source.sql, variable, rest.bad))
                sql = f"flatten(list_transform({source.sql}, lambda {variable}: {rest.sql}))"
                return made(sql, rest.shape, node.type, source, rest, solid=rest.solid)
            inner, condition = self._condition(node, inner)
            kept = source if condition is None else filtered(source, variable, condition)
            if node.result is None:
                return kept
            result = self._plain(node.result, inner)
            if not result.shape.kind or result.shape.kind == "null":
                raise Untranslatable("a query that returns nulls only")
            result = replace(result, bad=among(kept.sql, variable, result.bad), span=None)
            sql = f"list_transform({kept.sql}, lambda {variable}: {result.sql})"
            return made(sql, list_of(result.shape), node.type, kept, result)

        found: Value = self.within(scope, node.sources[place].name, item, body)
        return found

    def _condition(self, node: tree.QueryNode, scope: Scope) -> tuple[Scope, Value | None]:
        """Return the scope with the lets, and what a row must fulfil."""
        inner = dict(scope)
        for name, expression in node.lets:
            inner[name] = self._plain(expression, inner)
        tests = [self._relation(r, inner) for r in node.relations]
        if node.where is not None:
            tests.append(self.boolean(node.where, inner))
        if not tests:
            return inner, None
        whole = tests[0]
        for test in tests[1:]:
            later = replace(test, bad=when(f"coalesce({whole.sql}, TRUE)", test.bad))
            whole = truth(f"({whole.sql} AND {later.sql})", whole, later)
        return inner, whole

    def _relation(self, relation: tree.RelationNode, scope: Scope) -> Value:
        source = self._plain(relation.source.source, scope)
        if source.shape.kind != "list":
            raise Untranslatable("with a single value")
        item = Value("", source.shape.of, relation.source.item)

        def body(variable: str, inner: Scope) -> Value:
            return filtered(source, variable, self.boolean(relation.condition, inner))

        matching = self.within(scope, relation.source.name, item, body)
        found = truth(f"(coalesce(len({matching.sql}), 0) > 0)", matching)
        return replace(found, sql=f"(NOT {found.sql})") if relation.negated else found

    def _single(self, node: tree.QueryNode, sources: list[Value], scope: Scope) -> Value:
        """Return a query over single values: one row, or null."""
        inner = {**scope, **{s.name: v for s, v in zip(node.sources, sources, strict=True)}}
        inner_scope, condition = self._condition(node, inner)
        result = sources[0] if node.result is None else self._plain(node.result, inner_scope)
        present = " AND ".join(f"NOT {is_null(s)}" for s in sources)
        parts = [*sources, result] if condition is None else [*sources, result, condition]
        tests = present if condition is None else f"{present} AND {condition.sql}"
        return made(f"CASE WHEN {tests} THEN {result.sql} END", result.shape, node.type, *parts)

    def _sorted(self, node: tree.QueryNode, rows: Value, scope: Scope) -> Value:
        item = Value("", rows.shape.of, rows.type.item)
        for descending, group in groupby(reversed(node.sort), key=attrgetter("descending")):
            sorts = list(group)[::-1]

            def body(variable: str, inner: Scope, sorts: list[tree.SortNode] = sorts) -> tuple[str, list[Value]]:
                return variable, [self._plain(sort.key, inner) for sort in sorts]

            variable, keys = self.within(scope, node.this, item, body)
            rows = self.hoisted(sorted_by(rows, variable, keys, descending=descending))
        return rows

    # --- used by operators -------------------------------------------------------------------------------------------

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


def _kind(owner: str, name: str) -> str:
    found = model.element(owner, name)
    return found.types[0] if found else ""


def _fhir_type(value: Value, kind: str) -> Type:
    inner = Type(f"FHIR.{kind}")
    return Type("List", (inner,)) if value.shape.kind == "list" else inner
