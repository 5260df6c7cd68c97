"""The formats of FHIR's primitive types (FHIR R4 §2.24.0.1), calendar included."""

import re
from binascii import a2b_base64
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

Check = Callable[[Any], bool]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CODE = re.compile(r"[^\s]+(\s[^\s]+)*").fullmatch
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}").fullmatch
_OID = re.compile(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+").fullmatch
_UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}").fullmatch
_DAY = r"([0-9]{4})(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
_ZONE = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_DATE = re.compile(_DAY).fullmatch
_DATETIME = re.compile(rf"{_DAY}(T{_TIME}{_ZONE})?").fullmatch
_INSTANT = re.compile(rf"[0-9]{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T{_TIME}{_ZONE}").fullmatch
_OF_DAY = re.compile(_TIME).fullmatch
_TEN = len("2026-01-31")


class Primitive(NamedTuple):
    """A primitive type: whether a JSON value has its form, and the form in words."""

    holds: Check
    form: str


def _is_calendar_day(text: str) -> bool:
    """Say whether the day exists; a text without a whole day has none to be wrong."""
    if len(text) < _TEN:
        return True
    try:
        date.fromisoformat(text[:_TEN])
    except ValueError:
        return False
    return True


def _string(value: Any) -> bool:
    return type(value) is str and bool(value) and (value.isprintable() or not _CONTROL.search(value))


def _boolean(value: Any) -> bool:
    return value is True or value is False


def _integer(value: Any) -> bool:
    return type(value) is int and -(2**31) <= value < 2**31


def _unsigned(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _positive(value: Any) -> bool:
    return type(value) is int and 0 < value < 2**31


def _decimal(value: Any) -> bool:
    return type(value) is int or type(value) is float


def _base64(value: Any) -> bool:
    if type(value) is not str or not value:
        return False
    try:
        a2b_base64("".join(value.split()), strict_mode=True)
    except ValueError:
        return False
    return True


def _is_one_word(value: Any) -> bool:
    """Say whether a value is a text without any space; several times as quick as a pattern."""
    return type(value) is str and value.split() == [value]


def _code(value: Any) -> bool:
    return _is_one_word(value) or (type(value) is str and _CODE(value) is not None)


def _matching(pattern: Callable[[str], object]) -> Check:
    def holds(value: Any) -> bool:
        return type(value) is str and pattern(value) is not None

    return holds


def _dated(pattern: Callable[[str], object]) -> Check:
    def holds(value: Any) -> bool:
        return type(value) is str and pattern(value) is not None and _is_calendar_day(value)

    return holds


_TEXT = Primitive(_string, "a text that is not empty and has no control characters")
_ADDRESS = Primitive(_is_one_word, "an address without spaces")

PRIMITIVES: dict[str, Primitive] = {
    "string": _TEXT,
    "markdown": _TEXT,
    "xhtml": _TEXT,
    "boolean": Primitive(_boolean, "true or false, without quotation marks"),
    "integer": Primitive(_integer, "a whole number of 32 bits, without quotation marks"),
    "unsignedInt": Primitive(_unsigned, "a whole number from 0, without quotation marks"),
    "positiveInt": Primitive(_positive, "a whole number from 1, without quotation marks"),
    "decimal": Primitive(_decimal, "a number, without quotation marks"),
    "uri": _ADDRESS,
    "url": _ADDRESS,
    "canonical": _ADDRESS,
    "oid": Primitive(_matching(_OID), "an OID such as urn:oid:1.2.3"),
    "uuid": Primitive(_matching(_UUID), "a UUID such as urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7"),
    "id": Primitive(_matching(_ID), "1 to 64 letters, digits, hyphens and dots"),
    "code": Primitive(_code, "a code without spaces at its ends"),
    "base64Binary": Primitive(_base64, "base64"),
    "date": Primitive(_dated(_DATE), "a day of the calendar as YYYY, YYYY-MM or YYYY-MM-DD"),
    "dateTime": Primitive(
        _dated(_DATETIME), "a day of the calendar, or a time with seconds and zone such as 2026-01-31T09:30:00-05:00"
    ),
    "instant": Primitive(_dated(_INSTANT), "a time with seconds and zone such as 2026-01-31T09:30:00-05:00"),
    "time": Primitive(_matching(_OF_DAY), "a time of day as hh:mm:ss"),
}
