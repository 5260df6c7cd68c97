"""Conversion (FHIRPath 2.0, 5.5), on the conversions of CQL."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from openum.cql.fhirpath.errors import Fault
from openum.cql.fhirpath.items import Items, Node, single, text, truth
from openum.cql.fhirpath.registry import TABLE, Code, Function, Run, lazy
from openum.cql.operators import conversion as cql
from openum.cql.values import ucum
from openum.cql.values.numbers import decimal_text
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import Date, DateTime, Time

Value = Any


def to_boolean(value: Value) -> bool | None:
    """The Boolean a value stands for."""
    if value in ("1.0", "0.0"):
        return bool(value == "1.0")
    return cql.to_boolean(value)


def to_string(value: Value) -> str | None:
    """The text of a System value."""
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, Quantity):
        unit = value.unit if value.unit in ucum.CALENDAR else f"'{value.unit}'"
        return f"{decimal_text(value.value)} {unit}"
    return cql.to_string(value)


def to_date(value: Value) -> Date | None:
    """The Date of a DateTime, or of a text that is a date."""
    return None if isinstance(value, str) and "T" in value else cql.to_date(value)


def to_datetime(value: Value) -> DateTime | None:
    """The DateTime a value stands for."""
    return cql.to_datetime(value)


def to_time(value: Value) -> Time | None:
    """The Time a value stands for."""
    return None if isinstance(value, DateTime) else cql.to_time(value)


def to_quantity(value: Value) -> Quantity | None:
    """The Quantity a value stands for; without a unit it is '1'."""
    return Quantity(Decimal(int(value)), "1") if isinstance(value, bool) else cql.to_quantity(value)


_CONVERSIONS: dict[str, Callable[[Value], Value]] = {
    "Boolean": to_boolean,
    "String": to_string,
    "Integer": cql.to_integer,
    "Long": cql.to_long,
    "Decimal": cql.to_decimal,
    "Date": to_date,
    "DateTime": to_datetime,
    "Time": to_time,
    "Quantity": to_quantity,
}


def _converted(convert: Callable[[Value], Value], items: Items, unit: Items) -> Value:
    value = single(items)
    if convert is to_string and type(items[0]) is Node and isinstance(items[0].value, str):
        return items[0].value  # a date keeps the text it has in the record
    found = None if value is None or type(value) is Node else convert(value)
    wanted = text(unit)
    if wanted is not None and isinstance(found, Quantity):
        return cql.convert_quantity(found, ucum.CALENDAR.get(wanted, wanted))
    return found


def _register(name: str, convert: Callable[[Value], Value]) -> None:
    def to(run: Run, items: Items, unit: Items | None = None) -> Items:
        value = _converted(convert, items, unit or []) if items else None
        return [] if value is None else [value]

    def converts_to(run: Run, items: Items, unit: Items | None = None) -> Items:
        return [_converted(convert, items, unit or []) is not None] if items else []

    most = 1 if name == "Quantity" else 0
    TABLE[f"to{name}"] = Function(to, 0, most, False)
    TABLE[f"convertsTo{name}"] = Function(converts_to, 0, most, False)


for _name, _convert in _CONVERSIONS.items():
    _register(_name, _convert)


@lazy("iif", least=2, most=3)
def iif(run: Run, items: Items, this: Items, test: Code, then: Code, otherwise: Code | None = None) -> Items:
    """The one or the other; only the branch taken is evaluated. Called on an item, that item is `$this`."""
    if items is not this:
        if len(items) > 1:
            raise Fault(f"“iif” is called on at most one item; there are {len(items)}.")
        this = items
    if truth(test(run, this)):
        return then(run, this)
    return otherwise(run, this) if otherwise is not None else []
