"""Reads the criteria tree of a guideline document. Pure."""

import re

from openum.criteria.faults import Lined, Reader
from openum.criteria.front import read_text
from openum.criteria.tree import Group, Leaf, Mode, Node, Text, WantedElement

_LEAF_KEYS = (
    "key", "definition", "says", "question", "plain", "to_satisfy", "answers", "documents", "missing", "overridable",
)  # fmt: skip
_GROUP_KEYS = ("key", "label", *Mode)
_DEEPEST = 8


def read_node(reader: Reader, block: object, line: int, *, depth: int) -> Node | None:
    """Read a criterion or a group with everything below it."""
    if not isinstance(block, Lined):
        reader.fault(line, "A criterion or group must be a block of “name: value” lines.")
        return None
    if depth > _DEEPEST:
        reader.fault(block.line, "The tree is nested more than eight deep; flatten it.")
        return None
    if any(mode.value in block for mode in Mode):
        return _group(reader, block, depth=depth)
    return _leaf(reader, block)


def _group(reader: Reader, block: Lined, *, depth: int) -> Group | None:
    reader.known_keys(block, _GROUP_KEYS, what="a group")
    modes = [mode for mode in Mode if mode.value in block]
    if len(modes) > 1:
        reader.fault(
            block.lines[modes[1]], "A group is one of “all”, “any”, “at_least” and “not”; make two groups of it."
        )
        return None
    mode = modes[0]
    line = block.lines[mode]
    count = 0
    if mode is Mode.NOT:
        entries = [block[mode]]
    elif mode is Mode.AT_LEAST:
        count, entries = _at_least(reader, block)
    else:
        entries = reader.items(block, mode, what="a group")
    if not entries:
        reader.fault(line, f"“{mode}” has no criteria below it.")
    children = tuple(
        child for entry in entries if (child := read_node(reader, entry, line, depth=depth + 1)) is not None
    )
    key = "" if depth == 0 and "key" not in block else _key(reader, block, what="a group")
    label = read_text(reader, block, "label", what="a group", required=depth > 0)
    return Group(key=key, mode=mode, children=children, label=label, count=count)


def _at_least(reader: Reader, block: Lined) -> tuple[int, list[object]]:
    """Read “at_least: {count: 2, of: […]}”."""
    inner = reader.block(block, Mode.AT_LEAST, what="a group") or Lined()
    if not inner:
        return 1, []
    reader.known_keys(inner, ("count", "of"), what="“at_least”")
    entries = reader.items(inner, "of", what="“at_least”")
    count = inner.get("count")
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= max(len(entries), 1):
        reader.fault(
            inner.lines.get("count", inner.line),
            f"“at_least” needs “count”, a whole number from 1 to the number of criteria below it ({len(entries)}).",
        )
        return 1, entries
    return count, entries


def _key(reader: Reader, block: Lined, *, what: str) -> str:
    key = reader.text(block, "key", what=what)
    if key and not re.fullmatch(r"[0-9a-z][0-9a-z.-]*", key):
        reader.fault(block.lines["key"], f"The key “{key}” may hold small letters, digits, points and hyphens only.")
    return key


def _leaf(reader: Reader, block: Lined) -> Leaf | None:
    what = f"criterion {block.get('key', '')}".strip()
    reader.known_keys(block, _LEAF_KEYS, what=what)
    key = _key(reader, block, what=what)
    texts = {name: read_text(reader, block, name, what=what) for name in ("question", "plain", "to_satisfy")}
    documents = reader.texts(block, "documents", what=what)
    if not documents:
        reader.fault(block.line, f"{what} needs “documents”: the kinds of document that can show it.")
    missing = tuple(_wanted(reader, entry, block) for entry in reader.items(block, "missing", what=what))
    if not missing:
        reader.fault(block.line, f"{what} needs “missing”: the element to name when the answer is unknown.")
    overridable = block.get("overridable", True)
    if not isinstance(overridable, bool):
        reader.fault(block.lines["overridable"], f"“overridable” of {what} must be yes or no.")
    empty = Text("")
    return Leaf(
        key=key,
        definition=reader.text(block, "definition", what=what),
        says=reader.text(block, "says", what=what, required=False),
        question=texts["question"] or empty,
        plain=texts["plain"] or empty,
        to_satisfy=texts["to_satisfy"] or empty,
        documents=documents,
        answers=reader.texts(block, "answers", what=what),
        missing=missing,
        overridable=bool(overridable),
    )


def _wanted(reader: Reader, entry: object, block: Lined) -> WantedElement:
    if not isinstance(entry, Lined):
        reader.fault(block.lines["missing"], "Each entry of “missing” needs “element” and “note”.")
        return WantedElement("", "")
    reader.known_keys(entry, ("element", "note", "while_unknown"), what="“missing”")
    element = reader.text(entry, "element", what="“missing”")
    if element and not re.fullmatch(r"[A-Z][A-Za-z]+\.[A-Za-z.]+", element):
        reader.fault(entry.lines["element"], f"“{element}” must be a resource and its element, like Condition.onset.")
    return WantedElement(
        element=element,
        note=reader.text(entry, "note", what="“missing”"),
        while_unknown=reader.text(entry, "while_unknown", what="“missing”", required=False),
    )
