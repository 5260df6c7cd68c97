"""Equality, equivalence and order, three-valued."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from openum.cql.errors import CqlRuntimeError
from openum.cql.fhir.convert import CONVERTERS
from openum.cql.values import quantity, temporal, uncertainty
from openum.cql.values.codes import Code, Concept, Instance, Tagged, ValueSetRef
from openum.cql.values.interval import Interval, compare_points
from openum.cql.values.numbers import CONTEXT
from openum.cql.values.quantity import Quantity, Ratio
from openum.cql.values.temporal import Date, DateTime, Temporal
from openum.cql.values.uncertainty import Uncertainty

Value = Any


def untag(value: Value) -> Value:
    """Return the CQL value of a FHIR element whose type was open until now."""
    if isinstance(value, Tagged):
        converter = CONVERTERS.get(value.type)
        return value.raw if converter is None else converter[1](value.raw)
    return value


def both(a: bool | None, b: bool | None) -> bool | None:
    """Three-valued and."""
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def either(a: bool | None, b: bool | None) -> bool | None:
    """Three-valued or."""
    if a is True or b is True:
        return True
    return None if a is None or b is None else False


def negate(a: bool | None) -> bool | None:
    """Three-valued not."""
    return None if a is None else not a


def equal(a: Value, b: Value) -> bool | None:
    """Answer a = b."""
    if a is None or b is None:
        return None
    if isinstance(a, str | bool):
        return a == untag(b) if isinstance(b, str | bool | Tagged) else False
    if isinstance(a, Tagged) or isinstance(b, Tagged):
        return equal(untag(a), untag(b))
    if isinstance(a, Temporal):
        if isinstance(b, Temporal):
            if isinstance(a, Date) != isinstance(b, Date):
                a, b = _as_datetime(a), _as_datetime(b)
            order = temporal.compare(a, b)
            return None if order is None else order == 0
        return False
    if isinstance(a, Uncertainty) or isinstance(b, Uncertainty):
        order = uncertainty.compare(a, b)
        return None if order is None else order == 0
    if isinstance(a, Quantity):
        if not isinstance(b, Quantity):
            return False
        order = quantity.compare(a, b)
        return None if order is None else order == 0
    if isinstance(a, Interval):
        return both(equal(a.start, b.start), equal(a.end, b.end)) if isinstance(b, Interval) else False
    if isinstance(a, list):
        return _equal_items(a, b) if isinstance(b, list) and len(a) == len(b) else False
    if isinstance(a, Instance):
        if not isinstance(b, Instance) or a.keys() != b.keys():
            return False
        return _equal_items(list(a.values()), [b[k] for k in a])
    if isinstance(a, Ratio):
        return (
            both(equal(a.numerator, b.numerator), equal(a.denominator, b.denominator))
            if isinstance(b, Ratio)
            else False
        )
    return bool(a == b)


def _as_datetime(value: Temporal) -> Temporal:
    return DateTime(value.fields) if isinstance(value, Date) else value


def _equal_items(a: Sequence[Value], b: Sequence[Value]) -> bool | None:
    result: bool | None = True
    for x, y in zip(a, b, strict=True):
        if x is None and y is None:
            continue
        found = equal(x, y)
        if found is False:
            return False
        if found is None:
            result = None
    return result


def not_equal(a: Value, b: Value) -> bool | None:
    """Answer a != b."""
    return negate(equal(a, b))


def equivalent(a: Value, b: Value) -> bool:
    """Answer a ~ b; never null."""
    if a is None or b is None:
        return a is None and b is None
    a, b = untag(a), untag(b)
    if isinstance(a, str):
        return isinstance(b, str) and _normal(a) == _normal(b)
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        scale = min(_scale(a), _scale(b))
        unit = Decimal(1).scaleb(-scale)
        return a.quantize(unit, ROUND_DOWN, CONTEXT) == b.quantize(unit, ROUND_DOWN, CONTEXT)
    if isinstance(a, Code):
        if isinstance(b, Concept):
            return equivalent(b, a)
        return isinstance(b, Code) and a.code == b.code and a.system == b.system
    if isinstance(a, Concept):
        codes = b.codes if isinstance(b, Concept) else (b,)
        return any(equivalent(x, y) for x in a.codes for y in codes)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(equivalent, a, b))
    if isinstance(a, Instance):
        return isinstance(b, Instance) and a.keys() == b.keys() and all(equivalent(a[k], b[k]) for k in a)
    if isinstance(a, Interval):
        return isinstance(b, Interval) and equivalent(a.start, b.start) and equivalent(a.end, b.end)
    if isinstance(a, Ratio):
        return isinstance(b, Ratio) and _same_ratio(a, b)
    if isinstance(a, Quantity):
        pair = quantity.aligned(a, b, loosely=True) if isinstance(b, Quantity) else None
        return pair is not None and equivalent(*pair)
    if isinstance(a, Temporal):
        return isinstance(b, Temporal) and a.precision == b.precision and equal(a, b) is True
    return equal(a, b) is True


def _same_ratio(a: Ratio, b: Ratio) -> bool:
    if a.numerator is None or a.denominator is None or b.numerator is None or b.denominator is None:
        return a == b
    x = quantity.multiply(a.numerator, b.denominator)
    y = quantity.multiply(b.numerator, a.denominator)
    return x is not None and y is not None and equal(x, y) is True


def _normal(text: str) -> str:
    return " ".join(text.casefold().split())


def _scale(value: Decimal) -> int:
    exponent = value.normalize(CONTEXT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def not_equivalent(a: Value, b: Value) -> bool:
    """Answer a !~ b."""
    return not equivalent(a, b)


def order(a: Value, b: Value) -> int | None:
    """Return -1, 0 or 1, or None when the order is not known."""
    a, b = untag(a), untag(b)
    if isinstance(a, str) and isinstance(b, str):
        return (a > b) - (a < b)
    if isinstance(a, Date) != isinstance(b, Date) and isinstance(b, Temporal):
        a, b = _as_datetime(a), _as_datetime(b)
    if type(a) is not type(b) and not isinstance(a, int | Decimal | Uncertainty):
        raise CqlRuntimeError(f"A {type(a).__name__} and a {type(b).__name__} have no order.")
    return compare_points(a, b)


def less(a: Value, b: Value) -> bool | None:
    """Answer a < b."""
    if a is None or b is None:
        return None
    if isinstance(a, Uncertainty) or isinstance(b, Uncertainty):
        return uncertainty.less(a, b, or_equal=False)
    found = order(a, b)
    return None if found is None else found < 0


def less_or_equal(a: Value, b: Value) -> bool | None:
    """Answer a <= b."""
    if a is None or b is None:
        return None
    if isinstance(a, Uncertainty) or isinstance(b, Uncertainty):
        return uncertainty.less(a, b, or_equal=True)
    found = order(a, b)
    return None if found is None else found <= 0


def greater(a: Value, b: Value) -> bool | None:
    """Answer a > b."""
    return less(b, a)


def greater_or_equal(a: Value, b: Value) -> bool | None:
    """Answer a >= b."""
    return less_or_equal(b, a)


def at_most(a: Value, b: Value, precision: int | None) -> bool | None:
    """Answer a <= b at a precision; null bounds are unknown."""
    if a is None or b is None:
        return None
    if isinstance(a, Temporal) and isinstance(b, Temporal):
        found = temporal.compare(a, b, precision)
        return None if found is None else found <= 0
    if isinstance(a, Uncertainty) or isinstance(b, Uncertainty):
        return uncertainty.less(a, b, or_equal=True)
    found = compare_points(a, b, precision)
    return None if found is None else found <= 0


def below(a: Value, b: Value, precision: int | None) -> bool | None:
    """Answer a < b at a precision; null bounds are unknown."""
    if a is None or b is None:
        return None
    if isinstance(a, Temporal) and isinstance(b, Temporal):
        found = temporal.compare(a, b, precision)
        return None if found is None else found < 0
    if isinstance(a, Uncertainty) or isinstance(b, Uncertainty):
        return uncertainty.less(a, b, or_equal=False)
    found = compare_points(a, b, precision)
    return None if found is None else found < 0


def same(a: Value, b: Value, precision: int | None) -> bool | None:
    """Answer a = b at a precision."""
    if a is None or b is None:
        return None
    if precision is None:
        return equal(a, b)
    found = compare_points(a, b, precision)
    return None if found is None else found == 0


def in_value_set_code(code: Code | None, members: frozenset[tuple[str | None, str | None]] | None) -> bool | None:
    """Say whether a code is a member."""
    if members is None:
        return None
    return code is not None and (code.system, code.code) in members


def in_value_set_concept(
    concept: Concept | None, members: frozenset[tuple[str | None, str | None]] | None
) -> bool | None:
    """Say whether any code of a concept is a member."""
    if members is None:
        return None
    return concept is not None and any((c.system, c.code) in members for c in concept.codes)


def in_value_set_raw(raw: Value, members: frozenset[tuple[str | None, str | None]] | None) -> bool | None:
    """Say whether any coding of a FHIR CodeableConcept is a member."""
    if members is None:
        return None
    if not isinstance(raw, dict):
        return False
    return any((c.get("system"), c.get("code")) in members for c in raw.get("coding") or () if isinstance(c, dict))


def in_value_set_string(text: str | None, members: frozenset[tuple[str | None, str | None]] | None) -> bool | None:
    """Say whether any member has this code, whatever its system."""
    if members is None:
        return None
    return text is not None and any(code == text for _, code in members)


def in_value_set_list(
    values: list[Value] | None, members: frozenset[tuple[str | None, str | None]] | None
) -> bool | None:
    """Say whether any code or concept of a list is a member."""
    if members is None:
        return None
    for value in values or ():
        found = untag(value)
        if isinstance(found, Code) and in_value_set_code(found, members):
            return True
        if isinstance(found, Concept) and in_value_set_concept(found, members):
            return True
        if isinstance(found, dict) and in_value_set_raw(found, members):
            return True
        if isinstance(found, str) and in_value_set_string(found, members):
            return True
    return False


def members_of(value_set: ValueSetRef) -> str:
    """Return the key a value set is supplied under."""
    return value_set.name or value_set.id
