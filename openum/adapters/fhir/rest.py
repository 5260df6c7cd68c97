"""What all FHIR interactions share over HTTP: who asks, at which base, and how answers and refusals look."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from openum.accounts.models import ApiClient
from openum.adapters.fhir.door import authenticate, tell_how
from openum.adapters.fhir.outcome import Issue, Json, MessageRefused, operation_outcome
from openum.adapters.fhir.pas.response import to_bytes
from openum.adapters.fhir.pas.versions import VERSIONS, Version
from openum.db import clock
from openum.vocabulary.errors import OpenUMError

CONTENT_TYPE = "application/fhir+json; charset=utf-8"
_ISSUE_CODES = {
    401: "login",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    410: "deleted",
    422: "processing",
    429: "throttled",
}
_CURES = {
    401: "Get an access token as .well-known/smart-configuration of this base says, and send it: Authorization: Bearer.",
    429: "Wait for as many seconds as Retry-After says.",
}
"""How to go on after a refusal that is about the caller, where its sentence does not say."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One authenticated request of a client at one base."""

    http: HttpRequest
    client: ApiClient
    version: Version
    base_url: str
    at: datetime


Serve = Callable[[Exchange], HttpResponse]


def answered(content: Json | bytes, status: int = 200) -> HttpResponse:
    """Return a resource as FHIR JSON that nobody may store."""
    body = content if isinstance(content, bytes) else to_bytes(content)
    response = HttpResponse(body, status=status, content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def outcome(issue: Issue, status: int) -> HttpResponse:
    """Return one OperationOutcome."""
    return answered(operation_outcome([issue]), status)


def refused(error: OpenUMError) -> HttpResponse:
    """Answer a refusal: of a message with its own issue, of anything else with the sentence."""
    if isinstance(error, MessageRefused):
        return outcome(error.issue, error.http_status)
    issue = Issue(
        code=_ISSUE_CODES.get(error.status, "processing"), text=error.sentence, cure=_CURES.get(error.status, ""),
        path="http.Authorization" if error.status in {401, 403} else "",
    )  # fmt: skip
    response = outcome(issue, error.status)
    return tell_how(response, error)


def nothing_here() -> HttpResponse:
    """Answer an address that does not exist, or not for this client."""
    return outcome(
        Issue(code="not-found", text="There is nothing at this address.", cure="See /fhir/2.2/metadata."), 404
    )


def base_url_of(request: HttpRequest, version: Version) -> str:
    """Return the absolute address of a base, as clients use it."""
    root = settings.OPENUM_BASE_URL or f"{request.scheme}://{request.get_host()}"
    return f"{root}/fhir/{version.base}"


def wishes_of(request: HttpRequest) -> frozenset[str]:
    """Return what a client prefers (RFC 7240, FHIR R4 http), in small letters."""
    return frozenset(wish.strip().lower() for wish in request.headers.get("Prefer", "").replace(";", ",").split(","))


def wrong_method(allowed: str) -> HttpResponse:
    """Answer a method that an address does not take."""
    response = outcome(
        Issue(code="not-supported", text=f"This address takes {allowed}.", cure="Send one of these methods."), 405
    )
    response.headers["Allow"] = allowed
    return response


_JSON_RANGES = frozenset(
    {"*/*", "application/*", "application/json", "application/fhir+json", "text/json", "text/*", "json"}
)


_FORMATS = frozenset({"", "json", "text/json", "application/json", "application/fhir+json"})


def check_format(wanted: str) -> None:
    """Refuse another `_format` than JSON.

    Raises:
        MessageRefused: 406.
    """
    if wanted.partition(";")[0].strip().lower().replace(" ", "+") not in _FORMATS:
        raise MessageRefused(
            Issue(
                code="not-supported",
                path="http._format",
                text="Answers are FHIR JSON only.",
                cure="Ask for _format=json, or for nothing.",
            ),
            http_status=406,
        )


def unacceptable(request: HttpRequest) -> HttpResponse | None:
    """Return the refusal of a call that takes no JSON back (HTTP 406), or None. `_format` is asked before the header."""
    if "_format" in request.GET:
        try:
            check_format(request.GET["_format"])
        except MessageRefused as refusal:
            return refused(refusal)
        return None
    if accepts_json(request.headers.get("Accept", "")):
        return None
    return outcome(
        Issue(
            code="not-supported",
            path="http.Accept",
            text="Answers are FHIR JSON only.",
            cure="Send Accept: application/fhir+json, or none.",
        ),
        406,
    )


def accepts_json(header: str) -> bool:
    """Say whether an Accept header admits FHIR JSON; an absent or empty one admits anything (RFC 9110 §12.5.1)."""
    ranges = [one.split(";") for one in header.lower().split(",") if one.strip()]
    wanted = {kind.strip() for kind, *rest in ranges if not any(_is_none(one) for one in rest)}
    return not ranges or bool(wanted & _JSON_RANGES)


def _is_none(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip() == "q" and not value.strip(" 0.")


def interact(request: HttpRequest, base: str, **by_method: Serve) -> HttpResponse:
    """Authenticate and serve one interaction; every refusal is an OperationOutcome.

    Args:
        base: the version segment of the address.
        by_method: how each HTTP method is served; HEAD is served as GET, its body is left out by the server; others
            are answered with 405.
    """
    version = VERSIONS.get(base)
    if version is None:
        return nothing_here()
    if "GET" in by_method:
        by_method = {**by_method, "HEAD": by_method["GET"]}
    serve = by_method.get(request.method or "")
    if serve is None:
        return wrong_method(", ".join(by_method))
    try:
        client = authenticate(request)
        return serve(
            Exchange(
                http=request, client=client, version=version, base_url=base_url_of(request, version), at=clock.now()
            )
        )
    except OpenUMError as error:
        return refused(error)
