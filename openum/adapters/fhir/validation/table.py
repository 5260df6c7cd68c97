"""Look-up in the generated table `definitions.jsonl`: lines are found at once and parsed when they are asked for."""

import json
import re
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

Json = dict[str, Any]

R4_PACKAGE = "r4-core-4.0.1"
_HEAD = re.compile(r'\{"(?P<kind>[sd])":"(?P<key>[^"]+)"(?:,"v":"(?P<version>[^"]*)")?')
_PACKAGE = re.compile(r'"g":"([^"]+)"')
_TYPE = re.compile(r'"t":"([^"]+)"')


class Entry(NamedTuple):
    """Where a definition is: its address, version, package, and the line that holds it."""

    url: str
    version: str
    package: str
    line: str

    def content(self) -> Json:
        """Return the definition."""
        found: Json = json.loads(self.line)
        return found


class Table(NamedTuple):
    """The lines of the table: the types of R4 by name, profiles by address, value sets by key."""

    head: Json
    types: dict[str, str]
    profiles: dict[str, list[Entry]]
    sets: dict[str, str]


@cache
def table() -> Table:
    """Return the table, read once in a process."""
    first, *lines = resources.files(__package__).joinpath("definitions.jsonl").read_text("utf-8").splitlines()
    found = Table(json.loads(first), {}, {}, {})
    for line in lines:
        head = _HEAD.match(line)
        if head is None:
            raise ValueError("A line of definitions.jsonl is not as the generator writes it.")
        if head["kind"] == "s":
            found.sets[head["key"]] = line
            continue
        # The package stands before the rules, so the first one in the line is the definition's own.
        package = _named(_PACKAGE, line)
        if package == R4_PACKAGE and '"k":"profile"' not in line[:400]:
            found.types[_named(_TYPE, line)] = line
        else:
            found.profiles.setdefault(head["key"], []).append(Entry(head["key"], head["version"] or "", package, line))
    return found


def _named(pattern: re.Pattern[str], line: str) -> str:
    held = pattern.search(line)
    assert held is not None, "the generator writes type and package on every line"
    return held.group(1)


class Codes(NamedTuple):
    """The codes of a value set: all of them, and each with its system."""

    plain: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    key: str


@cache
def codes(key: str) -> Codes:
    """Return the codes of a value set of the table."""
    held: dict[str, list[str]] = json.loads(table().sets[key])["c"]
    pairs = frozenset((system, code) for system, listed in held.items() for code in listed)
    return Codes(frozenset(code for _, code in pairs), pairs, key)
