"""Reads the criteria tree of a guideline document. Pure."""

import re

from openum.criteria.faults import Lined, Reader
from openum.criteria.front import read_text
from openum.criteria.tree import Group, Leaf, Mode, Node, Text, WantedElement

_LEAF_KEYS = (
    "key", "definition", "says", "question", "plain", "to_satisfy", "answers", "documents", "missing", "overridable",
)  # fmt: skip
_GROUP_KEYS = ("key", "label", "all", "any")
_DEEPEST = 8


def read_node(reader: Reader, block: object, line: int, *, depth: int) -> Node | None:
    """Read a criterion or a group with everything below it."""
    if not isinstance(block, Lined):
        reader.fault(line, "A criterion or group must be a block of “name: value” lines.")
        return None
    if depth > _DEEPEST:
        reader.fault(block.line, "The tree is nested more than eight deep; flatten it.")
        return None
    if "all" in block or "any" in block:
        return _group(reader, block, depth=depth)
    return _leaf(reader, block)


def _group(reader: Reader, block: Lined, *, depth: int) -> Group | None:
    reader.known_keys(block, _GROUP_KEYS, what="a group")
    if "all" in block and "any" in block:
        reader.fault(block.lines["any"], "A group is either “all” or “any”; make two groups.")
        return None
    mode = Mode.ALL if "all" in block else Mode.ANY
    entries = reader.items(block, mode.value, what="a group")
    if not entries:
        reader.fault(block.lines[mode.value], f"“{mode}” has no criteria below it.")
    children = [read_node(reader, entry, block.lines[mode.value], depth=depth + 1) for entry in entries]
    key = "" if depth == 0 and "key" not in block else reader.text(block, "key", what="a group")
    label = read_text(reader, block, "label", what="a group", required=depth > 0)
    return Group(key=key, mode=mode, children=tuple(child for child in children if child), label=label)


def _leaf(reader: Reader, block: Lined) -> Leaf | None:
    what = f"criterion {block.get('key', '')}".strip()
    reader.known_keys(block, _LEAF_KEYS, what=what)
    key = reader.text(block, "key", what=what)
    if key and not re.fullmatch(r"[0-9a-z][0-9a-z.-]*", key):
        reader.fault(block.lines["key"], f"The key “{key}” may hold small letters, digits, points and hyphens only.")
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
