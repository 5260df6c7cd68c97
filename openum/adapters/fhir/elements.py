"""Reading FHIR elements that may be malformed: every reader returns an empty value instead of failing.

A message is not trusted to have the right shape: a list may be a number, a text a list. What cannot be read is
treated as absent; whether that matters is the caller's question.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

Json = dict[str, Any]
Days = tuple[date | None, date | None]
"""First and last day, both inclusive, as FHIR writes them."""

FIRST_YEAR, LAST_YEAR = 1850, 2500
"""Nobody is older, and no authorization lasts longer; days beyond would overflow in arithmetic."""


class Coding(NamedTuple):
    """One coding; empty texts where the message is silent."""

    system: str = ""
    code: str = ""
    display: str = ""


def text(value: object) -> str:
    """Return a text, or empty."""
    return value if isinstance(value, str) else ""


def rows(value: object) -> Iterator[Json]:
    """Yield the objects of a list; nothing when it is not a list."""
    if isinstance(value, list):
        for one in value:
            if isinstance(one, dict):
                yield one


def part(value: object, name: str) -> Json:
    """Return a child object, or an empty one."""
    child = value.get(name) if isinstance(value, Mapping) else None
    return child if isinstance(child, dict) else {}


def number(value: object) -> Decimal | None:
    """Return a finite decimal, or None. JSON numbers keep the digits they were written with, not binary noise."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def whole(value: object) -> int | None:
    """Return a positive whole number that fits a database integer, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31 else None


def day(value: object) -> date | None:
    """Return the calendar day of a FHIR date, dateTime or instant, as written; None for partial or absurd dates."""
    try:
        found = date.fromisoformat(text(value)[:10])
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def days(element: Json, name: str) -> Days:
    """Return the inclusive days of a choice element such as serviced[x]: Date, DateTime or Period."""
    single = element.get(f"{name}Date") or element.get(f"{name}DateTime")
    if single is not None:
        only = day(single)
        return only, only
    period = part(element, f"{name}Period")
    return day(period.get("start")), day(period.get("end"))


def coding(concept: object, *systems: str) -> Coding:
    """Return the first coding of a CodeableConcept, or the first one of the preferred systems.

    A concept with text only gives a Coding whose display is that text.
    """
    if not isinstance(concept, Mapping):
        return Coding()
    first: Coding | None = None
    for one in rows(concept.get("coding")):
        found = Coding(text(one.get("system")), text(one.get("code")), text(one.get("display")))
        if systems and found.system in systems:
            return found
        first = first or found
    return first or Coding(display=text(concept.get("text")))


def extension(element: Json, url: str, *, among: str = "extension") -> Json:
    """Return the first extension with this url, or an empty object."""
    for one in rows(element.get(among)):
        if one.get("url") == url:
            return one
    return {}


def identifier_value(resource: Json, system: str) -> str:
    """Return the value of the resource's identifier in a system, or empty."""
    for one in rows(resource.get("identifier")):
        if one.get("system") == system:
            return text(one.get("value")).strip()
    return ""


def telecom(resource: Json, kind: str) -> str:
    """Return the first contact point of a kind (phone, fax, email), or empty."""
    for one in rows(resource.get("telecom")):
        if one.get("system") == kind:
            return text(one.get("value"))
    return ""


def family_and_given(resource: Json) -> tuple[str, str]:
    """Return the family name and the given names of the official name, else of the first one."""
    names = list(rows(resource.get("name")))
    if not names:
        return "", ""
    name = next((one for one in names if one.get("use") == "official"), names[0])
    given = name.get("given")
    return text(name.get("family")), " ".join(text(one) for one in given) if isinstance(given, list) else ""


def one_line_address(resource: Json) -> str:
    """Return the first address on one line, or empty. A Location holds one address, the others a list."""
    held = resource.get("address")
    first = next(rows(held), {}) if isinstance(held, list) else part(resource, "address")
    street = first.get("line")
    pieces = [text(one) for one in street] if isinstance(street, list) else []
    pieces += [text(first.get("city")), f"{text(first.get('state'))} {text(first.get('postalCode'))}".strip()]
    return ", ".join(piece for piece in pieces if piece)
