"""What happened to a request, as far as a deadline cares. Facts are never changed; a correction replaces one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class FactKind(StrEnum):
    """The events and values that start, move, pause or stop a clock."""

    RECEIVED = "received"
    INFO_REQUESTED = "info_requested"
    EXTENSION_TAKEN = "extension_taken"
    INFO_RECEIVED = "info_received"
    UPGRADED = "upgraded"
    DOWNGRADED = "downgraded"
    SUPPORTING_STATEMENT_RECEIVED = "supporting_statement_received"
    COURSE_ENDS = "course_ends"
    EFFECTIVE_DATE = "effective_date"
    NOTICE_RECEIVED = "notice_received"
    PEER_TO_PEER_OFFERED = "peer_to_peer_offered"
    PEER_TO_PEER_HELD = "peer_to_peer_held"
    DECIDED = "decided"
    NOTICE_SENT = "notice_sent"
    ORAL_NOTICE = "oral_notice"
    FORWARDED = "forwarded"
    EFFECTUATED = "effectuated"
    FILED = "filed"
    WITHDRAWN = "withdrawn"
    # plain values: `value` holds the number or the date; the instant is when it became so
    RATING_PERIOD_START = "rating_period_start"
    LEVELS = "levels"
    STATE_WINDOW_DAYS = "state_window_days"
    CONTRACTED = "contracted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that happened at an instant, and when we came to know it.

    Attributes:
        at: aware instant at which it happened (for example when the fax arrived).
        known_at: aware instant at which it was recorded; None means at once. Replay reads this one.
        days: calendar days taken, on an extension; None means as many as the law allows.
        respond_by: the time given to answer, on a request for information or an extension for it.
        reason: why, in a stable word (`info` on an extension for missing information).
        recipient: who was told, on a notice; empty means everybody who had to be told.
        channel: the road a notice took.
        lines: the lines it concerns; empty means all lines of the request.
        value: the number or date of a plain value.
        key, replaces: identity of this fact, and of an earlier one that it corrects.
    """

    kind: FactKind
    at: datetime
    known_at: datetime | None = None
    days: int | None = None
    respond_by: datetime | None = None
    reason: str = ""
    recipient: str = ""
    channel: str = ""
    lines: frozenset[str] = frozenset()
    value: int | date | None = None
    key: str = ""
    replaces: str = ""


def known_facts(facts: Iterable[Fact], as_known_at: datetime | None) -> list[Fact]:
    """Return the facts known at an instant (None: all), corrected ones left out, in the order they happened."""
    known = [
        fact
        for fact in facts
        if as_known_at is None or (fact.at if fact.known_at is None else fact.known_at) <= as_known_at
    ]
    replaced = {fact.replaces for fact in known if fact.replaces}
    if replaced:
        known = [fact for fact in known if fact.key not in replaced]
    if len(known) > 1:
        known.sort(key=_instant)
    return known


def _instant(fact: Fact) -> datetime:
    return fact.at


def first(facts: Sequence[Fact], kind: FactKind, *, since: datetime | None = None) -> Fact | None:
    """Return the earliest fact of a kind (at or after `since`), or None."""
    for fact in facts:
        if fact.kind is kind and (since is None or fact.at >= since):
            return fact
    return None


def last(facts: Sequence[Fact], *kinds: FactKind) -> Fact | None:
    """Return the latest fact of the given kinds, or None."""
    for fact in reversed(facts):
        if fact.kind in kinds:
            return fact
    return None


def plain_value(facts: Sequence[Fact], kind: FactKind) -> int | date | None:
    """Return the latest plain value of a kind, or None when nothing is known."""
    fact = last(facts, kind)
    return None if fact is None else fact.value
