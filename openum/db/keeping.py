"""Figures over very many rows, kept for a minute: counting a hundred thousand rows costs more than a whole page.

Whoever asks in the minute after gets them at once too, while they are counted anew behind. Of few rows nothing is kept, so
that a change shows at once where a person could tell.
"""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from functools import cache
from queue import SimpleQueue
from typing import Any, Final, TypeVar

from django.db import connection

Figures = TypeVar("Figures")
LEAST_ROWS: Final = 10_000
"""Figures over fewer rows are counted every time."""
SECONDS: Final = 60.0
_MOST: Final = 500
_kept: dict[Hashable, tuple[float, Any]] = {}
_being_counted: set[Hashable] = set()
_lock = threading.Lock()
_log = logging.getLogger(__name__)


_waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()


@cache
def _counter() -> threading.Thread:
    """Return the thread that counts anew: one figure after the other, resting as long as each took, so that pages go on."""

    def count_all() -> None:
        while True:
            work, began = _waiting.get(), time.monotonic()
            work()
            time.sleep(time.monotonic() - began)

    thread = threading.Thread(target=count_all, daemon=True, name="figures")
    thread.start()
    return thread


def _beside(work: Callable[[], None]) -> None:
    _counter()
    _waiting.put(work)


def kept_when_large(
    key: Hashable,
    count: Callable[[], Figures],
    *,
    rows_of: Callable[[Figures], int],
    elapsed: float | None = None,
    behind: Callable[[Callable[[], None]], None] = _beside,
) -> Figures:
    """Return figures, counted now or at most twice SECONDS ago in this process.

    Args:
        key: tells what is counted, for whom.
        count: counts them.
        rows_of: how many rows they were counted over; below LEAST_ROWS they are not kept.
        elapsed: seconds on a clock that only goes on; the computer's own unless told.
        behind: has something done while the caller goes on.
    """
    moment = time.monotonic() if elapsed is None else elapsed

    def counted() -> Figures:
        figures = count()
        with _lock:
            if rows_of(figures) >= LEAST_ROWS:
                if len(_kept) >= _MOST:
                    _kept.clear()
                _kept[key] = (moment, figures)
            else:
                _kept.pop(key, None)
        return figures

    def again() -> None:
        try:
            counted()
        except Exception as fault:  # noqa: BLE001 whatever it was, the figures kept so far are shown and the next asker counts
            _log.error("figures were not counted anew; who asks next counts them: %s", type(fault).__name__)
        finally:
            with _lock:
                _being_counted.discard(key)
            connection.close()

    found = _kept.get(key)
    if found is None or moment - found[0] >= 2 * SECONDS:
        return counted()
    if moment - found[0] >= SECONDS:
        with _lock:
            is_first = key not in _being_counted
            _being_counted.add(key)
        if is_first:
            behind(again)
    kept: Figures = found[1]
    return kept
