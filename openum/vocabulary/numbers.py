"""Whole numbers that people and addresses give as text."""

MOST_DIGITS = 9


def whole(text: str) -> int | None:
    """Return a number from 0 to 999,999,999 written in plain digits; None for anything else, however long it is."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None
