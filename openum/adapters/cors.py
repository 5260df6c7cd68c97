"""Calls from web pages: DTR apps that run in a browser (Fetch standard, "CORS protocol").

A client registers the origins of its pages. Its answers may be read there, and nowhere else; a preflight, which carries
no token, is answered for every origin that some client registered. No cookie opens these doors, so credentials are
never allowed, and no origin is ever written as a wildcard here.
"""

from django.http import HttpRequest, HttpResponse

from openum.accounts.connections.queries import has_origin
from openum.adapters.fhir import calls

DOORS = ("/fhir/", "/oauth/")
METHODS = "GET, POST, PUT, DELETE"
HEADERS = "Accept, Authorization, Content-Type, If-Match, Prefer"
EXPOSED = "Content-Location, ETag, Location, Retry-After, WWW-Authenticate, X-Request-Faults, X-Request-Id"
SECONDS = 600
_ALLOWED = "Access-Control-Allow-Origin"


def preflight(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a browser that asks first; None where it does not."""
    wanted = request.headers.get("Access-Control-Request-Method")
    if request.method != "OPTIONS" or not wanted or not request.path_info.startswith(DOORS):
        return None
    response = HttpResponse(status=204)
    response.headers["Vary"] = "Origin"
    origin = _origin(request)
    if has_origin(origin):
        response.headers[_ALLOWED] = origin
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = HEADERS
        response.headers["Access-Control-Max-Age"] = str(SECONDS)
    return response


def allow(request: HttpRequest, response: HttpResponse) -> None:
    """Let the page that called read an answer, if it is one of its client's; a refusal, if it is one of any client's."""
    origin = _origin(request)
    if not origin or not request.path_info.startswith(DOORS) or _ALLOWED in response.headers:
        return
    client = calls.of(request).client
    if origin in client.browser_origins.split() if client is not None else has_origin(origin):
        response.headers[_ALLOWED] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
    response.headers["Vary"] = "Origin"


def _origin(request: HttpRequest) -> str:
    return request.headers.get("Origin", "").lower()
