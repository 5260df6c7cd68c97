"""The policy page as a tagged PDF: the same sections as the web page, set by Typst."""

from pathlib import Path
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openum.criteria.faces.flow import steps_of
from openum.criteria.faces.policy import Block, Shown, facts, sections
from openum.criteria.faces.words import named, rule_of, say
from openum.criteria.tree import Leaf, Node
from openum.design import typeset

SOURCE: Final = Path(__file__).with_name("policy.typ")


def policy_pdf(shown: Shown, *, page_size: str = "us-letter") -> bytes:
    """Return the page as a PDF in the active language. The same version gives the same bytes on the same day."""
    g = shown.guideline
    data = {
        "title": say(g.title),
        "summary": say(g.summary),
        "owner": g.owner,
        "language": (get_language() or "en")[:2],
        "page_size": page_size,
        "page_words": _("page {page} of {pages}"),
        "footer": f"{say(g.title)} · {g.id} {g.version}",
        "address": shown.address,
        "facts": facts(shown),
        "sections": [
            {"heading": section.heading, "blocks": [_printed(block, shown) for block in section.blocks]}
            for section in sections(shown)
        ],
    }
    return typeset.pdf_of(SOURCE, data)[0]


def _printed(block: Block, shown: Shown) -> dict[str, Any]:
    """Return a block as the template takes it: plain texts, and columns with their widths."""
    if block["kind"] == "table":
        return {**block, "widths": _widths(block)}
    if block["kind"] == "flow":
        steps = [_told(node) for node in steps_of(shown.guideline.root)]
        svg = str(block["svg"])
        width = float(svg.partition('width="')[2].partition('"')[0]) * 0.75
        return {
            "kind": "flow",
            "svg": svg,
            "width": width,
            "alt": _("Flow chart of %(title)s. The same stands below as a list.") % {"title": block["title"]},
            "before": _("Start with the first part. Each part must be answered yes, in this order:"),
            "steps": steps,
            "after": _("Yes to every part: the criteria are met. No, or not known, at any part: a nurse or physician looks."),
        }  # fmt: skip
    if block["kind"] == "prose":
        return {"kind": "prose", "parts": block["parts"]}
    return block


def _told(node: Node) -> dict[str, Any]:
    if isinstance(node, Leaf):
        return {"head": named(node), "rule": "", "children": []}
    return {
        "head": named(node) if node.label else "",
        "rule": rule_of(node).lower(),
        "children": [_told(child) for child in node.children],
    }


def _widths(block: Block) -> list[int]:
    """Give a column the room its longest texts ask for, between two and seven shares."""
    columns = range(len(block["heads"]))
    longest = [max([len(block["heads"][i]), *(len(row[i]["text"]) for row in block["rows"])]) for i in columns]
    return [min(max(round(length / 11), 2), 7) for length in longest]
