"""How quickly systems are answered, and how many of their calls fail, for the page of who keeps the connections.

Each process counts for a minute and then adds its counts to the hour, so that a call costs no statement. What a process
counted in its last minute is lost when it ends; the page says what it is: a measure, no record.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, Sum

from openum.accounts.models import ApiClient, CallPace

BOUNDS: Final = (25, 50, 100, 200, 400, 800, 1_500, 3_000, 10_000, 60_000)
"""Milliseconds; a call that took longer than the last is counted there."""
SLOW: Final = 1_500
"""Milliseconds within which 95 of 100 calls should be answered; a system above it is marked."""
COUNTED: Final = timedelta(hours=24)
KEPT_FOR: Final = timedelta(days=30)
EVERY: Final = 60.0
"""Seconds between two writings of a process."""
FAILED: Final = 400
log = structlog.get_logger("openum.connections")

_Key = tuple[int, datetime, int]


class Counts:
    """The counts of one process that are not written yet."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._calls: Counter[_Key] = Counter()
        self._failed: Counter[_Key] = Counter()
        self._written = time.monotonic()

    def note(self, client: ApiClient, *, seconds: float, status: int, at: datetime) -> None:
        """Count one call of a client, and write the counts where a minute has passed.

        A database that does not answer loses counts, never the answer to the call.
        """
        hour = at.replace(minute=0, second=0, microsecond=0)
        key = (client.pk, hour, bound_of(seconds * 1000))
        with self._lock:
            self._calls[key] += 1
            self._failed[key] += status >= FAILED
            is_due = time.monotonic() - self._written >= EVERY
        if is_due:
            self.write(at=at)

    def write(self, *, at: datetime) -> None:
        """Add what was counted to the hours, and forget hours of more than a month ago."""
        with self._lock:
            calls, failed = self._calls, self._failed
            self._calls, self._failed, self._written = Counter(), Counter(), time.monotonic()
        try:
            for key in sorted(calls):
                _add(key, calls=calls[key], failed=failed[key])
            CallPace.objects.filter(hour__lt=at - KEPT_FOR).delete()
        except DatabaseError:
            log.error("the pace of calls was not written")


def _add(key: _Key, *, calls: int, failed: int) -> None:
    client_id, hour, within = key
    row = CallPace.objects.filter(client_id=client_id, hour=hour, within=within)
    more = {"calls": F("calls") + calls, "failed": F("failed") + failed}
    if row.update(**more):
        return
    try:
        with transaction.atomic():
            CallPace.objects.create(client_id=client_id, hour=hour, within=within, calls=calls, failed=failed)
    except IntegrityError:  # another process made the row in between
        row.update(**more)


def bound_of(milliseconds: float) -> int:
    """Return the class of a time."""
    return next((bound for bound in BOUNDS if milliseconds <= bound), BOUNDS[-1])


@dataclass(frozen=True, kw_only=True)
class Pace:
    """The calls of one system in the last day.

    Attributes:
        half_within, most_within: milliseconds within which half, and 95 of 100, were answered.
    """

    calls: int
    failed: int
    half_within: int
    most_within: int

    @property
    def is_slow(self) -> bool:
        """Say whether more than 5 of 100 took longer than they should."""
        return self.most_within > SLOW

    @property
    def failed_percent(self) -> int:
        """Failed ones in a hundred, rounded up: one failure never shows as none."""
        return -(-100 * self.failed // self.calls)


def pace_from(rows: Iterable[tuple[int, int, int]]) -> Pace:
    """Build the pace of counts by class: bound in milliseconds, calls, failed ones."""
    counts = sorted(rows)
    whole = sum(calls for _within, calls, _failed in counts)

    def within(share: float) -> int:
        reached = 0
        for bound, calls, _failed in counts:
            reached += calls
            if reached >= share * whole:
                return bound
        return BOUNDS[-1]

    return Pace(
        calls=whole,
        failed=sum(failed for *_others, failed in counts),
        half_within=within(0.5),
        most_within=within(0.95),
    )


def pace_of(clients: Sequence[ApiClient], *, at: datetime) -> dict[int, Pace]:
    """Return how quickly clients were answered in the last day, by their primary keys; without calls there is none."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    rows = (
        CallPace.objects.filter(client__in=clients, hour__gt=at - COUNTED, hour__lte=at)
        .values_list("client_id", "within")
        .annotate(all_calls=Sum("calls"), all_failed=Sum("failed"))
        .order_by("client_id", "within")
    )
    for client_id, within, calls, failed in rows:
        found.setdefault(client_id, []).append((within, calls, failed))
    return {client_id: pace_from(counts) for client_id, counts in found.items()}


counts: Final = Counts()
"""Those of this process."""
