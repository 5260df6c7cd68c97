"""The map for the reviewer: the criteria tree as rows with the numbers of their evidence."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from openum.criteria.maps import LeafView, LinkFact, MapView, NodeView
from openum.criteria.renderers.places import numbered_links, place_of, title_of
from openum.vocabulary.terms import FindingValue


@dataclass(frozen=True)
class Node:
    """One row of the criteria pane: a criterion or the heading of a group, with its depth."""

    key: str
    depth: int
    is_leaf: bool
    words: str
    mode: str
    value: str
    leaf: LeafView | None
    numbers: tuple[int, ...]
    refs: str
    links: tuple[tuple[int, LinkFact, str], ...]
    close_it: str
    count: int = 0
    """How many are enough, for a group of at least some."""


def name_of(link: LinkFact) -> str:
    """Return what a linked place is called on the page."""
    return title_of(link, lambda number: _("Diagnosis %(n)s of the request") % {"n": number})


def nodes_of(view: MapView, language: str) -> list[Node]:
    """Return the criteria tree as rows, each with the numbers of its evidence."""
    numbers = numbered_links(view)
    rows: list[Node] = []

    def walk(node: NodeView, depth: int) -> None:
        if isinstance(node, LeafView):
            rows.append(_row(node, depth, numbers, language))
            return
        words = node.label.in_language(language)
        if node.key or words:
            rows.append(
                Node(
                    key=node.key, depth=depth, is_leaf=False, words=words, mode=node.mode.value, value=node.value.value,
                    leaf=None, numbers=(), refs="", links=(), close_it="", count=node.count,
                )
            )  # fmt: skip
            depth += 1
        for child in node.children:
            walk(child, depth)

    for top in (view.root,) if view.root is not None else view.leaves:
        walk(top, 0)
    return rows


def _row(leaf: LeafView, depth: int, numbers: dict[str, int], language: str) -> Node:
    links = tuple((numbers[place_of(link)], link, name_of(link)) for link in leaf.links)
    own = tuple(dict.fromkeys(number for number, _link, _title in links))
    return Node(
        key=leaf.key, depth=depth, is_leaf=True, words=leaf.question.in_language(language), mode="",
        value="not_applicable" if leaf.is_not_applicable else leaf.value.value, leaf=leaf, numbers=own,
        refs=" ".join(str(number) for number in own), links=links,
        close_it=leaf.to_satisfy.in_language(language) if leaf.is_open else "",
    )  # fmt: skip


def summary_of(view: MapView) -> list[str]:
    """Return what is as asked, what is not and what is unknown, one line each, for a referral in English."""
    lines = []
    for title, value in (
        ("Met", FindingValue.MET),
        ("Not met", FindingValue.NOT_MET),
        ("Unknown", FindingValue.UNKNOWN),
    ):
        found = [leaf for leaf in view.leaves if leaf.as_asked is value and not leaf.is_not_applicable]
        if found:
            lines.append(f"{title}: " + " ".join(_in_short(leaf) for leaf in found))
    return lines


def _in_short(leaf: LeafView) -> str:
    must_not = " (must not be so)" if leaf.is_unwanted else ""
    return f"({leaf.key}) {leaf.question.en}{must_not}{f' – {leaf.note}' if leaf.note else ''}"
