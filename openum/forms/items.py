"""A Questionnaire as its questions: groups, conditions, choices and expressions, read once. Pure.

What is malformed is read as absent; whether a Questionnaire may be used at all is the question of `checking`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

Json = dict[str, Any]

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
CORE = "http://hl7.org/fhir/StructureDefinition/"
INITIAL, CALCULATED, ENABLED = "initialExpression", "calculatedExpression", "enableWhenExpression"
CANDIDATES, POPULATION = "candidateExpression", "itemPopulationContext"
EXPRESSIONS = (INITIAL, CALCULATED, ENABLED, CANDIDATES, POPULATION)
KINDS = frozenset({
    "group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url", "choice",
    "open-choice", "attachment", "reference", "quantity",
})  # fmt: skip
MOST_DEPTH = 40
"""Deeper forms are cut: nobody could fill them in."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression: its language (text/cql, text/cql-identifier, text/fhirpath) and text; a name where it has one."""

    language: str
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """One enableWhen: the question it looks at, how, and the value (an `answer[x]` as `value[x]`)."""

    question: str
    operator: str
    answer: Json


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose: a `value[x]`, what people read, and whether it excludes the others."""

    value: Json
    label: str
    is_exclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One group, question or text of a form."""

    link: str
    kind: str
    text: str = ""
    prefix: str = ""
    is_required: bool = False
    repeats: bool = False
    is_read_only: bool = False
    is_hidden: bool = False
    control: str = ""
    """Code of questionnaire-itemControl, such as help or radio-button."""
    most_letters: int | None = None
    options: tuple[Option, ...] = ()
    value_set: str = ""
    initial: tuple[Json, ...] = ()
    conditions: tuple[Condition, ...] = ()
    needs_all: bool = True
    """Every condition must hold; else one is enough."""
    expressions: Mapping[str, Expression] = field(default_factory=dict)
    units: tuple[Json, ...] = ()
    """Codings of units; the first is the one to begin with."""
    references: tuple[str, ...] = ()
    """Types a reference may point at."""
    mime_types: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    decimals: int | None = None
    most_bytes: int | None = None
    children: "tuple[Item, ...]" = ()

    @property
    def is_question(self) -> bool:
        """Say whether it takes an answer."""
        return self.kind not in {"group", "display"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form, its items and what they need to be filled in."""

    url: str
    version: str
    title: str
    items: tuple[Item, ...]
    libraries: tuple[str, ...]
    variables: tuple[Expression, ...]
    derived_from: tuple[str, ...]
    is_adaptive: bool
    population: Expression | None
    resource: Json

    @property
    def canonical(self) -> str:
        """The address with its version, where it has one."""
        return f"{self.url}|{self.version}" if self.version else self.url

    def all_items(self) -> Iterator[Item]:
        """Yield every item, in reading order."""
        return every(self.items)

    def item(self, link: str) -> Item | None:
        """Return the item of a link, or None."""
        return next((one for one in self.all_items() if one.link == link), None)


def every(items: tuple[Item, ...]) -> Iterator[Item]:
    """Yield items and what stands below them, in reading order."""
    for item in items:
        yield item
        yield from every(item.children)


def read_form(questionnaire: Json, *, language: str = "en") -> Form:
    """Read a Questionnaire; texts in the language where it has a translation of them."""
    held = list(_extensions(questionnaire, CORE + "cqf-library"))
    adaptive = list(_extensions(questionnaire, SDC + "questionnaireAdaptive"))
    population = _expression(questionnaire, SDC + POPULATION)
    return Form(
        url=_text(questionnaire.get("url")),
        version=_text(questionnaire.get("version")),
        title=_said(questionnaire, "title", language) or _text(questionnaire.get("name")),
        items=_items(questionnaire.get("item"), language, 0),
        libraries=tuple(_text(one.get("valueCanonical") or one.get("valueUri")) for one in held),
        variables=tuple(
            expression
            for one in _extensions(questionnaire, CORE + "variable")
            if (expression := _as_expression(one.get("valueExpression"))) is not None
        ),
        derived_from=tuple(_text(one) for one in _list(questionnaire.get("derivedFrom"))),
        is_adaptive=any(one.get("valueBoolean") is True or one.get("valueUrl") for one in adaptive),
        population=population,
        resource=questionnaire,
    )


def _items(value: object, language: str, depth: int) -> tuple[Item, ...]:
    if depth > MOST_DEPTH:
        return ()
    return tuple(
        _item(one, language, depth)
        for one in _list(value)
        if isinstance(one, dict) and _text(one.get("linkId")) and one.get("type") in KINDS
    )


def _item(node: Json, language: str, depth: int) -> Item:
    kind = node["type"]
    found = {name: _expression(node, SDC + name) for name in EXPRESSIONS}
    length = node.get("maxLength")
    return Item(
        link=node["linkId"],
        kind=kind,
        text=_said(node, "text", language),
        prefix=_text(node.get("prefix")),
        is_required=node.get("required") is True,
        repeats=node.get("repeats") is True and kind != "display",
        is_read_only=node.get("readOnly") is True,
        is_hidden=_boolean(node, CORE + "questionnaire-hidden"),
        control=_control(node),
        most_letters=length if isinstance(length, int) and length > 0 else None,
        options=tuple(_options(node, language)),
        value_set=_text(node.get("answerValueSet")),
        initial=tuple(value for one in _list(node.get("initial")) if (value := _value_of(one, "value"))),
        conditions=tuple(_conditions(node)),
        needs_all=node.get("enableBehavior") != "any",
        expressions={name: expression for name, expression in found.items() if expression is not None},
        units=tuple(_units(node)),
        references=tuple(
            _text(one.get("valueCode")) for one in _extensions(node, CORE + "questionnaire-referenceResource")
        ),
        mime_types=tuple(_text(one.get("valueCode")) for one in _extensions(node, CORE + "mimeType")),
        links=tuple(_text(one.get("valueUri")) for one in _extensions(node, CORE + "questionnaire-supportLink")),
        low=_bound(node, "minValue", "minQuantity"),
        high=_bound(node, "maxValue", "maxQuantity"),
        decimals=_number(node, CORE + "maxDecimalPlaces"),
        most_bytes=_number(node, CORE + "maxSize"),
        children=_items(node.get("item"), language, depth + 1),
    )


def _options(node: Json, language: str) -> Iterator[Option]:
    for one in _list(node.get("answerOption")):
        value = _value_of(one, "value")
        if value:
            yield Option(value, label_of(value, language), _boolean(one, CORE + "questionnaire-optionExclusive"))


def label_of(value: Json, language: str = "en") -> str:
    """Return what people read of a `value[x]`."""
    ((kind, held),) = value.items()
    if kind == "valueBoolean":
        return "yes" if held else "no"
    if not isinstance(held, dict):
        return str(held)
    if kind == "valueQuantity":
        return f"{held.get('value', '')} {held.get('unit') or held.get('code') or ''}".strip()
    if kind == "valueAttachment":
        return _text(held.get("title")) or _text(held.get("contentType"))
    if kind == "valueReference":
        return _text(held.get("display")) or _text(held.get("reference"))
    return _said(held, "display", language) or _text(held.get("code"))


def _conditions(node: Json) -> Iterator[Condition]:
    for one in _list(node.get("enableWhen")):
        if isinstance(one, dict) and _text(one.get("question")):
            yield Condition(one["question"], _text(one.get("operator")), _value_of(one, "answer"))


def _value_of(node: object, stem: str) -> Json:
    """Return a choice element under the names of `value[x]`, or nothing."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name.startswith(stem) and name[len(stem) : len(stem) + 1].isupper():
                return {f"value{name[len(stem) :]}": value}
    return {}


def _units(node: Json) -> Iterator[Json]:
    for name in ("questionnaire-unit", "questionnaire-unitOption"):
        for one in _extensions(node, CORE + name):
            if isinstance(one.get("valueCoding"), dict):
                yield one["valueCoding"]


def _bound(node: Json, *names: str) -> str:
    for name in names:
        for one in [*_extensions(node, CORE + name), *_extensions(node, SDC + name)]:
            value = _value_of(one, "value")
            if value:
                held = next(iter(value.values()))
                return str(held.get("value", "")) if isinstance(held, dict) else str(held)
    return ""


def _number(node: Json, url: str) -> int | None:
    for one in _extensions(node, url):
        try:
            found = Decimal(str(next(iter(_value_of(one, "value").values()), "")))
        except InvalidOperation:
            return None
        return int(found) if found.is_finite() and found >= 0 else None
    return None


def _control(node: Json) -> str:
    for one in _extensions(node, CORE + "questionnaire-itemControl"):
        concept = one.get("valueCodeableConcept")
        for coding in _list(concept.get("coding")) if isinstance(concept, dict) else ():
            if isinstance(coding, dict) and _text(coding.get("code")):
                return str(coding["code"])
    return ""


def _expression(node: Json, url: str) -> Expression | None:
    for one in _extensions(node, url):
        return _as_expression(one.get("valueExpression"))
    return None


def _as_expression(value: object) -> Expression | None:
    if not isinstance(value, dict) or not _text(value.get("expression")):
        return None
    return Expression(_text(value.get("language")), value["expression"], _text(value.get("name")))


def _said(node: Json, element: str, language: str) -> str:
    """Return a text in the language, where the element carries a translation, else as it stands."""
    own = node.get(f"_{element}")
    if language != "en" and isinstance(own, dict):
        for one in _extensions(own, CORE + "translation"):
            parts = {_text(part.get("url")): part for part in _list(one.get("extension")) if isinstance(part, dict)}
            if _text(parts.get("lang", {}).get("valueCode")).partition("-")[0] == language.partition("-")[0]:
                return _text(parts.get("content", {}).get("valueString")) or _text(node.get(element))
    return _text(node.get(element))


def _extensions(node: object, url: str) -> Iterator[Json]:
    for one in _list(node.get("extension")) if isinstance(node, dict) else ():
        if isinstance(one, dict) and one.get("url") == url:
            yield one


def _boolean(node: object, url: str) -> bool:
    return any(one.get("valueBoolean") is True for one in _extensions(node, url))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
