"""One text for one value: JSON with sorted keys and no spaces, for hashes that must come out the same every time. Pure."""

import hashlib
from typing import Any

import orjson


def canonical_json(value: Any) -> bytes:
    """Return a value as canonical JSON in UTF-8; what JSON does not know is written as its text.

    Raises:
        TypeError: a whole number over 64 bits, or text with half a character.
    """
    return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS)


def digest_of(value: Any) -> str:
    """Return the SHA-256 of a value in canonical form, hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
