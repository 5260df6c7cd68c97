"""Elements: `source.name` over FHIR types, System types, tuples, lists and choices."""

from __future__ import annotations

from functools import partial

from openum.cql.compile.base import Base
from openum.cql.compile.tree import Field, Operation, Property, Typed
from openum.cql.compile.types import (
    ANY,
    BOOLEAN,
    CODE,
    DECIMAL,
    QUANTITY,
    STRING,
    Type,
    choice_of,
    list_of,
    parse_type,
)
from openum.cql.fhir import model
from openum.cql.fhir.convert import CONVERTERS
from openum.cql.parser import nodes
from openum.cql.run import support

_SYSTEM: dict[str, dict[str, Type]] = {
    "Quantity": {"value": DECIMAL, "unit": STRING},
    "Ratio": {"numerator": QUANTITY, "denominator": QUANTITY},
    "Code": {"code": STRING, "system": STRING, "version": STRING, "display": STRING},
    "Concept": {"codes": list_of(CODE), "display": STRING},
    "ValueSet": {"id": STRING, "version": STRING, "name": STRING},
    "CodeSystem": {"id": STRING, "version": STRING, "name": STRING},
}


_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
_CODES = list_of(CODE)
# (type, element) → (address of the extension, type of its value)
_FLATTENED: dict[tuple[str, str], tuple[str, Type]] = {
    ("Patient", "race"): (f"{_US_CORE}race", Type("Tuple", (), (("ombCategory", _CODES), ("detailed", _CODES), ("text", STRING)))),
    ("Patient", "ethnicity"): (f"{_US_CORE}ethnicity", Type("Tuple", (), (("ombCategory", CODE), ("detailed", _CODES), ("text", STRING)))),
    ("Patient", "birthsex"): (f"{_US_CORE}birthsex", STRING),
    ("Patient", "sex"): (f"{_US_CORE}sex", STRING),
}  # fmt: skip


class Navigation(Base):
    """Resolves an element of a value."""

    def element(self, node: nodes.Node, source: Typed, name: str) -> Typed:
        """Return `source.name`."""
        found = self.find_element(source, name)
        if found is None:
            self.fail(node, f"{source.type} has no element “{name}”.", suggestion=self._suggest(source.type, name))
        return found

    def find_element(self, source: Typed, name: str) -> Typed | None:
        """Return `source.name`, or None when the type has no such element."""
        kind = source.type
        if kind.is_fhir:
            return self._fhir_element(source, name)
        if kind.name == "Tuple":
            inner = dict(kind.elements).get(name)
            return None if inner is None else Field(inner, source, name, "item")
        if kind.name == "List":
            return self._each(source, name)
        if kind.name == "Choice":
            return self._of_choice(source, name)
        if kind.name == "Interval" and name in ("low", "high", "lowClosed", "highClosed"):
            attribute = {"lowClosed": "low_closed", "highClosed": "high_closed"}.get(name, name)
            return Field(kind.item if name in ("low", "high") else BOOLEAN, source, attribute, "attribute")
        if kind == ANY:
            return Field(ANY, source, name, "dynamic")
        inner = _SYSTEM.get(kind.name, {}).get(name)
        if inner is not None:
            return Field(inner, source, name, "attribute")
        if name == "value" and kind.name in ("String", "Boolean", "Integer", "Decimal", "Date", "DateTime", "Time"):
            return source
        return None

    def _fhir_element(self, source: Typed, name: str) -> Typed | None:
        kind = source.type.fhir
        if name == "value" and kind in model.PRIMITIVES:
            system, function = CONVERTERS[kind]
            target = parse_type(system)
            if isinstance(source, Property) and source.convert is None:
                return Property(target, source.source, source.name, source.keys, source.owner, function)
            return Operation(target, function, [source])
        found = model.element(kind, name)
        if found is None:
            return self._flattened(source, name)
        types = [Type(f"FHIR.{t}") for t in found.types]
        result = choice_of(types)
        if found.is_list:
            result = list_of(result)
        return Property(result, source, name, found.alternatives(), kind, tagged=found.is_choice)

    def _flattened(self, source: Typed, name: str) -> Typed | None:
        """Return an extension that QI-Core and US Core show as an element: Patient.race and its kin."""
        found = _FLATTENED.get((source.type.fhir, name))
        if found is None:
            return None
        url, kind = found
        return Operation(kind, partial(support.flattened, url=url, kind=kind), [source])

    def _each(self, source: Typed, name: str) -> Typed | None:
        item = source.type.item
        if item.name == "List":
            return None
        inner = self.find_element(Field(item, source, "", "item"), name)
        if inner is None:
            return None
        result = inner.type if inner.type.name == "List" else list_of(inner.type)
        if isinstance(inner, Property):
            converted = Field(result, source, name, "each")
            converted.keys = inner.keys if inner.tagged else ()
            converted.convert = inner.convert
            return converted
        return Field(result, source, inner.name if isinstance(inner, Field) else name, "each")

    def _of_choice(self, source: Typed, name: str) -> Typed | None:
        found: list[Type] = []
        for part in source.type.args:
            inner = self.find_element(Field(part, source, "", "item"), name)
            if inner is not None:
                found.append(inner.type)
        if not found:
            return None
        lists = [t for t in found if t.name == "List"]
        parts = [t.item if t.name == "List" else t for t in found]
        result = choice_of(parts)
        if lists:
            result = list_of(result)
        return Field(result, source, name, "dynamic")

    def _suggest(self, kind: Type, name: str) -> str:
        if kind.name == "List":
            return "This is a list: take one element with First(…) or query it."
        names: list[str] = []
        if kind.is_fhir:
            names = model.element_names(kind.fhir)
            for candidate in names:
                element = model.element(kind.fhir, candidate)
                if element is not None and element.is_choice and name in dict(element.alternatives()):
                    return f"Write {candidate} as FHIR.{dict(element.alternatives())[name]}."
        elif kind.name == "Tuple":
            names = [n for n, _ in kind.elements]
        elif kind.name in _SYSTEM:
            names = list(_SYSTEM[kind.name])
        return self.did_you_mean(name, names)
