"""What every FHIR operation asks of an HTTP request: a token, a content type, a bounded body, readable JSON."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from openum.accounts.connections import scopes as words
from openum.accounts.connections.callers import TooManyCalls, check_caller, count_refusal
from openum.accounts.connections.proving import Times, prove_hook_caller
from openum.accounts.connections.signed import SignedTokenRefused
from openum.accounts.connections.tokens import Bearer, bearer_of, fixed_bearer_of
from openum.accounts.models import ApiClient
from openum.adapters.fhir import calls
from openum.adapters.fhir.calls import Body, welcome
from openum.adapters.fhir.outcome import Issue, MessageRefused
from openum.adapters.fhir.scopes import OutOfScope, needed
from openum.db import clock
from openum.db.text import clean
from openum.vocabulary.errors import NotAllowed, OpenUMError

Json = dict[str, Any]

CONTENT_TYPES = frozenset({"application/fhir+json", "application/json", "text/json"})
_CHUNK = 64 * 1024
_MOST_HASHED = 8
"""How many times the size limit is read and hashed of a body that is too large, before the rest is left unread."""


class NotAuthenticated(NotAllowed):
    """There is no bearer token, or it belongs to no active client (HTTP 401)."""

    code = "not-authenticated"
    status = 401


class ClientSuspended(NotAllowed):
    """The token is right, but the client may not act at present (HTTP 403)."""

    code = "client-suspended"


@dataclass(frozen=True, kw_only=True)
class Message:
    """A readable body: its bytes, its content, and a digest of the content alone."""

    raw: bytes
    data: Any
    canonical_digest: str


def authenticate(request: HttpRequest) -> ApiClient:
    """Return the client of the bearer token, which must allow what the method and the address ask for.

    A sandbox may be armed to let the client wait, or to refuse it.

    Raises:
        NotAuthenticated, ClientSuspended, TooManyRefusals: as for `known_client`.
        OutOfScope: the token does not allow this.
        ArmedRefusal: the sandbox was armed so.
    """
    bearer = _known(request)
    _, _, below = request.path_info.removeprefix("/fhir/").partition("/")
    kind, letters = needed(request.method or "", below)
    if not words.covers(bearer.scopes, kind, letters):
        raise OutOfScope(f"The token does not allow this. It takes the scope {words.Scope(kind, letters)}.")
    welcome(request, bearer.client)
    return bearer.client


def authenticate_for(request: HttpRequest, kind: str, letters: str) -> ApiClient:
    """Return the client of the bearer token, which must allow some interactions with a kind of resource.

    Raises:
        NotAuthenticated, ClientSuspended, TooManyRefusals: as for `known_client`.
        OutOfScope: the token does not allow this.
    """
    bearer = _known(request)
    if not words.covers(bearer.scopes, kind, letters):
        raise OutOfScope(f"The token does not allow this. It takes the scope {words.Scope(kind, letters)}.")
    return bearer.client


def known_client(request: HttpRequest) -> ApiClient:
    """Return the client of the bearer token, whatever the token allows.

    Raises:
        NotAuthenticated: no token, or one that is unknown or expired; they are not told apart.
        ClientSuspended: the client's user is not active.
        TooManyRefusals: calls from this address were refused too often.
    """
    return _known(request).client


def _known(request: HttpRequest) -> Bearer:
    at, token = clock.real_now(), _token(request)
    return _bearer(request, bearer_of(token, at=at) if token else None, at)


def authenticate_hook(request: HttpRequest, *, audiences: frozenset[str], body: Body) -> ApiClient:
    """Return the client of a CDS Hooks call: of the token it signed, or of a fixed token where its plan accepts those.

    Args:
        request: the call.
        audiences: the address of the service, and that of its discovery.
        body: what was received with it.

    Raises:
        SignedTokenRefused: the signed token proves nothing; the sentence says why.
        NotAuthenticated, ClientSuspended, TooManyRefusals: as for `known_client`.
        ArmedRefusal: the sandbox was armed so.
    """
    client = _hook_caller(request, audiences, body)
    welcome(request, client)
    return client


def _hook_caller(request: HttpRequest, audiences: frozenset[str], body: Body) -> ApiClient:
    at, token = clock.real_now(), _token(request)
    if token.count(".") != 2:
        return _bearer(request, fixed_bearer_of(token), at).client
    check_caller(request, at=at)
    try:
        times = Times(real=at, shown=clock.now())
        client = prove_hook_caller(token, audiences=audiences, message=body.digest, times=times)
    except SignedTokenRefused:
        count_refusal(request, at=at)
        raise
    return _bearer(request, Bearer(client, ()), at).client


def _token(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _bearer(request: HttpRequest, bearer: Bearer | None, at: datetime) -> Bearer:
    if bearer is None:
        count_refusal(request, at=at)
        raise NotAuthenticated("A valid bearer token of a registered client is needed.")
    if not bearer.client.user.is_active:
        raise ClientSuspended("This client is suspended. Ask the plan's integration desk.")
    return bearer


def tell_how(response: HttpResponse, error: OpenUMError) -> HttpResponse:
    """Add the headers that tell a client's software how to go on after a refusal (RFC 6750, RFC 6585)."""
    if isinstance(error, (NotAuthenticated, SignedTokenRefused)):
        response.headers["WWW-Authenticate"] = 'Bearer realm="OpenUM", error="invalid_token"'
    elif isinstance(error, OutOfScope):
        response.headers["WWW-Authenticate"] = 'Bearer realm="OpenUM", error="insufficient_scope"'
    elif isinstance(error, TooManyCalls):
        response.headers["Retry-After"] = "60"
    return response


def receive(request: HttpRequest) -> Body:
    """Read the body, keeping no more than the size limit and hashing what is over it; the call remembers it."""
    body = _read(request)
    calls.of(request).body = body
    return body


def _read(request: HttpRequest) -> Body:
    limit = settings.OPENUM_MAX_BODY_BYTES
    digest = hashlib.sha256()
    kept: list[bytes] = []
    size = 0
    while size <= limit * _MOST_HASHED and (chunk := request.read(_CHUNK)):
        digest.update(chunk)
        size += len(chunk)
        if size <= limit:
            kept.append(chunk)
    if size > limit:
        return Body(raw=None, digest=digest.hexdigest(), size=max(size, _declared_size(request)))
    return Body(raw=b"".join(kept), digest=digest.hexdigest(), size=size)


def _declared_size(request: HttpRequest) -> int:
    declared = request.headers.get("Content-Length", "")
    return int(declared) if declared.isdecimal() and len(declared) < 16 else 0


def read_message(request: HttpRequest, body: Body, *, name: str = "Bundle") -> Message:
    """Parse a body; `name` is the resource type expected, for the paths of refusals.

    Raises:
        MessageRefused: too large (413), another content type (415), or not JSON that we can hold (400).
    """
    if body.raw is None:
        raise MessageRefused(
            Issue(
                code="too-long",
                path=name,
                text=f"The body is over the limit of {settings.OPENUM_MAX_BODY_BYTES} bytes.",
                cure="Send large documents apart, or in smaller copies.",
            ),
            http_status=413,
        )
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in CONTENT_TYPES or request.headers.get("Content-Encoding", "identity") != "identity":
        raise MessageRefused(
            Issue(
                code="not-supported",
                path=name,
                text="The body must be FHIR JSON.",
                cure="Send it uncompressed, with Content-Type: application/fhir+json.",
            ),
            http_status=415,
        )
    return parse(body.raw, name=name)


def parse(raw: bytes, *, name: str = "Bundle") -> Message:
    """Parse the bytes of a message.

    Raises:
        MessageRefused: not JSON that we can hold.
    """
    try:
        data = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
        canonical = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONDecodeError as error:
        raise MessageRefused(
            Issue(
                code="structure",
                path=name,
                text=f"The body is not valid JSON in UTF-8 (line {error.lineno}, column {error.colno}).",
                cure="Correct the JSON and send it again.",
            )
        ) from None
    except (orjson.JSONEncodeError, RecursionError):
        raise MessageRefused(
            Issue(
                code="structure",
                path=name,
                text="The body is nested too deeply.",
                cure="FHIR resources need no more than a few dozen levels.",
            )
        ) from None
    if b"\\u0000" in raw:
        data = _cleaned(data)
    return Message(raw=raw, data=data, canonical_digest=hashlib.sha256(canonical).hexdigest())


def _cleaned(node: Any) -> Any:
    """Return the content with every U+0000 shown as U+FFFD; the bytes as received are kept beside it."""
    if isinstance(node, str):
        return clean(node)
    if isinstance(node, list):
        return [_cleaned(one) for one in node]
    if isinstance(node, dict):
        return {clean(name): _cleaned(value) for name, value in node.items()}
    return node
