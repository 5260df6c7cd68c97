"""Quick conversions between Python and SQLite's columns, with the same results as Django's own.

Django's conversions take several calls per value; a submission writes and reads about a thousand values. What is not
in these tables, and every other database, goes through Django's.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeAlias
from uuid import UUID

import orjson
from django.db import models
from django.db.models import Field

from openum.vocabulary.identifiers import uuid_of

AnyField: TypeAlias = "Field[Any, Any]"
Convert: TypeAlias = Callable[[Any], Any]

_PLAIN_COLUMNS: dict[type, frozenset[type]] = {
    models.CharField: frozenset({str, type(None)}),
    models.TextField: frozenset({str, type(None)}),
    models.BooleanField: frozenset({bool, type(None)}),
    models.BinaryField: frozenset({bytes, type(None)}),
    **dict.fromkeys(
        (
            models.IntegerField,
            models.SmallIntegerField,
            models.BigIntegerField,
            models.PositiveIntegerField,
            models.PositiveSmallIntegerField,
            models.PositiveBigIntegerField,
            models.AutoField,
            models.BigAutoField,
        ),
        frozenset({int, type(None)}),
    ),
}
"""Kinds of values that SQLite takes as they are, by the kind of column."""


def taken_as_is(field: AnyField) -> frozenset[type]:
    """Return the exact types of values that can be written to a column without any conversion."""
    return _PLAIN_COLUMNS.get(type(_target(field)), frozenset({type(None)}))


def writer(field: AnyField) -> Convert | None:
    """Return a quick conversion for writing, or None where Django's is used. The value is not None."""
    target = _target(field)
    if type(target) in {models.CharField, models.TextField}:
        return _write_text
    if type(target) is models.DateTimeField:
        return _write_instant
    if type(target) is models.DateField:
        return _write_day
    if type(target) is models.UUIDField:
        return _write_uuid
    if type(target) is models.JSONField and target.encoder is None:
        return _write_json
    return None


def reader(field: AnyField) -> Convert | None:
    """Return a quick conversion for reading; `same` where none is needed, None where Django's are used.

    The value is not None.
    """
    target = _target(field)
    if type(target) in _PLAIN_COLUMNS:
        return bool if type(target) is models.BooleanField else same
    if type(target) is models.DateTimeField:
        return _read_instant
    if type(target) is models.DateField:
        return _read_day
    if type(target) is models.UUIDField:
        return _read_uuid
    if type(target) is models.JSONField and target.decoder is None:
        return _read_json
    return None


def same(value: Any) -> Any:
    """Return the value."""
    return value


def _target(field: AnyField) -> AnyField:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def _write_text(value: Any) -> str | None:
    """Write a word of a vocabulary as the text it is."""
    return str.__str__(value) if isinstance(value, str) else None


def _write_instant(value: Any) -> str | None:
    if value.__class__ is not datetime or value.tzinfo is None:
        return None
    text: str = (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat(" ")
    return text[:-6]


def _write_day(value: Any) -> str | None:
    return value.isoformat() if value.__class__ is date else None


def _write_uuid(value: Any) -> str | None:
    return value.hex if value.__class__ is UUID else None


_EMPTY: dict[type, str] = {list: "[]", dict: "{}"}


def _write_json(value: Any) -> str | None:
    if not value and value.__class__ in _EMPTY:
        return _EMPTY[value.__class__]
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # what orjson does not hold: a number over 64 bits, a half character
        return None


def _read_instant(value: Any) -> datetime:
    """Read an instant; the driver has mostly made a moment without zone of it."""
    moment = datetime.fromisoformat(value) if value.__class__ is str else value
    return moment.replace(tzinfo=UTC)


def _read_day(value: Any) -> Any:
    return date.fromisoformat(value) if value.__class__ is str else value


def _read_json(value: Any) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


def _read_uuid(value: str) -> UUID:
    return uuid_of(int(value, 16))
