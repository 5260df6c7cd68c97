"""Plain SQL for the rows that every submitted request touches, through the models' own conversions.

The ORM builds each statement anew, which costs several times more than the statement itself. The steps of a submission
and the worklist use these few functions; everything else uses the ORM. Values are always parameters; names come from
our own models.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model
from django.db.models.base import ModelState

from openum.db import values

Row = TypeVar("Row", bound=Model)
AnyField: TypeAlias = "Field[Any, Any]"
Converters: TypeAlias = tuple[tuple[int, Callable[[Any], Any]], ...]
_MOST_CONVERTERS = 256


class _Thread(threading.local):
    live: BaseDatabaseWrapper | None = None


_thread = _Thread()


def database() -> BaseDatabaseWrapper:
    """Return this thread's connection."""
    live = _thread.live
    if live is None:
        live = _thread.live = connections[DEFAULT_DB_ALIAS]
    return live


_known: dict[tuple[str, int], tuple[Any, Converters]] = {}


def _converters(vendor: str, fields: tuple[AnyField, ...]) -> Converters:
    """Return, for the columns that need it, how a value of the database becomes one of Python; None stays None."""
    key = (vendor, id(fields))  # hashing the fields themselves takes a call for each
    entry = _known.get(key)
    if entry is None:
        if len(_known) > _MOST_CONVERTERS:
            _known.clear()
        entry = _known[key] = (fields, _make_converters(vendor, fields))
    return entry[1]


def _make_converters(vendor: str, fields: tuple[AnyField, ...]) -> Converters:
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for position, field in enumerate(fields):
        quick = values.reader(field) if vendor == "sqlite" else None
        if quick is values.same:
            continue
        if quick is not None:
            found.append((position, quick))
            continue
        column = field.get_col(field.model._meta.db_table)
        steps = [*database().ops.get_db_converters(column), *field.get_db_converters(database())]
        found.extend((position, partial(_convert, step, column)) for step in steps)
    return tuple(found)


def _convert(step: Callable[..., Any], column: Any, value: Any) -> Any:
    return step(value, column, database())


@lru_cache(maxsize=1024)
def _with_question_marks(sql: str) -> str:
    return sql.replace("%s", "?")


def _driver(live: BaseDatabaseWrapper) -> Any:
    """Return SQLite's own connection where it may be asked directly, else None."""
    if (
        live.vendor == "sqlite"
        and live.connection is not None
        and not live.needs_rollback
        and not live.queries_logged
        and not live.execute_wrappers
    ):
        return live.connection
    return None


def execute(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement with `%s` marks and return its rows as the database gives them.

    On SQLite the driver is asked directly; errors are Django's all the same.
    """
    live = database()
    if (driver := _driver(live)) is not None:
        with live.wrap_database_errors:
            found: list[tuple[Any, ...]] = driver.execute(_with_question_marks(sql), parameters).fetchall()
        return found
    with live.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall()) if cursor.description else []


def among(sql: str, keys: Collection[int]) -> list[tuple[Any, ...]]:
    """Run a statement that ends its condition with `IN ({})` for these keys; without keys there are no rows."""
    return execute(sql.format(marks(keys)), list(keys)) if keys else []


def marks(keys: Collection[Any]) -> str:
    """Return a mark for each of several values."""
    return ", ".join(["%s"] * len(keys))


def fields_of(model: type[Model], names: Iterable[str]) -> tuple[AnyField, ...]:
    """Return fields of a model by name."""
    return tuple(model._meta.get_field(name) for name in names)  # type: ignore[misc]


@lru_cache(maxsize=16)
def _columns(model: type[Model]) -> tuple[AnyField, ...]:
    return tuple(model._meta.concrete_fields)


def select(sql: str, parameters: Sequence[Any], fields: tuple[AnyField, ...]) -> list[list[Any]]:
    """Run a query whose columns are these fields, in this order, and return its rows with Python's values."""
    rows = [list(row) for row in execute(sql, parameters)]
    if rows:
        for position, convert in _converters(database().vendor, fields):
            for row in rows:
                if row[position] is not None:
                    row[position] = convert(row[position])
    return rows


def instants(*values: datetime) -> list[Any]:
    """Return instants in the form the database compares, as parameters of a condition."""
    return [database().ops.adapt_datetimefield_value(value) for value in values]


def select_of_request(model: type[Row], request_id: int, *, order: str, lock: bool = False) -> list[Row]:
    """Return all rows of a table that belong to one request, perhaps locked."""
    return select_where(model, "request_id = %s", [request_id], order=order, lock=lock)


@lru_cache(maxsize=64)
def _reading(model: type[Model]) -> tuple[str, tuple[AnyField, ...], tuple[str, ...]]:
    fields = _columns(model)
    names = ", ".join(f'"{field.column}"' for field in fields)
    return f"SELECT {names} FROM {model._meta.db_table}", fields, tuple(field.attname for field in fields)  # noqa: S608 - names of our own model


def select_where(
    model: type[Row], where: str, parameters: Sequence[Any], *, order: str = "id", lock: bool = False
) -> list[Row]:
    """Return the rows of a table that fit a condition written with `%s` marks.

    A sequence among the parameters fills a mark inside `IN (%s)` with as many marks as it has members.
    """
    filled: list[Any] = []
    given: list[str] = []
    for parameter in parameters:
        if isinstance(parameter, (list, tuple, set, frozenset)):
            if not parameter:
                return []
            given.append(marks(parameter))
            filled += parameter
        else:
            given.append("%s")
            filled.append(parameter)
    head, fields, attributes = _reading(model)
    end = " FOR UPDATE" if lock and database().vendor == "postgresql" else ""
    sql = f"{head} WHERE {where % tuple(given)} ORDER BY {order}{end}"
    return [_made(model, attributes, row) for row in select(sql, filled, fields)]


@dataclass(frozen=True)
class _Beginning:
    """What a new row holds before anything is said of it."""

    fixed: dict[str, Any]
    made: tuple[tuple[str, Callable[[], Any]], ...]
    attributes: frozenset[str]
    relations: dict[str, str]


@lru_cache(maxsize=64)
def _beginning(model: type[Model]) -> _Beginning:
    fields = _columns(model)
    makes = {field.attname: field.default for field in fields if field.has_default() and callable(field.default)}
    return _Beginning(
        fixed={field.attname: None if field.attname in makes else field.get_default() for field in fields},
        made=tuple(makes.items()),
        attributes=frozenset(field.attname for field in fields),
        relations={field.name: field.attname for field in fields if field.is_relation},
    )


def new(model: type[Row], /, **said: Any) -> Row:
    """Return a new row, not yet inserted: what the model's constructor makes, without signals and descriptors.

    Values are named by field; a related row is given as such, or its key under the column's name.
    """
    beginning = _beginning(model)
    row = model.__new__(model)
    row._state = state = ModelState()  # noqa: SLF001 - Django has no other way
    known = row.__dict__
    known.update(beginning.fixed)
    for name, make in beginning.made:
        if name not in said:
            known[name] = make()
    for name, value in said.items():
        if name in beginning.relations:
            state.fields_cache[name] = value
            # the user of a web request is a lazy object, whose own __dict__ holds no key
            known[beginning.relations[name]] = (value.__dict__.get("id") or value.pk) if value is not None else None
        elif name in beginning.attributes:
            known[name] = value
        else:
            raise TypeError(f"{model.__name__} has no field {name}.")
    return row


def _made(model: type[Row], attributes: tuple[str, ...], row: Sequence[Any]) -> Row:
    """Return a row as an instance of its model: what `Model.from_db` does, without signals and defaults."""
    made = model.__new__(model)
    made.__dict__.update(zip(attributes, row, strict=True))
    made._state = state = ModelState()  # noqa: SLF001 - as above
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    return made


Writer: TypeAlias = tuple[str, frozenset[type], Callable[[Any], Any] | None, Callable[..., Any]]
"""The attribute, the types that need no conversion, a quick conversion, and Django's for the rest."""


def _writer(vendor: str, field: AnyField) -> Writer:
    quick = vendor == "sqlite"
    kinds = values.taken_as_is(field) if quick else frozenset()
    return field.attname, kinds, values.writer(field) if quick else None, field.get_db_prep_save


def _written(row: Model, writers: Iterable[Writer], live: BaseDatabaseWrapper) -> list[Any]:
    """Return the values of a row's columns in the form the database takes."""
    known, found = row.__dict__, []
    for name, kinds, quick, prepare in writers:
        value = known[name]
        if value.__class__ not in kinds:
            converted = quick(value) if quick is not None else None
            value = prepare(value, live) if converted is None else converted
        found.append(value)
    return found


@lru_cache(maxsize=64)
def _writing(vendor: str, model: type[Model]) -> tuple[str, str, tuple[Writer, ...]]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = "(" + ", ".join(["%s"] * len(fields)) + ")"
    head = f"INSERT INTO {model._meta.db_table} ({names}) VALUES "  # noqa: S608 - names of our own model
    return head, marks, tuple(_writer(vendor, field) for field in fields)


@lru_cache(maxsize=64)
def _changing(vendor: str, model: type[Model], names: tuple[str, ...]) -> tuple[str, tuple[Writer, ...]]:
    fields = fields_of(model, names)
    sets = ", ".join(f'"{field.column}" = %s' for field in fields)
    head = f"UPDATE {model._meta.db_table} SET {sets} WHERE id"  # noqa: S608 - names of our own model
    return head, tuple(_writer(vendor, field) for field in fields)


_MOST_WRITTEN_TOGETHER = 20
_MOST_VALUES = 900
"""Values in one statement; SQLite's smallest limit is 999."""


def insert(rows: Sequence[Row], *, ignore_conflicts: bool = False) -> list[Row]:
    """Insert new rows of one table; each gets its primary key, unless conflicts are ignored."""
    if not rows:
        return []
    live = database()
    head, marks, writers = _writing(live.vendor, type(rows[0]))
    end = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    step = max(1, _MOST_VALUES // len(writers))
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        filled = [value for row in part for value in _written(row, writers, live)]
        sql = head + ", ".join([marks] * len(part)) + end
        if ignore_conflicts:
            execute(sql, filled)
        else:
            for row, key in zip(part, _keys_of_inserted(sql, filled, len(part)), strict=True):
                row.__dict__["id"] = key
                row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001 - as the ORM does
    return list(rows)


def upsert(rows: Sequence[Row], *, unique: Sequence[str], changes: Sequence[str], names: Sequence[str]) -> None:
    """Insert new rows of one table; where one with the same unique columns stands, change it instead.

    Args:
        unique: columns of a unique constraint.
        changes: columns of a standing row that take the new value.
        names: fields that are read back from the row that stands in the end, besides the primary key.
    """
    if not rows:
        return
    live = database()
    model = type(rows[0])
    head, marks, writers = _writing(live.vendor, model)
    fields = fields_of(model, ("id", *names))
    sets = ", ".join(f'"{column}" = excluded."{column}"' for column in changes)
    back = ", ".join(f'"{field.column}"' for field in fields)
    sql = f"{head}{marks} ON CONFLICT ({', '.join(unique)}) DO UPDATE SET {sets} RETURNING {back}"
    for row in rows:
        (found,) = select(sql, _written(row, writers, live), fields)
        row.__dict__.update(zip((field.attname for field in fields), found, strict=True))
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001 - as the ORM does


def _keys_of_inserted(sql: str, filled: Sequence[Any], count: int) -> Iterable[int]:
    """Run an INSERT and return the primary keys it gave, in the order of its rows.

    SQLite has one writer and counts on from row to row, so the last key tells them all at half the cost of RETURNING.
    """
    if (driver := _driver(database())) is None:
        return [key for (key,) in execute(f"{sql} RETURNING id", filled)]
    with database().wrap_database_errors:
        last = driver.execute(_with_question_marks(sql), filled).lastrowid
    return range(last - count + 1, last + 1)


def update(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write some columns of rows of one table, by primary key; rows that get the same are written together."""
    if not rows:
        return
    live = database()
    head, writers = _changing(live.vendor, type(rows[0]), tuple(names))
    written = [_written(row, writers, live) for row in rows]
    if len(rows) <= _MOST_WRITTEN_TOGETHER and all(one == written[0] for one in written):
        marks = ", ".join(["%s"] * len(rows))
        execute(f"{head} IN ({marks})", [*written[0], *(row.pk for row in rows)])
        return
    for row, one in zip(rows, written, strict=True):
        execute(f"{head} = %s", [*one, row.pk])
