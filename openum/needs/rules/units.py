"""What services are counted in: one code for the many ways in which orders and requests write a unit."""

_WRITTEN = {
    "": ("1",),
    "UN": ("unit", "units", "{unit}", "{units}"),
    "VS": ("visit", "visits", "{visit}", "{visits}"),
    "DA": ("day", "days", "d"),
    "HH": ("hour", "hours", "h"),
    "MO": ("month", "months", "mo"),
}
"""X12 codes (HSD01 of the 278), with the words and UCUM codes that mean them."""

_CODES = {one: code for code, written in _WRITTEN.items() for one in (code.casefold(), *written)}


def counted_in(written: str) -> str | None:
    """Return the X12 code of a unit, empty where none is said, or None when it counts no services (milligrams)."""
    return _CODES.get(written.strip().casefold())
