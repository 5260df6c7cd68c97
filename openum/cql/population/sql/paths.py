"""Paths: an element of one value, and of each item of a list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from openum.cql.compile import tree
from openum.cql.compile.types import ANY, Type
from openum.cql.fhir import model
from openum.cql.population.sql import elements, reading
from openum.cql.population.sql.shapes import Shape, Untranslatable, list_of, quoted
from openum.cql.population.sql.values import Scope, Value, made

if TYPE_CHECKING:
    from openum.cql.population.sql.translate import Translator


def element_of(translator: Translator, node: tree.Property, scope: Scope) -> Value:
    """Return an element of a FHIR value.

    Raises:
        Untranslatable: it has no SQL form.
    """
    source = translator.plain(node.source, scope)
    if node.tagged:
        return replace(source, shape=Shape("choice", name=node.owner), type=node.type, choice=node, solid=False)
    name, kind = node.keys[0]
    found = elements.element(translator, source, node.owner, name)
    found = replace(found, type=_fhir_type(found, kind))
    return found if node.convert is None else reading.converted(found, node.convert)


def field_of(translator: Translator, node: tree.Field, scope: Scope) -> Value:
    """Return an element of a tuple, or of each item of a list.

    Raises:
        Untranslatable: it has no SQL form.
    """
    source = translator.plain(node.source, scope)
    if node.kind == "item":
        inner = dict(source.shape.fields).get(node.name)
        if source.shape.kind != "tuple" or inner is None:
            raise Untranslatable("an element of an open value")
        return made(f"({source.sql}).{quoted(node.name)}", inner, node.type, source)
    if node.kind == "each":
        return _each(translator, node, source)
    if node.kind == "attribute" and source.shape.kind == "interval" and node.name in ("low", "high"):
        raise Untranslatable("a bound as it was written")
    raise Untranslatable(f"the element “{node.name}”")


def _each(translator: Translator, node: tree.Field, source: Value) -> Value:
    item = source.shape.of

    def body(variable: str, _: Scope) -> tuple[str, Value]:
        one = Value(variable, item, source.type.item)
        if item.kind == "tuple":
            return variable, made(f"{variable}.{quoted(node.name)}", dict(item.fields)[node.name], ANY, one)
        if node.keys or item.kind not in ("fhir", "ref"):
            raise Untranslatable(f"the element “{node.name}” of each")
        found = elements.element(translator, one, item.name, node.name)
        if node.convert is None:
            return variable, found
        inner = node.type.item if found.shape.kind != "list" else node.type
        found = replace(found, type=_fhir_type(found, _kind(item.name, node.name)))
        return variable, replace(reading.converted(found, node.convert), type=inner)

    variable, found = translator.within({}, "", source, body)
    sql = f"list_transform({source.sql}, lambda {variable}: {found.sql})"
    if found.shape.kind == "list":
        return made(f"flatten({sql})", found.shape, node.type, source, found, solid=True)
    kept = f"list_filter({sql}, lambda {variable}: {variable} IS NOT NULL)"
    return made(kept, list_of(found.shape), node.type, source, found, solid=True)


def _kind(owner: str, name: str) -> str:
    found = model.element(owner, name)
    return found.types[0] if found else ""


def _fhir_type(value: Value, kind: str) -> Type:
    inner = Type(f"FHIR.{kind}")
    return Type("List", (inner,)) if value.shape.kind == "list" else inner
