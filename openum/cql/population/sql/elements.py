"""Elements of FHIR values as columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from openum.cql.compile.types import ANY, Type
from openum.cql.population.sql.schema import PRESENT, TAG
from openum.cql.population.sql.shapes import Shape, Untranslatable, quoted, whole
from openum.cql.population.sql.values import Value, made, part

if TYPE_CHECKING:
    from openum.cql.population.sql.translate import Translator


def element(translator: Translator, source: Value, owner: str, name: str) -> Value:
    """Return a column of a FHIR value.

    Raises:
        Untranslatable: the element has no column.
    """
    shape = translator.schema.columns(owner).get(name)
    if shape is None or source.shape.kind not in ("fhir", "ref"):
        raise Untranslatable(f"{owner}.{name} has no column")
    if f"{owner}.{name}" not in translator.partial:
        shape = whole(shape)
    if source.shape.kind == "ref":
        return _leaf(translator, source, f"{owner}.{name}", source.sql, shape)
    if source.path is not None and source.path[0] == source.sql:
        return _leaf(translator, source, f"{source.path[1]}.{name}", source.path[2], shape)
    return made(part(source, name), shape, ANY, source, solid=shape.kind == "list")


def _leaf(translator: Translator, source: Value, prefix: str, place: str, shape: Shape) -> Value:
    """Return what stands in the columns of a prefix, at a place."""
    sql = _whole(translator, prefix, place, shape)
    found = made(sql, shape, ANY, source, solid=shape.kind == "list")
    return replace(found, path=(sql, prefix, place)) if shape.kind in ("datetime", "fhir") else found


def _whole(translator: Translator, prefix: str, place: str, shape: Shape) -> str:
    """Return a value put together from its columns."""
    if shape.kind == "datetime":
        t, o, n = (f"{quoted(f'{prefix}.{name}')}[{place}]" for name in ("t", "o", "n"))
        return f"CASE WHEN {t} IS NOT NULL THEN struct_pack(t := {t}, o := {o}, n := {n}) END"
    if shape.kind != "fhir":
        return f"{quoted(prefix)}[{place}]"
    parts = ", ".join(
        f"{quoted(name)} := {_whole(translator, f'{prefix}.{name}', place, inner)}"
        for name, inner in translator.schema.columns(shape.name).items()
    )
    return f"CASE WHEN {quoted(f'{prefix}.{PRESENT}')}[{place}] THEN struct_pack({parts}) END"


def tag(translator: Translator, value: Value) -> Value:
    """Return the type name that a choice element has."""
    assert value.choice is not None
    source = replace(value, shape=_source_shape(translator, value.choice.owner), choice=None)
    return element(translator, source, value.choice.owner, value.choice.name + TAG)


def alternative(translator: Translator, value: Value, key: tuple[str, str]) -> Value:
    """Return one alternative of a choice element."""
    assert value.choice is not None
    source = replace(value, shape=_source_shape(translator, value.choice.owner), choice=None)
    found = element(translator, source, value.choice.owner, key[0])
    return replace(found, type=Type(f"FHIR.{key[1]}"))


def _source_shape(translator: Translator, owner: str) -> Shape:
    return translator.schema.settled(Shape("fhir", name=owner))
