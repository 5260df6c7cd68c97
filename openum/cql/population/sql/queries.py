"""Retrieves, lists and queries as lists of one row a case."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from openum.cql.compile import tree
from openum.cql.population.sql.lists import distinct, filtered, sorted_by
from openum.cql.population.sql.schema import NUMBER
from openum.cql.population.sql.shapes import Untranslatable, list_of, quoted
from openum.cql.population.sql.statement import Retrieve
from openum.cql.population.sql.values import Scope, Value, among, common, fitted, is_null, made, truth, when

if TYPE_CHECKING:
    from openum.cql.population.sql.translate import Translator


def retrieve(translator: Translator, node: tree.RetrieveNode, scope: Scope) -> Value:
    """Return the resources of a type, those with some codes where codes are named.

    Raises:
        Untranslatable: only the case knows the codes.
    """
    shape = list_of(translator.schema.resource(node.resource))
    if node.codes is None:
        return Value(quoted(f"{node.resource}.{NUMBER}"), shape, node.type, solid=True)
    codes = translator.value(node.codes, scope)
    if codes.numbers is None:
        raise Untranslatable("a retrieve by codes that only the case knows")
    if not codes.numbers:
        return Value("CAST([] AS INTEGER[])", shape, node.type, solid=True)
    place = translator.schema.paths.index((node.resource, node.path))
    for known in translator.retrieves:
        if (known.place, known.numbers) == (place, codes.numbers):
            return Value(known.name, shape, node.type, solid=True)
    number = len(translator.retrieves)
    translator.retrieves.append(Retrieve(f"q{number}", place, codes.numbers))
    return Value(f"q{number}", shape, node.type, solid=True)


def items(translator: Translator, node: tree.ListNode, scope: Scope) -> Value:
    """Return a list that is written item by item.

    Raises:
        Untranslatable: its items have no SQL form in common.
    """
    found = [translator.plain(item, scope) for item in node.items]
    shape = common(*found)
    found = [fitted(value, shape) for value in found]
    sql = f"[{', '.join(value.sql for value in found)}]"
    if found and all(value.is_constant and value.constant is not None for value in found):
        constants = [value.constant for value in found]
        return Value(sql, list_of(shape), node.type, solid=True, constant=constants, is_constant=True)
    return made(sql, list_of(shape), node.type, *found)


def query(translator: Translator, node: tree.QueryNode, scope: Scope) -> Value:
    """Return the rows of a query.

    Raises:
        Untranslatable: it has no SQL form.
    """
    if node.aggregate is not None:
        raise Untranslatable("an aggregate clause")
    sources = [translator.hoisted(translator.plain(s.source, scope)) for s in node.sources]
    if node.is_single:
        return _single(translator, node, sources, scope)
    for source in sources:
        if source.shape.kind != "list":
            raise Untranslatable("a query over lists and single values together")
    found = _rows(translator, node, sources, 0, scope)
    if len(sources) > 1:
        missing = " OR ".join(f"{s.sql} IS NULL" for s in sources)
        found = replace(found, sql=f"CASE WHEN {missing} THEN NULL ELSE {found.sql} END")
    if node.distinct:
        found = distinct(translator.hoisted(found), translator.depth)
    if node.sort:
        found = _sorted(translator, node, translator.hoisted(found), scope)
    return replace(found, type=node.type)


def _rows(translator: Translator, node: tree.QueryNode, sources: list[Value], place: int, scope: Scope) -> Value:
    """Return the rows of a query from one of its sources on."""
    source = sources[place]
    item = Value("", source.shape.of, node.sources[place].item)
    is_last = place == len(sources) - 1

    def body(variable: str, inner: Scope) -> Value:
        if not is_last:
            rest = _rows(translator, node, sources, place + 1, inner)
            rest = replace(rest, bad=among(source.sql, variable, rest.bad))
            sql = f"flatten(list_transform({source.sql}, lambda {variable}: {rest.sql}))"
            return made(sql, rest.shape, node.type, source, rest, solid=rest.solid)
        inner, condition = _condition(translator, node, inner)
        kept = source if condition is None else filtered(source, variable, condition)
        if node.result is None:
            return kept
        result = translator.plain(node.result, inner)
        if not result.shape.kind or result.shape.kind == "null":
            raise Untranslatable("a query that returns nulls only")
        result = replace(result, bad=among(kept.sql, variable, result.bad), span=None)
        sql = f"list_transform({kept.sql}, lambda {variable}: {result.sql})"
        return made(sql, list_of(result.shape), node.type, kept, result)

    found: Value = translator.within(scope, node.sources[place].name, item, body)
    return found


def _condition(translator: Translator, node: tree.QueryNode, scope: Scope) -> tuple[Scope, Value | None]:
    """Return the scope with the lets, and what a row must fulfil."""
    inner = dict(scope)
    for name, expression in node.lets:
        inner[name] = translator.plain(expression, inner)
    tests = [_relation(translator, r, inner) for r in node.relations]
    if node.where is not None:
        tests.append(translator.boolean(node.where, inner))
    if not tests:
        return inner, None
    whole = tests[0]
    for test in tests[1:]:
        later = replace(test, bad=when(f"coalesce({whole.sql}, TRUE)", test.bad))
        whole = truth(f"({whole.sql} AND {later.sql})", whole, later)
    return inner, whole


def _relation(translator: Translator, relation: tree.RelationNode, scope: Scope) -> Value:
    source = translator.plain(relation.source.source, scope)
    if source.shape.kind != "list":
        raise Untranslatable("with a single value")
    item = Value("", source.shape.of, relation.source.item)

    def body(variable: str, inner: Scope) -> Value:
        return filtered(source, variable, translator.boolean(relation.condition, inner))

    matching = translator.within(scope, relation.source.name, item, body)
    found = truth(f"(coalesce(len({matching.sql}), 0) > 0)", matching)
    return replace(found, sql=f"(NOT {found.sql})") if relation.negated else found


def _single(translator: Translator, node: tree.QueryNode, sources: list[Value], scope: Scope) -> Value:
    """Return a query over single values: one row, or null."""
    inner = {**scope, **{s.name: v for s, v in zip(node.sources, sources, strict=True)}}
    inner_scope, condition = _condition(translator, node, inner)
    result = sources[0] if node.result is None else translator.plain(node.result, inner_scope)
    present = " AND ".join(f"NOT {is_null(s)}" for s in sources)
    parts = [*sources, result] if condition is None else [*sources, result, condition]
    tests = present if condition is None else f"{present} AND {condition.sql}"
    return made(f"CASE WHEN {tests} THEN {result.sql} END", result.shape, node.type, *parts)


def _sorted(translator: Translator, node: tree.QueryNode, rows: Value, scope: Scope) -> Value:
    item = Value("", rows.shape.of, rows.type.item)
    for descending, group in groupby(reversed(node.sort), key=attrgetter("descending")):
        sorts = list(group)[::-1]

        def body(variable: str, inner: Scope, sorts: list[tree.SortNode] = sorts) -> tuple[str, list[Value]]:
            return variable, [translator.plain(sort.key, inner) for sort in sorts]

        variable, keys = translator.within(scope, node.this, item, body)
        rows = translator.hoisted(sorted_by(rows, variable, keys, descending=descending))
    return rows
