"""Plain SQL for the rows that every request touches, through the models' own conversions.

The ORM builds each statement anew, which costs more than the statement itself; a request opens and moves its clocks
several times. Everything else in this folder uses the ORM.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, Model

Row = TypeVar("Row", bound=Model)
Convert = Callable[[Any], Any]


@lru_cache(maxsize=64)
def _converters(vendor: str, fields: tuple["Field[Any, Any]", ...]) -> tuple[tuple[int, Convert], ...]:
    """Return, for the columns that need it, how a value of the database becomes one of Python."""
    found = []
    for position, field in enumerate(fields):
        column = field.get_col(field.model._meta.db_table)
        steps = [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]
        found.extend((position, _bound(step, column)) for step in steps)
    return tuple(found)


def _bound(step: Callable[..., Any], column: Any) -> Convert:
    return lambda value: step(value, column, connection)


def fields_of(model: type[Model], names: Iterable[str]) -> tuple["Field[Any, Any]", ...]:
    """Return fields of a model by name."""
    return tuple(model._meta.get_field(name) for name in names)  # type: ignore[misc]


@lru_cache(maxsize=16)
def _columns(model: type[Model]) -> tuple["Field[Any, Any]", ...]:
    return tuple(model._meta.concrete_fields)


def select(sql: str, parameters: Sequence[Any], fields: tuple["Field[Any, Any]", ...]) -> list[list[Any]]:
    """Run a query whose columns are these fields, in this order, and return its rows with Python's values."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = [list(row) for row in cursor.fetchall()]
    for position, convert in _converters(connection.vendor, fields):
        for row in rows:
            row[position] = convert(row[position])
    return rows


def select_of_request(model: type[Row], request_id: int, *, order: str, lock: bool = False) -> list[Row]:
    """Return all rows of a table that belong to one request, perhaps locked."""
    fields = _columns(model)
    names = ", ".join(f'"{field.column}"' for field in fields)
    end = " FOR UPDATE" if lock and connection.vendor == "postgresql" else ""
    sql = f"SELECT {names} FROM {model._meta.db_table} WHERE request_id = %s ORDER BY {order}{end}"  # noqa: S608 - names of our own model
    attributes = [field.attname for field in fields]
    return [model.from_db("default", attributes, row) for row in select(sql, [request_id], fields)]


def insert(rows: Sequence[Model], *, ignore_conflicts: bool = False) -> None:
    """Insert new rows of one table with one statement. Their primary keys are not read back."""
    if not rows:
        return
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = "(" + ", ".join(["%s"] * len(fields)) + ")"
    end = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({names}) VALUES {', '.join([marks] * len(rows))}{end}",  # noqa: S608 - names of our own model
            values,
        )


def update(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write some columns of rows of one table, by primary key."""
    if not rows:
        return
    meta = rows[0]._meta
    fields = fields_of(type(rows[0]), names)
    sets = ", ".join(f'"{field.column}" = %s' for field in fields)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {meta.db_table} SET {sets} WHERE id = %s",  # noqa: S608 - names of our own model
            [
                [*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk]
                for row in rows
            ],
        )
