"""Operators on lists in SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from openum.cql.compile import tree
from openum.cql.operators import aggregates as ag
from openum.cql.operators import lists as li
from openum.cql.population.sql import lists
from openum.cql.population.sql.shapes import INT, Untranslatable, list_of
from openum.cql.population.sql.times import Build
from openum.cql.population.sql.values import Value, among, common, compare, fitted, made, truth

if TYPE_CHECKING:
    from openum.cql.population.sql.translate import Translator


def _items(value: Value) -> Value:
    if value.shape.kind != "list":
        raise Untranslatable("a list that is none")
    return value


def _exists(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    return lists.exists(args[0], translator.depth)


def _count(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    return made(lists.counted(_items(args[0]), translator.depth), INT, node.type, args[0])


def _length(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    return made(f"CAST(coalesce(len({_items(args[0]).sql}), 0) AS BIGINT)", INT, node.type, args[0])


def _at(place: str) -> Build:
    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        items = _items(args[0])
        return made(f"({items.sql})[{place}]", items.shape.of, items.type.item, items)

    return build


def _index(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    items, place = _items(args[0]), args[1]
    sql = f"CASE WHEN {place.sql} >= 0 THEN ({items.sql})[{place.sql} + 1] END"
    return made(sql, items.shape.of, items.type.item, items, place)


def _singleton(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    items = _items(args[0])
    return made(f"({items.sql})[1]", items.shape.of, items.type.item, items, bad=f"(len({items.sql}) > 1)")


def _sliced(kind: str) -> Build:
    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        items = _items(args[0])
        if kind == "tail":
            sql = f"({items.sql})[2:]"
        elif not isinstance(args[1].constant, int):
            raise Untranslatable(f"{kind} with a computed number")
        else:
            number = max(0, args[1].constant)
            sql = f"({items.sql})[{number + 1}:]" if kind == "skip" else f"({items.sql})[1:{number}]"
        return made(sql, items.shape, node.type, items, solid=items.solid)

    return build


def _distinct(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    return lists.distinct(_items(args[0]), translator.depth)


def _flatten(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    items = _items(args[0])
    if items.shape.of.kind != "list":
        return made(lists.known(items, translator.depth), items.shape, node.type, items, solid=True)
    solid = not isinstance(node.args[0], tree.ListNode) and items.solid
    return made(f"flatten({items.sql})", items.shape.of, node.type, items, solid=solid)


def _union(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    shape = common(*args)
    if shape.kind != "list":
        raise Untranslatable("a union of intervals")
    parts = [fitted(a, shape) for a in args]
    whole = made(lists.joined(parts), shape, node.type, *parts, solid=all(p.solid for p in parts))
    return lists.distinct(translator.hoisted(whole), translator.depth)


def _kept(*, present: bool) -> Build:
    """Return intersect or except, for items that count as one exactly when they are the same in SQL."""

    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        shape = common(*args)
        if shape.kind != "list" or not (shape.of.kind in ("str", "int", "bool") or shape.of.is_resource):
            raise Untranslatable("a set operation on items of this kind")
        a, b = (fitted(x, shape) for x in args)
        test = f"list_position(coalesce({b.sql}, []), z) IS {'NOT ' if present else ''}NULL"
        sql = f"list_filter({a.sql}, lambda z: {test})"
        if present:
            sql = f"CASE WHEN {b.sql} IS NOT NULL THEN {sql} END"
        found = made(sql, shape, node.type, a, b, solid=a.solid)
        return lists.distinct(translator.hoisted(found), translator.depth)

    return build


def _member(*, swap: bool, nullable: bool) -> Build:
    """Return `element in list`, or `included in` where null stays null."""

    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        element, items = (args[1], args[0]) if swap else (args[0], args[1])
        shape = common(element, Value("", _items(items).shape.of))
        element, items = fitted(element, shape), fitted(_items(items), list_of(shape))
        found = _found_in(element, items)
        if nullable:
            sql = f"CASE WHEN {element.sql} IS NOT NULL AND {items.sql} IS NOT NULL THEN {found.sql} END"
            return replace(found, sql=sql)
        return found

    return build


def _found_in(element: Value, items: Value) -> Value:
    same = compare("eq", Value("z", items.shape.of), element)
    if element.shape.kind in ("str", "int", "dec", "bool"):
        if isinstance(items.constant, list):
            return truth(f"coalesce({element.sql} IN ({items.sql[1:-1]}), FALSE)", element)
        if items.solid:
            return truth(f"coalesce(list_contains({items.sql}, {element.sql}), FALSE)", element, items)
        null = f"len(list_filter({items.sql}, lambda z: z IS NULL)) > 0"
        sql = f"CASE WHEN {element.sql} IS NULL THEN {null} ELSE list_contains({items.sql}, {element.sql}) END"
        return truth(f"coalesce({sql}, FALSE)", element, items)
    null = f"len(list_filter({items.sql}, lambda z: z IS NULL)) > 0"
    sure = f"len(list_filter({items.sql}, lambda z: {same.sql})) > 0"
    open_ = f"len(list_filter({items.sql}, lambda z: z IS NOT NULL AND ({same.sql}) IS NULL)) > 0"
    sql = (
        f"CASE WHEN {items.sql} IS NULL THEN FALSE WHEN {element.sql} IS NULL THEN {null}"
        f" WHEN {sure} THEN TRUE WHEN {open_} THEN NULL ELSE FALSE END"
    )
    return truth(sql, element, items, replace(same, bad=among(items.sql, "z", same.bad)))


def _coalesce(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    items = _items(args[0])
    found = f"({lists.known(items, translator.depth)})[1]"
    return made(found, items.shape.of, node.type, items)


def _extreme(name: str) -> Build:
    def build(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
        return lists.extreme(_items(args[0]), name, translator.depth)

    return build


def _total(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    return lists.total(_items(args[0]), translator.depth)


def _all_true(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    return truth(f"coalesce(NOT list_contains({args[0].sql}, FALSE), TRUE)", args[0])


def _any_true(translator: Translator, args: list[Value], node: tree.Operation) -> Value:
    return truth(f"coalesce(list_contains({args[0].sql}, TRUE), FALSE)", args[0])


READ_ONCE: Final[dict[Any, Build]] = {li.exists: _exists, ag.count: _count, li.length: _length}
"""Operators that read their list once, so that it need not be a column."""

LIST_OPERATORS: Final[dict[Any, Build]] = {
    li.first: _at("1"), li.last: _at("-1"), li.at_index: _index, li.singleton: _singleton, li.skip: _sliced("skip"),
    li.take: _sliced("take"), li.tail: _sliced("tail"), li.distinct: _distinct, li.flatten: _flatten,
    li.union: _union, li.intersect: _kept(present=True), li.except_: _kept(present=False),
    li.member: _member(swap=False, nullable=False), li.contains: _member(swap=True, nullable=False),
    li.element_included: _member(swap=False, nullable=True), li.includes_element: _member(swap=True, nullable=True),
    li.coalesce_list: _coalesce, ag.minimum: _extreme("min"), ag.maximum: _extreme("max"), ag.total: _total,
    ag.all_true: _all_true, ag.any_true: _any_true,
}  # fmt: skip
