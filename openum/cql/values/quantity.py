"""Quantities and ratios."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from openum.cql.values import ucum
from openum.cql.values.numbers import CONTEXT, decimal, decimal_text

_VARIABLE = frozenset({"year", "years", "month", "months"})
_SINGULAR = {name: name.rstrip("s") for name in ucum.CALENDAR}


class Quantity(NamedTuple):
    """A number with a unit: UCUM, or a calendar word such as "days"."""

    value: Decimal
    unit: str = "1"

    def text(self) -> str:
        """Return the CQL text, for example 5.5 'cm'."""
        return f"{decimal_text(self.value)} '{self.unit}'"


class Ratio(NamedTuple):
    """One quantity to another."""

    numerator: Quantity | None
    denominator: Quantity | None


def same_unit(a: str, b: str) -> bool:
    """Say whether two unit texts are the same unit (day and days are)."""
    return a == b or _SINGULAR.get(a, a) == _SINGULAR.get(b, b) or (a in ("", "1") and b in ("", "1"))


def aligned(a: Quantity, b: Quantity, *, loosely: bool = False) -> tuple[Decimal, Decimal] | None:
    """Return both values in the unit of the first, or None when they cannot be compared.

    Calendar years and months have no fixed length, so they compare with each other only; `loosely` takes them for
    the years and months of UCUM.
    """
    if a.unit == b.unit or same_unit(a.unit, b.unit):
        return a.value, b.value
    if not loosely and (a.unit in _VARIABLE) != (b.unit in _VARIABLE):
        tell = ucum.ON_MISMATCH.get()
        if tell is not None:
            tell(f"'{a.unit}' and '{b.unit}' have no fixed relation")
        return None
    value = ucum.convert(b.value, b.unit, a.unit)
    if value is None:
        return None
    # A ratio of decimal factors may not end; beyond 20 significant digits nothing was measured.
    rounded = value.normalize(CONTEXT) if len(value.as_tuple().digits) < 20 else _twenty_digits(value)
    return a.value, rounded


def _twenty_digits(value: Decimal) -> Decimal:
    exponent = value.adjusted() - 19
    return value.quantize(Decimal(1).scaleb(exponent), rounding=ROUND_HALF_EVEN, context=CONTEXT).normalize(CONTEXT)


def compare(a: Quantity, b: Quantity) -> int | None:
    """Return -1, 0 or 1, or None for units that do not compare."""
    pair = aligned(a, b)
    if pair is None:
        return None
    x, y = pair
    return (x > y) - (x < y)


def add(a: Quantity, b: Quantity, *, sign: int = 1) -> Quantity | None:
    """Return a + b (or a - b) in the finer of the two units (CQL 1.5, Appendix B, Add)."""
    x, y = ucum.read(a.unit), ucum.read(b.unit)
    finer = x is not None and y is not None and y.factor < x.factor
    pair = aligned(b, a) if finer else aligned(a, b)
    if pair is None:
        return None
    first, second = reversed(pair) if finer else pair
    total = decimal(CONTEXT.add(first, second if sign > 0 else second.copy_negate()))
    return None if total is None else Quantity(total, b.unit if finer else a.unit)


def combined_unit(a: str, b: str, sign: int) -> str:
    """Return the unit of a product (sign 1) or quotient (sign -1)."""
    x = ucum.components(ucum.CALENDAR.get(a, a))
    y = ucum.components(ucum.CALENDAR.get(b, b))
    if x is None or y is None:
        return f"({a}).({b})" if sign > 0 else f"({a})/({b})"
    parts = dict(x)
    for symbol, exponent in y.items():
        parts[symbol] = parts.get(symbol, 0) + sign * exponent
    return ucum.compose({s: e for s, e in parts.items() if e})


def multiply(a: Quantity, b: Quantity) -> Quantity | None:
    """Return the product with its unit."""
    value = decimal(CONTEXT.multiply(a.value, b.value))
    return None if value is None else Quantity(value, combined_unit(a.unit, b.unit, 1))


def divide(a: Quantity, b: Quantity) -> Quantity | None:
    """Return the quotient with its unit; None on division by zero."""
    pair = aligned(a, b) or (a.value, b.value)
    if pair[1] == 0:
        return None
    value = decimal(CONTEXT.divide(*pair))
    same = ucum.convert(Decimal(1), b.unit, a.unit) is not None or same_unit(a.unit, b.unit)
    if value is None:
        return None
    return Quantity(value, "1" if same else combined_unit(a.unit, b.unit, -1))
