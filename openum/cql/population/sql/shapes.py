"""What a CQL value looks like in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from openum.cql.compile.types import Type
from openum.cql.fhir import model

WHOLE: Final = "whole"


class Untranslatable(Exception):
    """An expression has no SQL form here; the definition is evaluated by the Python target instead."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The SQL form of a value.

    kind:
        bool, int, dec, str; date (ISO text at its precision); time (ISO text);
        datetime ({t: local ISO text, o: offset in minutes or null, n: text at the evaluation's offset});
        qty ({v, u}: u is the unit, calendar words singular); interval ({lo, hi}: closed bounds, null unknown);
        code, concept (whole numbers of the codes a library asks for); list; tuple; fhir (a struct); ref (the number of a
        resource or of a part that may contain itself, from 1: its columns are lists of the case); choice; null.
    name: the FHIR type of fhir, ref and choice; `WHOLE` for a date or datetime that never lacks its month or day.
    """

    kind: str
    item: Shape | None = None
    name: str = ""
    fields: tuple[tuple[str, Shape], ...] = ()

    @property
    def of(self) -> Shape:
        """The items of a list, the points of an interval."""
        if self.item is None:
            raise Untranslatable(f"a {self.kind} has no items")
        return self.item

    @property
    def is_whole(self) -> bool:
        """Say whether this is a date or date-time that never lacks its month or day."""
        return self.name == WHOLE and self.kind in ("date", "datetime")

    @property
    def is_resource(self) -> bool:
        """Say whether this is a whole resource."""
        return self.kind == "ref" and model.is_resource(self.name)


NULL: Final = Shape("null")
BOOL, INT, DEC, STR = Shape("bool"), Shape("int"), Shape("dec"), Shape("str")
DATE, DATETIME, TIME, QTY = Shape("date"), Shape("datetime"), Shape("time"), Shape("qty")
WHOLE_DATE, WHOLE_DATETIME = Shape("date", name=WHOLE), Shape("datetime", name=WHOLE)
CODE, CONCEPT = Shape("code"), Shape("concept")
DECIMAL_SQL: Final = "DECIMAL(28,8)"

_SYSTEM: Final = {
    "Boolean": BOOL, "Integer": INT, "Decimal": DEC, "String": STR, "Date": DATE, "DateTime": DATETIME, "Time": TIME,
    "Quantity": QTY, "Any": NULL, "Code": CODE, "Concept": CONCEPT,
}  # fmt: skip
_SIMPLE_SQL: Final = {
    "bool": "BOOLEAN", "int": "BIGINT", "dec": DECIMAL_SQL, "str": "VARCHAR", "date": "VARCHAR", "time": "VARCHAR",
    "datetime": "STRUCT(t VARCHAR, o INTEGER, n VARCHAR)", "qty": f"STRUCT(v {DECIMAL_SQL}, u VARCHAR)",
    "code": "INTEGER", "concept": "INTEGER[]", "ref": "INTEGER", "null": "INTEGER",
}  # fmt: skip


def whole(shape: Shape) -> Shape:
    """Return the shape of dates or date-times that never lack month or day; any other shape as it is."""
    return {DATE: WHOLE_DATE, DATETIME: WHOLE_DATETIME}.get(shape, shape)


def form_of(shape: Shape) -> Shape:
    """Return a shape without what is promised of its dates: two values of one form have the same SQL type."""
    if shape.is_whole:
        return Shape(shape.kind)
    if shape.kind in ("list", "interval"):
        return Shape(shape.kind, form_of(shape.of))
    if shape.kind == "tuple":
        return Shape("tuple", fields=tuple((n, form_of(s)) for n, s in shape.fields))
    return shape


def list_of(item: Shape) -> Shape:
    """Return a list of items."""
    return Shape("list", item)


def interval_of(point: Shape) -> Shape:
    """Return an interval of points."""
    return Shape("interval", point)


def primitive(fhir: str) -> Shape | None:
    """Return the shape of a FHIR primitive, or None."""
    if fhir in model.STRING_LIKE:
        return STR
    if fhir in model.INTEGER_LIKE:
        return INT
    return {"boolean": BOOL, "decimal": DEC, "date": DATE, "dateTime": DATETIME, "instant": DATETIME, "time": TIME}.get(
        fhir
    )


def shape_of(kind: Type) -> Shape:
    """Return the shape of values of a System type.

    Raises:
        Untranslatable: the type has none.
    """
    if kind.name in _SYSTEM:
        return _SYSTEM[kind.name]
    if kind.name == "List":
        return list_of(shape_of(kind.item))
    if kind.name == "Interval":
        return interval_of(shape_of(kind.item))
    if kind.name == "Tuple":
        return Shape("tuple", fields=tuple((n, shape_of(t)) for n, t in kind.elements))
    found = primitive(kind.fhir) if kind.is_fhir else None
    if found is None:
        raise Untranslatable(f"{kind} has no form in SQL")
    return found


def sql_type(shape: Shape) -> str:
    """Return the SQL type of a shape whose fields are known.

    Raises:
        Untranslatable: it is not known from the shape alone.
    """
    if shape.kind in _SIMPLE_SQL:
        return _SIMPLE_SQL[shape.kind]
    if shape.kind == "list":
        return sql_type(shape.of) + "[]"
    if shape.kind == "interval":
        point = sql_type(shape.of)
        return f"STRUCT(lo {point}, hi {point})"
    if shape.kind in ("fhir", "tuple") and shape.fields:
        return "STRUCT(" + ", ".join(f"{quoted(n)} {sql_type(s)}" for n, s in shape.fields) + ")"
    raise Untranslatable(f"a {shape.kind} cannot be declared")


def quoted(name: str) -> str:
    """Return a name as SQL may hold it."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a text as a SQL literal.

    Raises:
        Untranslatable: it holds a character that SQL texts cannot.
    """
    if "\0" in value:
        raise Untranslatable("a text holds the character U+0000")
    return "'" + value.replace("'", "''") + "'"
