"""Strings (FHIRPath 2.0, 5.6, and the trial-use functions of the same section)."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re

from openum.cql.errors import CqlRuntimeError
from openum.cql.fhirpath import patterns
from openum.cql.fhirpath.errors import Fault
from openum.cql.fhirpath.items import Items, describe, integer, plain, text
from openum.cql.fhirpath.registry import Run, items_function, value_function
from openum.cql.operators import strings as cql

_TEMPLATE = re.compile(r"\$(\d+)|\$\{(\w+)\}")


@value_function("indexOf", least=1)
def index_of(items: Items, part: Items) -> int | None:
    """Where a part starts, counted from 0, or -1."""
    whole, wanted = text(items), text(part)
    return None if whole is None or wanted is None else whole.find(wanted)


@value_function("lastIndexOf", least=1)
def last_index_of(items: Items, part: Items) -> int | None:
    """Where a part starts last, or -1."""
    whole, wanted = text(items), text(part)
    return None if whole is None or wanted is None else whole.rfind(wanted)


@value_function("substring", least=1, most=2)
def substring(items: Items, start: Items, length: Items | None = None) -> str | None:
    """The text from a position on, of a length at most; empty outside the text."""
    value, at = text(items), integer(start)
    if value is None or at is None or not 0 <= at < len(value):
        return None
    size = None if length is None else integer(length)
    if length and size is not None and size <= 0:
        return ""
    return value[at:] if size is None else value[at : at + size]


@value_function("startsWith", least=1)
def starts_with(items: Items, prefix: Items) -> bool | None:
    """Whether the text starts so."""
    value, part = text(items), text(prefix)
    return None if value is None or part is None else value.startswith(part)


@value_function("endsWith", least=1)
def ends_with(items: Items, suffix: Items) -> bool | None:
    """Whether the text ends so."""
    value, part = text(items), text(suffix)
    return None if value is None or part is None else value.endswith(part)


@value_function("contains", least=1)
def contains(items: Items, part: Items) -> bool | None:
    """Whether the text has a part."""
    value, wanted = text(items), text(part)
    return None if value is None or wanted is None else wanted in value


@value_function("upper")
def upper(items: Items) -> str | None:
    """The text in capitals."""
    value = text(items)
    return None if value is None else value.upper()


@value_function("lower")
def lower(items: Items) -> str | None:
    """The text in small letters."""
    value = text(items)
    return None if value is None else value.lower()


@value_function("length")
def length(items: Items) -> int | None:
    """The number of characters."""
    value = text(items)
    return None if value is None else len(value)


@value_function("trim")
def trim(items: Items) -> str | None:
    """The text without white space at its ends."""
    value = text(items)
    return None if value is None else value.strip()


@value_function("replace", least=2)
def replace(items: Items, part: Items, by: Items) -> str | None:
    """The text with every part replaced."""
    value, old, new = text(items), text(part), text(by)
    try:
        return cql.replace(value, old, new)
    except CqlRuntimeError as error:
        raise Fault(str(error)) from error


@value_function("matches", least=1, most=2)
def matches(items: Items, pattern: Items, flags: Items | None = None) -> bool | None:
    """Whether a regular expression is found in the text."""
    value, wanted = text(items), text(pattern)
    if value is None or wanted is None:
        return None
    return patterns.found(wanted, value, whole=False, flags=text(flags or []) or "")


@value_function("matchesFull", least=1, most=2)
def matches_full(items: Items, pattern: Items, flags: Items | None = None) -> bool | None:
    """Whether a regular expression fits the whole text."""
    value, wanted = text(items), text(pattern)
    if value is None or wanted is None:
        return None
    return patterns.found(wanted, value, whole=True, flags=text(flags or []) or "")


@value_function("replaceMatches", least=2, most=3)
def replace_matches(items: Items, pattern: Items, by: Items, flags: Items | None = None) -> str | None:
    """The text with what a regular expression finds replaced; `$1` and `${name}` stand for groups."""
    value, wanted, new = text(items), text(pattern), text(by)
    if value is None or wanted is None or new is None:
        return None
    if not wanted:
        return value
    template = _TEMPLATE.sub(lambda m: rf"\g<{m.group(1) or m.group(2)}>", new.replace("\\", "\\\\"))
    return patterns.replaced(wanted, value, template, flags=text(flags or []) or "")


@items_function("toChars")
def to_chars(run: Run, items: Items) -> Items:
    """The characters of the text."""
    return list(text(items) or "")


@items_function("split", least=1)
def split(run: Run, items: Items, separator: Items) -> Items:
    """The parts of the text between separators."""
    value, at = text(items), text(separator)
    if value is None:
        return []
    return [value] if not at else list(value.split(at))


@value_function("join", most=1)
def join(items: Items, separator: Items | None = None) -> str | None:
    """The texts as one."""
    parts = [p for p in map(plain, items) if p is not None]
    for part in parts:
        if not isinstance(part, str):
            raise Fault(f"“join” takes texts, not {describe(part)}.")
    return (text(separator or []) or "").join(parts) if parts else None


@value_function("encode", least=1)
def encode(items: Items, form: Items) -> str | None:
    """The text in hex, base64 or urlbase64."""
    value, name = text(items), text(form)
    if value is None or name is None:
        return None
    raw = value.encode("utf-8", "surrogatepass")
    if name == "hex":
        return raw.hex()
    if name == "base64":
        return base64.b64encode(raw).decode("ascii")
    return base64.urlsafe_b64encode(raw).decode("ascii") if name == "urlbase64" else None


@value_function("decode", least=1)
def decode(items: Items, form: Items) -> str | None:
    """The text from hex, base64 or urlbase64; empty when it is not in that form."""
    value, name = text(items), text(form)
    if value is None or name is None:
        return None
    try:
        if name == "hex":
            raw = bytes.fromhex(value)
        elif name == "base64":
            raw = base64.b64decode(value, validate=True)
        elif name == "urlbase64":
            raw = base64.urlsafe_b64decode(value)
        else:
            return None
        return raw.decode("utf-8")
    except (ValueError, binascii.Error):
        return None


@value_function("escape", least=1)
def escape(items: Items, form: Items) -> str | None:
    """The text escaped for html or json."""
    value, name = text(items), text(form)
    if value is None or name is None:
        return None
    if name == "html":
        return html.escape(value)
    return json.dumps(value, ensure_ascii=False)[1:-1] if name == "json" else None


@value_function("unescape", least=1)
def unescape(items: Items, form: Items) -> str | None:
    """The text with the escapes of html or json resolved."""
    value, name = text(items), text(form)
    if value is None or name is None:
        return None
    if name == "html":
        return html.unescape(value)
    if name != "json":
        return None
    try:
        return str(json.loads('"' + re.sub(r'(?<!\\)"', r'\\"', value) + '"', strict=False))
    except ValueError:
        return None
