"""The only writer of subscriptions and their events."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from openum import audit, jobs
from openum.accounts.models import ApiClient
from openum.accounts.queries import rules_engine
from openum.adapters.fhir.subscriptions import rules
from openum.adapters.fhir.subscriptions.events import (
    SubscriptionCreated,
    SubscriptionDeleted,
    SubscriptionReplaced,
    SubscriptionStatusChanged,
)
from openum.adapters.fhir.subscriptions.models import Subscription, SubscriptionEvent
from openum.adapters.fhir.subscriptions.queries import identifiers_of_askers, listening_for, names_somebody
from openum.adapters.fhir.subscriptions.reading import Wanted
from openum.cases.models import Case, Request
from openum.vocabulary.errors import Conflict, Invalid

DELIVER = "subscriptions.deliver"
MOST_PER_CLIENT = 100


class TooManySubscriptions(Invalid):
    """A client has a bounded number of subscriptions."""

    code: ClassVar[str] = "too-many-subscriptions"


class VersionConflict(Conflict):
    """If-Match names another version than the present one (HTTP 412)."""

    code: ClassVar[str] = "version-conflict"
    status: ClassVar[int] = 412


def _wish(wanted: Wanted) -> dict[str, object]:
    """Return the columns a client chooses."""
    return {
        "resource": wanted.resource,
        "endpoint": wanted.endpoint,
        "headers": [list(one) for one in wanted.headers],
        "content": wanted.content,
        "filters": list(wanted.filters),
        "heartbeat_seconds": wanted.heartbeat_seconds,
        "timeout_seconds": wanted.timeout_seconds,
        "max_count": wanted.max_count,
        "ends_at": wanted.ends_at,
    }


@transaction.atomic
def create(*, client: ApiClient, base: str, server: str, wanted: Wanted, at: datetime) -> Subscription:
    """Keep a new subscription with status requested. Its handshake goes out after the answer is with the client.

    Raises:
        TooManySubscriptions: the client has its share.
    """
    held = Subscription.objects.filter(client=client, deleted_at__isnull=True).count()
    if held >= MOST_PER_CLIENT:
        raise TooManySubscriptions(
            f"A client may hold {MOST_PER_CLIENT} subscriptions. Delete those not used any more."
        )
    made = Subscription.objects.create(
        client=client, base=base, server=server, status=Subscription.REQUESTED, created_at=at, changed_at=at,
        next_at=at + rules.HANDSHAKE_DELAY, **_wish(wanted),
    )  # fmt: skip
    _send_later(made)
    audit.record(SubscriptionCreated(subscription_id=made.public_id), by=client.user, at=at)
    return made


@transaction.atomic
def replace(*, subscription: Subscription, wanted: Wanted, if_version: int | None, at: datetime) -> Subscription:
    """Change a subscription as its client asks; what was not delivered yet is kept. It must answer a handshake again.

    Raises:
        VersionConflict: it was changed meanwhile.
    """
    locked = Subscription.objects.select_for_update(of=("self",)).select_related("client__user").get(pk=subscription.pk)
    if if_version is not None and if_version != locked.version:
        raise VersionConflict("The subscription was changed meanwhile. Read it again and send the change again.")
    for name, value in _wish(wanted).items():
        setattr(locked, name, value)
    locked.status = Subscription.OFF if wanted.is_off else Subscription.REQUESTED
    locked.next_at = None if wanted.is_off else at + rules.HANDSHAKE_DELAY
    locked.version += 1
    locked.fence += 1  # whoever is sending now may finish, but not write
    locked.failures, locked.last_error, locked.is_slow, locked.lease_until_us = 0, "", False, 0
    locked.changed_at = at
    locked.save()
    if locked.next_at is not None:
        _send_later(locked)
    audit.record(SubscriptionReplaced(subscription_id=locked.public_id), by=locked.client.user, at=at)
    return locked


@transaction.atomic
def remove(*, subscription: Subscription, at: datetime) -> None:
    """Take a subscription away. Its numbered events stay with the record of what was told to whom."""
    locked = Subscription.objects.select_for_update(of=("self",)).select_related("client__user").get(pk=subscription.pk)
    if locked.deleted_at is not None:
        return
    locked.status, locked.next_at, locked.deleted_at, locked.changed_at = Subscription.OFF, None, at, at
    locked.fence += 1
    locked.version += 1
    locked.save(update_fields=["status", "next_at", "deleted_at", "changed_at", "fence", "version"])
    audit.record(SubscriptionDeleted(subscription_id=locked.public_id), by=locked.client.user, at=at)


def _send_later(subscription: Subscription) -> None:
    """Put a delivery in the job table, in the caller's transaction; the same one once."""
    if subscription.next_at is None:
        return
    jobs.enqueue(
        DELIVER,
        {"subscription": str(subscription.public_id)},
        run_at=subscription.next_at,
        dedupe_key=f"deliver:{subscription.public_id}:{subscription.fence}:{subscription.next_at.isoformat()}",
    )


@transaction.atomic
def tell(*, case: Case, cause: str, except_client: str, at: datetime) -> int:
    """Number one event for every subscription that a changed answer concerns; return how many there are.

    Args:
        cause: the same cause is told once.
        except_client: public id of the client that gets the change as its own answer, or empty.
    """
    request = Request.objects.filter(case=case).order_by("-received_at", "-pk").first()
    candidates = listening_for(case, except_client=UUID(except_client) if except_client else None)
    if request is None or not candidates:
        return 0
    held = identifiers_of_askers(case)
    told = 0
    for one in candidates:
        is_meant = rules.concerns(wanted=one.filters, held=held) or (
            one.client.plan.is_sandbox and not names_somebody(one.client, one.filters)
        )
        if is_meant and _number(one, case=case, request=request, cause=cause, at=at):
            told += 1
    return told


def _number(subscription: Subscription, *, case: Case, request: Request, cause: str, at: datetime) -> bool:
    locked = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if locked.deleted_at is not None or locked.status == Subscription.OFF:
        return False
    if locked.ends_at is not None and at >= locked.ends_at:
        return False
    if SubscriptionEvent.objects.filter(subscription=locked, cause=cause).exists():
        return False
    locked.last_number += 1
    SubscriptionEvent.objects.create(
        subscription=locked, number=locked.last_number, case=case, request=request, occurred_at=at, cause=cause
    )
    if locked.status == Subscription.ACTIVE and locked.failures == 0:
        locked.next_at = at
        _send_later(locked)
    locked.save(update_fields=["last_number", "next_at"])
    return True


def claim(*, subscription_id: UUID, at: datetime) -> Subscription | None:
    """Take a due subscription for one sender, or None when it is not due or somebody else has it."""
    real_us = time.time_ns() // 1000
    due = Q(next_at__lte=at, lease_until_us__lt=real_us, deleted_at__isnull=True, client__is_active=True)
    taken = Subscription.objects.filter(due, public_id=subscription_id).update(
        fence=F("fence") + 1, lease_until_us=real_us + rules.LEASE_SECONDS * 1_000_000
    )
    if not taken:
        return None
    return Subscription.objects.select_related("client", "client__user", "client__plan", "client__organization").get(
        public_id=subscription_id
    )


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a listener took: nothing but a sign of life, or events up to a number."""

    through: int
    seconds: float


def note_sent(*, subscription: Subscription, sent: Sent, keep: bool, at: datetime) -> Subscription | None:
    """Write down what the listener took; return the row to go on with, or None when it was taken from us.

    Args:
        keep: hold the claim, because more is to be sent at once.
    """
    with transaction.atomic():
        row = _ours(subscription)
        if row is None:
            return None
        before = row.status
        row.status = Subscription.ACTIVE
        row.delivered_number = max(row.delivered_number, sent.through)
        row.failures, row.last_error, row.is_slow = 0, "", sent.seconds > rules.SLOW_SECONDS
        row.last_sent_at = at
        _rest(row, at=at, keep=keep)
        row.save()
        if before != row.status:
            _record_change(row, before, at=at)
    return row


def note_failure(*, subscription: Subscription, error: str, at: datetime) -> None:
    """Write down a failed attempt and when the next one is; after too many in a row sending stops with status error."""
    with transaction.atomic():
        row = _ours(subscription)
        if row is None:
            return
        before = row.status
        row.failures += 1
        row.last_error, row.is_slow, row.lease_until_us = error, True, 0
        row.fence += 1
        if row.failures >= rules.MOST_FAILURES:
            row.status, row.next_at = Subscription.ERROR, None
        else:
            row.next_at = at + rules.retry_after(row.failures)
            _send_later(row)
        row.save()
        if before != row.status:
            _record_change(row, before, at=at)


def note_nothing_to_send(*, subscription: Subscription, at: datetime) -> None:
    """Let a claimed subscription rest, or end it when its time has come."""
    with transaction.atomic():
        row = _ours(subscription)
        if row is None:
            return
        before = row.status
        if row.ends_at is not None and at >= row.ends_at:
            row.status = Subscription.OFF
        _rest(row, at=at, keep=False)
        row.save()
        if before != row.status:
            _record_change(row, before, at=at)


def _ours(subscription: Subscription) -> Subscription | None:
    """Lock the row if the claim is still ours."""
    return (
        Subscription.objects.select_for_update(of=("self",))
        .select_related("client", "client__user", "client__plan", "client__organization")
        .filter(pk=subscription.pk, fence=subscription.fence, deleted_at__isnull=True)
        .first()
    )


def _rest(row: Subscription, *, at: datetime, keep: bool) -> None:
    """Say when something is to be sent next: events that wait, then a sign of life, then the end."""
    if keep:
        row.next_at = at
        row.lease_until_us = time.time_ns() // 1000 + rules.LEASE_SECONDS * 1_000_000
        return
    row.lease_until_us = 0
    row.fence += 1
    if row.status != Subscription.ACTIVE:
        row.next_at = None
        return
    if row.delivered_number < row.last_number:
        row.next_at = at
    elif row.heartbeat_seconds is not None:
        row.next_at = (row.last_sent_at or at) + timedelta(seconds=row.heartbeat_seconds)
    else:
        row.next_at = row.ends_at
    _send_later(row)


def _record_change(row: Subscription, before: str, *, at: datetime) -> None:
    audit.record(
        SubscriptionStatusChanged(subscription_id=row.public_id, before=before, after=row.status),
        by=rules_engine(),
        at=at,
    )


@transaction.atomic
def sweep(*, at: datetime) -> int:
    """Put deliveries in place that a crash may have lost; return how many there are."""
    real_us = time.time_ns() // 1000
    due = Subscription.objects.filter(next_at__lte=at, lease_until_us__lt=real_us, deleted_at__isnull=True)
    found = list(due.order_by("next_at", "pk")[:500])
    for row in found:
        jobs.enqueue(
            DELIVER,
            {"subscription": str(row.public_id)},
            run_at=at,
            dedupe_key=f"deliver:{row.public_id}:{row.fence}:swept:{at.isoformat()}",
        )
    return len(found)
