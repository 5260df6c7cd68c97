"""The thread's events that are not written yet, and how they are written: three statements for any number of events."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from openum.audit import context, rules
from openum.audit.events import Actor, Event, Recorded
from openum.audit.rules import Entry
from openum.db import plain
from openum.db.transactions import one_at_a_time
from openum.vocabulary.identifiers import new_uuid7

_ROWS_PER_STATEMENT = 50


@dataclass
class Pending:
    """The thread's rows that are not written yet, and the events whose followers have not run yet."""

    depth: int = 0
    rows: list[tuple[Entry, Callable[[], None]]] = field(default_factory=list)
    queue: deque[tuple[Event, Recorded]] = field(default_factory=deque)
    dispatching: bool = False


class _Local(threading.local):
    def __init__(self) -> None:
        self.pending = Pending()


_local = _Local()


@contextmanager
def batch() -> Iterator[None]:
    """Write all events recorded inside with three statements at the end. Opens a transaction when there is none."""
    if plain.database().in_atomic_block:
        with _scope():
            yield
    else:
        with transaction.atomic(), _scope():
            yield


@contextmanager
def _scope() -> Iterator[None]:
    pending = _local.pending
    pending.depth += 1
    try:
        yield
        if pending.depth == 1:
            flush()
    except BaseException:
        if pending.depth == 1:
            _local.pending = Pending()
        raise
    finally:
        pending.depth -= 1


def append(event: Event, *, chain: str, by: Actor, at: datetime) -> Recorded:
    """Put an event at the end of what waits to be written; only inside a batch."""
    recorded = Recorded(event_id=new_uuid7(), by=by, at=at)
    entry = Entry(
        event_id=recorded.event_id,
        chain=chain,
        type=type(event).__name__,
        schema_version=event.schema_version,
        case_id=event.case_id,
        actor_id=by.public_id,
        actor_kind=str(by.kind),
        at=at,
        request_id=context.request_id.get(),
        data=rules.canonical(event),
    )

    def survives() -> None:
        """Stand in the connection's list of commit hooks: a savepoint that is undone takes its hooks with it."""

    plain.database().on_commit(survives)
    _local.pending.rows.append((entry, survives))
    return recorded


def flush() -> None:
    """Write the events that wait in memory. Queries call this before they read events inside a transaction."""
    pending = _local.pending
    if not pending.rows:
        return
    rows, pending.rows = pending.rows, []
    alive = {id(hook) for _, hook, *_ in connection.run_on_commit}
    entries = [entry for entry, hook in rows if id(hook) in alive]
    if entries:
        _write(entries)


def _write(entries: Sequence[Entry]) -> None:
    chains = sorted({entry.chain for entry in entries})
    heads = _locked_heads(chains)
    values: list[tuple[Any, ...]] = []
    for entry in entries:
        seq, previous = heads.get(entry.chain, (0, rules.START))
        digest = rules.link(entry, previous_hash=previous)
        values.append(_row(entry, seq=seq + 1, previous=previous, digest=digest))
        heads[entry.chain] = (seq + 1, digest)
    _insert(
        "INSERT INTO audit_eventrow (event_id, chain, seq, type, schema_version, case_id, actor_id, actor_kind, at,"
        " request_id, data, previous_hash, hash) VALUES ",
        values,
    )
    _insert(
        "INSERT INTO audit_chainhead (chain, seq, hash) VALUES ",
        [(chain, *heads[chain]) for chain in chains],
        " ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
    )


def _locked_heads(chains: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Read the heads and keep others from extending the chains until the transaction ends.

    A transaction on SQLite is the only writer anyway. On PostgreSQL an advisory lock per chain also covers chains
    that have no head yet; the chains come sorted, so that two writers cannot wait for each other.
    """
    marks = ", ".join(["%s"] * len(chains))
    for chain in chains:
        one_at_a_time(chain)
    rows = plain.execute(f"SELECT chain, seq, hash FROM audit_chainhead WHERE chain IN ({marks})", chains)
    return {chain: (seq, digest) for chain, seq, digest in rows}


def _row(entry: Entry, *, seq: int, previous: str, digest: str) -> tuple[Any, ...]:
    live = plain.database()
    if live.vendor == "sqlite":
        event_id: Any = entry.event_id.hex
        case_id: Any = entry.case_id.hex if entry.case_id else None
        actor_id: Any = entry.actor_id.hex
    else:
        event_id, case_id, actor_id = entry.event_id, entry.case_id, entry.actor_id
    at = live.ops.adapt_datetimefield_value(entry.at)
    return (
        event_id, entry.chain, seq, entry.type, entry.schema_version, case_id, actor_id, entry.actor_kind, at,
        entry.request_id, entry.data, previous, digest,
    )  # fmt: skip


def _insert(head: str, rows: Sequence[tuple[Any, ...]], tail: str = "") -> None:
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        part = rows[start : start + _ROWS_PER_STATEMENT]
        marks = "(" + ", ".join(["%s"] * len(part[0])) + ")"
        plain.execute(head + ", ".join([marks] * len(part)) + tail, [value for row in part for value in row])


def pending() -> Pending:
    """Return what the thread has recorded and not yet written."""
    return _local.pending
