"""When work is tried again, and when a recurring job is due. Pure."""

from datetime import UTC, datetime, timedelta

MOST_ATTEMPTS = 8
LEASE_SECONDS = 60


def retry_after(attempt: int) -> timedelta:
    """Return the wait after a failed attempt (1, 2, 3 …): 5 s, 10 s, 20 s … at most one hour."""
    return min(timedelta(seconds=5 * 2 ** min(attempt - 1, 10)), timedelta(hours=1))


def next_slot(at: datetime, *, seconds: int) -> datetime:
    """Return the first slot after `at`; slots lie `seconds` apart, counted from 1970."""
    passed = int(at.timestamp()) // seconds
    return datetime.fromtimestamp((passed + 1) * seconds, tz=UTC)


def slot_key(kind: str, slot: datetime) -> str:
    """Return the dedupe key of a recurring job, for example ``clocks.sweep@2026-11-21T10:05:00+00:00``."""
    return f"{kind}@{slot.astimezone(UTC).isoformat()}"
