"""Asks a client's FHIR server for what its call left out: listed servers only, few questions, little time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import orjson
from django.conf import settings

from openum.accounts.connections.servers import ServerRefused, ask_public
from openum.adapters.fhir.elements import Json, part, text

MOST_QUESTIONS = 12
SECONDS = 3.0
"""All questions of one call together; the guide wants nine answers of ten within five seconds."""
_MOST_BYTES = 4 * 1024 * 1024
_PIECE = 64 * 1024

Get = Callable[[str, str, float], bytes]
"""Takes address, access token and the instant (of time.monotonic) to be done by; returns the body.

Raises:
    OSError: it did not answer.
"""


@dataclass(frozen=True)
class Trouble:
    """Why the client's server told us nothing, for people; passing trouble may be gone at the next call."""

    words: str
    is_passing: bool = False


NO_SERVER = Trouble("The call names no FHIR server to ask.")
NOT_LISTED = Trouble("The FHIR server that the call names is not registered with the plan, and was not asked.")
REFUSED = Trouble(
    "The FHIR server of the call did not let the plan read it with the token of the call.", is_passing=True
)
SLOW = Trouble("The FHIR server of the call took too long.", is_passing=True)
FAILED = Trouble("The FHIR server of the call did not answer as FHIR servers do.", is_passing=True)
TOO_MANY = Trouble("More was missing than the plan asks for in one call.")


class NoRedirect(HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        """Follow nothing: a listed server may not send us elsewhere with the client's token."""


def get(url: str, token: str, until: float) -> bytes:
    """Read one address over HTTP, piece by piece, so that a trickle ends in time too."""
    headers = {"Accept": "application/fhir+json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = Request(url, headers=headers)  # noqa: S310 - the address starts with one of the installation's list
    body = b""
    with build_opener(NoRedirect).open(request, timeout=max(0.01, until - time.monotonic())) as answer:
        while piece := answer.read1(_PIECE):
            body += piece
            if time.monotonic() > until:
                raise TimeoutError
            if len(body) > _MOST_BYTES:
                raise OSError("too large")
    return body


def get_public(url: str, token: str, until: float) -> bytes:
    """Read one address of a server that a client registered itself: on the public network only."""
    headers = {"Accept": "application/fhir+json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        return ask_public(url, headers, until)
    except ServerRefused as refusal:
        raise HTTPError(url, refusal.status, "refused", Message(), None) from None


class Remote:
    """The FHIR server that a call names. It is asked only when the installation lists it, or the client registered it.

    Attributes:
        trouble: the last reason for telling nothing.
    """

    def __init__(self, data: object, *, fetch: Get | None = None, own: str = "", fetch_own: Get | None = None) -> None:
        """Take the call, and the base of the caller's own server where it registered one."""
        self._server = text(data.get("fhirServer")).rstrip("/") if isinstance(data, dict) else ""
        self._token = _token(part(data, "fhirAuthorization"))
        self._is_own = bool(own) and self._server == own
        is_listed = self._server in settings.OPENUM_CLIENT_FHIR_SERVERS
        self._fetch = (fetch or get) if is_listed or not self._is_own else (fetch_own or get_public)
        self._until = time.monotonic() + SECONDS
        self._asked = 0
        self.trouble: Trouble | None = None

    def __call__(self, query: str) -> Json | None:
        """Read `Type/id` or `Type?search`; None: it told nothing, and `trouble` says why."""
        try:
            return self._read(query)
        except HTTPError as error:
            if error.code not in {404, 410}:
                self.trouble = REFUSED if error.code in {401, 403} else FAILED
        except TimeoutError:
            self.trouble = SLOW
        except (OSError, HTTPException, ValueError) as error:
            self.trouble = SLOW if isinstance(getattr(error, "reason", None), TimeoutError) else FAILED
        return None

    def _read(self, query: str) -> Json | None:
        if self._server not in settings.OPENUM_CLIENT_FHIR_SERVERS and not self._is_own:
            self.trouble = NOT_LISTED if self._server else NO_SERVER
            return None
        self._asked += 1
        if self._asked > MOST_QUESTIONS:
            self.trouble = TOO_MANY
            return None
        if time.monotonic() >= self._until:
            raise TimeoutError
        found = orjson.loads(self._fetch(f"{self._server}/{query}", self._token, self._until))
        if not isinstance(found, dict) or not text(found.get("resourceType")):
            raise ValueError("no resource")
        return found


def _token(authorization: Json) -> str:
    """Return the access token of a call; one of another kind than Bearer, or that has ended, is none."""
    kind = text(authorization.get("token_type")) or "Bearer"
    left = authorization.get("expires_in")
    has_ended = isinstance(left, (int, float)) and not isinstance(left, bool) and left <= 0
    return text(authorization.get("access_token")) if kind.lower() == "bearer" and not has_ended else ""
