"""An Integer known only to lie between two bounds, as durations between partial dates are."""

from __future__ import annotations


class Uncertainty:
    """An unknown whole number from low to high, both included.

    Comparisons answer True, False or None; arithmetic widens the bounds.
    """

    __slots__ = ("high", "low")

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high

    def __repr__(self) -> str:
        return f"Uncertainty({self.low}, {self.high})"

    def __hash__(self) -> int:
        return hash((self.low, self.high))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Uncertainty) and (self.low, self.high) == (other.low, other.high)

    def __add__(self, other: int | Uncertainty) -> Uncertainty:
        low, high = bounds(other)
        return Uncertainty(self.low + low, self.high + high)

    __radd__ = __add__

    def __neg__(self) -> Uncertainty:
        return Uncertainty(-self.high, -self.low)

    def __sub__(self, other: int | Uncertainty) -> Uncertainty:
        low, high = bounds(other)
        return Uncertainty(self.low - high, self.high - low)

    def __rsub__(self, other: int) -> Uncertainty:
        return Uncertainty(other - self.high, other - self.low)

    def __mul__(self, other: int | Uncertainty) -> Uncertainty:
        products = [a * b for a in (self.low, self.high) for b in bounds(other)]
        return Uncertainty(min(products), max(products))

    __rmul__ = __mul__


def bounds(value: int | Uncertainty) -> tuple[int, int]:
    """Return the lowest and highest value a number may have."""
    return (value.low, value.high) if isinstance(value, Uncertainty) else (value, value)


def compare(a: int | Uncertainty, b: int | Uncertainty) -> int | None:
    """Return -1, 0 or 1, or None when the bounds do not settle it."""
    (a_low, a_high), (b_low, b_high) = bounds(a), bounds(b)
    if a_high < b_low:
        return -1
    if a_low > b_high:
        return 1
    if a_low == a_high == b_low == b_high:
        return 0
    return None


def less(a: int | Uncertainty, b: int | Uncertainty, *, or_equal: bool) -> bool | None:
    """Answer a < b (or a <= b) as far as the bounds settle it."""
    (a_low, a_high), (b_low, b_high) = bounds(a), bounds(b)
    if or_equal:
        return True if a_high <= b_low else False if a_low > b_high else None
    return True if a_high < b_low else False if a_low >= b_high else None
