"""Codes, dates, numbers and names in Latin letters keep their order inside text that runs from right to left. Pure.

Without this the bidirectional algorithm turns `27447-RT` and `1-800-555-0142` round (Unicode Standard Annex 9).
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from openum.notices.languages import is_right_to_left

OPEN: Final = "\u2066"
"""Left-to-right isolate."""
CLOSE: Final = "\u2069"
"""End of an isolate."""
RUN: Final = re.compile(r"[(+]*[A-Za-z0-9](?:[ -~–]*[A-Za-z0-9)%])?")


def isolated(text: str) -> str:
    """Put each run of Latin letters and digits between isolates; brackets that the run does not close stay outside.

    A text without any letter of a right-to-left script is one run, with its last full stop.
    """
    if not any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text):
        return f"{OPEN}{text}{CLOSE}" if text.strip() else text
    return RUN.sub(_around, text)


def _around(found: re.Match[str]) -> str:
    run = found[0]
    before = after = ""
    while run.startswith("(") and run.count("(") > run.count(")"):
        before, run = before + "(", run[1:]
    while run.endswith(")") and run.count(")") > run.count("("):
        run, after = run[:-1], ")" + after
    return f"{before}{OPEN}{run}{CLOSE}{after}"


def isolate(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a composed document whose right-to-left texts carry isolates; another language's only in its taglines.

    What is stored has none: they belong to the drawing.
    """
    if not is_right_to_left(document["language"]):
        return {**document, "blocks": [_taglines(block) for block in document["blocks"]]}
    return {
        **{key: value if key in MEANT_FOR_MACHINES else _deep(value) for key, value in document.items()},
        "blocks": [
            _taglines(block)
            if block["block"] == "taglines"
            else {key: value if key in MEANT_FOR_MACHINES else _deep(value) for key, value in block.items()}
            for block in document["blocks"]
        ],
    }


MEANT_FOR_MACHINES: Final = frozenset({"block", "language", "link", "page_size", "text_points", "title", "page_words"})
"""Keys whose value is read by a program too: the title of the PDF, the address, the words with the page numbers."""


def _taglines(block: Mapping[str, Any]) -> Mapping[str, Any]:
    if block["block"] != "taglines":
        return block
    tags = [{**tag, "text": isolated(tag["text"])} if tag["is_right_to_left"] else tag for tag in block["tags"]]
    return {**block, "tags": tags}


def _deep(value: Any) -> Any:
    if isinstance(value, str):
        return isolated(value)
    if isinstance(value, list):
        return [_deep(each) for each in value]
    return value
