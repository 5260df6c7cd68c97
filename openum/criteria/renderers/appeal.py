"""The map for the appeal packet: everything an independent reviewer needs, complete and without our system.

What was asked, what was answered and by whom, person or machine; where it stands in the record, word for word; who
linked it; and what would have satisfied each point (42 CFR 422.590, 29 CFR 2560.503-1(m)(8)).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from openum.criteria.maps import FindingFact, LeafView, MapView
from openum.criteria.regions import region_words
from openum.criteria.renderers.places import CONFIRMED, PERSON, Place, numbered_links, origin_of, place_of, title_of

_ORIGIN = {PERSON: "linked by a person", CONFIRMED: "proposed by the rule engine, confirmed by a person"}
_STATE = {"met": "met", "not_met": "not met", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class Given:
    """One answer to a criterion: by whom, on what authority, when, why."""

    value: str
    by: str
    is_machine: bool
    at: str
    note: str
    authority: str
    input_digest: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One criterion with its answers, its evidence and what would satisfy it."""

    key: str
    question: str
    value: str
    counts: bool
    must_not_be: bool
    answers: tuple[Given, ...]
    """The person's, which counts, before the rule engine's."""
    places: tuple[int, ...]
    """Numbers in the index of evidence."""
    to_satisfy: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Packet:
    """The map of one line for an independent reviewer."""

    guideline: str
    digest: str
    title: str
    value: str
    authorities: tuple[str, ...]
    """Medicare's own rules that took a guideline's place."""
    entries: tuple[Entry, ...]
    index: tuple[Place, ...]
    """Every place in the record that was linked, by number."""


def packet_of(view: MapView) -> Packet:
    """Return the packet of a map, as it stands or as a decision froze it."""
    numbers = numbered_links(view)
    index: dict[tuple[int, str, tuple[int, ...]], Place] = {}
    for leaf in view.leaves:
        for link in leaf.links:
            number = numbers[place_of(link)]
            place = Place(
                number=number, title=title_of(link, lambda which: f"Diagnosis {which} of the request"),
                attachment_id=link.attachment_id, resource_key=link.resource_key, page=link.page, quote=link.quote,
                linked_by=link.linked_by, linked_at=link.linked_at, origin=origin_of(link), region=region_words(link.region),
            )  # fmt: skip
            index.setdefault((number, link.quote, link.region or ()), place)
    return Packet(
        guideline=f"{view.guideline_id} {view.guideline_version}".strip(),
        digest=view.policy_digest,
        title=view.title.en,
        value=view.value.value,
        authorities=tuple(dict.fromkeys(item.authority for item in view.exclusions)),
        entries=tuple(_entry(leaf, numbers) for leaf in view.leaves),
        index=tuple(index[key] for key in sorted(index)),
    )


def _entry(leaf: LeafView, numbers: dict[str, int]) -> Entry:
    given = [_given(finding) for finding in (leaf.person, leaf.machine) if finding is not None]
    return Entry(
        key=leaf.key,
        question=leaf.question.en,
        value=leaf.value.value,
        counts=not leaf.is_not_applicable,
        must_not_be=leaf.is_unwanted,
        answers=tuple(given),
        places=tuple(dict.fromkeys(numbers[place_of(link)] for link in leaf.links)),
        to_satisfy=leaf.to_satisfy.en if leaf.is_open else "",
        missing=tuple(f"{item['element']}: {item['note']}" for item in leaf.missing),
    )


def _given(finding: FindingFact) -> Given:
    return Given(
        value=finding.value.value,
        by=finding.engine_version if finding.is_machine else finding.made_by,
        is_machine=finding.is_machine,
        at=finding.made_at.isoformat(timespec="seconds"),
        note=finding.note,
        authority=finding.authority,
        input_digest=finding.input_digest,
    )


def text_of(packet: Packet) -> Iterator[str]:
    """Write the packet as Markdown, line by line."""
    yield f"# {packet.title or 'Criteria cited by the reviewer'}"
    yield ""
    if packet.guideline:
        yield f"Guideline {packet.guideline}, content {packet.digest}. Outcome: {_STATE[packet.value]}."
    for authority in packet.authorities:
        yield f"In its place: {authority}."
    for entry in packet.entries:
        yield ""
        yield f"## {entry.key}. {entry.question}"
        yield ""
        must_not = " It must not be so." if entry.must_not_be else ""
        yield f"{_STATE[entry.value].capitalize() if entry.counts else 'Not needed'}.{must_not}"
        for given in entry.answers:
            who = f"the rule engine ({given.by}, input {given.input_digest})" if given.is_machine else given.by
            rest = "".join(f" {part}" for part in (given.note, given.authority and f"({given.authority})") if part)
            yield f"- {_STATE[given.value]}: {who}, {given.at}.{rest}"
        if entry.places:
            yield f"- Evidence: {', '.join(str(number) for number in entry.places)}"
        for missing in entry.missing:
            yield f"- Missing: {missing}"
        if entry.to_satisfy:
            yield f"- What would satisfy it: {entry.to_satisfy}"
    if packet.index:
        yield ""
        yield "## Evidence"
        yield ""
    for place in packet.index:
        page = f", page {place.page}" if place.page else ""
        quote = f": “{place.quote}”" if place.quote else ""
        who = _ORIGIN.get(place.origin, "proposed by the rule engine, not confirmed")
        by = f" ({place.linked_by}, {place.linked_at.isoformat(timespec='seconds')})"
        yield f"{place.number}. {place.title}{page}{quote}; {who}{by}"
