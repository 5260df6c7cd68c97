"""Quick proofs that common invariants hold, read off the JSON without evaluating FHIRPath.

A proof says True only where the invariant cannot be false; anything else is left to the FHIRPath of the definition.
Tests compare each proof with it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from openum.cql.fhirpath.narrative import ATTRIBUTES, ELEMENTS

Json = dict[str, Any]
Proof = Callable[[Any], bool]

_NAME = "|".join(sorted(ELEMENTS, key=len, reverse=True))
_ATTRIBUTE = (
    rf"(?:{'|'.join(sorted(map(re.escape, ATTRIBUTES - {'href', 'src'}), key=len, reverse=True))})=\"[^\"<]*+\""
    r"|(?:href|src)=\"(?!\s*+(?i:javascript|vbscript|data:))(?:[^\"<&]|&amp;)*+\""
)
_TAG = rf"</?+(?:{_NAME})(?:\s++(?:{_ATTRIBUTE}))*\s*+/?+>"
_START = rf"<div(?:\s++(?:{_ATTRIBUTE}))*>"
_PLAIN_NARRATIVE = re.compile(rf"{_START}(?:[^<&]++|&(?:[a-z]++|\#[0-9]++|\#x[0-9a-fA-F]++);|{_TAG})*")
"""A narrative of allowed elements and attributes. Each part begins in its own way, so the time grows with the text only;
the groups are not possessive, because such groups lose their place in Python 3.11 before 3.11.4.
"""

_TEXT = re.compile(rf"{_START}(?:\s++|{_TAG})*[^<&\s]")
"""The same up to its first text."""

_DAY = len("2026-01-31")

MOST_CONTAINED = 100
"""A resource with more contained ones is not asked whether each is used."""


def _without(*names: str) -> Proof:
    """Prove by absence: of none of these elements is there a value or an extension."""
    keys = (*names, *(f"_{name}" for name in names))

    def holds(value: Any) -> bool:
        return not any(key in value for key in keys)

    return holds


def _if_then(name: str, other: str) -> Proof:
    """Prove “name.empty() or other.exists()” by the first being absent or the other being there."""

    def holds(value: Any) -> bool:
        return bool(value.get(other)) or (name not in value and f"_{name}" not in value)

    return holds


def _any_of(*names: str) -> Proof:
    def holds(value: Any) -> bool:
        return any(value.get(name) for name in names)

    return holds


def _are_contained_used(value: Any) -> bool:
    """Prove dom-3: every contained resource is named somewhere. Evaluating it takes the square of their number."""
    contained = value.get("contained")
    if contained is None:
        return "_contained" not in value
    if not isinstance(contained, list) or len(contained) > MOST_CONTAINED:
        return True
    named = {text for text in _texts(value) if text.startswith("#")}
    return all(isinstance(one, dict) and f"#{one.get('id')}" in named for one in contained)


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _is_no_local_reference(value: Any) -> bool:
    text = value.get("reference")
    return text is None or (isinstance(text, str) and not text.startswith("#"))


def _is_not_versioned(value: Any) -> bool:
    url = value.get("fullUrl")
    return isinstance(url, str) and "/_history/" not in url


def _is_plain_narrative(value: Any) -> bool:
    return isinstance(value, str) and value.endswith("</div>") and _PLAIN_NARRATIVE.fullmatch(value) is not None


def _has_text(value: Any) -> bool:
    return isinstance(value, str) and _TEXT.match(value) is not None


def _is_in_order(value: Any) -> bool:
    start, end = value.get("start"), value.get("end")
    if "start" not in value or "end" not in value:
        return True
    return isinstance(start, str) and isinstance(end, str) and len(start) == len(end) == _DAY and start <= end


def _is_collection(value: Any) -> bool:
    return bool(value.get("type") == "collection")


def _has_no_entry_with(name: str) -> Proof:
    def holds(value: Any) -> bool:
        entries = value.get("entry", [])
        return (
            _is_collection(value)
            and isinstance(entries, list)
            and all(isinstance(one, dict) and name not in one for one in entries)
        )

    return holds


def _has_distinct_addresses(value: Any) -> bool:
    entries = value.get("entry", [])
    if not isinstance(entries, list):
        return False
    urls = [one.get("fullUrl") if isinstance(one, dict) else None for one in entries]
    return all(isinstance(url, str) for url in urls) and len(set(urls)) == len(urls)


def _is_whole_day(value: Any) -> bool:
    return isinstance(value, str) and len(value) == _DAY


PROOFS: Mapping[str, Proof] = {
    "dom-2": _without("contained"),
    "dom-3": _are_contained_used,
    "dom-4": _without("contained"),
    "dom-5": _without("contained"),
    "ref-1": _is_no_local_reference,
    "per-1": _is_in_order,
    "cpt-2": _if_then("value", "system"),
    "qty-3": _if_then("code", "system"),
    "att-1": _if_then("data", "contentType"),
    "sqty-1": _without("comparator"),
    "txt-1": _is_plain_narrative,
    "txt-2": _has_text,
    "bdl-1": _without("total"),
    "bdl-2": _has_no_entry_with("search"),
    "bdl-3": _has_no_entry_with("request"),
    "bdl-4": _has_no_entry_with("response"),
    "bdl-5": _any_of("resource", "request", "response"),
    "bdl-7": _has_distinct_addresses,
    "bdl-8": _is_not_versioned,
    "bdl-9": _is_collection,
    "bdl-10": _is_collection,
    "bdl-11": _is_collection,
    "bdl-12": _is_collection,
    "org-1": _any_of("identifier", "name"),
    "FullDateRule": _is_whole_day,
    "qrs-1": _without("item"),
}
"""By key of the invariant. A key means the same wherever it is defined; a test holds the keys against the table."""
