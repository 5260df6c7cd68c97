"""Identifiers and their check digits. Pure."""

import os
import time
from uuid import UUID, SafeUUID

# Of the dihedral group of ten elements, whose product tells apart what a sum does not: two digits changed about.
_PRODUCTS = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043",
    "8765932104", "9876543210",
)  # fmt: skip
_PERMUTATIONS = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def new_uuid7() -> UUID:
    """Return a time-ordered UUID (RFC 9562, version 7): public identifiers never reveal a row count."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    return uuid_of((milliseconds & 0xFFFFFFFFFFFF) << 80 | random & _RANDOM_BITS | _VERSION_AND_VARIANT)


_VERSION_AND_VARIANT = 0x7 << 76 | 0b10 << 62
_RANDOM_BITS = 0xFFF << 64 | (1 << 62) - 1


def uuid_of(number: int) -> UUID:
    """Return the UUID of a number of 128 bits, as `UUID(int=number)` does, without the checks of its constructor."""
    made = UUID.__new__(UUID)
    _set(made, "int", number)
    _set(made, "is_safe", SafeUUID.unknown)
    return made


_set = object.__setattr__


def npi_check_digit(first_nine: str) -> str:
    """Return the tenth digit of an NPI: Luhn over the prefix 80840 and nine digits (45 CFR 162.406)."""
    total = 0
    for position, digit in enumerate(reversed("80840" + first_nine)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def npi_is_valid(npi: str) -> bool:
    """Say whether a text is ten digits that pass the NPI check digit."""
    return len(npi) == 10 and npi.isascii() and npi.isdigit() and npi_check_digit(npi[:9]) == npi[9]


def snomed_is_valid(identifier: str) -> bool:
    """Say whether a text is 6 to 18 digits that pass the check digit of SNOMED CT identifiers (Verhoeff)."""
    if not (6 <= len(identifier) <= 18 and identifier.isascii() and identifier.isdigit()):
        return False
    total = 0
    for place, digit in enumerate(reversed(identifier)):
        total = int(_PRODUCTS[total][int(_PERMUTATIONS[place % 8][int(digit)])])
    return total == 0


def case_number(*, year: int, sequence: int) -> str:
    """Format a case number, for example C-26-0012041. Numbers are for people; they never stand in a URL."""
    return f"C-{year % 100:02d}-{sequence:07d}"


def authorization_number(*, year: int, sequence: int) -> str:
    """Format an authorization number, for example A-26-0011872."""
    return f"A-{year % 100:02d}-{sequence:07d}"


def receipt_number(*, year: int, sequence: int) -> str:
    """Format the number of a receipt that nothing needs to be asked, for example N-26-0000123."""
    return f"N-{year % 100:02d}-{sequence:07d}"


def call_number(*, year: int, sequence: int) -> str:
    """Format the number of a telephone call in which a request is taken, for example T-26-0000123."""
    return f"T-{year % 100:02d}-{sequence:07d}"
