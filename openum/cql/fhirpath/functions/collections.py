"""Filtering, projection, subsetting, combining, aggregates (FHIRPath 2.0, 5.2 to 5.4 and 7) and tree navigation."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any, Final

from openum.cql.fhirpath import arithmetic, equality
from openum.cql.fhirpath.errors import Fault
from openum.cql.fhirpath.items import Items, Node, children, descendants, distinct, integer, key, single, truth
from openum.cql.fhirpath.registry import MAX_ITEMS, Code, Run, items_function, lazy, value_function

MAX_LEVELS: Final = 2_000


@lazy("where", least=1)
def where(run: Run, items: Items, this: Items, test: Code) -> Items:
    """Keep the items that meet a condition."""
    out: Items = []
    for index, item in enumerate(items):
        run.index = [index]
        found = test(run, [item])
        if found and truth(found):
            out.append(item)
    return out


@lazy("select", least=1)
def select(run: Run, items: Items, this: Items, project: Code) -> Items:
    """Return what an expression gives for each item."""
    out: Items = []
    for index, item in enumerate(items):
        run.index = [index]
        out.extend(project(run, [item]))
    if len(out) > MAX_ITEMS:
        raise Fault(f"A collection of more than {MAX_ITEMS} items is not built.")
    return out


@lazy("repeat", least=1)
def repeat(run: Run, items: Items, this: Items, project: Code) -> Items:
    """Apply an expression again and again to what it gives, each equal item once."""
    out: Items = []
    seen: set[Any] = set()
    queue = items
    for _ in range(MAX_LEVELS):
        if not queue:
            return out
        following: Items = []
        for index, item in enumerate(queue):
            run.index = [index]
            for found in project(run, [item]):
                identity = key(found)
                if identity not in seen:
                    seen.add(identity)
                    following.append(found)
        out.extend(following)
        _bounded(out)
        queue = following
    raise Fault(f"“repeat” does not come to an end within {MAX_LEVELS} levels.")


@lazy("repeatAll", least=1)
def repeat_all(run: Run, items: Items, this: Items, project: Code) -> Items:
    """Apply an expression again and again to what it gives, equal items included."""
    out: Items = []
    queue = items
    for _ in range(MAX_LEVELS):
        if not queue:
            return out
        following: Items = []
        for item in queue:
            following.extend(project(run, [item]))
        out.extend(following)
        _bounded(out)
        queue = following
    raise Fault(f"“repeatAll” does not come to an end within {MAX_LEVELS} levels.")


def _bounded(out: Items) -> None:
    if len(out) > MAX_ITEMS:
        raise Fault(f"A collection of more than {MAX_ITEMS} items is not built.")


@lazy("aggregate", least=1, most=2)
def aggregate(run: Run, items: Items, this: Items, step: Code, start: Code | None = None) -> Items:
    """Fold the items into `$total`."""
    saved = run.total
    total = [] if start is None else start(run, this)
    for index, item in enumerate(items):
        run.index, run.total = [index], total
        total = step(run, [item])
    run.total = saved
    return total


def sort(run: Run, items: Items, keys: list[tuple[Code, bool]]) -> Items:
    """Order the items by keys, each with whether it goes down; without keys by themselves. Nothing comes first."""
    rows: list[tuple[list[Any], Any]] = []
    for index, item in enumerate(items):
        run.index = [index]
        rows.append(([single(code(run, [item])) for code, _ in keys] or [single([item])], item))
    downs = [down for _, down in keys] or [False]

    def compare(a: tuple[list[Any], Any], b: tuple[list[Any], Any]) -> int:
        for x, y, down in zip(a[0], b[0], downs, strict=True):
            if x is None or y is None:
                if x is not y:
                    return -1 if x is None else 1
                continue
            order = equality.order_items(x, y)
            if order:
                return -order if down else order
        return 0

    return [item for _, item in sorted(rows, key=cmp_to_key(compare))]


@value_function("sum")
def sum_(items: Items) -> Any:
    """The sum of the items."""
    total: Items = items[:1]
    for item in items[1:]:
        value = arithmetic.add(total, [item])
        total = [] if value is None else [value]
    return single(total)


@value_function("min")
def min_(items: Items) -> Any:
    """The least item."""
    return _extreme(items, -1)


@value_function("max")
def max_(items: Items) -> Any:
    """The greatest item."""
    return _extreme(items, 1)


def _extreme(items: Items, sign: int) -> Any:
    best = single(items[:1])
    for item in items[1:]:
        order = equality.order([item], [best])
        if order is None:
            return None
        if order == sign:
            best = single([item])
    return best


@value_function("avg")
def avg(items: Items) -> Any:
    """The mean of the items."""
    if not items:
        return None
    total = sum_(items)
    return None if total is None else arithmetic.divide([total], [len(items)])


@items_function("first")
def first(run: Run, items: Items) -> Items:
    """The first item."""
    return items[:1]


@items_function("last")
def last(run: Run, items: Items) -> Items:
    """The last item."""
    return items[-1:]


@items_function("tail")
def tail(run: Run, items: Items) -> Items:
    """All but the first item."""
    return items[1:]


@items_function("skip", least=1)
def skip(run: Run, items: Items, number: Items) -> Items:
    """All but the first n items."""
    n = integer(number)
    return [] if n is None else items[max(0, n) :]


@items_function("take", least=1)
def take(run: Run, items: Items, number: Items) -> Items:
    """The first n items."""
    n = integer(number)
    return [] if n is None else items[: max(0, n)]


@items_function("single")
def single_(run: Run, items: Items) -> Items:
    """The only item; more than one is an error."""
    if len(items) > 1:
        raise Fault(f"“single” found {len(items)} items.")
    return items


@items_function("distinct")
def distinct_(run: Run, items: Items) -> Items:
    """The items without those equal to an earlier one."""
    return distinct(items)


@items_function("union", least=1)
def union(run: Run, items: Items, other: Items) -> Items:
    """The items of both, each equal item once."""
    return distinct([*items, *other])


@items_function("combine", least=1)
def combine(run: Run, items: Items, other: Items) -> Items:
    """The items of both."""
    return [*items, *other]


@items_function("intersect", least=1)
def intersect(run: Run, items: Items, other: Items) -> Items:
    """The items that are in both, each equal item once."""
    known = {key(item) for item in other}
    return distinct([item for item in items if key(item) in known])


@items_function("exclude", least=1)
def exclude(run: Run, items: Items, other: Items) -> Items:
    """The items that are not in the other."""
    known = {key(item) for item in other}
    return [item for item in items if key(item) not in known]


@lazy("coalesce", least=1, most=20)
def coalesce(run: Run, items: Items, this: Items, *codes: Code) -> Items:
    """The first argument that is not empty."""
    for code in codes:
        found = code(run, this)
        if found:
            return found
    return []


@items_function("children")
def children_(run: Run, items: Items) -> Items:
    """The children of all items."""
    out: Items = []
    for item in items:
        children(item, out)
    return out


@items_function("descendants")
def descendants_(run: Run, items: Items) -> Items:
    """Everything below all items."""
    out: Items = []
    for item in items:
        if type(item) is not Node or not isinstance(item.value, dict):
            descendants(item, out)
            continue
        known = run.memo.get(("descendants", id(item.value)))
        if known is None:
            below: Items = []
            descendants(item, below)
            known = run.memo["descendants", id(item.value)] = (item, below)  # the item is kept, so its id stays its own
        out.extend(known[1])
    return out
