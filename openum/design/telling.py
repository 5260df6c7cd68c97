"""English sentences of rules and services, told in the language of whoever reads the page.

A rule refuses, and a service names a task, where no reader's language is known: what they say is English, in the record
too. A page tells it in its own language by the list of all such sentences (`locale/sentences.json`, which
`python -m tools.messages` writes from the code), in which `{units}` stands for what was filled in.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.utils.translation import get_language, gettext

from openum.design.moments import written_instant

SENTENCES: Final = Path(__file__).parent / "locale" / "sentences.json"
_HOLE: Final = re.compile(r"\{(\w+)\}")
_NEXT: Final = re.compile(r"(?<=[.!?])\s+")
LONGEST: Final = 800
"""Letters of what is looked for; something longer is none of ours, and is not searched."""
_STATES: Final = frozenset({"current", "staff", "staff_2", "status", "target"})
"""Holes that a state fills, which pages show with a capital letter and a sentence says without."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A sentence with holes, and what it is found by."""

    text: str
    letters: int
    found_by: re.Pattern[str]


class Sentences:
    """The sentences that are known, and the search for the one that was said."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Sort them: whole ones are found by themselves, those with holes by what stands around the holes."""
        texts = list(texts)
        self._whole = frozenset(text for text in texts if not _HOLE.search(text))
        patterns = [_pattern(text) for text in texts if _HOLE.search(text)]
        self._patterns: Sequence[_Pattern] = sorted(patterns, key=lambda pattern: (-pattern.letters, pattern.text))

    def find(self, said: str) -> tuple[str, dict[str, str]] | None:
        """Return the sentence as the code has it and what fills its holes; of several the one with most words of its own."""
        if said in self._whole:
            return said, {}
        for pattern in self._patterns:
            if (match := pattern.found_by.fullmatch(said)) is not None:
                return pattern.text, match.groupdict()
        return None


def _pattern(text: str) -> _Pattern:
    seen: set[str] = set()
    written = []
    for number, part in enumerate(_HOLE.split(text)):
        if number % 2 == 0:
            written.append(re.escape(part))
        else:
            written.append(f"(?P={part})" if part in seen else f"(?P<{part}>.*?)")
            seen.add(part)
    return _Pattern(text, len(_HOLE.sub("", text)), re.compile("".join(written), re.DOTALL))


@cache
def known() -> Sentences:
    """Return the sentences of this program, read once and only where a page needs them."""
    return Sentences(json.loads(SENTENCES.read_text(encoding="utf-8")))


def told(said: str) -> str:
    """Return an English sentence of ours in the language of the page; what is none of ours stays as it is.

    What fills a hole, and each sentence of several, is told in the same way.
    """
    if not said or len(said) > LONGEST or (get_language() or "en").startswith("en"):
        return said
    return _told(said)


def _told(said: str) -> str:
    found = known().find(said)
    if found is not None:
        text, filled = found
        words = gettext(text)
        return _HOLE.sub(lambda hole: _filled(hole[1], filled[hole[1]]), words) if filled else words
    parts = _NEXT.split(said)
    return " ".join(_told(part) for part in parts) if len(parts) > 1 else said


def _filled(hole: str, value: str) -> str:
    """Return what fills a hole: an instant, the word for a state, a sentence of ours, or as it is."""
    if (instant := written_instant(value)) != value:
        return instant
    return gettext(value.capitalize()).lower() if hole in _STATES else _told(value)
