"""Lists in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from openum.cql.compile.types import BOOLEAN
from openum.cql.population.sql.shapes import BOOL, WHOLE_DATE, Untranslatable
from openum.cql.population.sql.values import Value, among, any_of, identity, identity_is_plain, made, part, truth

_SCALARS: Final = frozenset({"bool", "int", "dec", "str", "date", "time"})


def filtered(source: Value, variable: str, condition: Value) -> Value:
    """Return the items for which a condition is true."""
    sql = f"list_filter({source.sql}, lambda {variable}: {condition.sql})"
    test = replace(condition, bad=among(source.sql, variable, condition.bad))
    return made(sql, source.shape, source.type, source, test, solid=source.solid)


def known(items: Value, depth: int) -> str:
    """Return the items that are not null."""
    if items.solid:
        return items.sql
    return f"list_filter({items.sql}, lambda x{depth + 1}: x{depth + 1} IS NOT NULL)"


def exists(items: Value, depth: int) -> Value:
    """Return whether there is an item that is not null."""
    if items.shape.kind == "null":
        return Value("FALSE", BOOL, BOOLEAN)
    items = replace(items, sql=items.repeated or items.sql)
    return truth(f"(coalesce(len({known(items, depth)}), 0) > 0)", items)


def counted(items: Value, depth: int) -> str:
    """Return the number of items that are not null."""
    if items.repeated and items.shape.of.kind in _SCALARS:
        return f"CAST(coalesce(len(list_distinct({items.repeated})), 0) AS BIGINT)"
    return f"CAST(coalesce(len({known(items, depth)}), 0) AS BIGINT)"


def with_name(value: Value, depth: int, body: str) -> str:
    """Return an expression that reads a long value often, as `{}` in `body`, but computes it once."""
    if len(value.sql) < 24:
        return body.replace("{}", value.sql)
    name = f"y{depth}"
    return f"list_transform([{value.sql}], lambda {name}: {body.replace('{}', name)})[1]"


def _several(items: str, feature: str) -> str:
    """Return whether items differ in a feature, which the Python target then weighs."""
    return f"(coalesce(len(list_distinct(list_transform({items}, lambda z: {feature}))), 0) > 1)"


def _units(items: str) -> str:
    return _several(items, "z.u")


def distinct(items: Value, depth: int) -> Value:
    """Return the items without later duplicates.

    Raises:
        Untranslatable: items of this kind cannot be told apart.
    """
    item = items.shape.of
    if item.kind == "null" or items.repeated:
        return items
    keys, own = (
        ("{}", "w")
        if item.kind == "qty"
        else (f"list_transform({{}}, lambda z: {identity('z', item)})", identity("w", item))
    )
    if identity_is_plain(item):
        keys = "{}"
    body = (
        f"CASE WHEN len({{}}) < 2 THEN {{}} ELSE list_filter({{}}, lambda w, i: list_position({keys}, {own}) = i) END"
    )
    bad = f"({_units(items.sql)})" if item.kind == "qty" else ""
    found = made(with_name(items, depth, body), items.shape, items.type, items, bad=bad, solid=items.solid)
    return replace(found, repeated=items.sql)


def _order(key: Value) -> tuple[str, str]:
    """Return what rows are ordered by for a key, and what all rows must share for that order to be right, or "".

    Raises:
        Untranslatable: the key has no order.
    """
    shape, guard = key.shape, ""
    order = key.sql
    if shape.kind == "date":
        guard = "" if shape.is_whole else f"length({order})"
    elif shape.kind == "datetime":
        guard, order = f"struct_pack(a := length({part(key, 't')}), b := {part(key, 'o')})", part(key, "n")
    elif shape.kind == "qty":
        guard, order = f"({order}).u", f"({order}).v"
    elif shape.kind not in ("int", "dec", "str"):
        raise Untranslatable(f"rows are sorted by a {shape.kind}")
    return order, guard


def sorted_by(rows: Value, variable: str, keys: Sequence[Value], *, descending: bool) -> Value:
    """Return rows in the order of keys, the first of which counts most; null sorts lowest, equal rows keep their order.

    Raises:
        Untranslatable: a key has no order.
    """
    orders = [_order(key) for key in keys]
    fields = [f"p{n} := ({order}) IS NOT NULL, k{n} := {order}" for n, (order, _) in enumerate(orders)]
    record = f"struct_pack({', '.join(fields)}, i := {'-i' if descending else 'i'}, v := {variable})"
    prepared = f"list_transform({rows.sql}, lambda {variable}, i: {record})"
    sort = "list_reverse_sort" if descending else "list_sort"
    sql = f"list_transform({sort}({prepared}), lambda z: z.v)"
    bad = any_of(
        *(among(rows.sql, variable, key.bad) for key in keys),
        *(_several(rows.sql, guard).replace("lambda z:", f"lambda {variable}:") for _, guard in orders if guard),
    )
    return made(sql, rows.shape, rows.type, rows, *(replace(k, bad="") for k in keys), bad=bad, solid=rows.solid)


def extreme(items: Value, name: str, depth: int) -> Value:
    """Return the least or greatest item.

    Raises:
        Untranslatable: the items have no order.
    """
    item = items.shape.of
    if item.kind in ("int", "dec", "str") or item == WHOLE_DATE:
        return made(f"list_{name}({items.sql})", item, items.type.item, items)
    feature = {
        "date": "length(z)",
        "datetime": "struct_pack(a := length(z.t), b := z.o)",  # of several offsets Python knows which comes first
        "qty": "z.u",
    }.get(item.kind)
    if feature is not None:
        sql = f"list_{name}(list_filter({items.sql}, lambda z: z IS NOT NULL))"
        return made(sql, item, items.type.item, items, bad=_several(known(items, depth), feature))
    raise Untranslatable(f"the extreme of values of kind {item.kind}")


def total(items: Value, depth: int) -> Value:
    """Return the sum.

    Raises:
        Untranslatable: the items are no numbers.
    """
    item = items.shape.of
    if item.kind not in ("int", "dec"):
        raise Untranslatable(f"the sum of values of kind {item.kind}")
    target = "BIGINT" if item.kind == "int" else "DECIMAL(28,8)"
    sql = f"TRY_CAST(list_sum({items.sql}) AS {target})"
    bad = f"(abs({sql}) >= {2**31})" if item.kind == "int" else f"({sql} IS NULL AND len({known(items, depth)}) > 0)"
    return made(sql, item, items.type.item, items, bad=f"coalesce({bad}, FALSE)")


def joined(parts: list[Value]) -> str:
    """Return lists one after the other; a null list counts as empty."""
    return "flatten([" + ", ".join(f"coalesce({p.sql}, [])" for p in parts) + "])"
