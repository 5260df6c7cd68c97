"""Do the work that is due.

Claim: one UPDATE … RETURNING takes due jobs, counts the attempt, raises the fence and sets a lease in real time.
Finish: the handler's writes and ``state = done WHERE fence = mine`` commit together; no row means that another worker
took the job over after our lease ended, and everything is undone. So a killed worker loses nothing and doubles nothing.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import structlog
from django.db import connection, transaction

from openum.jobs import registry, rules
from openum.jobs.services import enqueue
from openum.vocabulary.errors import OpenUMError

log = structlog.get_logger("openum.jobs")


class LostLease(Exception):
    """Another worker has taken the job over; what was done for it is undone."""


@dataclass(frozen=True)
class Claim:
    """A job in our hands until its lease ends."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempt: int
    fence: int
    dedupe_key: str | None


def run_due(at: datetime, limit: int = 50) -> int:
    """Run up to `limit` jobs that are due at `at`, one after the other; return how many were run."""
    done = 0
    while done < limit:
        claims = _claim(at, limit=1)
        if not claims:
            break
        for claim in claims:
            _run(claim, at)
            done += 1
    return done


def work(
    *,
    now: Callable[[], datetime],
    stop: threading.Event,
    idle_seconds: float = 0.25,
    tick: Callable[[], None] | None = None,
) -> None:
    """Run jobs until `stop` is set. `tick` is called once per round, for the supervisor's heartbeat."""
    last_check = float("-inf")
    while not stop.is_set():
        at = now()
        if time.monotonic() - last_check > 10:
            put_recurring_in_place(at)
            last_check = time.monotonic()
        if tick is not None:
            tick()
        if run_due(at, limit=1) == 0:
            stop.wait(idle_seconds)


def put_recurring_in_place(at: datetime) -> None:
    """See to it that every recurring kind has its next job, also after the clock was moved back."""
    for kind, seconds in registry.RECURRING.items():
        slot = rules.next_slot(at, seconds=seconds)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM jobs_job WHERE kind = %s AND state IN ('waiting', 'running') AND run_at <= %s LIMIT 1",
                [kind, connection.ops.adapt_datetimefield_value(slot)],
            )
            if cursor.fetchone():
                continue
        with transaction.atomic():
            enqueue(kind, {}, run_at=slot, dedupe_key=rules.slot_key(kind, slot))


_DUE = "state IN ('waiting', 'running') AND run_at <= %s AND (state = 'waiting' OR lease_until_us < %s)"


def _claim(at: datetime, *, limit: int) -> list[Claim]:
    due_at, real_us = connection.ops.adapt_datetimefield_value(at), time.time_ns() // 1000
    lease = real_us + rules.LEASE_SECONDS * 1_000_000
    skip = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM jobs_job WHERE {_DUE} LIMIT 1", [due_at, real_us])
        if cursor.fetchone() is None:
            return []  # a look costs no write lock
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_job SET state = 'running', attempt = attempt + 1, fence = fence + 1, lease_until_us = %s"
            f" WHERE id IN (SELECT id FROM jobs_job WHERE {_DUE} ORDER BY run_at, id LIMIT %s{skip})"
            " RETURNING id, kind, payload, attempt, fence, dedupe_key",
            [lease, due_at, real_us, limit],
        )
        rows = cursor.fetchall()
    return [
        Claim(id_, kind, _decoded(payload), attempt, fence, key) for id_, kind, payload, attempt, fence, key in rows
    ]


def _decoded(payload: Any) -> dict[str, Any]:
    decoded: dict[str, Any] = orjson.loads(payload) if isinstance(payload, (str, bytes)) else payload
    return decoded


def _run(claim: Claim, at: datetime) -> None:
    known = registry.HANDLERS.get(claim.kind)
    structlog.contextvars.bind_contextvars(job=claim.id, kind=claim.kind, attempt=claim.attempt)
    try:
        if known is None:
            raise LookupError(claim.kind)
        if claim.attempt > rules.MOST_ATTEMPTS:  # it has killed its worker again and again
            _give_up(claim, "too many attempts")
            return
        if known.outside:
            known.work(claim.payload, at=at)
        with transaction.atomic():
            if not known.outside:
                known.work(claim.payload, at=at)
            _finish(claim, at)
    except LostLease:
        log.warning("job was taken over")
    except Exception as error:  # noqa: BLE001 a worker outlives every job
        _put_back(claim, at, error)
    finally:
        structlog.contextvars.unbind_contextvars("job", "kind", "attempt")


def _finish(claim: Claim, at: datetime) -> None:
    seconds = registry.RECURRING.get(claim.kind)
    with connection.cursor() as cursor:
        if seconds is None or claim.dedupe_key is None:
            cursor.execute(
                "UPDATE jobs_job SET state = 'done', finished_at = %s, last_error = '' WHERE id = %s AND fence = %s",
                [connection.ops.adapt_datetimefield_value(at), claim.id, claim.fence],
            )
        else:  # a recurring job makes room for its successor
            cursor.execute("DELETE FROM jobs_job WHERE id = %s AND fence = %s", [claim.id, claim.fence])
        if cursor.rowcount != 1:
            raise LostLease
    if seconds is not None and claim.dedupe_key is not None:
        slot = rules.next_slot(at, seconds=seconds)
        enqueue(claim.kind, {}, run_at=slot, dedupe_key=rules.slot_key(claim.kind, slot))


def _put_back(claim: Claim, at: datetime, error: Exception) -> None:
    name = type(error).__qualname__ + (f" {error.code}" if isinstance(error, OpenUMError) else "")
    if claim.attempt >= rules.MOST_ATTEMPTS and claim.kind not in registry.RECURRING:
        _give_up(claim, name)
        return
    log.warning("job failed and will be tried again", exc_info=error)
    run_at = connection.ops.adapt_datetimefield_value(at + rules.retry_after(claim.attempt))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_job SET state = 'waiting', run_at = %s, last_error = %s, lease_until_us = 0"
            " WHERE id = %s AND fence = %s",
            [run_at, name, claim.id, claim.fence],
        )


def _give_up(claim: Claim, reason: str) -> None:
    log.error("job is dead", error=reason)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_job SET state = 'dead', last_error = %s, lease_until_us = 0 WHERE id = %s AND fence = %s",
            [reason, claim.id, claim.fence],
        )
