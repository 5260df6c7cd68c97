"""How a chain is linked and sealed. Pure."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import orjson

from openum.audit.events import Event

START = "0" * 64
"""The hash before the first event of every chain, and the mac before the first seal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One event ready to be linked into its chain."""

    event_id: UUID
    chain: str
    type: str
    schema_version: int
    case_id: UUID | None
    actor_id: UUID
    actor_kind: str
    at: datetime
    request_id: str
    data: str


def canonical(event: Event) -> str:
    """Return the event's fields as JSON with sorted keys: the same event gives the same text everywhere."""
    return orjson.dumps(event, default=str, option=orjson.OPT_SORT_KEYS).decode()


def chain_of(event: Event, *, at: datetime) -> str:
    """Return the chain an event belongs to: its case's, or the day's chain of everything else."""
    return f"case:{event.case_id}" if event.case_id is not None else f"other:{_day(at)}"


def reads_chain(*, actor_id: UUID, at: datetime) -> str:
    """Return the chain of one person's reads on one day (UTC)."""
    return f"reads:{actor_id}:{_day(at)}"


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def link(entry: Entry, *, previous_hash: str) -> str:
    """Return the hash of an event: SHA-256 over the hash before it and every field of its own.

    The place number is left out: the order is in the links, and so an event slipped in is found where it stands.
    """
    fields = [
        previous_hash, entry.event_id.hex, entry.chain, entry.type, entry.schema_version,
        entry.case_id.hex if entry.case_id else None, entry.actor_id.hex, entry.actor_kind,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"), entry.request_id, entry.data,
    ]  # fmt: skip
    return hashlib.sha256(orjson.dumps(fields)).hexdigest()


def seal(*, key: str, number: int, at: datetime, previous_mac: str, heads: Iterable[tuple[str, int, str]]) -> str:
    """Return the keyed hash of one sealing run: HMAC-SHA256 over its number, instant, predecessor and heads."""
    content = [number, at.astimezone(UTC).isoformat(timespec="microseconds"), previous_mac, sorted(heads)]
    return hmac.new(key.encode(), orjson.dumps(content), hashlib.sha256).hexdigest()
