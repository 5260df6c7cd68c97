"""What `cases` itself contributes to the case page: lines, people, questions, documents, notes, timeline."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases import holdings, queries
from openum.cases.kinds import document_words
from openum.cases.models import (
    Attachment,
    Case,
    ContactAttempt,
    Diagnosis,
    InformationItem,
    InformationRequest,
    Note,
    Party,
)
from openum.cases.panels import Panel, register
from openum.cases.timeline import timelines_of
from openum.design.moments import day, short_moment
from openum.design.status import CHANNEL_WORDS


def _lines(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    return {
        "lines": [{"line": line, "from": day(line.service_from)} for line in queries.current_lines(case)],
    }


def _requests(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    diagnoses: dict[int, list[str]] = {}
    for one in Diagnosis.objects.filter(request__case=case).order_by("pk"):
        diagnoses.setdefault(one.request_id, []).append(one.code)
    return {
        "requests": [
            {
                "request": item,
                "received": short_moment(item.received_at, zone),
                "entered": short_moment(item.entered_at, zone),
                "channel": CHANNEL_WORDS.get(item.channel, item.channel),
                "diagnoses": ", ".join(diagnoses.get(item.pk, ())),
            }
            for item in queries.requests_of(case)
        ],
        "parties": list(Party.objects.filter(request__case=case).order_by("request_id", "pk")),
    }


def _questions(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    if not holdings.holds(case, InformationRequest) and not holdings.holds(case, ContactAttempt):
        return {"questions": [], "attempts": []}
    questions = InformationRequest.objects.filter(case=case).prefetch_related("items").order_by("-asked_at", "-pk")
    attempts = ContactAttempt.objects.filter(case=case).select_related("recorded_by").order_by("-at")
    return {
        "questions": [{"question": item, "asked": short_moment(item.asked_at, zone)} for item in questions],
        "attempts": [{"attempt": item, "when": short_moment(item.at, zone)} for item in attempts],
    }


def _documents(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    if not holdings.holds(case, Attachment):
        return {"documents": []}
    rows = queries.attachments_visible_to(user).filter(case=case, kind=Attachment.DOCUMENT).defer("content", "resource")
    return {
        "documents": [
            {
                "attachment": item,
                "received": short_moment(item.received_at, zone),
                "channel": CHANNEL_WORDS.get(item.channel, item.channel),
                "kind": document_words(item.document_kind),
            }
            for item in rows.order_by("received_at", "pk")
        ],
    }


def _notes(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    notes = Note.objects.filter(case=case).select_related("written_by").order_by("-written_at", "-pk")
    rows = list(notes) if holdings.holds(case, Note) else []
    return {
        "notes": [{"note": note, "written": short_moment(note.written_at, zone)} for note in rows],
        "may_write": bool(scope_of(user).permissions & {Permission.REVIEW_LINES, Permission.MATCH_INTAKE}),
    }


def _timeline(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    entries, all_entries = timelines_of(case)
    return {"entries": entries, "all_entries": all_entries}


def register_sections() -> None:
    """Register the sections, and what a case may lack; called once at start."""
    holdings.declare((Attachment, ContactAttempt, InformationRequest, Note), "case")
    holdings.declare((InformationItem,), "line__case")
    register(Panel("lines", _("Services"), 10, "cases/panels/lines.html", _lines))
    register(Panel("questions", _("Information asked for"), 40, "cases/panels/questions.html", _questions))
    register(Panel("documents", _("Documents"), 50, "cases/panels/documents.html", _documents))
    register(Panel("requests", _("Requests and people"), 60, "cases/panels/requests.html", _requests))
    register(Panel("notes", _("Notes"), 110, "cases/panels/notes.html", _notes))
    register(Panel("timeline", _("Timeline"), 120, "cases/panels/timeline.html", _timeline))
