"""How conversations, free times and windows show: to the practice, the physician, the coordinator and on the decision page."""

from datetime import datetime
from typing import Any

from openum.accounts.models import User
from openum.accounts.queries import reviewer_facts
from openum.cases.models import ServiceLine
from openum.design.clock import Face
from openum.design.moments import clock_time, day, local_day, moment, short_moment
from openum.review import queries
from openum.review.looks import conversation_look
from openum.review.models import PeerToPeer, PeerToPeerSlot
from openum.review.rules.offers import STILL_OPEN, opportunity
from openum.review.terms import terms_of


def row_of(item: PeerToPeer, zone: str = "") -> dict[str, Any]:
    """Return one conversation for a list, its times in a zone (the plan's unless given)."""
    words, shape, tone = conversation_look(item.state)
    zone = zone or item.case.plan.time_zone
    return {
        "conversation": item,
        "state": words,
        "shape": shape,
        "tone": tone,
        "when": moment(item.slot.starts_at, zone) if item.slot else "",
        "short_when": short_moment(item.slot.starts_at, zone) if item.slot else "",
        "offered": short_moment(item.offered_at, zone),
        "until": short_moment(item.open_until, zone),
    }


def window_of(item: PeerToPeer, *, at: datetime) -> Face | None:
    """Return the countdown of an offer's window; None where it has no end, is over, or was answered in writing."""
    if item.state not in {PeerToPeer.OFFERED, PeerToPeer.BOOKED} or item.open_until is None or item.open_until <= at:
        return None
    return Face(
        started_at=item.offered_at, due_at=item.open_until, now=at, zone=item.case.plan.time_zone, ball="provider",
        rule=terms_of(item.line, at=at)[0].citation, purpose="Peer-to-peer", stopped_at=None, in_time=True,
    )  # fmt: skip


def countdown(line: ServiceLine, *, at: datetime) -> dict[str, Any]:
    """Return what the decision page says of the opportunity to talk: whether a no must wait, until when, under which law."""
    terms, _ = terms_of(line, at=at)
    talks = queries.conversations_of(line)
    current = next((item for item in talks if item.is_open), None)
    return {
        "comes_first": terms.comes_first,
        "must_wait": opportunity(terms, queries.talk_facts(line), at=at) in STILL_OPEN,
        "law": terms.citation,
        "is_unsure": not terms.source_verified,
        "face": window_of(current, at=at) if current else None,
        "until": moment(current.open_until, line.case.plan.time_zone) if current else "",
    }


def physician_facts(physician: User, *, line: ServiceLine, at: datetime) -> dict[str, Any]:
    """Return what a practice sees of a physician before it books: field and states of valid licences, and how they fit."""
    facts = reviewer_facts(physician)
    on = local_day(at, line.case.product.time_zone)
    states = sorted({item.state for item in facts.licences if item.is_valid(on=on) and item.kind == "physician"})
    wanted = line.case.product.state
    return {
        "name": physician.name,
        "specialties": ", ".join(sorted(facts.specialties)),
        "states": ", ".join(states),
        "is_own_field": bool(line.specialty) and line.specialty in facts.specialties,
        "is_licensed_here": not wanted or wanted in states,
    }


def free_days(conversation: PeerToPeer, *, zone: str, at: datetime, most: int = 36) -> list[dict[str, Any]]:
    """Return bookable times by day in a zone, those of the line's own field first; each with its physician's facts."""
    slots = queries.free_slots(conversation=conversation, at=at)[:most]
    known: dict[int, dict[str, Any]] = {}
    days: dict[str, list[dict[str, Any]]] = {}
    for slot in slots:
        if slot.physician_id not in known:
            known[slot.physician_id] = physician_facts(slot.physician, line=conversation.line, at=at)
        words = moment(slot.starts_at, zone)
        days.setdefault(day(local_day(slot.starts_at, zone)), []).append(
            {"slot": slot, "starts": words, "who": known[slot.physician_id]}
        )
    return [{"day": name, "slots": rows} for name, rows in days.items()]


def calendar_days(slots: list[PeerToPeerSlot], zone: str) -> list[dict[str, Any]]:
    """Return a physician's own times by day."""
    days: dict[str, list[dict[str, Any]]] = {}
    for slot in slots:
        taken = getattr(slot, "conversation", None)
        days.setdefault(day(local_day(slot.starts_at, zone)), []).append(
            {"slot": slot, "starts": clock_time(slot.starts_at, zone), "conversation": taken}
        )
    return [{"day": name, "slots": rows} for name, rows in days.items()]
