"""What was answered in a form so far, by place, and the QuestionnaireResponse that says the same. Pure.

A place is a question's link and the number of each repetition around it: `("dose", (0, 2))` is the question in the
third repetition of a group inside the first repetition of another.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from openum.forms.items import Form, Item

Json = dict[str, Any]
Place = tuple[str, tuple[int, ...]]

ORIGIN = "http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/information-origin"
MOST_REPETITIONS = 50


class Origin(StrEnum):
    """Where an answer comes from (DTR information-origin)."""

    AUTO_CLIENT = "auto-client"
    AUTO_SERVER = "auto-server"
    OVERRIDE = "override"
    MANUAL = "manual"

    @property
    def is_auto(self) -> bool:
        """Say whether no person touched it."""
        return self in {Origin.AUTO_CLIENT, Origin.AUTO_SERVER}


@dataclass(frozen=True, slots=True)
class Given:
    """One answer: a `value[x]` and where it comes from."""

    value: Json
    origin: Origin = Origin.MANUAL


@dataclass(frozen=True, slots=True)
class Filled:
    """The answers of a form, and how often each repeating group stands in it."""

    answers: Mapping[Place, tuple[Given, ...]] = field(default_factory=dict)
    counts: Mapping[Place, int] = field(default_factory=dict)
    """By the link of a repeating group and the repetitions around it; once where absent."""

    def count(self, item: Item, around: tuple[int, ...]) -> int:
        """Return how often a group stands at a place."""
        if item.kind != "group" or not item.repeats:
            return 1
        return min(max(self.counts.get((item.link, around), 1), 1), MOST_REPETITIONS)


@dataclass(frozen=True, slots=True)
class Spot:
    """An item at its place, with what stands below it."""

    item: Item
    place: Place
    children: "tuple[Spot, ...]"

    @property
    def index(self) -> int:
        """The number of the repetition."""
        return self.place[1][-1] if self.place[1] else 0


def spots_of(form: Form, filled: Filled) -> tuple[Spot, ...]:
    """Return the items of a form as they stand with these answers, repeated groups as often as they are repeated."""
    return _spots(form.items, filled, ())


def _spots(items: tuple[Item, ...], filled: Filled, around: tuple[int, ...]) -> tuple[Spot, ...]:
    found: list[Spot] = []
    for item in items:
        if item.kind == "group" and item.repeats:
            for number in range(filled.count(item, around)):
                inner = (*around, number)
                found.append(Spot(item, (item.link, inner), _spots(item.children, filled, inner)))
        else:
            found.append(Spot(item, (item.link, around), _spots(item.children, filled, around)))
    return tuple(found)


def all_spots(spots: tuple[Spot, ...]) -> Iterator[Spot]:
    """Yield spots and what stands below them, in reading order."""
    for spot in spots:
        yield spot
        yield from all_spots(spot.children)


Origins = Callable[[Given], list[Json]]
"""Returns the extensions that tell where an answer comes from."""


def no_origin(given: Given) -> list[Json]:
    """Tell nothing about where an answer comes from."""
    return []


def response_items(
    spots: tuple[Spot, ...],
    filled: Filled,
    *,
    is_enabled: Callable[[Spot], bool],
    origins: Origins = no_origin,
    with_empty: bool = False,
) -> list[Json]:
    """Return the items of a QuestionnaireResponse.

    Args:
        spots: the items as they stand.
        filled: the answers.
        is_enabled: whether an item is asked; what is not asked has no place in a response.
        origins: the extensions of an answer.
        with_empty: also list questions without an answer, as a draft to be filled in does.
    """
    made: list[Json] = []
    for spot in spots:
        item = spot.item
        if item.kind == "display" or not is_enabled(spot):
            continue
        node: Json = {"linkId": item.link} | ({"text": item.text} if item.text else {})
        below = response_items(spot.children, filled, is_enabled=is_enabled, origins=origins, with_empty=with_empty)
        if item.is_question:
            answers = [_answer(given, origins) for given in filled.answers.get(spot.place, ())]
            if answers:
                node["answer"] = answers
                if below:
                    answers[0]["item"] = below
        elif below:
            node["item"] = below
        if with_empty or "answer" in node or "item" in node:
            made.append(node)
    return made


def _answer(given: Given, origins: Origins) -> Json:
    extensions = origins(given)
    return ({"extension": extensions} if extensions else {}) | given.value


def read_response(form: Form, response: Json) -> Filled:
    """Read the answers of a QuestionnaireResponse; answers to questions that the form does not have are left out."""
    answers: dict[Place, tuple[Given, ...]] = {}
    counts: dict[Place, int] = {}
    _read(form.items, response.get("item"), (), answers, counts)
    return Filled(answers, counts)


def _read(
    items: tuple[Item, ...],
    nodes: object,
    around: tuple[int, ...],
    answers: dict[Place, tuple[Given, ...]],
    counts: dict[Place, int],
) -> None:
    known = {item.link: item for item in items}
    for node in nodes if isinstance(nodes, list) else ():
        item = known.get(str(node.get("linkId"))) if isinstance(node, dict) else None
        if item is None:
            continue
        inner = around
        if item.kind == "group" and item.repeats:
            number = counts.get((item.link, around), 0)
            if number >= MOST_REPETITIONS:
                continue
            counts[item.link, around] = number + 1
            inner = (*around, number)
        _read(item.children, node.get("item"), inner, answers, counts)
        given = [one for one in _list(node.get("answer")) if isinstance(one, dict)]
        held = tuple(Given(value, _origin(one)) for one in given if (value := value_of(one)))
        if held and item.is_question:
            answers[item.link, inner] = (*answers.get((item.link, inner), ()), *held)
        for one in given:
            _read(item.children, one.get("item"), inner, answers, counts)


def value_of(answer: Json) -> Json:
    """Return the `value[x]` of an answer, or nothing."""
    return next(({name: value} for name, value in answer.items() if name.startswith("value")), {})


def _origin(answer: Json) -> Origin:
    for extension in _list(answer.get("extension")):
        if isinstance(extension, dict) and extension.get("url") == ORIGIN:
            for part in _list(extension.get("extension")):
                word = part.get("valueCode") if isinstance(part, dict) and part.get("url") == "source" else None
                if word == "auto":
                    return Origin.AUTO_CLIENT
                if word in set(Origin):
                    return Origin(word)
    return Origin.MANUAL


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
