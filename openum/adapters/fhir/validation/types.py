"""The types of FHIR R4 as the walk over a message needs them: by JSON key, each type compiled once."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from openum.adapters.fhir.validation.invariants import Invariant
from openum.adapters.fhir.validation.primitives import PRIMITIVES, Check, Primitive
from openum.adapters.fhir.validation.table import Codes, codes, table

Json = dict[str, Any]

RESOURCE_TYPES = frozenset({"Resource", "DomainResource"})
"""Types that stand for any resource."""

NESTED = frozenset({"BackboneElement", "Element"})


class Field:
    """One JSON key of a type.

    Attributes:
        element: the element's name; for a choice without the type, as in FHIRPath.
        type: name of the FHIR type; a nested type is written as its path, such as Claim.item.
        primitive: the form of its values, None for a complex type.
        holds: whether a value of a primitive type is as it must be, its required code included.
        is_choice: whether the element may be written in several types.
        is_list: whether JSON writes it as an array.
        codes: the codes of a required binding that can be listed.
        targets: what a reference may point at; empty means anything.
        invariants: those of this element alone; those of its type are the type's.
    """

    __slots__ = (
        "_rules", "codes", "element", "holds", "invariants", "is_choice", "is_list", "is_resource", "primitive",
        "targets", "type",
    )  # fmt: skip

    def __init__(
        self, element: str, type_name: str, node: Json, targets: tuple[str, ...], *, is_choice: bool = False
    ) -> None:
        self.element = element
        self.type = type_name
        self.primitive: Primitive | None = PRIMITIVES.get(type_name)
        self.is_list = node.get("max") is None
        self.codes: Codes | None = codes(node["b"]) if "b" in node else None
        self.targets = targets
        self.is_choice = is_choice
        self.holds: Check | None = self.primitive.holds if self.primitive is not None else None
        if self.holds is not None and self.codes is not None:
            self.holds = _one_of(self.codes.plain)
        self.is_resource = type_name in RESOURCE_TYPES
        self.invariants = () if "e" in node else tuple(Invariant(*one) for one in node.get("i", ()))
        self._rules: TypeRules | None = None

    @property
    def rules(self) -> "TypeRules":
        """The rules of a complex type."""
        found = self._rules
        if found is None:
            found = self._rules = type_rules(self.type)
            assert found is not None, "every type that the table names is in the table"
        return found


def _one_of(codes: frozenset[str]) -> Check:
    def holds(value: Any) -> bool:
        return type(value) is str and value in codes

    return holds


class Alternative(NamedTuple):
    """One way to write an element: its JSON key and the field behind it."""

    key: str
    field: Field


class TypeRules:
    """One type: its fields by JSON key, the alternatives of each element, what must be there, its invariants.

    Attributes:
        name: "Claim", "Period", or the path of a nested type.
        model_name: the same in the model of FHIRPath: Claim.Item.
        keys: the JSON keys that hold something of each element, by its label.
    """

    __slots__ = ("elements", "fields", "invariants", "is_resource", "keys", "model_name", "name", "required")

    def __init__(self, name: str, node: Json, *, is_resource: bool) -> None:
        self.name = name
        self.is_resource = is_resource
        head, *rest = name.split(".")
        self.model_name = ".".join([head, *(part[0].upper() + part[1:] for part in rest)])
        self.fields: dict[str, Field] = {}
        self.elements: dict[str, tuple[Alternative, ...]] = {}
        self.keys: dict[str, frozenset[str]] = {}
        self.required: list[tuple[str, tuple[str, ...]]] = []
        for label, child in node.get("e", {}).items():
            self._add(label, child)
        found = [Invariant(*one) for one in node.get("i", ())]
        if is_resource and name not in {"Resource", "DomainResource", "Bundle", "Parameters", "Binary"}:
            found += list(_rules_of_every_resource())
        self.invariants = tuple({one.key: one for one in found}.values())

    def _add(self, label: str, child: Json) -> None:
        element = label.removesuffix("[x]")
        alternatives = []
        for code, facts in child.get("t", {"": {}}).items():
            type_name = child.get("c") or (f"{self.name}.{element}" if code in NESTED and child.get("e") else code)
            key = element + code[0].upper() + code[1:] if label.endswith("[x]") else element
            targets = tuple(sorted({one for one in facts.get("g", ()) if one != "Resource"}))
            if "Resource" in facts.get("g", ()):
                targets = ()
            field = Field(element, type_name, child, targets, is_choice=label.endswith("[x]"))
            alternatives.append(Alternative(key, field))
            self.fields[key] = field
        self.elements[label] = tuple(alternatives)
        keys = tuple(one.key for one in alternatives)
        held = (*keys, *(f"_{key}" for key in keys))
        self.keys[label] = frozenset(held)
        if child.get("min"):
            self.required.append((element, held))


def _rules_of_every_resource() -> tuple[Invariant, ...]:
    node: Mapping[str, Any] = json.loads(table().types["DomainResource"])["r"]
    return tuple(Invariant(*one) for one in node.get("i", ()))


@cache
def type_rules(name: str) -> TypeRules | None:
    """Return the rules of a type by name or, for a nested type, by path; None for a type that R4 does not have."""
    head, *rest = name.split(".")
    line = table().types.get(head)
    if line is None:
        return None
    definition = json.loads(line)
    node = definition["r"]
    for part in rest:
        node = node["e"][part]
    return TypeRules(name, node, is_resource=definition["k"] == "resource" and not rest)


def is_resource_type(name: object) -> bool:
    """Say whether R4 has a resource type of this name."""
    return (
        isinstance(name, str)
        and name not in RESOURCE_TYPES
        and (line := table().types.get(name)) is not None
        and ('"k":"resource"' in line[:300])
    )
