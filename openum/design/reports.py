"""Reports as tagged PDF, made of a text with headings, paragraphs, lists and tables."""

import re
from pathlib import Path
from typing import Any, Final

from openum.design.typeset import pdf_of

SOURCE: Final = Path(__file__).with_name("report.typ")
_ITEM = re.compile(r"^( *)(-|\d+\.) (.*)$")


def report(text: str) -> bytes:
    """Return the PDF of a text with headings, paragraphs, lists and tables."""
    blocks = blocks_of(text)
    return pdf_of(SOURCE, {"title": blocks[0]["text"], "blocks": blocks})[0]


def blocks_of(text: str) -> list[dict[str, Any]]:
    """Return the blocks of a text, in order; of the marks within a line only bold and code are known."""
    found: list[dict[str, Any]] = []
    for line in text.splitlines():
        last: dict[str, Any] = found[-1] if found else {"kind": ""}
        if line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            found.append({"kind": "heading", "level": level, "text": line.lstrip("# ")})
        elif line.startswith("|---"):
            continue
        elif line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if last["kind"] == "table":
                last["rows"].append(cells)
            else:
                found.append({"kind": "table", "head": cells, "rows": []})
        elif item := _ITEM.match(line):
            kind = "list" if item[2] == "-" else "steps"
            if last["kind"] != kind:
                found.append({"kind": kind, "items": []})
            items: list[dict[str, Any]] = found[-1]["items"]
            if item[1] and items:
                items[-1]["under"].append(_parts(item[3]))
            else:
                items.append({"parts": _parts(item[3]), "under": []})
        elif line:
            found.append({"kind": "paragraph", "parts": _parts(line)})
        else:
            found.append({"kind": "gap"})
    return [block for block in found if block["kind"] != "gap"]


def _parts(line: str) -> list[dict[str, Any]]:
    pieces = line.replace("`", "").split("**")
    return [{"text": piece, "strong": place % 2 == 1} for place, piece in enumerate(pieces) if piece]
