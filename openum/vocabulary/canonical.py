"""One text for one value: JSON with sorted keys and no spaces, for hashes that must come out the same every time. Pure."""

import hashlib
import json
from typing import Any

import orjson


def json_bytes(value: Any) -> bytes:
    """Return a value as JSON in UTF-8, whatever numbers it holds: PostgreSQL gives 1e300 back as 301 digits."""
    try:
        return orjson.dumps(value)
    except TypeError:  # a whole number over 64 bits
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def canonical_json(value: Any) -> bytes:
    """Return a value as canonical JSON in UTF-8; what JSON does not know is written as its text."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a whole number over 64 bits
        return json.dumps(value, default=str, sort_keys=True, separators=(",", ":")).encode()


def digest_of(value: Any) -> str:
    """Return the SHA-256 of a value in canonical form, hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
