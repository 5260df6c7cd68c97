"""Citations in a text, and what a new version of a policy changes. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

_CITATION = re.compile(
    r"\d+ CFR (?:part )?\d+(?:\.\d+)?(?:-\d+)?(?:\([a-z0-9]+\))*|\d+ U\.?S\.?C\.? \d+\w*|SSA \d+\(\w\)(?:\(\w+\))*"
    r"|Cal\. [A-Z][A-Za-z&. ]+ \d+[\d.]*(?:\([a-z0-9]+\))*|N\.Y\. Ins\. Law \d+(?:\([a-z0-9]+\))*"
    r"|Tex\. Ins\. Code \d+\.\d+(?:\([a-z0-9]+\))*"
)
_ASIDE = frozenset({"version", "source_verified"})
LONGEST = 300
"""Letters of a changed value that are shown."""


def citations(text: str) -> tuple[str, ...]:
    """Return the laws that a text names, each once, in the order of the text."""
    return tuple(dict.fromkeys(found.group() for found in _CITATION.finditer(text)))


def names(words: str, text: str) -> bool:
    """Say whether a text names a section: `422.568` is found in `42 CFR 422.568(d)`, and not in `1422.568` or `422.5681`."""
    wanted = " ".join(words.split())
    if not wanted:
        return False
    return re.search(rf"(?<![\w.]){re.escape(wanted)}(?!\d|\.\d)", text, re.IGNORECASE) is not None


def facts_of(body: str) -> Mapping[str, Any]:
    """Return the named facts of a policy's body: the whole of a JSON or YAML body, the front matter of a Markdown one."""
    text = body.split("\n---", maxsplit=1)[0].removeprefix("---") if body.startswith("---") else body
    try:
        read = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError):
        return {}
    return read if isinstance(read, dict) else {}


@dataclass(frozen=True)
class Change:
    """One fact that differs between two versions; empty where it was or is not there."""

    name: str
    before: str
    after: str


def changes(before: str, after: str) -> list[Change]:
    """Return what a version changes, fact by fact, in the order of their names."""
    old, new = facts_of(before), facts_of(after)
    return [
        Change(name, _written(old.get(name)), _written(new.get(name)))
        for name in sorted({*old, *new} - _ASIDE)
        if old.get(name) != new.get(name)
    ]


def _written(value: Any) -> str:
    if value is None or value == "":
        return ""
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
