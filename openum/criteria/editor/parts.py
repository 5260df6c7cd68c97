"""A guideline document in its parts, as the editor shows them, and the two changes it makes for authors. Pure.

Taking a document apart and putting it together again gives the same document, to the letter.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from openum.criteria.faces.logic import Threshold, definitions_of, functions_of, rests_on, thresholds_of
from openum.criteria.guideline import Guideline

_FENCE = re.compile(r"```(cql library|cql|criteria|patients)\s*$")
FRONT, PROSE = "front", "prose"
_OPENING = {"cql": "```cql", "criteria": "```criteria", "patients": "```patients", "cql library": "```cql library"}


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its kind, the line of the document on which its text begins (from 1), and the text."""

    kind: str
    first_line: int
    text: str

    @property
    def lines(self) -> int:
        """How many lines its text has."""
        return self.text.count("\n") + 1


def parts_of(document: str) -> list[Part]:
    """Take a document apart: settings, words, logic, tree, test patients, in their order."""
    lines = document.split("\n")
    parts: list[Part] = []
    at = 0
    if lines[0].rstrip() == "---":
        end = next((i for i, line in enumerate(lines[1:], start=1) if line.rstrip() == "---"), None)
        if end is not None and end > 1:
            parts.append(Part(FRONT, 2, "\n".join(lines[1:end])))
            at = end + 1
    begin = at
    while at < len(lines):
        opened = _FENCE.match(lines[at])
        end = next((i for i in range(at + 1, len(lines)) if lines[i].rstrip() == "```"), None) if opened else None
        if opened is None or end is None or end == at + 1:  # an empty block stays with the words around it
            at += 1
            continue
        if begin < at:
            parts.append(Part(PROSE, begin + 1, "\n".join(lines[begin:at])))
        parts.append(Part(opened.group(1), at + 2, "\n".join(lines[at + 1 : end])))
        at = begin = end + 1
    if begin < len(lines):
        parts.append(Part(PROSE, begin + 1, "\n".join(lines[begin:])))
    return parts


def joined(parts: Iterable[tuple[str, str]]) -> str:
    """Put a document together from (kind, text) pairs."""
    lines: list[str] = []
    for kind, text in parts:
        if kind == FRONT:
            lines += ["---", text, "---"]
        elif kind in _OPENING:
            lines += [_OPENING[kind], text, "```"]
        else:
            lines.append(text)
    return "\n".join(lines)


def place_of(parts: Sequence[Part], line: int) -> tuple[int, int]:
    """Return in which part a line of the document stands (its index) and the line within that part, from 1."""
    found = 0
    for index, part in enumerate(parts):
        if part.first_line <= line:
            found = index
    inside = line - parts[found].first_line + 1 if parts else line
    return found, max(1, min(inside, parts[found].lines if parts else 1))


@dataclass(frozen=True, slots=True)
class Number:
    """A number an author may change: where it stands, what it is, and which criteria rest on it."""

    name: str
    threshold: Threshold
    criteria: tuple[str, ...]


def numbers_of(guideline: Guideline) -> list[Number]:
    """Return the numbers that decide, each once, in the order of the criteria that rest on them."""
    definitions = definitions_of(guideline.cql)
    functions = functions_of(guideline)
    found: dict[str, Threshold] = {}
    users: dict[str, list[str]] = {}
    for leaf in guideline.leaves:
        for name in rests_on(leaf.definition, definitions):
            for threshold in thresholds_of(definitions[name], functions):
                key = f"{threshold.definition}|{threshold.place}"
                found.setdefault(key, threshold)
                if leaf.key not in users.setdefault(key, []):
                    users[key].append(leaf.key)
    return [Number(key, threshold, tuple(users[key])) for key, threshold in found.items()]


def with_numbers(document: str, guideline: Guideline, values: Mapping[str, str]) -> tuple[str, list[Number]]:
    """Return the document with other numbers in its logic, and those that changed.

    Args:
        document: the text the guideline was read from.
        guideline: as read.
        values: new numbers by the name of the number; others stay.
    """
    changed = [
        number
        for number in numbers_of(guideline)
        if re.fullmatch(r"\d+(\.\d+)?", values.get(number.name, "")) and values[number.name] != number.threshold.value
    ]
    cql = guideline.cql
    for number in sorted(changed, key=lambda each: -each.threshold.start):
        cql = cql[: number.threshold.start] + values[number.name] + cql[number.threshold.end :]
    parts = [(part.kind, cql.removesuffix("\n") if part.kind == "cql" else part.text) for part in parts_of(document)]
    return joined(parts), changed


_NUMBER_WORDS = re.compile(
    r"\b(\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|thirty|sixty|ninety|half"
    r"|una?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|treinta|sesenta|noventa|medio)\b",
    re.IGNORECASE,
)


def words_to_mend(guideline: Guideline, changed: Sequence[Number]) -> list[tuple[str, str]]:
    """Return (where, sentence) of the texts that name a number and stand at a criterion whose number changed."""
    keys = {key for number in changed for key in number.criteria}
    found: list[tuple[str, str]] = []
    for leaf in guideline.leaves:
        if leaf.key in keys:
            for where, text in (("question", leaf.question), ("plain", leaf.plain), ("to_satisfy", leaf.to_satisfy)):
                sentences = ((f"{leaf.key} {where} en", text.en), (f"{leaf.key} {where} es", text.es))
                found += [(place, said) for place, said in sentences if _NUMBER_WORDS.search(said)]
    names = dict.fromkeys(number.threshold.definition for number in changed)
    found += [("name", name) for name in names if _NUMBER_WORDS.search(name)]
    return found


def with_patient(document: str, entry: str) -> str:
    """Return the document with one more test patient at the end of its last block of patients, or in a new block.

    Args:
        document: the text.
        entry: the patient as an entry of a YAML list, beginning with “- name:”.
    """
    parts = [(part.kind, part.text) for part in parts_of(document)]
    places = [index for index, (kind, _text) in enumerate(parts) if kind == "patients"]
    if not places:
        return f"{document.rstrip()}\n\n```patients\n{entry.rstrip()}\n```\n"
    kind, text = parts[places[-1]]
    parts[places[-1]] = (kind, f"{text.rstrip()}\n\n{entry.rstrip()}")
    return joined(parts)
