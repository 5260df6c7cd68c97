"""What clocks do when something happens elsewhere. `openum/lifecycle` names these functions; each takes the event.

Events of higher folders are known here only by their fields.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.db import connection

from openum.audit import Recorded
from openum.cases import working
from openum.cases.events import (
    ContactAttempted,
    InformationReceived,
    InformationRequested,
    LineStatusChanged,
    ReceiptCorrected,
)
from openum.cases.models import Case, ContactAttempt, InformationRequest, Request, ServiceLine
from openum.cases.rules import ADVERSE_STATUSES, OPEN_STATUSES
from openum.clocks.events import ClockLapsed
from openum.clocks.rules.facts import FactKind
from openum.clocks.rules.rule import Missed, Recipient
from openum.clocks.services.actions import automatic_extension
from openum.clocks.services.recording import correct_received_at, record_facts, start_request
from openum.clocks.stored import NewFact
from openum.db.plain import fields_of, select
from openum.vocabulary.terms import Channel, LineStatus, PartyRole

_ENDS_UNOWED = frozenset(
    {
        LineStatus.WITHDRAWN,
        LineStatus.CANCELLED,
        LineStatus.NOT_REQUIRED,
        LineStatus.VOIDED_IN_ERROR,
        LineStatus.TRANSFERRED,
    }
)
_DECISION_LETTERS = frozenset({"approval", "partial-approval", "denial", "overturn", "reduction", "dismissal"})
_EXPEDITE_REFUSED = "expedite-refused"
_ELECTRONIC = frozenset({Channel.FHIR, Channel.PORTAL, Channel.X12})
_PROVIDER_SIDE = frozenset(
    {PartyRole.REQUESTER, PartyRole.ORDERING, PartyRole.TREATING, PartyRole.SERVICING, PartyRole.FACILITY}
)


class OfRequest(Protocol):
    """An event that names its request: CaseSubmitted, RequestAdded."""

    request_id: UUID


class OfLines(Protocol):
    """An event that names lines: LineDecided, LineReopened, PeerToPeerOffered, PeerToPeerHeld."""

    line_ids: tuple[UUID, ...]


class OfTalkAsked(OfLines, Protocol):
    """The ordering clinician asked to talk: PeerToPeerAsked."""

    owes_reconsideration: bool


class OfLetter(Protocol):
    """A letter's proof of sending: NoticeSent."""

    line_ids: tuple[UUID, ...]
    cause: str
    audience: str
    channel: str
    is_adverse: bool


def start_clocks(event: OfRequest, recorded: Recorded) -> None:
    """A request arrived: open its clocks. They count from its receipt, not from now."""
    request_id = _primary_key(event.request_id)
    start_request(request_id=request_id, by=recorded.by, at=recorded.at, event_id=recorded.event_id)


def pause_if_the_law_allows(event: InformationRequested, recorded: Recorded) -> None:
    """Information was asked for: the ball is with the provider; only some laws let the clock rest (with an extension)."""
    question = InformationRequest.objects.get(public_id=event.information_request_id)
    extension = automatic_extension(question.request_id, at=recorded.at)
    asked = NewFact(
        kind=FactKind.INFO_REQUESTED,
        at=recorded.at,
        respond_by=question.respond_by,
        line_ids=tuple(str(line) for line in event.line_ids),
    )
    facts = [asked] if extension is None else [asked, extension]
    record_facts(
        request_id=question.request_id, facts=facts, by=recorded.by, at=recorded.at, event_id=recorded.event_id
    )


def resume(event: InformationReceived, recorded: Recorded) -> None:
    """Information arrived: when no question of the request is open any more, the ball is back and the clock runs."""
    if not event.is_complete:
        return
    request_id = _primary_key(event.request_id)
    if InformationRequest.objects.filter(request_id=request_id, closed_at__isnull=True).exists():
        return
    fact = NewFact(kind=FactKind.INFO_RECEIVED, at=recorded.at)
    record_facts(request_id=request_id, facts=[fact], by=recorded.by, at=recorded.at, event_id=recorded.event_id)


def note_decision(event: OfLines, recorded: Recorded) -> None:
    """Lines were decided. Signing stops no clock to notify; an electronic answer is published with the commit.

    A sandbox plan sends no letters and calls nobody: its answer is all there is, and stops every clock.
    """
    for request_id, lines in _by_request(event.line_ids):
        is_adverse = any(line.status in ADVERSE_STATUSES for line in lines)
        ids = tuple(str(line.public_id) for line in lines)
        reason = "adverse" if is_adverse else "favourable"
        facts = [NewFact(kind=FactKind.DECIDED, at=recorded.at, reason=reason, line_ids=ids)]
        channel, is_sandbox = lines[0].channel, lines[0].is_sandbox
        if channel in _ELECTRONIC or is_sandbox:
            facts.append(
                NewFact(
                    kind=FactKind.NOTICE_SENT,
                    at=recorded.at,
                    reason=reason,
                    recipient="" if is_sandbox else Recipient.PROVIDER,
                    channel=channel,
                    line_ids=ids,
                )
            )
        if is_sandbox:
            facts.append(NewFact(kind=FactKind.ORAL_NOTICE, at=recorded.at, reason=reason, line_ids=ids))
        record_facts(request_id=request_id, facts=facts, by=recorded.by, at=recorded.at, event_id=recorded.event_id)


def stop_on_notice(event: OfLetter, recorded: Recorded) -> None:
    """A letter's sending is proved: decision letters stop the clocks that owe their reader a notice."""
    if event.cause == _EXPEDITE_REFUSED and event.audience == "member":
        _record_for_lines(event.line_ids, FactKind.EXPEDITE_REFUSAL_SENT, recorded)
    if event.cause not in _DECISION_LETTERS:
        return
    recipient = Recipient.PROVIDER if event.audience == "provider" else Recipient.ENROLLEE
    for request_id, lines in _by_request(event.line_ids):
        fact = NewFact(
            kind=FactKind.NOTICE_SENT,
            at=recorded.at,
            reason="adverse" if event.is_adverse else "favourable",
            recipient=recipient,
            channel=event.channel,
            line_ids=tuple(str(line.public_id) for line in lines),
        )
        record_facts(request_id=request_id, facts=[fact], by=recorded.by, at=recorded.at, event_id=recorded.event_id)


def note_contact(event: ContactAttempted, recorded: Recorded) -> None:
    """An oral notice that reached its person stops what may be told orally, and starts the clock of its letter."""
    if event.purpose != "oral notice" or event.outcome != "reached":
        return
    attempt = ContactAttempt.objects.select_related("party", "case").get(public_id=event.attempt_id)
    role = attempt.party.role if attempt.party else PartyRole.MEMBER
    recipient = Recipient.PROVIDER if role in _PROVIDER_SIDE else Recipient.ENROLLEE
    decided = ServiceLine.objects.filter(case=attempt.case).exclude(status__in=sorted(OPEN_STATUSES))
    if event.line_ids:
        decided = decided.filter(public_id__in=event.line_ids)
    for request_id, lines in _by_request(decided.values_list("public_id", flat=True)):
        fact = NewFact(
            kind=FactKind.ORAL_NOTICE,
            at=min(attempt.at, recorded.at),
            reason="adverse" if any(line.status in ADVERSE_STATUSES for line in lines) else "favourable",
            recipient=recipient,
            channel=attempt.channel,
            line_ids=tuple(str(line.public_id) for line in lines),
        )
        record_facts(request_id=request_id, facts=[fact], by=recorded.by, at=recorded.at, event_id=recorded.event_id)


def end_with_line(event: LineStatusChanged, recorded: Recorded) -> None:
    """A line ended without a decision being owed (withdrawn, cancelled, not required): its clocks end with it."""
    if event.after in _ENDS_UNOWED:
        _record_for_lines(event.line_ids, FactKind.WITHDRAWN, recorded, reason=event.after)


def note_peer_to_peer_asked(event: OfTalkAsked, recorded: Recorded) -> None:
    """The clinician asks to reconsider a denial that no discussion came before: some states give the plan a time."""
    if event.owes_reconsideration:
        _record_for_lines(event.line_ids, FactKind.PEER_TO_PEER_ASKED, recorded)


def note_peer_to_peer_offered(event: OfLines, recorded: Recorded) -> None:
    """A conversation was offered: its window opens."""
    _record_for_lines(event.line_ids, FactKind.PEER_TO_PEER_OFFERED, recorded)


def note_peer_to_peer_held(event: OfLines, recorded: Recorded) -> None:
    """The conversation took place: its window is used."""
    _record_for_lines(event.line_ids, FactKind.PEER_TO_PEER_HELD, recorded)


def note_reopened(event: OfLines, recorded: Recorded) -> None:
    """A decided line was reopened: the plan's own time to decide again begins; what the law counted stays as it ended."""
    _record_for_lines(event.line_ids, FactKind.REOPENED, recorded)


def note_expired(event: ClockLapsed, recorded: Recorded) -> None:
    """A time passed whose law then sends the case to the independent reviewer: the time to send it begins at its end.

    Lines that were approved meanwhile, and a test plan's, are sent nowhere; an appeal has no lines of its own.
    """
    if event.missed != Missed.FORWARD_TO_INDEPENDENT_REVIEW:
        return
    lines = ServiceLine.objects.filter(request__public_id=event.request_id).order_by("pk")
    owed = lines_sent_on_when_late(event.request_id)
    if lines.exists() and not owed:
        return
    fact = NewFact(kind=FactKind.TIME_EXPIRED, at=event.due_at, line_ids=tuple(str(line.public_id) for line in owed))
    request_id = _primary_key(event.request_id)
    record_facts(request_id=request_id, facts=[fact], by=recorded.by, at=recorded.at, event_id=recorded.event_id)


def lines_sent_on_when_late(request_id: UUID) -> list[ServiceLine]:
    """Return the lines of a request that wait for a decision, or got less than was asked for; the others need no review."""
    return list(
        ServiceLine.objects.filter(
            request__public_id=request_id, status__in=sorted(OPEN_STATUSES | ADVERSE_STATUSES), case__is_sandbox=False
        )
        .select_related("case__plan", "case__product", "request")
        .order_by("pk")
    )


def follow_corrected_receipt(event: ReceiptCorrected, recorded: Recorded) -> None:
    """Two people corrected the receipt: every clock counts again from the true instant."""
    request_id = _primary_key(event.request_id)
    correct_received_at(request_id=request_id, by=recorded.by, at=recorded.at, event_id=recorded.event_id)


def _record_for_lines(line_ids: Iterable[UUID], kind: FactKind, recorded: Recorded, *, reason: str = "") -> None:
    for request_id, lines in _by_request(line_ids):
        fact = NewFact(kind=kind, at=recorded.at, reason=reason, line_ids=tuple(str(line.public_id) for line in lines))
        record_facts(request_id=request_id, facts=[fact], by=recorded.by, at=recorded.at, event_id=recorded.event_id)


@dataclass(frozen=True, slots=True)
class _Line:
    """What clocks need of a line."""

    request_id: int
    public_id: UUID
    status: str
    channel: str
    is_sandbox: bool


_LINE_FIELDS = (
    *fields_of(ServiceLine, ("request", "public_id", "status")),
    *fields_of(Request, ("channel",)),
    *fields_of(Case, ("is_sandbox",)),
)


_LINES_SQL = """
SELECT l.request_id, l.public_id, l.status, r.channel, c.is_sandbox FROM cases_serviceline l
JOIN cases_request r ON r.id = l.request_id JOIN cases_case c ON c.id = l.case_id WHERE l.public_id IN ({}) ORDER BY l.id"""


def _by_request(line_ids: Iterable[UUID]) -> list[tuple[int, list[_Line]]]:
    """Return the lines by the primary key of their request; those of a request at hand are not read again."""
    line_ids = tuple(line_ids)
    at_hand = working.current()
    if at_hand is not None and line_ids:
        mine = [line for line in at_hand.lines if line.public_id in line_ids]
        if len(mine) == len(set(line_ids)):
            channel, is_sandbox = at_hand.request.channel, at_hand.case.is_sandbox
            found = [_Line(line.request_id, line.public_id, line.status, channel, is_sandbox) for line in mine]
            return [(at_hand.request.pk, found)]
    field = _LINE_FIELDS[1]
    wanted = [field.get_db_prep_value(line, connection) for line in line_ids]
    if not wanted:
        return []
    rows = select(_LINES_SQL.format(", ".join(["%s"] * len(wanted))), wanted, _LINE_FIELDS)
    groups: dict[int, list[_Line]] = {}
    for row in rows:
        groups.setdefault(row[0], []).append(_Line(*row))
    return list(groups.items())


_REQUEST_FIELDS = fields_of(Request, ("id",))


def _primary_key(public_id: UUID) -> int:
    at_hand = working.current()
    if at_hand is not None and at_hand.request.public_id == public_id:
        return int(at_hand.request.pk)
    field = Request._meta.get_field("public_id")
    value = field.get_db_prep_value(public_id, connection)
    rows = select("SELECT id FROM cases_request WHERE public_id = %s", [value], _REQUEST_FIELDS)
    return int(rows[0][0])
