"""Work on the database in threads: beside a browser's event loop, and several steps at one moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
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


def at_once(*steps: Callable[[], Result]) -> list[Result]:
    """Run steps as close together as threads allow, and return what each said."""
    start = Barrier(len(steps))

    def run(step: Callable[[], Result]) -> Result:
        try:
            start.wait(30)
            return step()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(steps)) as pool:
        return [each.result(60) for each in [pool.submit(run, step) for step in steps]]
