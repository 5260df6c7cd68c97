"""The only writer of the audit tables.

`record` keeps the row in memory until the outermost `batch` (or the outermost `record`) of the thread ends, and then
writes all rows with three statements: lock the chains' heads, insert the events, move the heads. What follows an event
runs at once, first in, first out. All of it happens in the caller's transaction: if that is undone, so are the events.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from openum.audit import context, rules
from openum.audit.anchor import append_anchor
from openum.audit.catalogue import handlers_of
from openum.audit.events import Actor, CasesRead, Event, Recorded
from openum.audit.writing import Pending, append, batch, pending
from openum.db.transactions import one_at_a_time

__all__ = ["batch", "record", "record_reads", "seal_heads"]


def record(event: Event, *, by: Actor, at: datetime) -> Recorded:
    """Record an event and run what follows it, in the caller's transaction.

    Raises:
        NotRegistered: the event's class has no line in the lifecycle table.
        Whatever a handler raises: the caller's transaction is then undone as a whole.
    """
    handlers_of(type(event))
    chain = rules.chain_of(event, at=at)
    if pending().depth:
        return _record(event, chain, by, at)
    with batch():
        return _record(event, chain, by, at)


def _record(event: Event, chain: str, by: Actor, at: datetime) -> Recorded:
    recorded = append(event, chain=chain, by=by, at=at)
    waiting = pending()
    waiting.queue.append((event, recorded))
    if not waiting.dispatching:
        _dispatch(waiting)
    return recorded


def _dispatch(waiting: Pending) -> None:
    waiting.dispatching = True
    try:
        while waiting.queue:
            event, recorded = waiting.queue.popleft()
            for handler in handlers_of(type(event)):
                handler(event, recorded)
    finally:
        waiting.dispatching = False
        waiting.queue.clear()


def record_reads(
    *, by: Actor, at: datetime, case_ids: Sequence[UUID], why: str, request_id: str = ""
) -> Recorded | None:
    """Record that a person or client was shown these cases, once per request, after the data was fetched.

    Reads have a chain per person and day, so readers never wait for each other. Nothing shown, nothing recorded.
    """
    if not case_ids:
        return None
    event = CasesRead(case_ids=tuple(case_ids), why=why)
    chain = rules.reads_chain(actor_id=by.public_id, at=at)
    token = context.request_id.set(request_id) if request_id else None
    try:
        with batch():
            return append(event, chain=chain, by=by, at=at)
    finally:
        if token is not None:
            context.request_id.reset(token)


def seal_heads(at: datetime) -> int:
    """Seal every chain head that moved since its last seal; return how many. A job does this every minute."""
    from openum.audit.models import Seal, SealedHead

    with transaction.atomic():
        one_at_a_time("audit-seal")
        moved = _moved_heads()
        if not moved:
            return 0
        last = Seal.objects.order_by("-number").first()
        number, previous = (last.number + 1, last.mac) if last else (1, rules.START)
        mac = rules.seal(key=settings.OPENUM_SEAL_KEY, number=number, at=at, previous_mac=previous, heads=moved)
        Seal.objects.create(number=number, at=at, heads=len(moved), previous_mac=previous, mac=mac)
        SealedHead.objects.bulk_create(
            [SealedHead(seal_number=number, chain=chain, seq=seq, hash=digest) for chain, seq, digest in moved],
            batch_size=200,
        )
        transaction.on_commit(lambda: append_anchor(number=number, mac=mac))
    return len(moved)


def _moved_heads() -> list[tuple[str, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.chain, h.seq, h.hash FROM audit_chainhead h WHERE NOT EXISTS ("
            "SELECT 1 FROM audit_sealedhead s WHERE s.chain = h.chain AND s.seq = h.seq AND s.hash = h.hash)"
            " ORDER BY h.chain"
        )
        return [(chain, seq, digest) for chain, seq, digest in cursor.fetchall()]
