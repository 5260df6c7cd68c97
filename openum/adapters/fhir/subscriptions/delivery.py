"""Send what is due to one listener, in order, event after event, until nothing waits or the listener fails.

The row is claimed with a fence and a lease: two senders never send to one listener at once, and what a killed one had
not written down is sent again. So every event arrives at least once, in the order of its number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, perf_counter
from uuid import UUID

import structlog

from openum import audit
from openum.adapters.fhir.pas.response import to_bytes
from openum.adapters.fhir.subscriptions import notifications, rules, sending, services
from openum.adapters.fhir.subscriptions.models import Subscription, SubscriptionEvent
from openum.adapters.fhir.subscriptions.queries import events_between
from openum.adapters.sandbox.recorder import record_sent

log = structlog.get_logger("openum.subscriptions")


@dataclass(frozen=True, kw_only=True)
class _Parcel:
    """What is to be sent next: its kind, and the events it carries."""

    kind: str
    events: Sequence[SubscriptionEvent] = ()


def deliver(public_id: UUID, *, at: datetime, post: sending.Post = sending.post) -> int:
    """Send what is due to one listener; return how many notifications it took."""
    row = services.claim(subscription_id=public_id, at=at)
    taken = 0
    while row is not None:
        parcel = _next(row, at)
        if parcel is None:
            services.note_nothing_to_send(subscription=row, at=at)
            break
        started = monotonic()
        try:
            _post(row, parcel, at=at, post=post)
        except sending.NotTaken as failure:
            services.note_failure(subscription=row, error=str(failure), at=at)
            break
        except Exception as error:  # noqa: BLE001 - whatever hinders one notification must not hold the row claimed
            log.error("notification could not be built", error=type(error).__name__)
            services.note_failure(subscription=row, error=type(error).__name__, at=at)
            break
        taken += 1
        through = parcel.events[-1].number if parcel.events else row.delivered_number
        sent = services.Sent(through=through, seconds=monotonic() - started)
        goes_on = taken < rules.MOST_IN_A_ROW and through < row.last_number
        row = services.note_sent(subscription=row, sent=sent, keep=goes_on, at=at)
        if not goes_on:
            break
    return taken


def _next(row: Subscription, at: datetime) -> _Parcel | None:
    if row.status == Subscription.REQUESTED:
        return _Parcel(kind=notifications.HANDSHAKE)
    if row.status != Subscription.ACTIVE:
        return None
    if row.delivered_number < row.last_number:
        first = row.delivered_number + 1
        events = events_between(row, first=first, last=row.last_number, most=row.max_count)
        return _Parcel(kind=notifications.EVENTS, events=events)
    beat = timedelta(seconds=row.heartbeat_seconds) if row.heartbeat_seconds is not None else None
    is_silent = beat is not None and (row.last_sent_at is None or row.last_sent_at + beat <= at)
    has_ended = row.ends_at is not None and at >= row.ends_at
    return _Parcel(kind=notifications.HEARTBEAT) if is_silent and not has_ended else None


def _post(row: Subscription, parcel: _Parcel, *, at: datetime, post: sending.Post) -> None:
    body = to_bytes(notifications.notification(row, parcel.kind, at=at, events=parcel.events))
    if parcel.events and row.content == "full-resource":
        audit.record_reads(
            by=row.client.user,
            at=at,
            case_ids=list(dict.fromkeys(event.case.public_id for event in parcel.events)),
            why="FHIR notification",
        )
    kind = str(row.resource.get("channel", {}).get("payload") or "application/fhir+json")
    started, status = perf_counter(), None
    try:
        post(row.endpoint, [("Content-Type", kind), *row.headers], body, float(row.timeout_seconds))
        status = 200  # the listener took it; which 2xx it said is not told
    finally:
        record_sent(
            client=row.client, method="POST", address=row.endpoint, body=body, status=status, answer=b"",
            started=started, at=at,
        )  # fmt: skip
