"""Work on the database beside a browser's event loop."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")


def in_own_thread(work: Callable[..., Result], *arguments: object) -> Result:
    """Do work in a thread of its own, and leave no connection behind.

    Beside an event loop Django opens a second connection, and two must not write at once in one thread.
    """

    def run() -> Result:
        try:
            return work(*arguments)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()
