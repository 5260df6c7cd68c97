"""Small functions the generated code calls that are no CQL operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openum.cql.compile.conversions import is_of
from openum.cql.compile.types import Type
from openum.cql.errors import CqlRuntimeError
from openum.cql.fhir import model
from openum.cql.fhir.convert import CONVERTERS, UCUM
from openum.cql.operators.comparison import untag
from openum.cql.operators.lists import MAX_LIST
from openum.cql.values.codes import ALL_CODES, Code, CodeSystemRef, Concept, Instance, Tagged, ValueSetRef
from openum.cql.values.interval import Interval
from openum.cql.values.quantity import Quantity, Ratio
from openum.cql.values.temporal import Temporal
from openum.cql.values.ucum import CALENDAR

Value = Any
Pairs = frozenset[tuple[str | None, str | None]]


def pairs_of(value: Value) -> Pairs | None:
    """Return the (system, code) pairs of a code, a concept, a code system or a list of them."""
    value = untag(value)
    if value is None:
        return None
    if isinstance(value, Code):
        return frozenset({(value.system, value.code)} if value.code else ())
    if isinstance(value, Concept):
        return frozenset((c.system, c.code) for c in value.codes if c.code)
    if isinstance(value, CodeSystemRef):
        return frozenset({(value.id, ALL_CODES)})
    found: set[tuple[str | None, str | None]] = set()
    for item in value:
        if isinstance(item, dict) and not isinstance(item, Instance):
            codings = item.get("coding", [item])
            found.update((c.get("system"), c.get("code")) for c in codings if c.get("code"))
        else:
            found |= pairs_of(item) or frozenset()
    return frozenset(found)


def narrow_any(target: Type, strict: bool) -> Callable[[Value], Value]:
    """Return a function that keeps values of a type and makes others null, or fails when strict."""

    def narrow(value: Value) -> Value:
        if value is None:
            return None
        if not is_of(value, target):
            if strict:
                raise CqlRuntimeError(f"The value is no {target}.")
            return None
        if isinstance(value, Tagged):
            return value.raw if target.is_fhir else untag(value)
        return value

    return narrow


def make_fhir(kind: str, names: tuple[str, ...]) -> Callable[..., dict[str, Value]]:
    """Return a function that builds a FHIR element or resource from its values."""
    head: dict[str, Value] = {"resourceType": kind} if model.is_resource(kind) else {}

    def make(*values: Value) -> dict[str, Value]:
        return head | {n: plain(v) for n, v in zip(names, values, strict=True) if v is not None}

    return make


def plain(value: Value) -> Value:
    """Return a value as FHIR JSON holds it."""
    if isinstance(value, Tagged):
        return value.raw
    if isinstance(value, Temporal):
        return value.text()
    if isinstance(value, Quantity):
        code = CALENDAR.get(value.unit, value.unit)
        return {"value": value.value, "unit": value.unit, "system": UCUM, "code": code}
    if isinstance(value, Ratio):
        return {"numerator": plain(value.numerator), "denominator": plain(value.denominator)}
    if isinstance(value, Code):
        return {k: v for k, v in value._asdict().items() if v is not None}
    if isinstance(value, Concept):
        return {"coding": [plain(c) for c in value.codes], "text": value.display}
    if isinstance(value, Interval):
        names = ("low", "high") if value.kind == "Quantity" else ("start", "end")
        return {k: plain(v) for k, v in zip(names, (value.start, value.end), strict=True) if v is not None}
    return [plain(v) for v in value] if isinstance(value, list) else value


def _make_concept(codes: list[Code | None] | None, display: str | None) -> Concept:
    return Concept(tuple(c for c in codes or () if c is not None), display)


def _make_quantity(value: Value, unit: str | None) -> Quantity | None:
    return None if value is None else Quantity(value, unit or "1")


MAKERS: dict[str, Callable[..., Value]] = {
    "Quantity": _make_quantity,
    "Code": Code,
    "Concept": _make_concept,
    "Ratio": Ratio,
    "ValueSet": ValueSetRef,
    "CodeSystem": CodeSystemRef,
}


def choice(source: Value, keys: tuple[tuple[str, str], ...]) -> Tagged | None:
    """Return the present alternative of a choice element."""
    for key, name in keys:
        raw = source.get(key)
        if raw is not None:
            return Tagged(name, raw)
    return None


def read(source: Value, readers: tuple[tuple[str, Callable[[Value], Value] | None], ...]) -> Value:
    """Return the present alternative of a choice element, converted."""
    for key, function in readers:
        raw = source.get(key)
        if raw is not None:
            return raw if function is None else function(raw)
    return None


def dynamic(source: Value, name: str, tagged: bool) -> Value:
    """Return an element of a value whose type was open at compile time."""
    if source is None:
        return None
    if isinstance(source, list):
        return [v for item in source for v in _as_list(dynamic(item, name, tagged))]
    kind = None
    if isinstance(source, Tagged):
        kind, source = source.type, source.raw
        if name == "value" and kind in model.PRIMITIVES:
            return CONVERTERS[kind][1](source)
    elif isinstance(source, Instance):
        return source.get(name)
    elif isinstance(source, dict):
        kind = source.get("resourceType")
    else:
        return getattr(source, name, None) if isinstance(source, Quantity | Ratio | Code | Concept | Interval) else None
    found = model.element(kind, name) if kind else None
    if found is None or not isinstance(source, dict):
        return None
    for key, type_name in found.alternatives():
        raw = source.get(key)
        if raw is not None:
            if not tagged or model.is_resource(type_name):
                return raw
            return (
                [Tagged(type_name, r) for r in raw]
                if found.is_list and isinstance(raw, list)
                else Tagged(type_name, raw)
            )
    return None


def _as_list(value: Value) -> list[Value]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def each(items: Value, name: str, keys: tuple[tuple[str, str], ...], convert: Callable[[Value], Value] | None) -> Value:
    """Return an element of every item of a list, as one list without nulls."""
    if items is None:
        return None
    found: list[Value] = []
    for item in items:
        if item is None:
            continue
        value = choice(item, keys) if keys else item.get(name) if isinstance(item, dict) else getattr(item, name, None)
        if value is not None and convert is not None:
            value = convert(value)
        found.extend(_as_list(value))
    return found


def sort_instant(value: Value) -> Value:
    """Return the instant a dateTime or Period sorts by: the start, or the end of a period without one."""
    value = untag(value)
    if isinstance(value, Interval):
        return value.start if value.start is not None else value.end
    return value


def children(value: Value) -> list[Value] | None:
    """Children: the values of the elements of a value, one level down; of a list, of all its items."""
    if value is None:
        return None
    if isinstance(value, list):
        return [c for v in value for c in children(v) or ()]
    if isinstance(value, Instance):
        parts = list(value.values())
    elif isinstance(value, Code | Concept | Quantity | Ratio | ValueSetRef | CodeSystemRef):
        parts = [list(v) if isinstance(v, tuple) and not hasattr(v, "_fields") else v for v in value]
    elif isinstance(value, Interval):
        parts = [value.low, value.low_closed, value.high, value.high_closed]
    else:
        kind = value.type if isinstance(value, Tagged) else value.get("resourceType") if isinstance(value, dict) else ""
        names = model.element_names(kind) if isinstance(kind, str) and kind not in model.PRIMITIVES else []
        parts = [dynamic(value, name, True) for name in names]
    return [c for part in parts for c in _as_list(part)]


def descendents(value: Value) -> list[Value] | None:
    """Descendents: the children of a value, their children, and so on.

    Raises:
        CqlRuntimeError: more than `MAX_LIST` values.
    """
    found = children(value)
    if found is None:
        return None
    level = found
    while level:
        level = children(level) or []
        found = [*found, *level]
        if len(found) > MAX_LIST:
            raise CqlRuntimeError(f"A list of more than {MAX_LIST} elements is not built.")
    return found


def extensions(items: list[Value], url: str | None) -> list[Value]:
    """Return the extensions of FHIR elements that have an address."""
    found: list[Value] = []
    for item in items:
        raw = item.raw if isinstance(item, Tagged) else item
        listed = raw.get("extension") if isinstance(raw, dict) else None
        found += [e for e in listed if isinstance(e, dict) and e.get("url") == url] if isinstance(listed, list) else []
    return found


def flattened(resource: Value, url: str, kind: Type) -> Value:
    """Return an extension shown as an element: its value, or a tuple of the extensions inside it."""
    found = extensions([resource], url)
    if not found:
        return None
    if kind.name != "Tuple":
        value = dynamic(Tagged("Extension", found[0]), "value", True)
        return untag(value)
    parts: dict[str, Value] = {}
    for name, part in kind.elements:
        values = [untag(dynamic(Tagged("Extension", e), "value", True)) for e in extensions(found, name)]
        known = [v for v in values if v is not None]
        parts[name] = known if part.name == "List" else (known[0] if known else None)
    return Instance(parts)
