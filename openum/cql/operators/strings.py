"""Strings. Regular expressions are bounded in size and in shape, so that none can run for long."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from openum.cql.errors import CqlRuntimeError

Text = str | None
MAX_TEXT: Final = 100_000
MAX_PATTERN: Final = 1000
MAX_RESULT: Final = 10_000_000
MAX_STEPS: Final = 10**9
# A repeated group that itself repeats, has options, or holds another group may take exponential time.
_NESTED_REPEAT = re.compile(r"\((?:[^()\\]|\\.)*[*+}?|](?:[^()\\]|\\.)*\)(?:[*+]|\{\d*,)|\)[^()]*\)(?:[*+]|\{\d*,)")
_UNBOUNDED = re.compile(r"(?<!\\)[*+]|\{\d*,\}")


def concatenate(a: Text, b: Text) -> Text:
    """`a + b`."""
    return None if a is None or b is None else _checked(a + b)


def concatenate_or_empty(a: Text, b: Text) -> str:
    """`a & b`: null counts as empty."""
    return _checked((a or "") + (b or ""))


def combine(items: list[Any] | None, separator: Text = "") -> Text:
    """Combine."""
    known = [x for x in items or () if x is not None]
    return _checked((separator or "").join(known)) if known else None


def split(text: Text, separator: Text) -> list[str] | None:
    """Split."""
    if text is None:
        return None
    return text.split(separator) if separator else [text]


def split_on_matches(text: Text, pattern: Text) -> list[str] | None:
    """SplitOnMatches."""
    return None if text is None or pattern is None else _compiled(pattern).split(_bounded(text, pattern))


def length(text: Text) -> int | None:
    """Length."""
    return None if text is None else len(text)


def upper(text: Text) -> Text:
    """Upper."""
    return None if text is None else text.upper()


def lower(text: Text) -> Text:
    """Lower."""
    return None if text is None else text.lower()


def starts_with(text: Text, prefix: Text) -> bool | None:
    """StartsWith."""
    return None if text is None or prefix is None else text.startswith(prefix)


def ends_with(text: Text, suffix: Text) -> bool | None:
    """EndsWith."""
    return None if text is None or suffix is None else text.endswith(suffix)


def position_of(pattern: Text, text: Text) -> int | None:
    """PositionOf."""
    return None if text is None or pattern is None else text.find(pattern)


def last_position_of(pattern: Text, text: Text) -> int | None:
    """LastPositionOf."""
    return None if text is None or pattern is None else text.rfind(pattern)


def substring(text: Text, start: int | None, size: int | None = None) -> Text:
    """Substring."""
    if text is None or start is None or not 0 <= start < max(1, len(text)):
        return None
    return text[start:] if size is None else text[start : start + max(0, size)]


def at_index(text: Text, index: int | None) -> Text:
    """`text[index]`."""
    return None if text is None or index is None or not 0 <= index < len(text) else text[index]


def matches(text: Text, pattern: Text) -> bool | None:
    """Matches: the whole text fits the pattern."""
    if text is None or pattern is None:
        return None
    return _compiled(pattern).fullmatch(_bounded(text, pattern)) is not None


def replace_matches(text: Text, pattern: Text, substitution: Text) -> Text:
    r"""ReplaceMatches; `$1` is the first group, `\$` a dollar sign."""
    if text is None or pattern is None or substitution is None:
        return None
    groups = re.sub(r"\\(?!\$)", r"\\\\", substitution)
    template = re.sub(r"(?<!\\)\$(\d+)", r"\\g<\1>", groups).replace("\\$", "$")
    if (len(text) + 1) * len(substitution) > MAX_RESULT:
        raise CqlRuntimeError("The replacement would make too long a text.")
    try:
        return _compiled(pattern).sub(template, _bounded(text, pattern))
    except (re.error, IndexError) as error:
        raise CqlRuntimeError("The replacement text refers to a group that the pattern does not have.") from error


def replace(text: Text, pattern: Text, substitution: Text) -> Text:
    """Replace, without regular expressions."""
    if text is None or pattern is None or substitution is None:
        return None
    if (len(text) + 1) * len(substitution) > MAX_RESULT:
        raise CqlRuntimeError("The replacement would make too long a text.")
    return text.replace(pattern, substitution)


def _checked(text: str) -> str:
    if len(text) > MAX_RESULT:
        raise CqlRuntimeError(f"A text of more than {MAX_RESULT} characters is not built.")
    return text


def _bounded(text: str, pattern: str) -> str:
    """Refuse a text that a pattern could take too long over: each open repeat may walk the text once more."""
    repeats = len(_UNBOUNDED.findall(pattern))
    if len(text) > MAX_TEXT or len(text) ** repeats > MAX_STEPS:
        raise CqlRuntimeError(f"A text of {len(text)} characters is too long to be matched against this pattern.")
    return text


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    if len(pattern) > MAX_PATTERN:
        raise CqlRuntimeError(f"The pattern is longer than {MAX_PATTERN} characters.")
    if _NESTED_REPEAT.search(pattern):
        raise CqlRuntimeError(
            "The pattern repeats a group that has repeats or choices of its own, which may take for ever."
        )
    try:
        return re.compile(pattern, re.DOTALL)
    except (re.error, OverflowError, RecursionError) as error:
        raise CqlRuntimeError("The pattern is no regular expression.") from error
