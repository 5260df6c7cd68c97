"""Counting: shares, means, medians and percentiles that come out the same on every machine. Pure."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

HUNDREDTH = Decimal("0.01")


def rounded(value: Fraction) -> str:
    """Write a number with two decimals; halves go away from zero."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(HUNDREDTH, rounding=ROUND_HALF_UP))


def percent(part: int, whole: int) -> str | None:
    """Return a share in per cent with two decimals; None of nothing."""
    return rounded(Fraction(100 * part, whole)) if whole else None


def mean(values: Sequence[Fraction]) -> Fraction | None:
    """Return the arithmetic mean; None of nothing."""
    return sum(values, Fraction()) / len(values) if values else None


def median(values: Sequence[Fraction]) -> Fraction | None:
    """Return the middle value; the mean of the two middle ones of an even number; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def percentile(values: Sequence[Fraction], share: int) -> Fraction | None:
    """Return the smallest value that at least `share` per cent of the values do not exceed; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]
