"""How the criteria of a line stood at each of its decisions, beside how they stand now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from openum.criteria.maps import LeafView, MapView
from openum.design.moments import day, local_day
from openum.determination.models import Determination

_NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class FindingsRow:
    """One criterion: its value at each decision in their order (empty where it was not asked), and now."""

    key: str
    words: str
    then: tuple[str, ...]
    now: str
    days: tuple[str, ...] = ()
    """The days of the decisions, as people read them."""

    @property
    def then_on(self) -> list[tuple[str, str]]:
        """The day and the value of each decision."""
        return list(zip(self.days, self.then, strict=True))

    @property
    def is_changed(self) -> bool:
        """Say whether it stands differently now than at the last decision."""
        return bool(self.then) and self.then[-1] != self.now


def findings_beside(decisions: Sequence[Determination], picture: MapView, *, zone: str) -> list[FindingsRow]:
    """Return every criterion of the frozen maps and of the present one, in reading order.

    Args:
        decisions: oldest first, with their evidence maps.
        picture: the map as it stands.
        zone: in which a decision has its day.
    """
    frozen = [_leaves(row.evidence_map.snapshot) if row.evidence_map else {} for row in decisions]
    days = tuple(day(local_day(row.decided_at, zone)) for row in decisions)
    now = {leaf.key: leaf for leaf in picture.leaves}
    words = {key: _words(leaf["question"]) for leaves in frozen for key, leaf in leaves.items()}
    words |= {key: leaf.question.in_language(get_language() or "en") for key, leaf in now.items()}
    keys = dict.fromkeys([*now, *(key for leaves in frozen for key in leaves)])
    return [
        FindingsRow(
            key=key,
            words=words[key],
            then=tuple(_value(leaves.get(key)) for leaves in frozen),
            now=_value_now(now.get(key)),
            days=days,
        )
        for key in keys
    ]


def _leaves(snapshot: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    def walk(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        if "children" not in node:
            yield node
            return
        for child in node["children"]:
            yield from walk(child)

    nodes = [snapshot["root"]] if snapshot["root"] else snapshot["cited"]
    return {leaf["key"]: leaf for node in nodes for leaf in walk(node)}


def _words(text: Mapping[str, str]) -> str:
    return text.get(get_language() or "en") or text["en"]


def _value(leaf: Mapping[str, Any] | None) -> str:
    if leaf is None:
        return ""
    return _NOT_APPLICABLE if leaf["is_not_applicable"] else str(leaf["value"])


def _value_now(leaf: LeafView | None) -> str:
    if leaf is None:
        return ""
    return _NOT_APPLICABLE if leaf.is_not_applicable else leaf.value.value
