"""Fills a form from one person's records (SDC expression-based population), and computes what follows from answers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from openum.forms.answers import (
    MOST_REPETITIONS,
    Filled,
    Given,
    Origin,
    Place,
    Spot,
    all_spots,
    response_items,
    spots_of,
)
from openum.forms.enabling import Enabling
from openum.forms.items import (
    CALCULATED,
    CANDIDATES,
    ENABLED,
    INITIAL,
    POPULATION,
    Expression,
    Form,
    Item,
    Option,
    label_of,
)
from openum.forms.logic import Session, codes_of
from openum.forms.values import answers_of

Json = dict[str, Any]
_ROUNDS = 5
"""How often computed answers are computed again while they change each other."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The lists of answers of a form: its own, those of value sets, and what records offer."""

    value_sets: Mapping[str, Json] = field(default_factory=dict)
    """ValueSets by address, with and without version, and by `#id` where the form contains them."""
    candidates: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    """By link, what a candidateExpression found."""

    def of(self, item: Item, language: str = "en") -> tuple[Option, ...]:
        """Return the answers that a question offers."""
        if item.options:
            return item.options
        if item.value_set:
            held = self.value_sets.get(item.value_set) or self.value_sets.get(item.value_set.partition("|")[0])
            return tuple(_option(one, language) for one in codes_of(held)) if held is not None else ()
        return self.candidates.get(item.link, ())


def _option(code: Json, language: str) -> Option:
    value = {"valueCoding": {name: code[name] for name in ("system", "code", "display") if code.get(name)}}
    for one in code.get("designation", ()) if language != "en" else ():
        if isinstance(one, dict) and str(one.get("language", "")).startswith(language[:2]):
            return Option(value, str(one.get("value")))
    return Option(value, label_of(value))


def choices_of(form: Form, value_sets: Sequence[Json], session: Session | None = None) -> Choices:
    """Gather the lists of answers; a candidateExpression is run where there are records."""
    known: dict[str, Json] = {}
    for one in value_sets:
        url = str(one.get("url"))
        known[url] = known[f"{url}|{one.get('version', '')}"] = one
    contained = form.resource.get("contained")
    for one in contained if isinstance(contained, list) else ():
        if isinstance(one, dict) and one.get("resourceType") == "ValueSet":
            known[f"#{one.get('id')}"] = one
    found: dict[str, tuple[Option, ...]] = {}
    for item in form.all_items() if session is not None else ():
        expression = item.expressions.get(CANDIDATES)
        if expression is not None and session is not None:
            many = replace(item, repeats=True)
            values = answers_of(session.values(expression), many)
            found[item.link] = tuple(Option(value, label_of(value)) for value in values)
    return Choices(known, found)


def populate(form: Form, session: Session, choices: Choices, *, origin: Origin) -> Filled:
    """Return what the records, and the form's own initial values, already answer.

    Args:
        form: the form.
        session: the records and the form's logic.
        choices: the lists of answers.
        origin: where the answers come from.
    """
    session.prepare(
        expression
        for item in form.all_items()
        for name in (INITIAL, CALCULATED, POPULATION)
        if (expression := item.expressions.get(name)) is not None
    )
    answers: dict[Place, tuple[Given, ...]] = {}
    counts: dict[Place, int] = {}
    context = dict(variables_of(form, session))
    if form.population is not None:
        context[form.population.name] = session.values(form.population, context=context)
    _fill(form.items, (), context, session, choices, origin, answers, counts)
    return calculated(form, Filled(answers, counts), session, choices, origin=origin)


def variables_of(form: Form, session: Session) -> Mapping[str, Any]:
    """Return the variables of a form, each of which may use those before it."""
    found: dict[str, Any] = {}
    for variable in form.variables:
        found[variable.name] = session.values(variable, context=found)
    return found


def _fill(
    items: tuple[Item, ...],
    around: tuple[int, ...],
    context: Mapping[str, Any],
    session: Session,
    choices: Choices,
    origin: Origin,
    answers: dict[Place, tuple[Given, ...]],
    counts: dict[Place, int],
) -> None:
    for item in items:
        expression = item.expressions.get(POPULATION)
        rows: list[Any] = [None]
        if expression is not None:
            rows = session.values(expression, context=context)[:MOST_REPETITIONS] or [None]
        if item.kind == "group" and item.repeats:
            counts[item.link, around] = len(rows)
            for number, row in enumerate(rows):
                inner = _with(context, expression, row)
                _fill(item.children, (*around, number), inner, session, choices, origin, answers, counts)
            continue
        inner = _with(context, expression, rows[0])
        if item.is_question:
            values = _initial(item, inner, session, choices)
            if values:
                answers[item.link, around] = tuple(Given(value, origin) for value in values)
        _fill(item.children, around, inner, session, choices, origin, answers, counts)


def _with(context: Mapping[str, Any], expression: Expression | None, row: Any) -> Mapping[str, Any]:
    return context if expression is None or row is None else {**context, expression.name: row}


def _initial(item: Item, context: Mapping[str, Any], session: Session, choices: Choices) -> list[Json]:
    expression = item.expressions.get(INITIAL)
    if expression is not None:
        values = answers_of(session.values(expression, context=context), item, choices.of(item))
        if values:
            return values
    return list(item.initial) if item.repeats else list(item.initial[:1])


def enabling_of(form: Form, filled: Filled, session: Session | None) -> Enabling:
    """Return which items are asked, expressions included where there are records to run them on."""
    if session is None or not any(ENABLED in item.expressions for item in form.all_items()):
        return Enabling(form, filled)
    response = _response(form, filled)
    context = variables_of(form, session)

    def holds(expression: Expression, place: Place) -> bool | None:
        values = session.values(expression, response=response, context=context)
        return values[0] if len(values) == 1 and isinstance(values[0], bool) else None

    return Enabling(form, filled, holds)


def calculated(form: Form, filled: Filled, session: Session, choices: Choices, *, origin: Origin) -> Filled:
    """Return the answers with what is computed from them; what a person changed by hand stays."""
    if not any(CALCULATED in item.expressions for item in form.all_items()):
        return filled
    for _round in range(_ROUNDS):
        following = _calculated_once(form, filled, session, choices, origin)
        if following == filled:
            break
        filled = following
    return filled


def _calculated_once(form: Form, filled: Filled, session: Session, choices: Choices, origin: Origin) -> Filled:
    response = _response(form, filled)
    context = variables_of(form, session)
    answers = dict(filled.answers)
    for spot in all_spots(spots_of(form, filled)):
        expression = spot.item.expressions.get(CALCULATED)
        if expression is None or any(one.origin is Origin.OVERRIDE for one in answers.get(spot.place, ())):
            continue
        values = session.values(expression, response=response, context=context)
        found = answers_of(values, spot.item, choices.of(spot.item))
        if found:
            answers[spot.place] = tuple(Given(value, origin) for value in found)
        else:
            answers.pop(spot.place, None)
    return Filled(answers, filled.counts)


def _response(form: Form, filled: Filled) -> Json:
    """Return the response so far, for expressions that look at it."""

    def everywhere(spot: Spot) -> bool:
        return True

    items = response_items(spots_of(form, filled), filled, is_enabled=everywhere)
    return {"resourceType": "QuestionnaireResponse", "status": "in-progress", "item": items}
