"""The HTTP side of OAuth: forms in, JSON out, nothing stored by caches, nothing that a browser's cookie could open."""

import orjson
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.views.decorators.csrf import csrf_exempt

from openum.accounts.connections.callers import TooManyCalls, check_caller, count_refusal
from openum.accounts.connections.certified import StatementRefused, register_certified
from openum.accounts.connections.proving import Times
from openum.adapters.oauth.addresses import registration_endpoint, site_of, token_endpoint
from openum.adapters.oauth.token import ClientNotProven, Json, TokenRefused, answer
from openum.adapters.oauth.udap import answer as answer_registration
from openum.adapters.oauth.udap import trust
from openum.db import clock

MOST_BYTES = 32 * 1024
_FORM = "application/x-www-form-urlencoded"


def _json(content: Json, *, status: int = 200) -> HttpResponse:
    response = HttpResponse(orjson.dumps(content), status=status, content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _refused(error: str, sentence: str, status: int) -> HttpResponse:
    return _json({"error": error, "error_description": sentence}, status=status)


def _takes_post() -> HttpResponse:
    response = _refused("invalid_request", "This address takes POST.", 405)
    response.headers["Allow"] = "POST"
    return response


def times_now() -> Times:
    """Read both clocks."""
    return Times(real=clock.real_now(), shown=clock.now())


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """Answer POST /oauth/token."""
    if request.method != "POST":
        return _takes_post()
    times = times_now()
    try:
        check_caller(request, at=times.real)
        try:
            return _json(answer(read_form(request), audience=token_endpoint(site_of(request)), times=times))
        except TokenRefused as refusal:
            if isinstance(refusal, ClientNotProven):
                count_refusal(request, at=times.real)
            return _refused(refusal.error, refusal.sentence, refusal.http_status)
    except TooManyCalls as refusal:
        return too_many(refusal)


@csrf_exempt
def register(request: HttpRequest) -> HttpResponse:
    """Answer POST /oauth/register: registration by certificate (UDAP), where it is served."""
    if request.method != "POST":
        return _takes_post()
    held = trust()
    plan = held.plan() if held is not None else None
    if held is None or plan is None:
        return anything_else(request, "register")
    times, audience = times_now(), registration_endpoint(site_of(request))
    try:
        check_caller(request, at=times.real)
        try:
            statement = _statement(request)
            made = register_certified(statement, plan=plan, audience=audience, anchors=held.anchors, times=times)
            content, status = answer_registration(made, statement=statement)
            return _json(content, status=status)
        except StatementRefused as refusal:
            count_refusal(request, at=times.real)
            return _refused(refusal.error, refusal.sentence, 400)
    except TooManyCalls as refusal:
        return too_many(refusal)


def _statement(request: HttpRequest) -> str:
    """Return the software statement of a registration.

    Raises:
        StatementRefused: the body is not the JSON that UDAP describes.
    """
    body = request.read(MOST_BYTES + 1)
    try:
        data = orjson.loads(body) if len(body) <= MOST_BYTES else None
    except orjson.JSONDecodeError:
        data = None
    if not isinstance(data, dict) or data.get("udap") != "1" or not isinstance(data.get("software_statement"), str):
        raise StatementRefused(
            "invalid_client_metadata", 'Send a JSON object with "udap": "1" and the signed "software_statement".'
        )
    statement: str = data["software_statement"]
    return statement


def too_many(refusal: TooManyCalls) -> HttpResponse:
    """Answer somebody who calls too often."""
    response = _refused("temporarily_unavailable", refusal.sentence, refusal.status)
    response.headers["Retry-After"] = "60"
    return response


def read_form(request: HttpRequest) -> dict[str, str]:
    """Return the fields of a form.

    Raises:
        TokenRefused: not a form, too long, or a field comes twice (RFC 6749, section 3.2).
    """
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _FORM:
        raise TokenRefused("invalid_request", f"Send a form, with Content-Type: {_FORM}.")
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TokenRefused("invalid_request", f"The form is over {MOST_BYTES} bytes.", http_status=413)
    try:
        form = QueryDict(body, encoding="utf-8")
    except TooManyFieldsSent:
        raise TokenRefused("invalid_request", "The form has too many fields.") from None
    twice = sorted(name for name, values in form.lists() if len(values) > 1)
    if twice:
        raise TokenRefused("invalid_request", "A field of the form comes twice. Send each once.")
    return {name: value for name, value in form.items() if isinstance(value, str)}


@csrf_exempt
def anything_else(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer every other address under /oauth/."""
    return _refused("invalid_request", "There is nothing at this address. See .well-known/smart-configuration.", 404)
