"""Where evidence stands: numbered places of a map, their names, and who linked them. Shared by every renderer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from openum.criteria.maps import LinkFact, MapView

REQUEST_DIAGNOSIS = "Condition/request-diagnosis-"

PERSON, CONFIRMED, PROPOSED = "person", "confirmed", "proposed"


@dataclass(frozen=True, slots=True)
class Place:
    """One place in the record with its number, what stands there, and who says that it matters."""

    number: int
    title: str
    attachment_id: str
    resource_key: str
    page: int | None
    quote: str
    linked_by: str
    linked_at: datetime
    origin: str
    """person (linked by one), confirmed (proposed by the machine, confirmed by a person) or proposed (by the machine)"""
    region: str = ""
    """where on the page, in words"""


def place_of(link: LinkFact) -> str:
    """Return what tells one place from another: the record, or document and page."""
    return link.resource_key or f"{link.attachment_id}:{link.page or 1}"


def numbered_links(view: MapView) -> dict[str, int]:
    """Give every linked place of the map a number, in reading order; the same place keeps one number."""
    numbers: dict[str, int] = {}
    for leaf in view.leaves:
        for link in leaf.links:
            numbers.setdefault(place_of(link), len(numbers) + 1)
    return numbers


def title_of(link: LinkFact, diagnosis: Callable[[str], str]) -> str:
    """Return what a linked place is called; `diagnosis` names a diagnosis of the request, which has no document."""
    if link.attachment_id or link.title != link.resource_key:
        return link.title
    if link.resource_key.startswith(REQUEST_DIAGNOSIS):
        return diagnosis(link.resource_key.removeprefix(REQUEST_DIAGNOSIS))
    return link.resource_key


def origin_of(link: LinkFact) -> str:
    """Say whether a person linked it, or the machine proposed it and a person confirmed it or not."""
    if not link.is_machine:
        return PERSON
    return CONFIRMED if link.is_confirmed else PROPOSED
