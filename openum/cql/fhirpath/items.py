"""What a collection holds: System values as they are, FHIR elements as nodes; and how to step from one to another."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, NamedTuple

from openum.cql.fhir import convert
from openum.cql.fhir import model as r4
from openum.cql.fhirpath import model
from openum.cql.fhirpath.errors import Fault
from openum.cql.values import ucum
from openum.cql.values.numbers import Long
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import Date, DateTime, Temporal, Time, at_offset

Json = Any
Value = Any
Items = list[Any]


class Node:
    """A FHIR element: its JSON, its type, and for a primitive the object with its id and extensions."""

    __slots__ = ("extra", "type", "value")

    def __init__(self, value: Json, type_name: str, extra: dict[str, Json] | None = None) -> None:
        self.value = value
        self.type = type_name
        self.extra = extra

    def __repr__(self) -> str:
        return f"Node({self.type})"


class TypeInfo(NamedTuple):
    """What `type()` answers."""

    namespace: str
    name: str


def _text(raw: Json, found: Value) -> Value:
    return raw if found is None else found


_PLAIN: Final[dict[str, Callable[[Json], Value]]] = {
    "decimal": convert.to_decimal,
    "date": lambda raw: _text(raw, convert.to_date(raw)),
    "dateTime": lambda raw: _text(raw, convert.to_datetime(raw)),
    "instant": lambda raw: _text(raw, convert.to_datetime(raw)),
    "time": lambda raw: _text(raw, convert.to_time(raw)),
}


def plain(item: Value) -> Value:
    """Return the System value of an item; a node that has none is returned as it is, one without a value is None."""
    if type(item) is not Node:
        return item
    kind = item.type
    found = _PLAIN.get(kind)
    if found is not None:
        return None if item.value is None else found(item.value)
    if type(item.value) is not dict:
        raw = item.value
        return Decimal(str(raw)) if type(raw) is float else raw
    if kind in r4.QUANTITY_LIKE:
        quantity = convert.to_quantity(item.value)
        return item if quantity is None else quantity
    return item


def type_of(item: Value) -> TypeInfo:
    """Return the type of an item."""
    if type(item) is Node:
        return TypeInfo("FHIR", item.type)
    if isinstance(item, TypeInfo):
        return TypeInfo("System", "ClassInfo")
    if isinstance(item, bool):
        return TypeInfo("System", "Boolean")
    if isinstance(item, Temporal):
        return TypeInfo("System", item.type_name)
    for python, name in (
        (str, "String"),
        (Long, "Long"),
        (int, "Integer"),
        (Decimal, "Decimal"),
        (Quantity, "Quantity"),
    ):
        if isinstance(item, python):
            return TypeInfo("System", name)
    return TypeInfo("System", "Any")


# --- navigation ------------------------------------------------------------------------------------------------------


def step(item: Value, name: str, out: Items) -> None:
    """Append the children of an item that have a name."""
    if type(item) is not Node:
        if isinstance(item, TypeInfo | Quantity) and name in item._fields:
            out.append(getattr(item, name))
        return
    value = item.value
    if type(value) is not dict:
        _step_primitive(item, name, out)
        return
    fields = model.fields(item.type)
    if fields is None:
        _step_unknown(value, name, out)
        return
    field = fields.get(name)
    if field is None:
        return
    if field.instead_of:
        if name in value:
            raise Fault(f"“{name}” is how a record spells a choice; in FHIRPath it is “{field.instead_of}”.")
        return
    for key, extra_key, kind, is_primitive in field.steps:
        raw = value.get(key)
        if is_primitive:
            extra = value.get(extra_key)
            if extra is not None:
                _append_extended(raw, kind, extra, out)
                continue
            if raw is None:
                continue
            if type(raw) is list:
                out.extend([Node(r, kind) for r in raw if r is not None and type(r) is not list])
            else:
                out.append(Node(raw, kind))
        elif raw is not None:
            if kind == "Resource":
                _append_resources(raw, out)
            elif type(raw) is list:
                out.extend([Node(r, kind) for r in raw if r is not None and type(r) is not list])
            else:
                out.append(Node(raw, kind))


def _append_extended(raw: Json, kind: str, extra: Json, out: Items) -> None:
    if isinstance(raw, list) or isinstance(extra, list):
        values = raw if isinstance(raw, list) else []
        extras = extra if isinstance(extra, list) else []
        for index in range(max(len(values), len(extras))):
            one = values[index] if index < len(values) else None
            other = extras[index] if index < len(extras) else None
            if (one is not None and type(one) is not list) or isinstance(other, dict):
                out.append(Node(one, kind, other if isinstance(other, dict) else None))
    elif raw is not None or isinstance(extra, dict):
        out.append(Node(raw, kind, extra if isinstance(extra, dict) else None))


def _append_resources(raw: Json, out: Items) -> None:
    for one in raw if isinstance(raw, list) else (raw,):
        if isinstance(one, dict):
            out.append(resource_node(one))


def resource_node(resource: dict[str, Json]) -> Node:
    """Return a resource as a node of the type it states."""
    kind = resource.get("resourceType")
    return Node(resource, kind if isinstance(kind, str) else "Resource")


def _step_primitive(item: Node, name: str, out: Items) -> None:
    if name == "value" and item.value is not None:
        out.append(plain(item))
    elif item.extra is not None and name in ("extension", "id"):
        step(Node(item.extra, "Element"), name, out)


def _step_unknown(value: dict[str, Json], name: str, out: Items) -> None:
    """Step within an object whose type is not in the model, as the JSON shows it."""
    raw = value.get(name)
    for one in raw if isinstance(raw, list) else () if raw is None else (raw,):
        if isinstance(one, dict):
            out.append(resource_node(one) if "resourceType" in one else Node(one, ""))
        elif one is not None and type(one) is not list:
            out.append(Node(one, _guess(one)))


def _guess(raw: Json) -> str:
    if isinstance(raw, bool):
        return "boolean"
    return "integer" if isinstance(raw, int) else "string" if isinstance(raw, str) else "decimal"


def children(item: Value, out: Items) -> None:
    """Append all children of an item, in the order of the model."""
    if type(item) is not Node:
        return
    value = item.value
    if type(value) is not dict:
        if item.extra is not None:
            children(Node(item.extra, "Element"), out)
        return
    fields = model.fields(item.type)
    if fields is None:
        for name in value:
            if name != "resourceType":
                _step_unknown(value, name, out)
        return
    for name in _present(value, fields):
        step(item, name, out)


def _present(value: dict[str, Json], fields: model.Fields) -> list[str]:
    names: list[str] = []
    for key in value:
        plain_key = key.removeprefix("_")
        field = fields.get(plain_key)
        if field is None:
            continue
        name = field.instead_of or plain_key
        if name not in names:
            names.append(name)
    return names


def descendants(item: Value, out: Items) -> None:
    """Append everything below an item, each level before the next."""
    level: Items = []
    children(item, level)
    while level:
        out.extend(level)
        following: Items = []
        for one in level:
            children(one, following)
        level = following


# --- reading arguments -----------------------------------------------------------------------------------------------


def single(items: Items) -> Value:
    """Return the System value (or node) of a collection of at most one item, None when there is none.

    Raises:
        Fault: more than one item.
    """
    if not items:
        return None
    if len(items) > 1:
        raise Fault(f"One value is needed here; there are {len(items)}.")
    return plain(items[0])


def truth(items: Items) -> bool | None:
    """Return a collection as a condition: no item is unknown, one item that is no Boolean is true.

    Raises:
        Fault: more than one item.
    """
    value = single(items)
    return value if value is None or isinstance(value, bool) else True


def text(items: Items) -> str | None:
    """Return the one String of a collection."""
    value = single(items)
    if value is None or isinstance(value, str):
        return value
    raise Fault(f"A String is needed here, not {describe(items[0])}.")


def integer(items: Items) -> int | None:
    """Return the one Integer of a collection."""
    value = single(items)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise Fault(f"An Integer is needed here, not {describe(items[0])}.")


def number(items: Items) -> int | Decimal | None:
    """Return the one Integer or Decimal of a collection."""
    value = single(items)
    if value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool)):
        return value
    raise Fault(f"A number is needed here, not {describe(items[0])}.")


def describe(item: Value) -> str:
    """Name the type of an item for a message; never its value."""
    namespace, name = type_of(item)
    return f"a {namespace}.{name}" if name else "an element of unknown type"


# --- identity --------------------------------------------------------------------------------------------------------


def key(item: Value) -> Any:
    """Return a hashable that is the same for items that are equal (`=` is true)."""
    value = plain(item)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return ("b", value)
    if isinstance(value, int | Decimal):
        return value
    if isinstance(value, Temporal):
        return _temporal_key(value)
    if isinstance(value, Quantity):
        return _quantity_key(value)
    if type(value) is Node:
        return ("n", frozen(value.value))
    if value is None:
        return ("e", frozen(item.extra))
    return value


def _temporal_key(value: Temporal) -> Any:
    fields = value.fields
    if isinstance(value, Time):
        return ("t", (*fields, 0) if len(fields) == 3 else fields)
    if isinstance(value, Date) or len(fields) < 4:
        return ("d", fields)
    known = isinstance(value, DateTime) and value.offset is not None
    if known and isinstance(value, DateTime):
        fields = at_offset(value, 0).fields
    return ("z" if known else "l", (*fields, 0) if len(fields) == 6 else fields)


def _quantity_key(value: Quantity) -> Any:
    unit = ucum.read(value.unit)
    if unit is None or value.unit in ("month", "months", "year", "years"):
        return ("q", value.value, value.unit.rstrip("s"))
    return ("q", (value.value * unit.factor + unit.shift).normalize(), unit.dimension)


def frozen(raw: Json) -> Any:
    """Return JSON as a hashable; numbers compare by value."""
    if isinstance(raw, dict):
        return frozenset((name, frozen(inner)) for name, inner in raw.items())
    if isinstance(raw, list):
        return tuple(map(frozen, raw))
    if isinstance(raw, bool):
        return ("b", raw)
    return Decimal(str(raw)) if isinstance(raw, float) else raw


def distinct(items: Items) -> Items:
    """Return the items without those equal to an earlier one."""
    if len(items) < 2:
        return items
    found: dict[Any, Value] = {}
    for item in items:
        found.setdefault(key(item), item)
    return list(found.values())
