"""Services are atomic; inside a whole that stands or falls as one they need no savepoints of their own.

A savepoint lets a caller catch a failure and go on. The steps of one submission never do: whatever fails undoes the
whole submission. There, each step's savepoint would only cost two statements.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import transaction

from openum.db import plain

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
_whole: ContextVar[dict[Hashable, Any] | None] = ContextVar("openum_whole", default=None)
"""What was asked once inside the whole that runs; None outside."""


@contextmanager
def whole() -> Iterator[None]:
    """Run what is inside in one transaction that fails as a whole: no failure inside may be caught inside."""
    outer = _whole.get()
    token = _whole.set({} if outer is None else outer)
    try:
        with transaction.atomic(savepoint=outer is None):
            yield
    finally:
        _whole.reset(token)


def one_at_a_time(key: str) -> None:
    """Wait until no other transaction holds the key, and hold it until this one ends.

    SQLite needs no such lock: its transactions begin by taking the only right to write.
    """
    if plain.database().vendor == "postgresql":
        plain.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def once(key: Hashable, ask: Callable[[], Result]) -> Result:
    """Return the answer to a question that has one answer for a whole transaction; inside a whole it is asked once."""
    known = _whole.get()
    if known is None:
        return ask()
    if key not in known:
        known[key] = ask()
    found: Result = known[key]
    return found


def atomic(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Make a service atomic, as `transaction.atomic` does; inside a whole it simply belongs to that."""

    @wraps(function)
    def run(*arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        if _whole.get() is not None:
            return function(*arguments, **named)
        with transaction.atomic():
            return function(*arguments, **named)

    return run
