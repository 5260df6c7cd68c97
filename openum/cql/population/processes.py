"""Work on many items in several processes: in order, in bounded memory, and never stopped by one item."""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_ON_THE_WAY: Final = 2  # chunks a process


def in_processes(
    items: Iterable[Item],
    *,
    start: Callable[[Any], None],
    given: Any,
    work: Callable[[list[Item]], list[Result]],
    lost: Callable[[Item], Result],
    processes: int,
    chunk: int,
) -> Iterator[Result]:
    """Yield the result of each item, in the order of the items.

    Items are read as they are needed. When a process dies, its chunk is tried again item by item, each in a process of
    its own, and the item that kills it gets the result `lost` makes.

    Args:
        items: any number, as an iterator too.
        start: a function of a module, run once in each process.
        given: what `start` is called with; it travels once to each process.
        work: a function of a module that takes a chunk and returns a result for each item.
        lost: makes the result of an item whose process died; called here.
        processes: how many.
        chunk: items that travel together.
    """
    return iter(_Run(iter(items), start, given, work, lost, processes, chunk))


@dataclass
class _Run(Generic[Item, Result]):
    items: Iterator[Item]
    start: Callable[[Any], None]
    given: Any
    work: Callable[[list[Item]], list[Result]]
    lost: Callable[[Item], Result]
    processes: int
    chunk: int

    def __iter__(self) -> Iterator[Result]:
        waiting: deque[tuple[list[Item], Future[list[Result]]]] = deque()
        pool = self._pool(self.processes)
        try:
            while True:
                while len(waiting) < _ON_THE_WAY * self.processes and (part := list(islice(self.items, self.chunk))):
                    waiting.append((part, self._given_to(pool, part)))
                if not waiting:
                    return
                part, future = waiting.popleft()
                try:
                    found = future.result()
                except BrokenProcessPool:
                    pool.shutdown(wait=False, cancel_futures=True)
                    found = [self._alone(item) for item in part]
                    pool = self._pool(self.processes)
                    waiting = deque((other, self._given_to(pool, other)) for other, _ in waiting)
                yield from found
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _given_to(self, pool: ProcessPoolExecutor, part: list[Item]) -> Future[list[Result]]:
        """Give a chunk to the pool; when a process of it has died just now, the future says so as an earlier one does."""
        try:
            return pool.submit(self.work, part)
        except BrokenProcessPool as broken:
            lost: Future[list[Result]] = Future()
            lost.set_exception(broken)
            return lost

    def _pool(self, count: int) -> ProcessPoolExecutor:
        """Open a pool whose processes are started afresh: a fork of a process with threads may stand still."""
        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        return ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(self.start, self.given))

    def _alone(self, item: Item) -> Result:
        """Work on one item in a process of its own."""
        with self._pool(1) as pool:
            try:
                return pool.submit(self.work, [item]).result()[0]
            except BrokenProcessPool:
                return self.lost(item)


def _begin(start: Callable[[Any], None], given: Any) -> None:
    """Prepare a process; what lives as long as it does is no work for the collector."""
    start(given)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
