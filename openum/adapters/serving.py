"""Serving other systems: which folder serves which address, and the recording of what sandbox clients say."""

import time

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from openum.accounts.connections.pace import counts
from openum.adapters import cors
from openum.adapters.fhir import calls
from openum.adapters.fhir.rest import unacceptable
from openum.adapters.sandbox.recorder import record_call
from openum.db import clock

INTERFACES = (
    ("/fhir/", "openum.adapters.fhir.urls"),
    ("/crd/", "openum.adapters.fhir.urls"),
    ("/payer/", "openum.adapters.payer.urls"),
    ("/oauth/", "openum.adapters.oauth.urls"),
    ("/sandbox/api/", "openum.adapters.sandbox.urls"),
)
"""Where the addresses of other systems begin, and which folder serves them."""
_WITHOUT_BODY = frozenset({204, 304})


def urls_of(path: str) -> str | None:
    """Return the folder's addresses that serve a path; None for the pages of people."""
    return next((urls for start, urls in INTERFACES if path.startswith(start)), None)


def serve(request: HttpRequest, urls: str) -> HttpResponse:
    """Serve one call of another system. Its view authenticates by token and answers every refusal in its own form."""
    started = time.perf_counter()
    request.user = AnonymousUser()  # the pages for 400 and 500 ask for one
    request.get_host()  # refuses hosts that are not ours, as CommonMiddleware does for pages
    if len(request.path_info) > len("/fhir/") and request.path_info.startswith("/fhir/"):
        request.path_info = request.path_info.rstrip("/")  # test kits end operations with a slash
    asked_first = cors.preflight(request)
    if asked_first is not None:
        return asked_first
    match = resolve(request.path_info, urls)
    request.resolver_match = match
    refused = unacceptable(request) if request.path_info.startswith("/fhir/") else None
    answer: HttpResponse = refused or match.func(request, *match.args, **match.kwargs)
    if not answer.streaming and answer.status_code not in _WITHOUT_BODY:
        # An answer that breaks off is seen as one, as CommonMiddleware lets it be for pages.
        answer.headers.setdefault("Content-Length", str(len(answer.content)))
    cors.allow(request, answer)
    if (client := calls.of(request).client) is not None:
        counts.note(client, seconds=time.perf_counter() - started, status=answer.status_code, at=clock.now())
    record_call(request, answer, started=started)
    return answer
