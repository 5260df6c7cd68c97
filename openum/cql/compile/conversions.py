"""Implicit conversions: which exist, what they cost, and the function that makes them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from openum.cql.compile.types import ANY, CODE, DATETIME, Type, alternatives, parse_type
from openum.cql.fhir import model
from openum.cql.fhir.convert import CONVERTERS, to_moment
from openum.cql.values.codes import CodeSystemRef, Concept, Instance, Tagged, ValueSetRef
from openum.cql.values.interval import Interval
from openum.cql.values.numbers import Long
from openum.cql.values.quantity import Quantity, Ratio
from openum.cql.values.temporal import Date, DateTime, Time
from openum.cql.values.uncertainty import Uncertainty

Function = Callable[[Any], Any]


class Conversion(NamedTuple):
    """Lower cost is better; no function means the value stays as it is."""

    cost: int
    function: Function | None = None


def _strict(function: Function) -> Function:
    return lambda value: None if value is None else function(value)


def _to_decimal(value: Any) -> Any:
    return value if isinstance(value, Uncertainty) else Decimal(value)


_PROMOTIONS: dict[tuple[str, str], Conversion] = {
    ("Integer", "Long"): Conversion(3, _strict(Long)),
    ("Integer", "Decimal"): Conversion(4, _strict(_to_decimal)),
    ("Integer", "Quantity"): Conversion(8, _strict(lambda v: Quantity(Decimal(v)))),
    ("Long", "Decimal"): Conversion(3, _strict(Decimal)),
    ("Long", "Quantity"): Conversion(8, _strict(lambda v: Quantity(Decimal(v)))),
    ("Decimal", "Quantity"): Conversion(7, _strict(Quantity)),
    ("Date", "DateTime"): Conversion(3, _strict(lambda v: DateTime(v.fields))),
    ("Code", "Concept"): Conversion(3, _strict(lambda v: Concept((v,), v.display))),
    ("ValueSet", "Vocabulary"): Conversion(1),
    ("CodeSystem", "Vocabulary"): Conversion(1),
}


def _compose(first: Function | None, second: Function | None) -> Function | None:
    if first is None or second is None:
        return first or second
    return lambda value: second(first(value))


def _tag(name: str) -> Function:
    return lambda value: None if value is None else Tagged(name, value)


@lru_cache(maxsize=8192)
def conversion(source: Type, target: Type) -> Conversion | None:
    """Return how a value of one type becomes a value of another, or None when it does not."""
    if source == target:
        return Conversion(0)
    if target == ANY:
        if source.is_fhir and not source.is_resource:
            return Conversion(9, _tag(source.fhir))
        return Conversion(9)
    if source == ANY:
        return Conversion(1)
    if target.name == "Choice":
        return _to_choice(source, target)
    if source.name == "Choice":
        return _from_choice(source, target)
    if source.is_fhir:
        return _from_fhir(source, target)
    if source.name == target.name and source.args:
        return _elementwise(source, target)
    if source.name == target.name == "Tuple":
        return _tuples(source, target)
    if target.is_fhir:
        return _to_fhir(source, target)
    return _PROMOTIONS.get((source.name, target.name))


# FHIR types that a value of a System type can be written as.
_AS_FHIR: dict[str, frozenset[str]] = {
    "String": model.STRING_LIKE, "Integer": model.INTEGER_LIKE | {"decimal"}, "Boolean": frozenset({"boolean"}),
    "Decimal": frozenset({"decimal"}), "Date": frozenset({"date", "dateTime"}),
    "DateTime": frozenset({"dateTime", "instant"}), "Time": frozenset({"time"}), "Quantity": model.QUANTITY_LIKE,
    "Ratio": frozenset({"Ratio"}), "Code": frozenset({"Coding", "CodeableConcept"}),
    "Concept": frozenset({"CodeableConcept"}), "Interval<DateTime>": frozenset({"Period"}),
    "Interval<Quantity>": frozenset({"Range"}),
}  # fmt: skip


def _to_fhir(source: Type, target: Type) -> Conversion | None:
    """Write a System value as the FHIR element it stands for, where a function asks for one."""
    if target.fhir not in _AS_FHIR.get(str(source), ()):
        return None
    from openum.cql.run.support import plain

    if target.fhir == "CodeableConcept" and source == CODE:
        return Conversion(20, _strict(lambda v: {"coding": [plain(v)]}))
    return Conversion(20, _strict(plain))


def _from_fhir(source: Type, target: Type) -> Conversion | None:
    if target.is_fhir:
        if model.is_a(source.fhir, target.fhir):
            return Conversion(1)
        same_shape = {source.fhir, target.fhir} <= model.STRING_LIKE or {
            source.fhir,
            target.fhir,
        } <= model.QUANTITY_LIKE
        return Conversion(2) if same_shape else None
    found = CONVERTERS.get(source.fhir)
    if found is None:
        return None
    system = parse_type(found[0])
    further = conversion(system, target)
    if further is None or target == ANY:
        return None
    return Conversion(3 + further.cost, _compose(found[1], further.function))


def _to_choice(source: Type, target: Type) -> Conversion | None:
    best: Conversion | None = None
    for part in alternatives(source):
        for option in target.args:
            found = conversion(part, option)
            if found is not None and (best is None or found.cost < best.cost):
                best = found
                if option.is_fhir and not option.is_resource and source.name != "Choice":
                    best = Conversion(found.cost, _compose(found.function, _tag(option.fhir)))
    if best is None:
        return None
    return Conversion(best.cost + 4, best.function if source.name != "Choice" else None)


def _from_choice(source: Type, target: Type) -> Conversion | None:
    functions: dict[str, Function | None] = {}
    natives: list[tuple[Type, Function | None]] = []
    costs: list[int] = []
    for part in source.args:
        found = conversion(part, target)
        if found is None and target.name == "Interval" and part.is_fhir:
            found = _point_as_interval(part, target)
        if found is None:
            continue
        costs.append(found.cost)
        if part.is_fhir and not part.is_resource:
            functions[part.fhir] = found.function
        else:
            natives.append((part, found.function))
    if not costs:
        return None

    def choose(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, Tagged):
            if value.type in functions:
                function = functions[value.type]
                return value.raw if function is None else function(value.raw)
            found = CONVERTERS.get(value.type)
            value = value.raw if found is None else found[1](value.raw)
        for part, function in natives:
            if is_of(value, part):
                return value if function is None else function(value)
        return None

    choose.readers = functions  # type: ignore[attr-defined]  # lets a target read the element and convert at once
    return Conversion(min(costs) + 4, choose)


_PERIOD = Type("Interval", (DATETIME,))


def _point_as_interval(source: Type, target: Type) -> Conversion | None:
    """Let a choice of dateTime and Period be read as an interval either way."""
    found = conversion(source, target.args[0])
    if found is None or source.fhir not in ("dateTime", "date", "instant"):
        return None
    if target == _PERIOD:
        return Conversion(found.cost, to_moment)
    return Conversion(found.cost, _compose(found.function, _strict(lambda v: Interval(v, v))))


def _elementwise(source: Type, target: Type) -> Conversion | None:
    inner = conversion(source.args[0], target.args[0])
    if inner is None:
        return None
    function = inner.function
    if source.args[0] == ANY:
        kind = target.args[0].name
        if source.name == "Interval":
            return Conversion(2, _strict(lambda v: Interval(v.low, v.high, v.low_closed, v.high_closed, kind)))
        return Conversion(2)
    if function is None:
        return Conversion(inner.cost)
    if source.name == "List":
        return Conversion(inner.cost, _strict(lambda v: [function(x) for x in v]))
    kind = target.args[0].name
    return Conversion(
        inner.cost, _strict(lambda v: Interval(function(v.low), function(v.high), v.low_closed, v.high_closed, kind))
    )


def _tuples(source: Type, target: Type) -> Conversion | None:
    have = dict(source.elements)
    functions: dict[str, Function] = {}
    cost = 0
    for name, wanted in target.elements:
        found = conversion(have[name], wanted) if name in have else None
        if found is None:
            return None
        cost += found.cost
        if found.function is not None:
            functions[name] = found.function
    if not functions:
        return Conversion(cost)
    return Conversion(
        cost, _strict(lambda v: Instance({k: functions[k](x) if k in functions else x for k, x in v.items()}))
    )


_CLASSES: dict[str, tuple[type, ...]] = {
    "Decimal": (Decimal,), "String": (str,), "Date": (Date,), "DateTime": (DateTime,), "Time": (Time,),
    "Quantity": (Quantity,), "Ratio": (Ratio,), "Concept": (Concept,), "Long": (Long,), "Boolean": (bool,),
    "ValueSet": (ValueSetRef,), "CodeSystem": (CodeSystemRef,), "Vocabulary": (ValueSetRef, CodeSystemRef),
    "Tuple": (Instance,), "Interval": (Interval,), "List": (list,),
}  # fmt: skip


def is_of(value: Any, target: Type) -> bool:
    """Say whether a run-time value is of a type."""
    if value is None:
        return False
    if target == ANY:
        return True
    if target.name == "Choice":
        return any(is_of(value, part) for part in target.args)
    if isinstance(value, Tagged):
        if target.is_fhir:
            return model.is_a(value.type, target.fhir)
        found = CONVERTERS.get(value.type)
        return found is not None and found[0] == str(target)
    if target.is_resource:
        return isinstance(value, dict) and model.is_a(str(value.get("resourceType", "")), target.fhir)
    if target.name == "Integer":
        return isinstance(value, Uncertainty) or (type(value) is int)
    if target.name == "Code":
        return type(value).__name__ == "Code"
    if target.name == "Interval" and isinstance(value, Interval):
        return not target.args or target.args[0] == ANY or value.kind in ("Any", target.args[0].name)
    if target.name == "List" and isinstance(value, list):
        return not target.args or target.args[0] == ANY or all(v is None or is_of(v, target.args[0]) for v in value)
    classes = _CLASSES.get(target.name)
    return classes is not None and isinstance(value, classes)


def common_type(types: list[Type]) -> Type | None:
    """Return the one type all convert to at least cost, or None."""
    known = [t for t in dict.fromkeys(types) if t != ANY]
    if not known:
        return ANY
    options = list(known)
    for t in known:
        if t.is_fhir and t.fhir in CONVERTERS:
            options.append(parse_type(CONVERTERS[t.fhir][0]))
        if t.name in ("List", "Interval") and t.args[0].is_fhir and t.args[0].fhir in CONVERTERS:
            options.append(Type(t.name, (parse_type(CONVERTERS[t.args[0].fhir][0]),)))
    best: tuple[int, Type] | None = None
    for option in dict.fromkeys(options):
        found = [conversion(t, option) for t in known]
        if all(c is not None for c in found):
            cost = sum(c.cost for c in found if c is not None)
            if best is None or cost < best[0]:
                best = (cost, option)
    return best[1] if best else None
