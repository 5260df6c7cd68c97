"""Services are atomic; inside a whole that stands or falls as one they need no savepoints of their own.

A savepoint lets a caller catch a failure and go on. The steps of one submission never do: whatever fails undoes the
whole submission. There, each step's savepoint would only cost two statements.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
_is_whole: ContextVar[bool] = ContextVar("openum_whole", default=False)


@contextmanager
def whole() -> Iterator[None]:
    """Run what is inside in one transaction that fails as a whole: no failure inside may be caught inside."""
    token = _is_whole.set(True)
    try:
        with transaction.atomic():
            yield
    finally:
        _is_whole.reset(token)


def atomic(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Make a service atomic, as `transaction.atomic` does; inside a whole it simply belongs to that."""

    @wraps(function)
    def run(*arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        if _is_whole.get():
            return function(*arguments, **named)
        with transaction.atomic():
            return function(*arguments, **named)

    return run
