"""A page asks many parts of the program, and they ask alike: while it is drawn, each question is asked once."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
_answers: ContextVar[dict[Hashable, Any] | None] = ContextVar("openum_reading", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """Draw a page, whose parts may share what they read. Nothing is written inside but the record of the reading."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def is_drawn() -> bool:
    """Say whether a page is being drawn."""
    return _answers.get() is not None


def once_a_page(
    key_of: Callable[Parameters, Hashable],
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Let a query answer once while a page is drawn; outside it is asked every time.

    Args:
        key_of: tells what makes two askings the same, from their arguments. Who shares an answer must not change it.
    """

    def wrap(query: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        @wraps(query)
        def ask(*arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
            answers = _answers.get()
            if answers is None:
                return query(*arguments, **named)
            key = (query, key_of(*arguments, **named))
            if key not in answers:
                answers[key] = query(*arguments, **named)
            found: Result = answers[key]
            return found

        return ask

    return wrap
