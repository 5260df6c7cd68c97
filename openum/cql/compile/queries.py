"""Queries and retrieves."""

from __future__ import annotations

from openum.cql.compile.conversions import conversion
from openum.cql.compile.phrases import Phrases
from openum.cql.compile.tree import (
    AggregateNode,
    Constant,
    Local,
    Logic,
    Operation,
    QueryNode,
    RelationNode,
    RetrieveNode,
    SortNode,
    SourceNode,
    TupleNode,
    Typed,
)
from openum.cql.compile.types import ANY, BOOLEAN, CODE, STRING, VALUESET, Type, list_of
from openum.cql.fhir import model
from openum.cql.fhir.profiles import Profile, profile
from openum.cql.operators.comparison import untag
from openum.cql.parser import nodes
from openum.cql.run import support, value_sets


class Queries(Phrases):
    """Analyses queries and retrieves."""

    def on_retrieve(self, node: nodes.Retrieve) -> Typed:
        """`[Type: path in terminology]`."""
        kind = self.type_of(node.type)
        if not kind.is_resource:
            self.fail(node.type, f"{kind} is no FHIR resource, so it cannot be retrieved.")
        found = model.fhir_type(kind.fhir)
        path = node.path or (found.code_path if found else "")
        asked = profile(node.type.name) if node.type.name != kind.fhir else None
        if node.terminology is None:
            whole, asked = self._of_profile(node, kind, path, asked)
            return self._filtered(node, whole, asked)
        if not path:
            self.fail(node, f"{kind.fhir} has no code element; name the element to filter on.")
        if node.path:
            self._check_path(node, kind, node.path)
        codes = self.analyze(node.terminology)
        label = _label(node.terminology)
        if codes.type == VALUESET:
            codes = Operation(VALUESET, value_sets.members, [codes], needs_case=True)
        elif codes.type.name in ("Code", "Concept", "CodeSystem"):
            codes = Operation(VALUESET, support.pairs_of, [codes])
        elif codes.type.is_fhir or codes.type.name == "Choice":
            target = next((t for t in (Type("Concept"), CODE, list_of(CODE)) if conversion(codes.type, t)), None)
            if target is None:
                self.fail(node.terminology, f"{codes.type} is no terminology.")
            codes = Operation(VALUESET, support.pairs_of, [self.convert(node.terminology, codes, target)])
        elif codes.type.name == "List":
            codes = Operation(VALUESET, support.pairs_of, [codes])
        else:
            self.fail(
                node.terminology, f"{codes.type} is no terminology.", expected="a value set, a code or a list of codes"
            )
        return self._filtered(node, RetrieveNode(list_of(kind), kind.fhir, path, codes, label), asked)

    def _of_profile(
        self, node: nodes.Retrieve, kind: Type, path: str, asked: Profile | None
    ) -> tuple[RetrieveNode, Profile | None]:
        """Return the retrieve of a type, by the codes its profile fixes for the primary code path if it does."""
        for element, pairs in asked.codes if asked is not None else ():
            if element == path and asked is not None:
                rest = tuple(c for c in asked.codes if c[0] != path)
                codes = Constant(VALUESET, pairs)
                return RetrieveNode(list_of(kind), kind.fhir, path, codes, node.type.name), asked._replace(codes=rest)
        return RetrieveNode(list_of(kind), kind.fhir, "", None, ""), asked

    def _filtered(self, node: nodes.Retrieve, rows: RetrieveNode, asked: Profile | None) -> Typed:
        """Return the rows that a profile asks for."""
        if asked is None or not (asked.codes or asked.values):
            return rows
        row = Local(rows.type.item, self.program.mangle())
        tests: list[Typed] = [
            Operation(BOOLEAN, value_sets.has_code, [self.element(node, row, element), Constant(VALUESET, pairs)])
            for element, pairs in asked.codes
        ]
        for element, value in asked.values:
            expected = Constant(BOOLEAN if isinstance(value, bool) else STRING, value)
            tests.append(self.call(node, "Equal", [self.element(node, row, element), expected]))
        where = tests[0]
        for test in tests[1:]:
            where = Logic(BOOLEAN, "and", where, test)
        source = SourceNode(row.name, rows, rows.type.item)
        return QueryNode(rows.type, [source], [], [], where, None, False, None)

    def _check_path(self, node: nodes.Retrieve, kind: Type, path: str) -> None:
        current = kind.fhir
        for part in path.split("."):
            found = model.element(current, part)
            if found is None:
                hint = self.did_you_mean(part, model.element_names(current))
                self.fail(node, f"{current} has no element “{part}”.", suggestion=hint)
            current = found.types[0]

    def on_query(self, node: nodes.Query) -> Typed:
        """A query in any of its forms."""
        self.push()
        sources = [self._source(s) for s in node.sources]
        is_single = all(s.source.type.name != "List" and s.source.type != ANY for s in sources)
        lets: list[tuple[str, Typed]] = []
        for name, expression in node.lets:
            value = self.analyze(expression)
            mangled = self.program.mangle()
            lets.append((mangled, value))
            self.declare(expression, name, Local(value.type, mangled))
        relations = [self._relation(r) for r in node.relations]
        where = None
        if node.where is not None:
            where = self.convert(node.where, self.analyze(node.where), BOOLEAN, "after “where”")
        result, distinct = self._result(node, sources)
        aggregate = None if node.aggregate is None else self._aggregate(node.aggregate)
        self.pop()
        item = result.type if result is not None else sources[0].item
        kind = item if is_single else list_of(item)
        if aggregate is not None:
            kind = aggregate.expression.type
        query = QueryNode(kind, sources, lets, relations, where, result, distinct, aggregate, is_single=is_single)
        if node.sort:
            query.this = self.program.mangle()
            query.sort = [self._sort(s, Local(item, query.this)) for s in node.sort]
        return query

    def _source(self, node: nodes.Aliased) -> SourceNode:
        source = self.analyze(node.source)
        if source.type == VALUESET:
            source = self.expanded(source)
        if source.type.name == "Choice":
            lists = [p for p in source.type.args if p.name == "List"]
            if lists:
                source = self.convert(node.source, source, lists[0])
        item = source.type.item if source.type.name == "List" else source.type
        mangled = self.program.mangle()
        self.declare(node, node.alias, Local(item, mangled))
        return SourceNode(mangled, source, item)

    def _relation(self, node: nodes.Relation) -> RelationNode:
        self.push()
        source = self._source(node.source)
        condition = self.convert(node.condition, self.analyze(node.condition), BOOLEAN, "after “such that”")
        self.pop()
        return RelationNode(source, condition, node.negated)

    def _result(self, node: nodes.Query, sources: list[SourceNode]) -> tuple[Typed | None, bool]:
        if node.result is not None:
            return self.analyze(node.result), not node.result_all
        if len(sources) == 1 or node.aggregate is not None:
            return None, node.aggregate is not None and node.aggregate.distinct
        names = [s.alias for s in node.sources]
        kind = Type("Tuple", (), tuple((n, s.item) for n, s in zip(names, sources, strict=True)))
        elements: list[tuple[str, Typed]] = [(n, Local(s.item, s.name)) for n, s in zip(names, sources, strict=True)]
        return TupleNode(kind, elements), True

    def _aggregate(self, node: nodes.AggregateClause) -> AggregateNode:
        starting: Typed = Constant(ANY, None) if node.starting is None else self.analyze(node.starting)
        mangled = self.program.mangle()
        self.push()
        self.declare(node, node.name, Local(starting.type, mangled))
        expression = self.analyze(node.expression)
        self.pop()
        if starting.type == ANY and expression.type != ANY:
            self.push()
            self.declare(node, node.name, Local(expression.type, mangled))
            expression = self.analyze(node.expression)
            self.pop()
        elif conversion(starting.type, expression.type) is not None and starting.type != expression.type:
            starting = self.convert(node, starting, expression.type)
        return AggregateNode(mangled, node.distinct, starting, expression)

    def _sort(self, node: nodes.SortItem, this: Local) -> SortNode:
        self.this.append(this)
        key: Typed = this
        if node.expression is not None:
            key = self.analyze(node.expression)
        self.this.pop()
        return SortNode(self._sortable(key), node.descending)

    def _sortable(self, key: Typed) -> Typed:
        """Return the key as a value that has an order."""
        kind = key.type
        if kind.name == "Choice" and {p.fhir for p in kind.args if p.is_fhir} & {
            "Period",
            "dateTime",
            "date",
            "instant",
        }:
            return Operation(Type("DateTime"), support.sort_instant, [key])
        if kind.is_fhir and kind.fhir == "Period":
            return Operation(Type("DateTime"), support.sort_instant, [self.convert(nodes.Node(), key, ANY)])
        if kind.name == "Interval":
            return Operation(kind.item, support.sort_instant, [key])
        if kind.is_fhir and not kind.is_resource:
            return self.apply_system(key)
        return Operation(ANY, untag, [key]) if kind.name == "Choice" else key


def _label(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name | nodes.Member):
        return node.name
    return node.code if isinstance(node, nodes.CodeSelector) else ""
