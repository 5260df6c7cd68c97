"""The fields of a page that shows a form: their names, what stands in them, and the answers that were typed. Pure.

A field is named after its question and the repetitions around it, `q.dose@0.2`; what is typed is never lost: words that
cannot be an answer are kept beside the answers and shown again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from openum.forms.answers import MOST_REPETITIONS, Filled, Given, Origin, Place, Spot, all_spots, spots_of
from openum.forms.items import Form, Item, Option
from openum.forms.values import key_of, read_typed, typed_of

Json = dict[str, Any]

SHOWN = "shown"
"""The field that lists which questions a page showed: an empty box and a box that was not there look alike."""
OTHER, UNIT = "other", "unit"
_NO_OPTION = "other:"


def name_of(place: Place) -> str:
    """Return the name of a question's field."""
    link, indexes = place
    return f"q.{link}" + (f"@{'.'.join(map(str, indexes))}" if indexes else "")


def beside(name: str, part: str) -> str:
    """Return the name of a field beside another: the unit of a quantity, the words of an open choice."""
    return f"{part}.{name}"


@dataclass(frozen=True, slots=True)
class Page:
    """What a page held when it was sent."""

    filled: Filled
    wrong: Mapping[str, str]
    """By field, words that cannot be an answer."""


Offers = Callable[[Item], tuple[Option, ...]]


def read_page(
    form: Form, filled: Filled, wrong: Mapping[str, str], data: Mapping[str, Sequence[str]], offers: Offers
) -> Page:
    """Return the answers after a page was sent.

    Args:
        form: the form.
        filled: the answers before.
        wrong: the unusable words before.
        data: the fields as sent, each with all its values.
        offers: the answers that a question offers.
    """
    shown = set(data.get(SHOWN, ()))
    answers, kept = dict(filled.answers), dict(wrong)
    for spot in all_spots(spots_of(form, filled)):
        name, item = name_of(spot.place), spot.item
        if name not in shown or not item.is_question or item.is_read_only or item.kind == "attachment":
            continue
        values, unusable = _typed(item, name, data, offers(item))
        kept.pop(name, None)
        if unusable:
            kept[name] = unusable
        before = filled.answers.get(spot.place, ())
        after = tuple(_given(value, before) for value in values)
        if [one.value for one in after] == [one.value for one in before]:
            continue
        if after:
            answers[spot.place] = after
        elif not unusable:
            answers.pop(spot.place, None)
    return Page(Filled(answers, filled.counts), kept)


def _typed(
    item: Item, name: str, data: Mapping[str, Sequence[str]], options: tuple[Option, ...]
) -> tuple[list[Json], str]:
    units = list(data.get(beside(name, UNIT), ()))
    values: list[Json] = []
    unusable: list[str] = []
    for number, raw in enumerate(data.get(name, ())):
        if not raw.strip() or raw == _NO_OPTION:
            continue
        value = read_typed(raw, item, options, unit=units[number] if number < len(units) else "")
        if value and not _problem(item, value):
            if value not in values:
                values.append(value)
        else:
            unusable.append(raw)
    values += [{"valueString": raw.strip()} for raw in data.get(beside(name, OTHER), ()) if raw.strip()]
    alone = next((one.value for one in options if one.is_exclusive and one.value in values), None)
    if alone is not None:
        values = [alone]
    return (values if item.repeats else values[-1:]), "\n".join(unusable)


def _problem(item: Item, value: Json) -> str:
    """Say what stands against a value that is of the right type, or nothing."""
    ((kind, held),) = value.items()
    number = held.get("value") if kind == "valueQuantity" else held
    if item.most_letters and isinstance(held, str) and len(held) > item.most_letters:
        return "too-long"
    if isinstance(number, (int, float)) and not isinstance(number, bool):
        if (item.low and number < float(item.low)) or (item.high and number > float(item.high)):
            return "out-of-range"
        if item.decimals is not None and round(number, item.decimals) != number:
            return "too-fine"
    if kind in {"valueDate", "valueDateTime"} and ((item.low and held < item.low) or (item.high and held > item.high)):
        return "out-of-range"
    return ""


def _given(value: Json, before: tuple[Given, ...]) -> Given:
    """Keep where an unchanged answer comes from; a changed automatic one is overridden, else it is typed by hand."""
    for one in before:
        if one.value == value:
            return one
    was_auto = any(one.origin.is_auto or one.origin is Origin.OVERRIDE for one in before)
    return Given(value, Origin.OVERRIDE if was_auto else Origin.MANUAL)


def with_repetition(form: Form, filled: Filled, link: str, around: tuple[int, ...]) -> Filled:
    """Return the form with one more repetition of a group."""
    item = form.item(link)
    if item is None or not item.repeats or item.kind != "group":
        return filled
    count = min(filled.count(item, around) + 1, MOST_REPETITIONS)
    return replace(filled, counts={**filled.counts, (link, around): count})


def without_repetition(form: Form, filled: Filled, link: str, around: tuple[int, ...], number: int) -> Filled:
    """Return the form without one repetition of a group; those after it move up."""
    item = form.item(link)
    if item is None or filled.count(item, around) <= number:
        return filled
    inner = {one.link for one in _below(item)}
    depth = len(around)

    def moved(place: Place) -> Place | None:
        held, indexes = place
        if held not in inner or indexes[:depth] != around or len(indexes) <= depth:
            return place
        if indexes[depth] == number:
            return None
        later = indexes[depth] - (indexes[depth] > number)
        return held, (*indexes[:depth], later, *indexes[depth + 1 :])

    answers = {there: given for place, given in filled.answers.items() if (there := moved(place)) is not None}
    counts = {there: count for place, count in filled.counts.items() if (there := moved(place)) is not None}
    counts[link, around] = max(filled.count(item, around) - 1, 1)
    return Filled(answers, counts)


def _below(item: Item) -> list[Item]:
    return [one for child in item.children for one in (child, *_below(child))]


def kept_json(filled: Filled) -> Json:
    """Return answers and counts as JSON."""
    return {
        "answers": [
            [link, list(indexes), [[one.value, str(one.origin)] for one in given]]
            for (link, indexes), given in filled.answers.items()
        ],
        "counts": [[link, list(around), count] for (link, around), count in filled.counts.items()],
    }


def read_kept(kept: Json) -> Filled:
    """Return the answers that `kept_json` wrote."""
    return Filled(
        {
            (link, tuple(indexes)): tuple(Given(value, Origin(origin)) for value, origin in given)
            for link, indexes, given in kept.get("answers", ())
        },
        {(link, tuple(around)): count for link, around, count in kept.get("counts", ())},
    )


def merged(filled: Filled, found: Filled) -> Filled:
    """Return the answers with what records answer; what a person typed or changed stands above it."""
    answers = dict(filled.answers)
    for place, given in found.answers.items():
        held = answers.get(place, ())
        if not held or all(one.origin.is_auto for one in held):
            answers[place] = given
    counts = {**found.counts, **{key: max(count, found.counts.get(key, 1)) for key, count in filled.counts.items()}}
    return Filled(answers, counts)


@dataclass(frozen=True, slots=True)
class Line:
    """One input of a question: what stands in it, and the unit beside it."""

    text: str
    unit: str = ""


def lines_of(spot: Spot, filled: Filled, wrong: Mapping[str, str]) -> list[Line]:
    """Return what stands in the inputs of a question; a repeating one has an empty input more."""
    found = [Line(*typed_of(one.value)) for one in filled.answers.get(spot.place, ())]
    found += [Line(words) for words in wrong.get(name_of(spot.place), "").split("\n") if words]
    if not found or (spot.item.repeats and spot.item.is_question):
        found.append(Line(""))
    return found if spot.item.repeats else found[-1:]


def chosen_keys(spot: Spot, filled: Filled) -> set[str]:
    """Return the keys of the chosen answers of a list."""
    return {key_of(one.value) for one in filled.answers.get(spot.place, ())}


def missing(spots: Sequence[Spot], filled: Filled, is_enabled: Callable[[Spot], bool]) -> list[Spot]:
    """Return the required questions that are asked and not answered."""
    return [
        spot
        for spot in all_spots(tuple(spots))
        if spot.item.is_required
        and spot.item.is_question
        and not spot.item.is_hidden
        and is_enabled(spot)
        and not filled.answers.get(spot.place)
    ]
