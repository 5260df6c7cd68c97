"""Which function does which kind of work, and which kinds recur. Filled by each folder's tasks.py. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


class Work(Protocol):
    """A handler: it is given the job's payload and the present instant on openum's clock."""

    def __call__(self, payload: dict[str, Any], *, at: Any) -> None:
        """Do the work; raise to have it tried again."""


@dataclass(frozen=True)
class Handler:
    """A registered handler. An `outside` handler runs outside a transaction because it talks to other systems."""

    kind: str
    work: Callable[..., None]
    outside: bool


HANDLERS: dict[str, Handler] = {}
RECURRING: dict[str, int] = {}


def handler(kind: str, *, outside: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register `def f(payload: dict, *, at: datetime) -> None` for a kind of job.

    The function's writes and the job's end commit together, so its effects happen exactly once. With `outside=True` the
    function runs without a transaction and may call other systems; it can then run again after a crash and must be
    safe to repeat.

    Raises:
        ValueError: another function has the kind.
    """

    def register(work: Callable[..., None]) -> Callable[..., None]:
        known = HANDLERS.get(kind)
        if known is not None and (known.work.__module__, known.work.__qualname__) != (
            work.__module__,
            work.__qualname__,
        ):
            raise ValueError(f"Two handlers are registered for jobs of kind {kind}.")
        HANDLERS[kind] = Handler(kind, work, outside)
        return work

    return register


def every(kind: str, seconds: int) -> None:
    """Let a kind of job recur: one job per slot of `seconds`, each putting the next one in place."""
    RECURRING[kind] = seconds
