"""Money in integer cents; never floats."""

from decimal import ROUND_HALF_UP, Decimal


def cents_of(amount: Decimal) -> int:
    """Convert US dollars to cents, half up."""
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def dollars(cents: int) -> str:
    """Write cents for a person, for example $1,110.00."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
