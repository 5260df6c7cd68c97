"""Numbers that look right and belong to nobody. Pure."""

from openum.vocabulary.identifiers import npi_check_digit


def npi(first_nine: int) -> str:
    """Return an invented provider number: it starts with 9, which is never issued, and passes the check digit."""
    digits = str(first_nine)
    if len(digits) != 9 or digits[0] != "9":
        raise ValueError("An invented provider number starts with 9 and has nine digits before its check digit.")
    return digits + npi_check_digit(digits)
