"""What happened to a request, as far as a deadline cares. Facts are never changed; a correction replaces one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from openum.vocabulary.sentences import sentence


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
    PEER_TO_PEER_ASKED = "peer_to_peer_asked"
    PEER_TO_PEER_OFFERED = "peer_to_peer_offered"
    PEER_TO_PEER_HELD = "peer_to_peer_held"
    DECIDED = "decided"
    REOPENED = "reopened"
    NOTICE_SENT = "notice_sent"
    ORAL_NOTICE = "oral_notice"
    EXPEDITE_REFUSAL_SENT = "expedite_refusal_sent"
    EXTENSION_LETTER_SENT = "extension_letter_sent"
    PRELIMINARY_REVIEW_DONE = "preliminary_review_done"
    AFFIRMED = "affirmed"
    TIME_EXPIRED = "time_expired"
    FORWARDED = "forwarded"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    EFFECTUATED = "effectuated"
    FILED = "filed"
    WITHDRAWN = "withdrawn"
    TAKEN_BACK = "taken_back"
    # plain values: `value` holds the number or the date; the instant is when it became so
    RATING_PERIOD_START = "rating_period_start"
    LEVELS = "levels"
    STATE_WINDOW_DAYS = "state_window_days"
    CONTRACTED = "contracted"
    OVERTURNED = "overturned"
    PART_B_DRUG = "part_b_drug"
    SPECIALTY_REVIEW = "specialty_review"
    MEDICAID_ONLY = "medicaid_only"
    FAIR_HEARING = "fair_hearing"
    CLINICAL_TRIAL = "clinical_trial"
    PHARMACY_DRUG = "pharmacy_drug"
    AFTER_STABILIZATION = "after_stabilization"
    NOT_AFTER_STABILIZATION = "not_after_stabilization"


EVENT_WORDS: dict[FactKind, str] = {
    FactKind.RECEIVED: sentence("receipt of the request"),
    FactKind.INFO_REQUESTED: sentence("the request for information"),
    FactKind.INFO_RECEIVED: sentence("receipt of the information"),
    FactKind.UPGRADED: sentence("the request to expedite"),
    FactKind.DOWNGRADED: sentence("the refusal to expedite"),
    FactKind.SUPPORTING_STATEMENT_RECEIVED: sentence("receipt of the prescriber's supporting statement"),
    FactKind.NOTICE_RECEIVED: sentence("receipt of the notice"),
    FactKind.EFFECTIVE_DATE: sentence("the day on which the change takes effect"),
    FactKind.EXTENSION_TAKEN: sentence("the extension"),
    FactKind.EXTENSION_LETTER_SENT: sentence("the extension letter"),
    FactKind.EXPEDITE_REFUSAL_SENT: sentence("the letter about the refusal to expedite"),
    FactKind.PEER_TO_PEER_ASKED: sentence("the clinician's request to talk"),
    FactKind.PEER_TO_PEER_OFFERED: sentence("the peer-to-peer offer"),
    FactKind.PEER_TO_PEER_HELD: sentence("the peer-to-peer conversation"),
    FactKind.PRELIMINARY_REVIEW_DONE: sentence("the preliminary review"),
    FactKind.DECIDED: sentence("the decision"),
    FactKind.REOPENED: sentence("the reopening"),
    FactKind.NOTICE_SENT: sentence("the notice"),
    FactKind.ORAL_NOTICE: sentence("the oral notice"),
    FactKind.AFFIRMED: sentence("the affirmation"),
    FactKind.TIME_EXPIRED: sentence("the end of the time to decide"),
    FactKind.FORWARDED: sentence("sending the file"),
    FactKind.EFFECTUATED: sentence("carrying it out"),
    FactKind.ACKNOWLEDGED: sentence("the acknowledgement"),
    FactKind.ASSIGNED: sentence("the assignment of the independent reviewer"),
    FactKind.OVERTURNED: sentence("the reversal"),
    FactKind.FILED: sentence("filing"),
    FactKind.WITHDRAWN: sentence("the withdrawal"),
    FactKind.NOT_AFTER_STABILIZATION: sentence("the word that this is no care after stabilization"),
    FactKind.TAKEN_BACK: sentence("taking it back"),
}
"""What people call the events that start and stop clocks."""


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


def first(facts: Iterable[Fact], kind: FactKind, *, since: datetime | None = None, reason: str = "") -> Fact | None:
    """Return the first fact given of a kind (at or after `since`, and with the reason if one is named), or None."""
    for fact in facts:
        if fact.kind is kind and (since is None or fact.at >= since) and (not reason or fact.reason == reason):
            return fact
    return None


def last(facts: Sequence[Fact], *kinds: FactKind) -> Fact | None:
    """Return the latest fact of the given kinds, or None."""
    for fact in reversed(facts):
        if fact.kind in kinds:
            return fact
    return None


SWITCHES = (FactKind.UPGRADED, FactKind.DOWNGRADED)
"""The events after which another row governs."""


def plain_value(facts: Sequence[Fact], kind: FactKind) -> int | date | None:
    """Return the latest plain value of a kind, or None when nothing is known."""
    fact = last(facts, kind)
    return None if fact is None else fact.value
