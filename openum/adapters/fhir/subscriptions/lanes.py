"""Threads of a worker process that send notifications, so that no job waits for somebody else's listener.

Listeners that were slow or failed the last time share lanes of their own: they wait for each other, never the others.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.db import close_old_connections

_LANES = 4
"""For each of the two kinds of listeners."""


class Lanes:
    """Two small pools of senders."""

    def __init__(self, send: Callable[[UUID], None]) -> None:
        """Open the lanes; `send` delivers to one listener."""
        self._send = send
        self._quick = ThreadPoolExecutor(_LANES, thread_name_prefix="listeners")
        self._slow = ThreadPoolExecutor(_LANES, thread_name_prefix="slow-listeners")
        self._waiting: set[UUID] = set()
        self._lock = threading.Lock()

    def take(self, public_id: UUID, *, is_slow: bool) -> None:
        """Queue a delivery; one that waits or runs already is not queued again."""
        with self._lock:
            if public_id in self._waiting:
                return
            self._waiting.add(public_id)
        (self._slow if is_slow else self._quick).submit(self._run, public_id)

    def _run(self, public_id: UUID) -> None:
        close_old_connections()
        with self._lock:
            self._waiting.discard(public_id)
        try:
            self._send(public_id)
        finally:
            close_old_connections()

    def close(self) -> None:
        """Finish what is being sent; the rest stays due in the database."""
        self._quick.shutdown(wait=True, cancel_futures=True)
        self._slow.shutdown(wait=True, cancel_futures=True)


_open: Lanes | None = None


def open_lanes(send: Callable[[UUID], None]) -> Lanes:
    """Open the lanes of this process."""
    global _open  # noqa: PLW0603 - one set of lanes a process
    _open = Lanes(send)
    return _open


def lanes() -> Lanes | None:
    """Return the lanes of this process, or None where deliveries run in the job itself (commands, tests)."""
    return _open


def close_lanes() -> None:
    """Close the lanes of this process."""
    global _open  # noqa: PLW0603
    if _open is not None:
        _open.close()
        _open = None
