"""Turns what an expression gives, or what a person types, into the `value[x]` of a question. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from openum.cql.values.codes import Code, Concept
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import Date, DateTime, Time
from openum.forms.items import Item, Option, label_of

Json = dict[str, Any]

UCUM = "http://unitsofmeasure.org"
_TEXTS = {"string": "valueString", "text": "valueString", "url": "valueUri"}


def answers_of(values: Iterable[Any], item: Item, options: tuple[Option, ...] = ()) -> list[Json]:
    """Return the values that fit a question, in its type; one where it does not repeat.

    Args:
        values: results of CQL or FHIRPath, or FHIR elements.
        item: the question.
        options: the answers it offers, where it has a list.
    """
    found: list[Json] = []
    for value in values:
        made = _answer(value, item, options)
        if made and made not in found:
            found.append(made)
    return found if item.repeats else found[:1]


def _answer(value: Any, item: Item, options: tuple[Option, ...]) -> Json:
    match item.kind:
        case "boolean":
            return {"valueBoolean": value} if isinstance(value, bool) else {}
        case "integer" | "decimal":
            return _number(value, item.kind)
        case "quantity":
            return _quantity(value, item)
        case "date" | "dateTime" | "time":
            return _moment(value, item.kind)
        case "choice" | "open-choice":
            return _choice(value, item, options)
        case "reference":
            return _reference(value)
        case "attachment":
            return {"valueAttachment": dict(value)} if isinstance(value, dict) and "contentType" in value else {}
        case _:
            words = _words(value)
            return {_TEXTS[item.kind]: words} if words else {}


def _number(value: Any, kind: str) -> Json:
    held = value.value if isinstance(value, Quantity) else value.get("value") if isinstance(value, dict) else value
    number = decimal_of(held)
    if number is None:
        return {}
    if kind == "integer":
        return {"valueInteger": int(number)} if number == int(number) else {}
    return {"valueDecimal": _plain(number)}


def decimal_of(value: Any) -> Decimal | None:
    """Return a finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() and abs(number) < 2**53 else float(number)


def _quantity(value: Any, item: Item) -> Json:
    if isinstance(value, Quantity):
        made: Json = {"value": _plain(value.value)}
        known = next((one for one in item.units if one.get("code") == value.unit), None)
        if value.unit not in {"", "1"}:
            made |= {"unit": (known or {}).get("display") or value.unit, "system": UCUM, "code": value.unit}
        return {"valueQuantity": made}
    if isinstance(value, dict) and decimal_of(value.get("value")) is not None:
        return {"valueQuantity": {**value, "value": _plain(decimal_of(value["value"]) or Decimal(0))}}
    number = decimal_of(value)
    if number is None:
        return {}
    return {"valueQuantity": {"value": _plain(number)} | unit_parts(item.units[0] if item.units else {})}


def unit_parts(coding: Json) -> Json:
    """Return the unit elements of a Quantity from the Coding of a unit."""
    made: Json = {}
    if coding.get("display") or coding.get("code"):
        made["unit"] = coding.get("display") or coding.get("code")
    if coding.get("system") and coding.get("code"):
        made |= {"system": coding["system"], "code": coding["code"]}
    return made


def _moment(value: Any, kind: str) -> Json:
    if isinstance(value, datetime):
        value = DateTime.from_python(value)
    elif isinstance(value, date):
        value = Date((value.year, value.month, value.day))
    elif isinstance(value, time):
        value = Time((value.hour, value.minute, value.second))
    if kind == "date":
        if isinstance(value, DateTime):
            value = value.date()
        words = value.text() if isinstance(value, Date) else _written(value)[:10]
        return {"valueDate": words} if words else {}
    if kind == "time":
        words = value.text() if isinstance(value, Time) else _written(value)
        return {"valueTime": words} if words else {}
    words = value.text() if isinstance(value, (Date, DateTime)) else _written(value)
    if "T" in words and not (words.endswith("Z") or "+" in words[10:] or "-" in words[10:]):
        words += "Z"
    return {"valueDateTime": words} if words else {}


def _written(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _choice(value: Any, item: Item, options: tuple[Option, ...]) -> Json:
    coding = _coding(value)
    if coding:
        for option in options:
            held = next(iter(option.value.values()))
            if isinstance(held, dict) and held.get("code") == coding.get("code") and _same_system(held, coding):
                return option.value
        return {} if options and item.kind == "choice" else {"valueCoding": coding}
    words = _words(value)
    for option in options:
        if words and words.casefold() in {_code(option), option.label.casefold()}:
            return option.value
    return {"valueString": words} if words and item.kind == "open-choice" else {}


def _same_system(one: Json, other: Json) -> bool:
    return one.get("system") == other.get("system") or not (one.get("system") and other.get("system"))


def _code(option: Option) -> str:
    held = next(iter(option.value.values()))
    return str(held.get("code", "") if isinstance(held, dict) else held).casefold()


def _coding(value: Any) -> Json:
    if isinstance(value, Concept):
        value = next(iter(value.codes), None)
    if isinstance(value, Code):
        named = {"system": value.system, "code": value.code, "display": value.display}
        return {name: held for name, held in named.items() if held}
    if isinstance(value, dict):
        codings = value.get("coding")
        if isinstance(codings, list):
            value = next((one for one in codings if isinstance(one, dict)), {})
        return {name: value[name] for name in ("system", "version", "code", "display") if value.get(name)}
    return {}


def _reference(value: Any) -> Json:
    if not isinstance(value, dict):
        return {}
    if value.get("resourceType") and value.get("id"):
        return {"valueReference": {"reference": f"{value['resourceType']}/{value['id']}", "display": name_of(value)}}
    return {"valueReference": dict(value)} if value.get("reference") or value.get("identifier") else {}


def name_of(resource: Json) -> str:
    """Return what people call a resource: a name, a code, a date; else its type."""
    name = resource.get("name")
    if isinstance(name, list) and name and isinstance(name[0], dict):
        given = " ".join(one for one in name[0].get("given", ()) if isinstance(one, str))
        return f"{given} {name[0].get('family', '')}".strip() or str(name[0].get("text", ""))
    if isinstance(name, str):
        return name
    for element in ("code", "medicationCodeableConcept", "type"):
        concept = resource.get(element)
        coding = _coding(concept)
        words = (
            (concept.get("text") if isinstance(concept, dict) else "") or coding.get("display") or coding.get("code")
        )
        if words:
            return str(words)
    return str(resource["resourceType"])


def _words(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (Date, DateTime, Time, Quantity)):
        return value.text()
    if isinstance(value, (int, Decimal)):
        return str(value)
    coding = _coding(value)
    return str(coding.get("display") or coding.get("code") or "")


def read_typed(text: str, item: Item, options: tuple[Option, ...], *, unit: str = "") -> Json:
    """Return what somebody typed or chose as an answer, or nothing where it cannot be one.

    Args:
        text: as typed; of a list, the key of an option (see `key_of`).
        item: the question.
        options: the answers it offers.
        unit: the code of the unit beside a quantity.
    """
    text = text.strip()
    if not text:
        return {}
    if options and item.kind != "quantity":
        for option in options:
            if key_of(option.value) == text:
                return option.value
        return {"valueString": text} if item.kind == "open-choice" else {}
    match item.kind:
        case "boolean":
            return {"valueBoolean": text == "yes"} if text in {"yes", "no"} else {}
        case "quantity":
            number = decimal_of(text)
            coding = next((one for one in item.units if unit in {one.get("code"), one.get("display")}), None)
            coding = coding or ({"code": unit, "display": unit} if unit else {})
            return {} if number is None else {"valueQuantity": {"value": _plain(number)} | unit_parts(coding)}
        case "date" | "dateTime" | "time":
            return _moment(text, item.kind) if _is_moment(text, item.kind) else {}
        case "choice":
            return {}
        case "reference":
            return {"valueReference": {"reference": text}}
        case _:
            return _answer(text, item, ())


def _is_moment(text: str, kind: str) -> bool:
    try:
        if kind == "date":
            date.fromisoformat(text)
        elif kind == "time":
            time.fromisoformat(text)
        else:
            datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def key_of(value: Json) -> str:
    """Return one text that tells an answer of a list from the others."""
    ((kind, held),) = value.items()
    if kind == "valueCoding":
        return f"{held.get('system', '')}|{held.get('code') or held.get('display') or ''}"
    if kind == "valueReference":
        return str(held.get("reference") or held.get("display") or "")
    return str(held)


def typed_of(value: Json) -> tuple[str, str]:
    """Return an answer as it stands in a field, and the unit beside it."""
    ((kind, held),) = value.items()
    if kind == "valueBoolean":
        return ("yes" if held else "no"), ""
    if kind == "valueQuantity":
        return str(held.get("value", "")), str(held.get("code") or held.get("unit") or "")
    if isinstance(held, dict):
        return key_of(value), ""
    return str(held), ""


def shown(value: Json, language: str = "en") -> str:
    """Return an answer as people read it."""
    return label_of(value, language)
