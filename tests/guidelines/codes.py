"""Whether a code can exist: check digits, formats, and the reference tables where they are at hand."""

import csv
import gzip
import io
import re
from functools import cache
from pathlib import Path

REFERENCE = Path(__file__).parents[3] / "shared/data/reference"

NEWER_THAN_THE_TABLE = {("HCPCS", code) for code in ("A4238", "A4239", "E2102", "E2103")}
"""Valid since 2022 and 2023; the HCPCS table at hand is older."""

_FORMATS = {
    "ICD10": r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?",
    "HCPCS": r"[A-Z]\d{4}",
    "CPT": r"\d{4}[0-9TF]",
    "LOINC": r"\d{1,7}-\d|L[AP]\d{1,6}-\d",
    "SNOMED": r"[1-9]\d{5,17}",
    "RXNORM": r"[1-9]\d{0,7}",
    "REVENUE": r"\d{4}",
}
_PRODUCT = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043",
    "8765932104", "9876543210",
)  # fmt: skip
_PERMUTED = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def is_well_formed(system, code):
    """Say whether the code has the form of its system, check digit included."""
    if system not in _FORMATS:
        return True
    if not re.fullmatch(_FORMATS[system], code):
        return False
    if system == "SNOMED":
        return _verhoeff(code)
    if system == "LOINC" and code[0].isdigit():
        return _mod_10(code)
    return True


def _verhoeff(code):
    total = 0
    for place, digit in enumerate(reversed(code)):
        total = int(_PRODUCT[total][int(_PERMUTED[place % 8][int(digit)])])
    return total == 0


def _mod_10(code):
    body, _hyphen, digit = code.partition("-")
    total = 0
    for place, figure in enumerate(reversed(body)):
        value = int(figure) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return (10 - total % 10) % 10 == int(digit)


@cache
def table(name):
    """Return the first column of a reference table."""
    with gzip.open(REFERENCE / name) as file:
        rows = csv.reader(io.TextIOWrapper(file, encoding="utf-8"))
        next(rows)
        return frozenset(row[0] for row in rows)


def is_listed(system, code):
    """Say whether a reference table lists the code; None where there is no table for its system."""
    if (system, code) in NEWER_THAN_THE_TABLE:
        return None
    if system == "ICD10":
        return code.replace(".", "") in table("icd10cm_fy2026.csv.gz")
    if system == "HCPCS":
        return code in table("hcpcs_level2.csv.gz")
    return None
