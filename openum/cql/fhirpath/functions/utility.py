"""Utility functions (FHIRPath 2.0, 5.9), types as values, and parts of dates."""

from __future__ import annotations

from openum.cql.fhirpath.errors import Fault
from openum.cql.fhirpath.items import Items, TypeInfo, describe, single, text, type_of
from openum.cql.fhirpath.registry import Code, Run, items_function, lazy, value_function
from openum.cql.values.temporal import Date, DateTime, Temporal, Time


@lazy("trace", least=1, most=2)
def trace(run: Run, items: Items, this: Items, name: Code, project: Code | None = None) -> Items:
    """Report a name and a number of items to the hook; values are never reported, since they may be about a person."""
    label = text(name(run, this)) or ""
    if run.hooks.trace is not None:
        found = items if project is None else [x for item in items for x in project(run, [item])]
        run.hooks.trace(label, len(found))
    return items


@items_function("now")
def now(run: Run, items: Items) -> Items:
    """The instant of the evaluation."""
    return [DateTime.from_python(run.now)]


@items_function("today")
def today(run: Run, items: Items) -> Items:
    """The date of the evaluation."""
    return [Date((run.now.year, run.now.month, run.now.day))]


@items_function("timeOfDay")
def time_of_day(run: Run, items: Items) -> Items:
    """The time of the evaluation."""
    at = run.now
    return [Time((at.hour, at.minute, at.second, at.microsecond // 1000))]


@lazy("defineVariable", least=1, most=2)
def define_variable(run: Run, items: Items, this: Items, name: Code, value: Code | None = None) -> Items:
    """Name the input, or what an expression gives for it, for the rest of the chain."""
    label = text(name(run, this))
    if label is None:
        raise Fault("“defineVariable” needs a name.")
    if label in run.variables or label in run.environment or label in RESERVED_VARIABLES:
        raise Fault(f"The variable “%{label}” is defined already.")
    run.variables = {**run.variables, label: items if value is None else value(run, items)}
    return items


RESERVED_VARIABLES = frozenset({"resource", "rootResource", "context", "sct", "loinc", "ucum"})


@items_function("type")
def type_(run: Run, items: Items) -> Items:
    """The type of each item."""
    return [TypeInfo(*type_of(item)) for item in items]


def _part(items: Items, first: int, kinds: tuple[type[Temporal], ...]) -> int | None:
    value = single(items)
    if value is None:
        return None
    if not isinstance(value, kinds):
        raise Fault(f"A date or time is needed here, not {describe(items[0])}.")
    index = first - value.first
    return value.fields[index] if index < len(value.fields) else None


@value_function("yearOf")
def year_of(items: Items) -> int | None:
    """The year of a date."""
    return _part(items, 0, (Date, DateTime))


@value_function("monthOf")
def month_of(items: Items) -> int | None:
    """The month of a date."""
    return _part(items, 1, (Date, DateTime))


@value_function("dayOf")
def day_of(items: Items) -> int | None:
    """The day of a date."""
    return _part(items, 2, (Date, DateTime))


@value_function("hourOf")
def hour_of(items: Items) -> int | None:
    """The hour of a time."""
    return _part(items, 3, (Time, DateTime))


@value_function("minuteOf")
def minute_of(items: Items) -> int | None:
    """The minute of a time."""
    return _part(items, 4, (Time, DateTime))


@value_function("secondOf")
def second_of(items: Items) -> int | None:
    """The second of a time."""
    return _part(items, 5, (Time, DateTime))


@value_function("millisecondOf")
def millisecond_of(items: Items) -> int | None:
    """The millisecond of a time."""
    return _part(items, 6, (Time, DateTime))


@value_function("dateOf")
def date_of(items: Items) -> Date | None:
    """The date of a date and time."""
    value = single(items)
    return Date(value.fields[:3]) if isinstance(value, Date | DateTime) else None


@value_function("timeOf")
def time_of(items: Items) -> Time | None:
    """The time of a date and time."""
    value = single(items)
    return Time(value.fields[3:]) if isinstance(value, DateTime) and len(value.fields) > 3 else None
