"""What pages show of decisions that two people make: what the policy asks, where the reading stands, who may answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from openum.accounts.models import User
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.cases.holdings import holds
from openum.cases.models import ServiceLine
from openum.cases.queries import lines_visible_to
from openum.clocks.faces import face_of, faces_of
from openum.clocks.queries import binding_clock
from openum.criteria.queries import current_map
from openum.design.moments import moment, short_moment
from openum.determination.forms import CLINICAL_REASONS
from openum.determination.models import SecondReading
from openum.determination.second_reading import SECOND_READINGS, Row
from openum.determination.services.second_readings import check_second_reader, evidence_of, reading_rows
from openum.directory.queries import policies_of_kind
from openum.review.queries import documents_to_open, openings_by
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import LineStatus
from openum.work.own_duties import OwnDuty

STATE_LOOKS = {
    SecondReading.ASKED: (gettext_lazy("Not read yet"), "ring", "pended"),
    SecondReading.AGREED: (gettext_lazy("Agreed"), "check", "ok"),
    SecondReading.SENT_BACK: (gettext_lazy("Sent back"), "again", "attention"),
    SecondReading.TAKEN_BACK: (gettext_lazy("Taken back"), "dash", "muted"),
    SecondReading.UNREAD: (gettext_lazy("Went on unread"), "bars", "attention"),
}
OUTCOME_WORDS = {
    LineStatus.DENIED: gettext_lazy("Deny"),
    LineStatus.PARTIALLY_APPROVED: gettext_lazy("Approve less than asked"),
    LineStatus.TERMINATED_WITH_NOTICE: gettext_lazy("End the approval early"),
    LineStatus.APPROVED: gettext_lazy("Approve"),
}
_SHOWN = 50


def readings_visible_to(user: User) -> QuerySet[SecondReading]:
    """Readings of visible lines, with what their pages show."""
    return SecondReading.objects.filter(Exists(lines_visible_to(user).filter(pk=OuterRef("line_id")))).select_related(
        "line__case__plan", "line__case__product", "line__case__member", "line__request", "asked_by", "answered_by", "policy"
    )  # fmt: skip


def asks_of(line: ServiceLine, *, at: datetime) -> dict[str, list[dict[str, str]]]:
    """Return what the plan's policy might ask of this line: of an approval, and of a no; the reason decides at the end."""
    found: dict[str, list[dict[str, str]]] = {"no": [], "approval": []}
    if line.case.is_sandbox:
        return found
    for row, _policy in reading_rows(line, at=at):
        if row.decisions & {LineStatus.APPROVED}:
            found["approval"].append(_because(row))
        if row.decisions - {LineStatus.APPROVED}:
            found["no"].append(_because(row))
    return found


def _because(row: Row) -> dict[str, str]:
    language = (get_language() or "en").split("-")[0]
    return {"words": row.because.get(language) or row.because["en"], "citation": row.citation}


def reading_beside(line: ServiceLine, *, at: datetime) -> dict[str, Any]:
    """Return what a decision page shows of second readings; one statement, and none where the policy asks nothing."""
    asks = asks_of(line, at=at)
    if not asks["no"] and not asks["approval"]:
        return {}
    rows = (
        SecondReading.objects.filter(line=line)
        .select_related("asked_by", "answered_by")
        .order_by("-asked_at", "-pk")[:5]
        if holds(line.case, SecondReading)
        else ()
    )
    return {"reading_asks": asks, "readings": [row_of(row, line.case.plan.time_zone) for row in rows]}


def row_of(reading: SecondReading, zone: str) -> dict[str, Any]:
    """Return one reading as people read it."""
    words, shape, tone = STATE_LOOKS[reading.state]
    return {
        "reading": reading,
        "url": reverse("determination:reading", args=[reading.public_id]),
        "outcome": OUTCOME_WORDS[LineStatus(reading.content["outcome"])],
        "state": words,
        "shape": shape,
        "tone": tone,
        "asked_at": moment(reading.asked_at, zone),
        "answered_at": moment(reading.answered_at, zone) if reading.answered_at else "",
        "holds_until": moment(reading.holds_until, zone) if reading.holds_until else "",
    }


def lists_for(user: User, *, at: datetime) -> dict[str, list[dict[str, Any]]]:
    """Return what waits for a reader, the earliest deadline first, and what the reader asked and has not signed."""
    seen = readings_visible_to(user)
    to_read: Sequence[SecondReading] = ()
    if user_may(user, Permission.DECIDE_ADVERSELY):
        to_read = list(seen.filter(state=SecondReading.ASKED).exclude(asked_by=user).order_by("asked_at")[:_SHOWN])
    mine = list(
        seen.filter(asked_by=user, determination__isnull=True)
        .exclude(state=SecondReading.TAKEN_BACK)
        .order_by("-asked_at")[:_SHOWN]
    )
    faces = faces_of(list({row.line.case_id for row in (*to_read, *mine)}), at=at)

    def shown(rows: Sequence[SecondReading]) -> list[dict[str, Any]]:
        return [
            {
                **row_of(row, row.line.case.plan.time_zone),
                "face": faces.get(row.line.case_id),
                "case": row.line.case,
                "line": row.line,
                "since": short_moment(row.asked_at, row.line.case.plan.time_zone),
            }
            for row in rows
        ]

    def due(item: dict[str, Any]) -> tuple[bool, float]:
        face = item["face"]
        return (face is None or face.due_at is None, face.due_at.timestamp() if face and face.due_at else 0.0)

    return {"to_read": sorted(shown(to_read), key=due), "mine": shown(mine)}


def page_of(reading: SecondReading, user: User, *, at: datetime) -> dict[str, Any]:
    """Return what the page of one reading shows: the decision as it is to be signed, its evidence, and who may answer."""
    line, content, zone = reading.line, reading.content, reading.line.case.plan.time_zone
    clock = binding_clock(line.case)
    language = get_language() or "en"
    answers = content["node_answers"]
    opened = openings_by(user, line.case)
    documents = documents_to_open(line.case)
    is_open = reading.state == SecondReading.ASKED
    return {
        **row_of(reading, zone),
        "line": line,
        "case": line.case,
        "face": face_of(clock, at=at) if clock else None,
        "content": content,
        "reason": dict(CLINICAL_REASONS).get(content["reason_class"], content["reason"]),
        "units": content["units"],
        "leaves": [
            {
                "key": leaf.key,
                "words": leaf.question.in_language(language),
                "value": leaf.value,
                "answer": answers.get(leaf.key, ""),
            }
            for leaf in current_map(line).leaves
            if leaf.is_open or leaf.key in answers
        ],
        "statements": list(content["statements"].values()),
        "documents": [
            {"document": each, "is_opened": each.pk in opened, "received": short_moment(each.received_at, zone)}
            for each in documents
        ],
        "is_open": is_open,
        "is_changed": is_open and evidence_of(line) != content["evidence"],
        "is_mine": reading.asked_by_id == user.pk,
        "why_not": _why_not(reading, user, at=at) if is_open and reading.asked_by_id != user.pk else "",
        "because": [_because(row) for row, _policy in reading_rows(line, at=at) if row.key in reading.rows],
    }


def _why_not(reading: SecondReading, user: User, *, at: datetime) -> str:
    try:
        check_second_reader(reading, by=user, at=at)
    except OpenUMError as refusal:
        return refusal.sentence
    return ""


def own_readings(user: User, at: datetime) -> list[OwnDuty]:
    """Return how many decisions wait for a person to read them second; nothing where no plan asks for it."""
    if not user_may(user, Permission.DECIDE_ADVERSELY) or not policies_of_kind(SECOND_READINGS):
        return []
    waiting = readings_visible_to(user).filter(state=SecondReading.ASKED).exclude(asked_by=user).count()
    due = ngettext(
        "%(n)d decision waits for a second clinician.", "%(n)d decisions wait for a second clinician.", waiting
    ) % {"n": waiting}
    return [OwnDuty(name=_("Second readings"), url=reverse("determination:readings"), due=due if waiting else "")]
