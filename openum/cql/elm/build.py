"""Small ELM trees: literals, references to types, conversions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from openum.cql.compile.conversions import conversion
from openum.cql.compile.types import ANY, Type, alternatives, parse_type
from openum.cql.elm.errors import ElmError
from openum.cql.elm.types import SYSTEM, Json, is_named, specifier, type_name
from openum.cql.fhir import model
from openum.cql.fhir.convert import CONVERTERS
from openum.cql.values.codes import Code, Concept
from openum.cql.values.interval import Interval
from openum.cql.values.numbers import Long, decimal_text
from openum.cql.values.quantity import Quantity, Ratio
from openum.cql.values.temporal import DateTime, Temporal

HELPERS: Final = "FHIRHelpers"
_PARTS: Final = ("year", "month", "day", "hour", "minute", "second", "millisecond")
_PROMOTIONS: Final = {
    ("Integer", "Long"): "ToLong",
    ("Integer", "Decimal"): "ToDecimal",
    ("Integer", "Quantity"): "ToQuantity",
    ("Long", "Decimal"): "ToDecimal",
    ("Long", "Quantity"): "ToQuantity",
    ("Decimal", "Quantity"): "ToQuantity",
    ("Date", "DateTime"): "ToDateTime",
    ("Code", "Concept"): "ToConcept",
}


def operator(name: str, *operands: Json, **attributes: Any) -> Json:
    """Return an operator over its operands: one operand stands alone, several in a list."""
    found: Json = {"type": name, **{k: v for k, v in attributes.items() if v not in (None, "")}}
    if operands:
        found["operand"] = operands[0] if len(operands) == 1 else list(operands)
    return found


def null(kind: Type = ANY) -> Json:
    """Return null, seen as a type."""
    return {"type": "Null"} if kind == ANY else as_type({"type": "Null"}, kind)


def as_type(value: Json, kind: Type, *, strict: bool = False) -> Json:
    """Return a value seen as a type."""
    found: Json = {"type": "As", "strict": strict, "operand": value}
    return found | ({"asType": type_name(kind)} if is_named(kind) else {"asTypeSpecifier": specifier(kind)})


def is_type(value: Json, kind: Type) -> Json:
    """Return a test for a type."""
    found: Json = {"type": "Is", "operand": value}
    return found | ({"isType": type_name(kind)} if is_named(kind) else {"isTypeSpecifier": specifier(kind)})


def choose(condition: Json, then: Json, otherwise: Json) -> Json:
    """Return a conditional."""
    return {"type": "If", "condition": condition, "then": then, "else": otherwise}


def prop(source: Json, path: str) -> Json:
    """Return an element of a value."""
    if source.get("type") == "AliasRef":
        return {"type": "Property", "path": path, "scope": source["name"]}
    return {"type": "Property", "path": path, "source": source}


def instance(kind: str, elements: dict[str, Json]) -> Json:
    """Return an instance of a named class."""
    parts = [{"name": name, "value": value} for name, value in elements.items()]
    return {"type": "Instance", "classType": kind, "element": parts}


def literal(kind: str, text: str) -> Json:
    """Return a literal of a System type."""
    return {"type": "Literal", "valueType": SYSTEM + kind, "value": text}


def integer(value: int) -> Json:
    """Return an Integer."""
    return literal("Integer", str(value)) if value >= 0 else operator("Negate", literal("Integer", str(-value)))


def constant(value: Any, kind: Type = ANY, systems: dict[str, str] | None = None) -> Json:
    """Return a value known at compile time; `systems` names the code systems declared, by their address."""
    if value is None:
        return null(kind)
    if isinstance(value, bool):
        return literal("Boolean", "true" if value else "false")
    if isinstance(value, int):
        name = "Long" if isinstance(value, Long) else "Integer"
        found = literal(name, str(abs(value)))
        return operator("Negate", found) if value < 0 else found
    if isinstance(value, Decimal):
        found = literal("Decimal", decimal_text(abs(value)))
        return operator("Negate", found) if value.is_signed() and value else found
    if isinstance(value, str):
        return literal("String", value)
    if isinstance(value, Temporal):
        return _temporal(value)
    if isinstance(value, Quantity):
        return {"type": "Quantity", "value": float(value.value), "unit": value.unit}
    if isinstance(value, Ratio):
        parts = {"numerator": value.numerator, "denominator": value.denominator}
        return {"type": "Ratio", **{k: {x: y for x, y in constant(v).items() if x != "type"} for k, v in parts.items()}}
    if isinstance(value, Interval):
        return interval(constant(value.low), constant(value.high), value.low_closed, value.high_closed)
    if isinstance(value, list):
        return {"type": "List", "element": [constant(v, ANY, systems) for v in value]}
    if isinstance(value, frozenset):
        pairs = sorted(value, key=str)
        return {"type": "List", "element": [_code(Code(code, system), systems or {}) for system, code in pairs]}
    if isinstance(value, Code):
        return _code(value, systems or {})
    if isinstance(value, Concept):
        codes = {"type": "List", "element": [_code(c, systems or {}) for c in value.codes]}
        return instance(SYSTEM + "Concept", {"codes": codes, "display": constant(value.display, Type("String"))})
    raise ElmError(f"A constant of type {kind} has no form in ELM.")


def _code(value: Code, systems: dict[str, str]) -> Json:
    name = systems.get(value.system or "")
    if name is not None:
        found: Json = {"type": "Code", "code": value.code, "system": {"name": name}}
        return found | ({} if value.display is None else {"display": value.display})
    kept = {k: literal("String", v) for k, v in value._asdict().items() if v is not None}
    return instance(SYSTEM + "Code", kept)


def _temporal(value: Temporal) -> Json:
    names = _PARTS[value.first :]
    found: Json = {"type": value.type_name}
    found |= {name: integer(part) for name, part in zip(names, value.fields, strict=False)}
    if isinstance(value, DateTime) and value.offset is not None and len(value.fields) > 3:
        offset = Decimal(value.offset) / 60
        found["timezoneOffset"] = constant(offset.normalize() if offset else Decimal("0.0"))
    return found


def interval(low: Json, high: Json, low_closed: bool = True, high_closed: bool = True) -> Json:
    """Return an interval selector."""
    return {"type": "Interval", "lowClosed": low_closed, "highClosed": high_closed, "low": low, "high": high}


def each(items: Json, alias: str, result: Json, *, where: Json | None = None) -> Json:
    """Return a query that gives something for each item of a list."""
    found: Json = {"type": "Query", "source": [{"alias": alias, "expression": items}], "relationship": []}
    if where is not None:
        found["where"] = where
    return found | {"return": {"distinct": False, "expression": result}}


class Converter:
    """Writes conversions between types; remembers whether a function of FHIRHelpers was needed."""

    def __init__(self, helpers: str = HELPERS) -> None:
        self.helpers = helpers
        self.needs_helpers = False
        self._aliases = 0

    def alias(self) -> str:
        """Return an alias that no author chose."""
        self._aliases += 1
        return f"$each{self._aliases}"

    def convert(self, value: Json, source: Type, target: Type) -> Json:
        """Return a value of one type as a value of another."""
        if target in (source, ANY):
            return value
        if source == ANY:
            return as_type(value, target)
        if target.name == "Choice":
            return self._to_choice(value, source, target)
        if source.name == "Choice":
            return self._from_choice(value, source, target)
        if source.is_fhir:
            return self._from_fhir(value, source, target)
        if source.name == target.name == "List":
            alias = self.alias()
            inner = self.convert({"type": "AliasRef", "name": alias}, source.item, target.item)
            return value if inner["type"] == "AliasRef" else each(value, alias, inner)
        if source.name == target.name == "Interval":
            return self._interval(value, source, target)
        if source.name == target.name == "Tuple":
            have = dict(source.elements)
            parts = [
                {"name": n, "value": self.convert(prop(value, n), have[n], t)} for n, t in target.elements if n in have
            ]
            return choose(operator("IsNull", value), null(target), {"type": "Tuple", "element": parts})
        if target.is_fhir:
            return instance(type_name(target), {"value": value})
        name = _PROMOTIONS.get((source.name, target.name))
        return value if name is None else operator(name, value)

    def _interval(self, value: Json, source: Type, target: Type) -> Json:
        if source.item == ANY:
            return as_type(value, target)
        bounds = [self.convert(prop(value, n), source.item, target.item) for n in ("low", "high")]
        if bounds[0]["type"] == "Property":
            return value
        flags = {"lowClosedExpression": prop(value, "lowClosed"), "highClosedExpression": prop(value, "highClosed")}
        made = {"type": "Interval", "low": bounds[0], "high": bounds[1], **flags}
        return choose(operator("IsNull", value), null(target), made)

    def _from_fhir(self, value: Json, source: Type, target: Type) -> Json:
        if target.is_fhir:
            return value if model.is_a(source.fhir, target.fhir) else as_type(value, target)
        found = CONVERTERS.get(source.fhir)
        if found is None:
            return as_type(value, target)
        system = parse_type(found[0])
        return self.convert(self.helper(system, value), system, target)

    def helper(self, system: Type, value: Json) -> Json:
        """Return a call of the function of FHIRHelpers that gives a System value."""
        self.needs_helpers = True
        name = "ToInterval" if system.name == "Interval" else f"To{system.name}"
        return {"type": "FunctionRef", "name": name, "libraryName": self.helpers, "operand": [value]}

    def _to_choice(self, value: Json, source: Type, target: Type) -> Json:
        if source.name == "Choice" or source in target.args:
            return value
        best: tuple[int, Type] | None = None
        for option in target.args:
            step = conversion(source, option)
            if step is not None and (best is None or step.cost < best[0]):
                best = (step.cost, option)
        return value if best is None else self.convert(value, source, best[1])

    def _from_choice(self, value: Json, source: Type, target: Type) -> Json:
        cases: list[tuple[Type, Json]] = []
        for part in source.args:
            seen = as_type(value, part)
            if conversion(part, target) is not None:
                cases.append((part, self.convert(seen, part, target)))
            elif target.name == "Interval" and part.is_fhir and part.fhir in ("date", "dateTime", "instant"):
                point = self.convert(seen, part, target.item)
                cases.append((part, interval(point, point)))
        if len(cases) == 1 and target.name != "Interval":
            return cases[0][1]
        items = [{"when": is_type(value, part), "then": then} for part, then in cases]
        return {"type": "Case", "caseItem": items, "else": null(target)}


def fhir_parts(kind: Type, target: Type) -> list[Type]:
    """Return the FHIR types among the alternatives of a type that stand for a System type."""
    return [p for p in alternatives(kind) if p.is_fhir and CONVERTERS.get(p.fhir, ("",))[0] == str(target)]


def system_of(kind: Type) -> Type:
    """Return the System type that a FHIR type, or a list of it, stands for; any other type as it is."""
    if kind.name == "List" and kind.args:
        return Type("List", (system_of(kind.item),))
    found = CONVERTERS.get(kind.fhir) if kind.is_fhir else None
    return kind if found is None else parse_type(found[0])
