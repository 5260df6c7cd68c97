"""The map for the provider: what still stands in the way, and what would satisfy it."""

from dataclasses import dataclass

from openum.criteria.maps import LeafView, MapView


@dataclass(frozen=True, slots=True)
class Point:
    """One criterion that stands in the way, with what would satisfy it. Met would mean: this is as the policy asks."""

    leaf: str
    question: str
    value: str
    to_satisfy: str
    documents: tuple[str, ...]
    missing: tuple[str, ...]
    """The elements that would answer it, in words."""


def points_of(view: MapView, language: str) -> list[Point]:
    """Return the criteria that matter: those answered the wrong way, and the unknown ones that can change the outcome."""
    return [_point(leaf, language) for leaf in view.in_the_way]


def _point(leaf: LeafView, language: str) -> Point:
    return Point(
        leaf=leaf.key,
        question=leaf.question.in_language(language),
        value=leaf.as_asked.value,
        to_satisfy=leaf.to_satisfy.in_language(language),
        documents=leaf.documents,
        missing=tuple(str(item.get("note") or item["element"]) for item in leaf.missing),
    )
