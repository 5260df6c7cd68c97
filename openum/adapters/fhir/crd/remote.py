"""Asks a client's FHIR server for what its call left out: listed servers only, few questions, little time."""

import time
from collections.abc import Callable
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import orjson
from django.conf import settings

from openum.adapters.fhir.crd.call import Ask
from openum.adapters.fhir.elements import Json, part, text

MOST_QUESTIONS = 12
SECONDS = 3.0
"""All questions of one call together; the guide wants nine answers of ten within five seconds."""
_MOST_BYTES = 4 * 1024 * 1024

Get = Callable[[str, str, float], bytes]
"""Takes address, access token and seconds; returns the body.

Raises:
    OSError: it did not answer.
"""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        """Follow nothing: a listed server may not send us elsewhere with the client's token."""


def get(url: str, token: str, seconds: float) -> bytes:
    """Read one address over HTTP."""
    headers = {"Accept": "application/fhir+json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = Request(url, headers=headers)  # noqa: S310 - the address starts with one of the installation's list
    with build_opener(_NoRedirect).open(request, timeout=seconds) as answer:
        body: bytes = answer.read(_MOST_BYTES + 1)
    return body if len(body) <= _MOST_BYTES else b""


def _nothing(query: str) -> Json | None:
    """Answer for a server that may not be asked."""
    return None


def asker(data: object, *, fetch: Get | None = None) -> Ask:
    """Return how to ask the FHIR server that a call names; a server that is not listed is never asked."""
    server = text(data.get("fhirServer")).rstrip("/") if isinstance(data, dict) else ""
    if server not in settings.OPENUM_CLIENT_FHIR_SERVERS:
        return _nothing
    token = text(part(data, "fhirAuthorization").get("access_token"))
    reader = fetch or get
    until = time.monotonic() + SECONDS
    asked = 0

    def ask(query: str) -> Json | None:
        nonlocal asked
        left = until - time.monotonic()
        asked += 1
        if asked > MOST_QUESTIONS or left <= 0:
            return None
        try:
            found = orjson.loads(reader(f"{server}/{query}", token, left))
        except (OSError, URLError, HTTPException, ValueError):
            return None
        return found if isinstance(found, dict) else None

    return ask
