"""The record system as a DTR client: fill a form from the chart by the package's own CQL, then by the clinician. Pure."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from openum import cql
from openum.cql.values.codes import Code
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import Date, DateTime
from samples.ehr.chart import ORDER, Chart, reference

Json = dict[str, Any]

_DTR = "http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/"
_ORIGIN = f"{_DTR}information-origin"
_INITIAL = "/sdc-questionnaire-initialExpression"
_HELPERS = "FHIRHelpers"
"""Every CQL engine brings this library itself."""
_TYPES = {
    "boolean": "valueBoolean", "date": "valueDate", "dateTime": "valueDateTime", "decimal": "valueDecimal",
    "integer": "valueInteger", "string": "valueString", "text": "valueString", "choice": "valueCoding",
    "open-choice": "valueCoding", "quantity": "valueQuantity",
}  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """A filled form: the response, which questions the record answered, and which the clinician did."""

    response: Json
    by_record: tuple[str, ...]
    by_hand: tuple[str, ...]
    asked: int


def package_of(answer: Json) -> Json | None:
    """Return the first package of an answer, bare or in Parameters of either version."""
    if answer.get("resourceType") == "Bundle":
        return answer
    held = (one.get("resource", {}) for one in answer.get("parameter", []))
    return next((one for one in held if one.get("resourceType") == "Bundle"), None)


def resources_of(package: Json, kind: str) -> Iterator[Json]:
    """Yield the resources of a type in a package."""
    return (entry["resource"] for entry in package["entry"] if entry["resource"]["resourceType"] == kind)


def fill(package: Json, chart: Chart, *, by_hand: Mapping[str, Any], at: datetime) -> Filled:
    """Fill the form of a package.

    Args:
        package: the Bundle of a DTR package.
        chart: the patient's record.
        by_hand: what the clinician answers, by linkId; nothing else is invented.
        at: the instant, aware.
    """
    form = next(resources_of(package, "Questionnaire"))
    draft = next(resources_of(package, "QuestionnaireResponse"), {})
    questions = {item["linkId"]: item for item in _questions(form)}
    given = {link: answer for link, answer in _drafted(draft).items() if link in questions}
    for link, value in _from_record(package, form, questions, chart, at).items():
        given.setdefault(link, _answer(questions[link], value, "auto"))
    record = tuple(link for link in questions if link in given)
    hand = tuple(link for link in questions if link in by_hand and link not in given)
    given |= {link: _answer(questions[link], by_hand[link], "manual") for link in hand}
    response: Json = {
        "resourceType": "QuestionnaireResponse",
        "id": str(uuid4()),
        "meta": {"profile": [f"{_DTR}dtr-questionnaireresponse"]},
        "extension": _context(draft, chart),
        "questionnaire": f"{form['url']}|{form['version']}" if form.get("version") else form["url"],
        "status": "completed",
        "subject": reference(chart.one("Patient")),
        "authored": at.isoformat(timespec="seconds"),
        "author": reference(chart.one("Practitioner")),
        "item": _items(form.get("item", []), given),
    }
    return Filled(response, record, hand, len(questions))


def _context(draft: Json, chart: Chart) -> list[Json]:
    """Keep what the draft says of order and coverage; without a draft, name them."""
    if draft.get("extension"):
        return list(draft["extension"])
    named = [reference(chart.one("Coverage")), {"reference": ORDER}]
    purpose = {"system": "http://hl7.org/fhir/us/davinci-crd/CodeSystem/temp", "code": "withpa"}
    return [
        *({"url": f"{_DTR}qr-context", "valueReference": one} for one in named),
        {"url": f"{_DTR}intendedUse", "valueCodeableConcept": {"coding": [purpose]}},
    ]


def _questions(item: Json) -> Iterator[Json]:
    for one in item.get("item", []):
        if one.get("type") not in {"group", "display"}:
            yield one
        yield from _questions(one)


def _drafted(item: Json) -> dict[str, Json]:
    found = {}
    for one in item.get("item", []):
        if one.get("answer"):
            found[one["linkId"]] = one["answer"][0]
        found |= _drafted(one)
    return found


def _items(items: list[Json], given: Mapping[str, Json]) -> list[Json]:
    """Return the response's items in the form's order; what was not answered is left out."""
    found = []
    for item in items:
        inner = _items(item.get("item", []), given)
        answer = given.get(item["linkId"])
        if not inner and answer is None:
            continue
        made: Json = {"linkId": item["linkId"], **({"text": item["text"]} if item.get("text") else {})}
        if answer is not None:
            made["answer"] = [answer]
        found.append(made | ({"item": inner} if inner else {}))
    return found


def _from_record(
    package: Json, form: Json, questions: Mapping[str, Json], chart: Chart, at: datetime
) -> dict[str, object]:
    """Evaluate what fills each question, by the libraries of the package and nothing else."""
    wanted = {link: found for link, item in questions.items() if (found := _expression(item))}
    texts = {one["name"]: _cql(one) for one in resources_of(package, "Library")}
    main = next((name for name in texts if any(library == name for library, _ in wanted.values())), None)
    if main is None:
        return {}
    includes = {name: text for name, text in texts.items() if name not in {main, _HELPERS}}
    library = cql.compile_library(texts[main], includes=includes)
    defined = {link: definition for link, (_, definition) in wanted.items() if definition in library.definitions}
    answers = library.evaluate(
        cql.CaseData.from_resources(list(chart.resources)),
        now=at,
        value_sets={one["url"]: _pairs(one) for one in resources_of(package, "ValueSet")},
        only=tuple(defined.values()),
    )
    values = {link: answers[definition].value for link, definition in defined.items()}
    return {link: value for link, value in values.items() if value is not None}


def _expression(item: Json) -> tuple[str, str] | None:
    for extension in item.get("extension", []):
        if extension["url"].endswith(_INITIAL):
            library, point, definition = extension["valueExpression"]["expression"].partition(".")
            if point:
                return library.strip('"'), definition.strip('"')
    return None


def _cql(library: Json) -> str:
    content = next(one for one in library["content"] if one["contentType"] == "text/cql")
    return base64.b64decode(content["data"]).decode()


def _pairs(value_set: Json) -> set[tuple[str, str]]:
    contains = value_set.get("expansion", {}).get("contains", [])
    composed = [
        {"system": part.get("system", ""), "code": one["code"]}
        for part in value_set.get("compose", {}).get("include", [])
        for one in part.get("concept", [])
    ]
    return {(one.get("system", ""), one["code"]) for one in contains or composed}


def _answer(item: Json, value: object, source: str) -> Json:
    author: Json = {
        "url": "author",
        "extension": [{"url": "role", "valueCodeableConcept": {"text": "Ordering clinician"}}],
    }
    parts: list[Json] = [{"url": "source", "valueCode": source}]
    if source != "auto":
        parts.append(author)
    return {
        "extension": [{"url": _ORIGIN, "extension": parts}],
        _TYPES[item["type"]]: _written(value, item["type"]),
    }


def _written(value: object, kind: str) -> object:
    if isinstance(value, Code):
        return {"system": value.system, "code": value.code} if value.system else {"code": value.code}
    if isinstance(value, Quantity):
        return {
            "value": float(value.value),
            "unit": value.unit,
            "code": value.unit,
            "system": "http://unitsofmeasure.org",
        }
    if isinstance(value, Date | DateTime):
        return value.text()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if kind in {"choice", "open-choice"} and isinstance(value, str):
        return {"code": value}
    return value
