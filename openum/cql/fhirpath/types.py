"""Type names in an expression, and whether an item is of such a type."""

from __future__ import annotations

import difflib
from typing import Any, NamedTuple

from openum.cql.fhir import model as r4
from openum.cql.fhirpath import model
from openum.cql.fhirpath.errors import FhirPathError
from openum.cql.fhirpath.items import Node, type_of
from openum.cql.parser.nodes import Member, Name, TypeName
from openum.cql.parser.nodes import Node as Tree


class TypeSpec(NamedTuple):
    """A type by its FHIR name, its System name, or either where the name was not qualified."""

    fhir: str
    system: str

    def holds(self, item: Any) -> bool:
        """Answer `is`: the type itself or one that derives from it."""
        if type(item) is Node:
            return bool(self.fhir) and model.is_a(item.type, self.fhir)
        return bool(self.system) and (self.system == "Any" or type_of(item).name == self.system)

    def selects(self, item: Any) -> bool:
        """Answer `as` and `ofType`: as `is`, but a primitive is only of its very own type."""
        if type(item) is Node and self.fhir in model.PRIMITIVES:
            return bool(item.type == self.fhir)
        return self.holds(item)


def spec_of(node: Tree, *, unknown: bool = False) -> TypeSpec:
    """Return the type that an argument or the right side of `is` names.

    Args:
        node: the name.
        unknown: let pass a name that R4 does not have; nothing is of such a type. Invariants for several releases
            ask whether a resource is of a type of another one.

    Raises:
        FhirPathError: it is no type name, or the model has no such type.
    """
    if isinstance(node, TypeName):
        qualifier, name = node.qualifier, node.name
    elif isinstance(node, Name):
        qualifier, name = "", node.name
    elif isinstance(node, Member) and isinstance(node.source, Name):
        qualifier, name = node.source.name, node.name
    else:
        raise FhirPathError("A type is named here.", node.line, node.column, kind="semantic", expected="a type name")
    fhir = name if qualifier in ("", "FHIR") and model.is_type(name) else ""
    system = name if qualifier in ("", "System") and name in model.SYSTEM_TYPES else ""
    if not fhir and not system and not unknown and qualifier != "System":
        close = difflib.get_close_matches(name, model.SYSTEM_TYPES, 1, 0.75) or r4.suggestions(name)
        hint = f"Did you mean “{close[0]}”?" if close else ""
        raise FhirPathError(f"There is no type “{name}”.", node.line, node.column, kind="semantic", suggestion=hint)
    return TypeSpec(fhir, system)
