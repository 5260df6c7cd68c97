"""What `cases` itself contributes to the case page: lines, people, questions, documents, notes, timeline."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases import queries
from openum.cases.kinds import document_words
from openum.cases.models import Attachment, Case, ContactAttempt, InformationRequest, Note, Party, Request
from openum.cases.panels import Panel, register
from openum.cases.timeline import timeline_of
from openum.design.moments import day, short_moment
from openum.design.status import CHANNEL_WORDS


def _lines(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    return {
        "lines": [{"line": line, "from": day(line.service_from)} for line in queries.current_lines(case)],
    }


def _requests(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    requests = Request.objects.filter(case=case).order_by("received_at", "pk").prefetch_related("diagnoses")
    return {
        "requests": [
            {
                "request": item,
                "received": short_moment(item.received_at, zone),
                "entered": short_moment(item.entered_at, zone),
                "channel": CHANNEL_WORDS.get(item.channel, item.channel),
                "diagnoses": ", ".join(diagnosis.code for diagnosis in item.diagnoses.all()),
            }
            for item in requests
        ],
        "parties": list(Party.objects.filter(request__case=case).order_by("request_id", "pk")),
    }


def _questions(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    questions = InformationRequest.objects.filter(case=case).prefetch_related("items").order_by("-asked_at", "-pk")
    attempts = ContactAttempt.objects.filter(case=case).select_related("recorded_by").order_by("-at")
    return {
        "questions": [{"question": item, "asked": short_moment(item.asked_at, zone)} for item in questions],
        "attempts": [{"attempt": item, "when": short_moment(item.at, zone)} for item in attempts],
    }


def _documents(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
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
    return {
        "notes": [{"note": note, "written": short_moment(note.written_at, zone)} for note in notes],
        "may_write": bool(scope_of(user).permissions & {Permission.REVIEW_LINES, Permission.MATCH_INTAKE}),
    }


def _timeline(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    return {"entries": timeline_of(case), "all_entries": timeline_of(case, with_minor=True)}


def register_sections() -> None:
    """Register the sections; called once at start."""
    register(Panel("lines", _("Services"), 10, "cases/panels/lines.html", _lines))
    register(Panel("questions", _("Information asked for"), 40, "cases/panels/questions.html", _questions))
    register(Panel("documents", _("Documents"), 50, "cases/panels/documents.html", _documents))
    register(Panel("requests", _("Requests and people"), 60, "cases/panels/requests.html", _requests))
    register(Panel("notes", _("Notes"), 110, "cases/panels/notes.html", _notes))
    register(Panel("timeline", _("Timeline"), 120, "cases/panels/timeline.html", _timeline))
