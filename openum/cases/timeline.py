"""The timeline of a case, drawn from the same events that the audit chain holds."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openum.accounts.models import User
from openum.audit import events_of
from openum.audit.models import EventRow
from openum.cases.models import Case, ServiceLine
from openum.design.drawings import Happening
from openum.design.moments import short_moment
from openum.design.status import LINE_LOOKS, status_words


@dataclass(frozen=True)
class Words:
    """How one kind of event reads."""

    text: str | Promise
    shape: str = "ring"
    tone: str = "muted"


WORDS: dict[str, Words] = {
    "SubmissionReceived": Words(gettext_lazy("Message received"), "arrow", "info"),
    "SubmissionRefused": Words(gettext_lazy("Message refused"), "times", "attention"),
    "CaseSubmitted": Words(gettext_lazy("Request received"), "target", "info"),
    "RequestUpdated": Words(gettext_lazy("Request updated by the requester"), "target", "info"),
    "DocumentReceived": Words(gettext_lazy("Documents received"), "arrow", "info"),
    "InformationRequested": Words(gettext_lazy("Information asked for"), "bars", "attention"),
    "InformationReceived": Words(gettext_lazy("Information received"), "arrow", "info"),
    "CriteriaEvaluated": Words(gettext_lazy("Criteria checked by rule"), "diamond", "muted"),
    "FindingRecorded": Words(gettext_lazy("Criterion answered by a reviewer"), "check", "muted"),
    "EvidenceLinked": Words(gettext_lazy("Evidence linked to a criterion"), "check", "muted"),
    "EvidenceUnlinked": Words(gettext_lazy("Evidence link closed"), "dash", "muted"),
    "ContactAttempted": Words(gettext_lazy("Contact attempted"), "arrow", "muted"),
    "NoteWritten": Words(gettext_lazy("Note written"), "ring", "muted"),
    "LineAmended": Words(gettext_lazy("Line amended"), "dash", "muted"),
    "LineWithdrawn": Words(gettext_lazy("Withdrawn by the requester"), "dash", "muted"),
    "LineCancelled": Words(gettext_lazy("Cancelled by the requester"), "dash", "muted"),
    "ReceiptCorrected": Words(gettext_lazy("Receipt time corrected by two people"), "clock", "attention"),
    "ReviewStarted": Words(gettext_lazy("Review started"), "ring", "muted"),
    "ReviewEnded": Words(gettext_lazy("Review ended"), "ring", "muted"),
    "LineReferred": Words(gettext_lazy("Referred to a physician"), "triangle", "pended"),
    "DenialIntended": Words(gettext_lazy("Intention to deny recorded; conversation offered"), "square", "attention"),
    "PeerToPeerOffered": Words(gettext_lazy("Peer-to-peer conversation offered"), "arrow", "info"),
    "PeerToPeerBooked": Words(gettext_lazy("Peer-to-peer conversation booked"), "clock", "info"),
    "PeerToPeerHeld": Words(gettext_lazy("Peer-to-peer conversation held"), "again", "info"),
    "LineDecided": Words(gettext_lazy("Decision"), "circle", "info"),
    "NoticePrepared": Words(gettext_lazy("Letter prepared"), "ring", "muted"),
    "NoticeSent": Words(gettext_lazy("Letter sent"), "arrow", "ok"),
    "ClockLapsed": Words(gettext_lazy("Deadline passed; the duty to decide stays"), "clock", "danger"),
    "LineStatusChanged": Words(gettext_lazy("Status changed")),
}


def words_for(event_type: str) -> str:
    """Return the sentence of an event type; a type without one reads as its own name, in words."""
    words = WORDS.get(event_type)
    if words is not None:
        return str(words.text)
    return re.sub(r"(?<!^)(?=[A-Z])", " ", event_type).capitalize()


def timeline_of(case: Case, *, newest_first: bool = True) -> list[Happening]:
    """Return the timeline of a case: what, when in the plan's zone, who."""
    rows = events_of(case.public_id)
    names = _names({row.actor_id for row in rows})
    lines = {str(line.public_id): line for line in ServiceLine.objects.filter(case=case)}
    zone = case.plan.time_zone
    entries = [_entry(row, names=names, lines=lines, zone=zone) for row in rows]
    return entries[::-1] if newest_first else entries


def _is_outcome(row: EventRow) -> bool:
    return row.type == "LineStatusChanged"


def _names(ids: Iterable[object]) -> dict[object, str]:
    return dict(User.objects.filter(public_id__in=list(ids)).values_list("public_id", "name"))


def _entry(row: EventRow, *, names: dict[object, str], lines: dict[str, ServiceLine], zone: str) -> Happening:
    touched = [lines[key] for key in row.line_ids if key in lines]
    where = ""
    if touched and len(lines) > 1:
        where = _("line %(numbers)s") % {"numbers": ", ".join(str(line.sequence) for line in touched)}
    words = WORDS.get(row.type)
    text = words_for(row.type)
    shape, tone = (words.shape, words.tone) if words else ("ring", "muted")
    if _is_outcome(row):
        after = str(row.fields().get("after", ""))
        look = LINE_LOOKS.get(after)
        text = _("Status: %(status)s") % {"status": status_words(after)}
        shape, tone = (look.shape, look.tone) if look else (shape, tone)
    return Happening(
        at=short_moment(row.at, zone),
        instant=row.at.isoformat(),
        text=text,
        who=names.get(row.actor_id, ""),
        detail=where,
        shape=shape,
        tone=tone,
    )
