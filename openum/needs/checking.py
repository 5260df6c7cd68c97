"""Everything that is wrong with a requirement list, each fault with its line. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import yaml

from openum.needs import shapes
from openum.needs.reading import SECTIONS, Reader, RequirementsInvalid, value_set
from openum.needs.rules import Row, compile_index, rows_may_meet
from openum.needs.rules.lists import Requirements

_NEEDED = ("key", "version", "effective_from", "source", "source_verified")


@dataclass(frozen=True, order=True)
class Fault:
    """What is wrong, and the line it stands on. A doubtful one does not hinder publication."""

    line: int
    text: str
    is_doubt: bool = False


def check_list(text: str) -> list[Fault]:
    """Return every fault and doubt of a list, in the order of lines."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        front = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or "it cannot be read"
        return [Fault(mark.line + 1 if mark else 1, f"This is not YAML: {why}.")]
    except ValueError as error:  # a date like 2026-02-30
        return [Fault(1, f"A value cannot be read: {error}.")]
    if not isinstance(front, dict) or not isinstance(node, yaml.MappingNode):
        return [Fault(1, "A requirement list is a YAML mapping with a key, a version and rows.")]
    return sorted(_faults(front, _Lines(node)))


class _Lines:
    """Where the parts of a list stand."""

    def __init__(self, node: yaml.MappingNode) -> None:
        self._parts = {key.value: (key, value) for key, value in node.value}

    def of(self, name: str, number: int | None = None) -> int:
        """Return the line of a part, or of one of its entries counted from nought."""
        if name not in self._parts:
            return 1
        key, value = self._parts[name]
        if number is None or not isinstance(value.value, list) or number >= len(value.value):
            return int(key.start_mark.line) + 1
        entry = value.value[number]
        return int((entry[0] if isinstance(entry, tuple) else entry).start_mark.line) + 1


def _faults(front: dict[str, Any], lines: _Lines) -> Iterator[Fault]:
    key = str(front.get("key") or "the list")
    for name in _NEEDED:
        if front.get(name) is None:
            yield Fault(1, f"{key}: “{name}” is missing.")
    form = {name: list(shapes.faults_of_form({name: value}, shapes.LIST_ITSELF, key)) for name, value in front.items()}
    for name, found in form.items():
        yield from (Fault(lines.of(str(name)), fault) for fault in found)
    starts, ends = front.get("effective_from"), front.get("effective_to")
    if starts and ends and not form["effective_from"] + form["effective_to"] and ends <= starts:
        yield Fault(lines.of("effective_to"), f"{key}: it ends before it starts.")
    reader = Reader({"key": key, "version": front.get("version")})
    if not form.get("value_sets"):
        yield from _value_sets(front.get("value_sets") or {}, reader, lines)
    rows: list[tuple[Row, int]] = []
    for section in SECTIONS:
        if form.get(section):
            continue
        for number, block in enumerate(front.get(section) or ()):
            try:
                made = reader.block(section, block, number + 1)
            except RequirementsInvalid as refusal:
                yield Fault(lines.of(section, number), refusal.english)
            else:
                if isinstance(made, Row):
                    rows.append((made, lines.of(section, number)))
    yield from _among_rows(rows)


def _value_sets(sets: dict[str, Any], reader: Reader, lines: _Lines) -> Iterator[Fault]:
    for number, (name, codes) in enumerate(sets.items()):
        reader.sets[name] = frozenset()
        try:
            reader.sets[name] = value_set(name, codes)
        except RequirementsInvalid as refusal:
            yield Fault(lines.of("value_sets", number), refusal.english)


def _among_rows(rows: list[tuple[Row, int]]) -> Iterator[Fault]:
    """Yield rows with one key, and rows of which neither is narrower where both hold."""
    first: dict[str, int] = {}
    for row, line in rows:
        if row.key in first:
            yield Fault(line, f"row {row.key}: the key stands on line {first[row.key]} already. Give each row its own.")
        first.setdefault(row.key, line)
    line_of = {id(row): line for row, line in rows}
    doubted: set[tuple[str, str]] = set()
    for held in compile_index([Requirements(key="", rows=tuple(row for row, _line in rows))]).by_service.values():
        for one, other in combinations(held, 2):
            if (one.key, other.key) not in doubted and rows_may_meet(one, other):
                doubted.add((one.key, other.key))
                words = f"row {other.key}: it may hold where row {one.key} holds, and neither is narrower."
                yield Fault(line_of[id(other)], f"{words} Make one of them narrower.", is_doubt=True)
