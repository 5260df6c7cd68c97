"""The map for a letter: each criterion that still counts and is not as asked, with the alternatives beside it."""

from collections.abc import Iterator
from dataclasses import dataclass

from openum.criteria.maps import GroupView, LeafView, MapView, NodeView
from openum.criteria.tree import OPPOSITE, Mode
from openum.vocabulary.terms import FindingValue


@dataclass(frozen=True, slots=True)
class Gap:
    """One criterion a letter must quote (42 CFR 422.568(e)): question, what was seen, what is missing."""

    leaf: LeafView
    beside: tuple[str, ...]
    """The keys of the alternatives it stands among, itself included; empty where there is none."""
    enough: int
    """How many of the alternatives are enough."""


def gaps_of(view: MapView) -> Iterator[Gap]:
    """Yield the criteria that are not as asked and still count, in reading order; none where no guideline holds."""
    if view.root is not None:
        yield from _gaps(view.root, (), 0, FindingValue.MET)


def _gaps(node: NodeView, beside: tuple[str, ...], enough: int, wanted: FindingValue) -> Iterator[Gap]:
    if node.value is wanted or node.is_not_applicable:
        return
    if isinstance(node, LeafView):
        yield Gap(node, beside, enough)
        return
    enough = _enough(node, wanted)
    keys = tuple(child.key for child in node.children) if enough < len(node.children) else ()
    inner = OPPOSITE[wanted] if node.mode is Mode.NOT else wanted
    for child in node.children:
        yield from _gaps(child, keys, enough if keys else 0, inner)


def _enough(group: GroupView, wanted: FindingValue) -> int:
    """Return how many children must be as wanted; below a not-group, all turns into any and the other way round."""
    size = len(group.children)
    needed = {Mode.ALL: size, Mode.ANY: 1, Mode.AT_LEAST: group.count, Mode.NOT: 1}[group.mode]
    return needed if wanted is FindingValue.MET or group.mode is Mode.NOT else size - needed + 1


def note_for(leaf: LeafView, *, is_member: bool) -> str:
    """Return what was noted on a criterion; what the engine counted is for the provider only."""
    notes = [leaf.person.note if leaf.person else ""]
    if not is_member and leaf.machine:
        notes.append(leaf.machine.note)
    return next((note for note in notes if note), "")
