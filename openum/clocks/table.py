"""Plain SQL for the rows that every request touches, through the models' own conversions.

The ORM builds each statement anew, which costs more than the statement itself; a request opens and moves its clocks
several times. Everything else in this folder uses the ORM.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model

Row = TypeVar("Row", bound=Model)
AnyField: TypeAlias = "Field[Any, Any]"


def database() -> BaseDatabaseWrapper:
    """Return this thread's connection."""
    return connections[DEFAULT_DB_ALIAS]


@lru_cache(maxsize=64)
def _converters(vendor: str, fields: tuple[AnyField, ...]) -> tuple[tuple[int, Callable[..., Any], Any], ...]:
    """Return, for the columns that need it, how a value of the database becomes one of Python."""
    found: list[tuple[int, Callable[..., Any], Any]] = []
    for position, field in enumerate(fields):
        column = field.get_col(field.model._meta.db_table)
        steps = [*database().ops.get_db_converters(column), *field.get_db_converters(database())]
        found.extend((position, step, column) for step in steps)
    return tuple(found)


def fields_of(model: type[Model], names: Iterable[str]) -> tuple[AnyField, ...]:
    """Return fields of a model by name."""
    return tuple(model._meta.get_field(name) for name in names)  # type: ignore[misc]


@lru_cache(maxsize=16)
def _columns(model: type[Model]) -> tuple[AnyField, ...]:
    return tuple(model._meta.concrete_fields)


def select(sql: str, parameters: Sequence[Any], fields: tuple[AnyField, ...]) -> list[list[Any]]:
    """Run a query whose columns are these fields, in this order, and return its rows with Python's values."""
    live = database()
    with live.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = [list(row) for row in cursor.fetchall()]
    for position, convert, column in _converters(live.vendor, fields):
        for row in rows:
            row[position] = convert(row[position], column, live)
    return rows


def select_of_request(model: type[Row], request_id: int, *, order: str, lock: bool = False) -> list[Row]:
    """Return all rows of a table that belong to one request, perhaps locked."""
    fields = _columns(model)
    names = ", ".join(f'"{field.column}"' for field in fields)
    end = " FOR UPDATE" if lock and database().vendor == "postgresql" else ""
    sql = f"SELECT {names} FROM {model._meta.db_table} WHERE request_id = %s ORDER BY {order}{end}"  # noqa: S608 - names of our own model
    attributes = [field.attname for field in fields]
    return [model.from_db(DEFAULT_DB_ALIAS, attributes, row) for row in select(sql, [request_id], fields)]


def insert(rows: Sequence[Model], *, ignore_conflicts: bool = False) -> None:
    """Insert new rows of one table with one statement. Their primary keys are not read back."""
    if not rows:
        return
    meta, live = rows[0]._meta, database()
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = "(" + ", ".join(["%s"] * len(fields)) + ")"
    end = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    values = [field.get_db_prep_save(getattr(row, field.attname), live) for row in rows for field in fields]
    with live.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({names}) VALUES {', '.join([marks] * len(rows))}{end}",  # noqa: S608 - names of our own model
            values,
        )


def update(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write some columns of rows of one table, by primary key."""
    if not rows:
        return
    meta, live = rows[0]._meta, database()
    fields = fields_of(type(rows[0]), names)
    sets = ", ".join(f'"{field.column}" = %s' for field in fields)
    with live.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {meta.db_table} SET {sets} WHERE id = %s",  # noqa: S608 - names of our own model
            [
                [*(field.get_db_prep_save(getattr(row, field.attname), live) for field in fields), row.pk]
                for row in rows
            ],
        )
