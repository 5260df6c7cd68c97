"""What every web request passes: an id, refusals as pages, and no caching of pages with member data."""

import threading
import time
from collections.abc import Callable
from typing import ClassVar

import structlog
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import translation

from openum.accounts.models import User
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.adapters import serving
from openum.audit import context
from openum.config.access import open_door
from openum.db import clock
from openum.vocabulary.errors import Invalid, OpenUMError
from openum.vocabulary.identifiers import new_uuid7

Handler = Callable[[HttpRequest], HttpResponse]
PAGES_AT_ONCE = 2
"""One reads from the database while another is drawn."""
MOST_FORMS = 16
"""How many of the largest messages a form with its files may be long; only files of claims may be longer."""
log = structlog.get_logger("openum.web")


def request_identity(get_response: Handler) -> Handler:
    """Give each request an id: bound to log lines and events, and told to the client in X-Request-Id."""

    def serve(request: HttpRequest) -> HttpResponse:
        identity = str(new_uuid7())
        token = context.request_id.set(identity)
        structlog.contextvars.bind_contextvars(request_id=identity)
        started = time.perf_counter()
        try:
            response = _nowhere() if _holds_nul(request) else get_response(request)
            response.headers["X-Request-Id"] = identity
            if response.status_code >= 500:
                route = request.resolver_match.route if request.resolver_match else "unknown"
                milliseconds = round((time.perf_counter() - started) * 1000)
                log.error(
                    "request failed",
                    method=request.method, route=route, status=response.status_code, milliseconds=milliseconds,
                )  # fmt: skip
            return response
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
            context.request_id.reset(token)

    return serve


def pages_in_turn(get_response: Handler) -> Handler:
    """Make a few pages at a time in a process, the others after them: they share one processor, and more at once make all late.

    What a form brings is taken in before its turn, so that a picture sent over a slow line holds up nobody else's page.
    Messages of systems do not pass here: they may wait for another system, and nobody's page waits for that.
    """
    turn = threading.BoundedSemaphore(PAGES_AT_ONCE)

    def serve(request: HttpRequest) -> HttpResponse:
        if _length(request) > MOST_FORMS * settings.OPENUM_MAX_BODY_BYTES and not _keeps_claims(request):
            return refusal_page(request, TooMuchAtOnce("This is more than can be sent at once. Send fewer files."))
        request.POST  # noqa: B018 - reading it takes the form in
        with turn:
            return get_response(request)

    return serve


class TooMuchAtOnce(Invalid):
    """A form is longer than any but a load of claims may be."""

    status: ClassVar[int] = 413
    code: ClassVar[str] = "too-much-at-once"


def _length(request: HttpRequest) -> int:
    given = request.META.get("CONTENT_LENGTH") or ""
    return int(given) if given.isascii() and given.isdigit() else 0


def _keeps_claims(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and user_may(request.user, Permission.KEEP_CLAIMS)


def _holds_nul(request: HttpRequest) -> bool:
    """Say whether an address holds the character zero, which names nothing and which no database takes as text."""
    return "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", "")


def _nowhere() -> HttpResponse:
    return HttpResponse("There is nothing at this address.", status=404, content_type="text/plain")


def interfaces(get_response: Handler) -> Handler:
    """Serve other systems at once: sessions, languages, form tokens, messages and page headers are for browsers.

    Their views authenticate by token, answer every refusal in their own form, and forbid stored copies.
    """

    def serve(request: HttpRequest) -> HttpResponse:
        urls = serving.urls_of(request.path_info)
        if urls is None:
            return get_response(request)
        translation.deactivate()  # the thread may have shown a page in another language before
        return serving.serve(request, urls)

    return serve


class PagesAreNotCached:
    """Forbid shared and stored copies of every answer that does not say otherwise: most hold member data."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class IdleSessions:
    """End the session of somebody who did nothing for a while. What is typed is kept and offered again (accounts/typed)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request."""
        if request.user.is_authenticated:
            seen, now = request.session.get(_SEEN, 0), int(clock.real_now().timestamp())
            if seen and now - seen >= settings.OPENUM_IDLE_MINUTES * 60:
                logout(request)
            elif now - seen >= _SEEN_EVERY_SECONDS:
                request.session[_SEEN] = now
        return self.get_response(request)


_SEEN = "seen_at"
_SEEN_EVERY_SECONDS = 60
"""How exactly the last act is known: a page more often than that writes nothing."""


class ClosedDoors:
    """Keep every page shut that names no permission and is not among the open ones (config/access.py)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Handler, args: object, kwargs: object) -> HttpResponse | None:
        """Answer for a page that nobody opened; leave every other to its own gate."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        return None if hasattr(view, "permissions") or open_door(name) else _nowhere()


class Refusals:
    """Turn a refusal (OpenUMError) into a page with its status, its sentence and its code."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer refusals; leave every other exception to Django."""
        if not isinstance(exception, OpenUMError):
            return None
        return refusal_page(request, exception)


def refusal_page(request: HttpRequest, refusal: OpenUMError) -> HttpResponse:
    """Render one refusal; htmx requests get the same words as a fragment."""
    facts = {
        "sentence": refusal.sentence,
        "code": refusal.code,
        "status": refusal.status,
        "is_fragment": bool(request.headers.get("HX-Request")),
    }
    try:
        body = render_to_string("errors/refusal.html", facts, request=request)
    except TemplateDoesNotExist:
        return HttpResponse(refusal.sentence, status=refusal.status, content_type="text/plain; charset=utf-8")
    return HttpResponse(body, status=refusal.status)
