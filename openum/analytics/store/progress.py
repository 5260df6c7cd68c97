"""How far the engine is with a file: asked every few seconds beside the work, so that short work says nothing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

EVERY: Final = 2.0
"""Seconds between two looks."""


@contextmanager
def watched(
    progress: Callable[[], float], went: Callable[[int], None] | None, *, every: float = EVERY
) -> Iterator[None]:
    """Tell, while the work inside goes on, how many percent of it are done, each number once and never a smaller one.

    Args:
        progress: percent done of the statement under way; below 0 while nothing is known.
        went: hears of each number, in a thread of its own; None: nobody listens.
        every: seconds between two looks.
    """
    if went is None:
        yield
        return
    is_over = threading.Event()

    def look() -> None:
        last = 0
        while not is_over.wait(every):
            percent = min(int(progress()), 99)
            if percent > last:
                last = percent
                went(percent)

    watcher = threading.Thread(target=look, daemon=True, name="progress")
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()
