"""Figures over very many rows, kept for a minute: counting a hundred thousand rows costs more than a whole page.

Of few rows nothing is kept, so that a change shows at once where a person could tell.
"""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

Figures = TypeVar("Figures")
LEAST_ROWS: Final = 10_000
"""Figures over fewer rows are counted every time."""
SECONDS: Final = 60.0
_MOST: Final = 500
_kept: dict[Hashable, tuple[float, Any]] = {}
_lock = threading.Lock()


def kept_when_large(
    key: Hashable, count: Callable[[], Figures], *, rows_of: Callable[[Figures], int], elapsed: float | None = None
) -> Figures:
    """Return figures, counted now or at most SECONDS ago in this process.

    Args:
        key: tells what is counted, for whom.
        count: counts them.
        rows_of: how many rows they were counted over; below LEAST_ROWS they are not kept.
        elapsed: seconds on a clock that only goes on; the computer's own unless told.
    """
    moment = time.monotonic() if elapsed is None else elapsed
    found = _kept.get(key)
    if found is not None and moment - found[0] < SECONDS:
        kept: Figures = found[1]
        return kept
    figures = count()
    with _lock:
        if rows_of(figures) >= LEAST_ROWS:
            if len(_kept) >= _MOST:
                _kept.clear()
            _kept[key] = (moment, figures)
        else:
            _kept.pop(key, None)
    return figures
