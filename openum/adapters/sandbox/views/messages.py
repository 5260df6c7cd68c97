"""Recorded messages: a list to search, one message raw, parsed and annotated, and a copy without member data."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.adapters.fhir.incoming import faults_of_message
from openum.adapters.fhir.outcome import Issue
from openum.adapters.sandbox import queries, services
from openum.adapters.sandbox.annotations import Rule, Whereabouts, rule_of, whereabouts
from openum.adapters.sandbox.forms import SearchForm
from openum.adapters.sandbox.models import RecordedMessage
from openum.adapters.sandbox.recorder import KEPT_FOR, MOST_KEPT
from openum.adapters.sandbox.tree import MOST_ELEMENTS, Element, elements_of, parsed
from openum.db.clock import now
from openum.design.moments import moment

MOST_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class Row:
    """One element as the page shows it."""

    element: Element
    rule: Rule | None
    held: str | None
    indent: int


def _found(request: HttpRequest) -> tuple[list[RecordedMessage], SearchForm]:
    """Return the messages that were looked for; the words stand in the body of the call, never in its address."""
    messages = queries.messages_visible_to(actor(request))
    form = SearchForm(request.POST if request.method == "POST" else request.GET)
    client, words = None, ""
    if form.is_valid():
        client, words = form.cleaned_data["client"], form.cleaned_data["words"]
    if client is not None:
        messages = messages.filter(client__public_id=client)
    if not words:
        return list(messages[:MOST_SHOWN]), form
    return list(queries.holding(messages, words))[:MOST_SHOWN], form


@require_http_methods(["GET", "POST"])
@needs(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS)
def messages(request: HttpRequest) -> HttpResponse:
    """List the recorded messages of my clients; words are looked for in address, status and both bodies."""
    found, form = _found(request)
    services.note_read(found, by=actor(request), at=now())
    facts = {
        "form": form,
        "rows": [{"message": one, "at": moment(one.at, one.client.plan.time_zone)} for one in found],
        "kept_days": KEPT_FOR.days,
        "most_kept": MOST_KEPT,
        "here": "messages",
    }
    return render(request, "sandbox/messages.html", facts)


@require_POST
@needs(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS)
def export(request: HttpRequest) -> HttpResponse:
    """Hand out the messages that were looked for, without member data."""
    found, _ = _found(request)
    content = services.export(found, by=actor(request), at=now())
    response = HttpResponse(orjson.dumps(content, option=orjson.OPT_INDENT_2), content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="sandbox-messages.json"'
    return response


@require_GET
@needs(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS)
def message(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Show one message: annotated, or raw."""
    user = actor(request)
    row = get_object_or_404(queries.messages_visible_to(user), public_id=public_id)
    services.note_read([row], by=user, at=now())
    submission = queries.submission_of(row)
    places = whereabouts(submission)
    facts = {
        "message": row,
        "at": moment(row.at, row.client.plan.time_zone),
        "submission": submission,
        "case": places.case if places else None,
        "parts": [
            _part("sent", row.body, row.body_size, places),
            _part("answered", row.answer, row.answer_size, places),
        ],
        "faults": _faults(row),
        "most_elements": MOST_ELEMENTS,
        "form": request.GET.get("form", "annotated"),
        "here": "messages",
    }
    return render(request, "sandbox/message.html", facts)


def _faults(row: RecordedMessage) -> list[Issue]:
    """Return what the guides find wrong with a message that a client sent, by the rules its door checks."""
    if row.direction != RecordedMessage.FROM_CLIENT or row.body is None:
        return []
    return faults_of_message(row.address, parsed(bytes(row.body)), is_thorough=True)


def _part(name: str, raw: bytes | memoryview | None, size: int, places: Whereabouts | None) -> dict[str, Any]:
    body = bytes(raw) if raw is not None else None
    content = parsed(body)
    elements = elements_of(content)
    return {
        "name": name,
        "size": size,
        "is_kept": body is not None,
        "raw": _pretty(body, content),
        "groups": _groups(elements, places),
        "is_cut": len(elements) >= MOST_ELEMENTS,
    }


def _pretty(body: bytes | None, content: Any) -> str:
    if content is not None:
        return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()
    return (body or b"").decode(errors="replace")


def _groups(elements: list[Element], places: Whereabouts | None) -> list[dict[str, Any]]:
    """Return the elements by the resource that holds them, in reading order."""
    groups: dict[str, list[Row]] = {}
    for element in elements:
        rule = rule_of(element)
        held = places.value_of(rule, element) if places is not None and rule is not None else None
        groups.setdefault(element.resource, []).append(
            Row(element=element, rule=rule, held=held, indent=min(element.depth, 8))
        )
    return [
        {"name": name, "rows": rows, "rules": sum(row.rule is not None for row in rows)}
        for name, rows in groups.items()
    ]
