"""Integer, Long and Decimal: ranges, rounding and steps (CQL 1.5, Appendix B)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final


class Long(int):
    """A 64-bit whole number, kept apart from Integer."""

    __slots__ = ()


MIN_INTEGER, MAX_INTEGER = -(2**31), 2**31 - 1
MIN_LONG, MAX_LONG = Long(-(2**63)), Long(2**63 - 1)
MIN_DECIMAL, MAX_DECIMAL = Decimal("-99999999999999999999.99999999"), Decimal("99999999999999999999.99999999")
STEP: Final = Decimal("0.00000001")
LIMIT: Final = Decimal(10) ** 28
CONTEXT: Final = Context(prec=60, rounding=ROUND_HALF_UP)


def integer(value: int) -> int | None:
    """Return the value, or None outside 32 bits."""
    return value if MIN_INTEGER <= value <= MAX_INTEGER else None


def long(value: int) -> Long | None:
    """Return the value, or None outside 64 bits."""
    return Long(value) if MIN_LONG <= value <= MAX_LONG else None


def decimal(value: Decimal) -> Decimal | None:
    """Return the value at no more than 8 decimal places, or None out of range."""
    if not value.is_finite() or abs(value) > LIMIT:
        return None
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -8:
        value = value.quantize(STEP, context=CONTEXT)
    return value


def decimal_text(value: Decimal) -> str:
    """Return plain notation, never an exponent."""
    return format(value, "f")


def decimal_with_point(value: Decimal) -> str:
    """Return plain notation with at least one digit after the point, as ToString writes a Decimal."""
    text = format(value, "f")
    return text if "." in text else f"{text}.0"
