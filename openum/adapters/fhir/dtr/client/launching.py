"""The launch of our form client from inside a record system (SMART App Launch 2, "EHR launch").

Discovery, PKCE, state, code exchange. A launch is answered once, within ten minutes, in the browser that began it; the
access token is used for one reading and not kept. Only servers that the installation lists, or that a client of the
office's own registered, can launch.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, ClassVar
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, build_opener

import orjson
from django.conf import settings

from openum.accounts.connections.queries import servers_of
from openum.accounts.connections.servers import Ask, ServerRefused, ask_public
from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.adapters.fhir.crd.remote import NoRedirect
from openum.adapters.fhir.elements import text
from openum.vocabulary.errors import Invalid

Json = dict[str, Any]

LIFE = timedelta(minutes=10)
MOST_OPEN = 5
SECONDS = 5.0
SCOPES = "launch openid fhirUser patient/*.rs"
_MOST_BYTES = 1024 * 1024


class LaunchRefused(Invalid):
    """The record system's launch cannot be followed; the sentence says why."""

    code: ClassVar[str] = "launch-refused"


@dataclass(frozen=True, kw_only=True)
class Granted:
    """What the record system granted: its server, the patient, a token for one reading, and what the launch is about."""

    server: str
    patient: str
    token: str
    context: str


def servers_for(user: User) -> list[str]:
    """Return the FHIR servers whose records a person's office may read here."""
    return sorted(
        {
            *settings.OPENUM_CLIENT_FHIR_SERVERS,
            *servers_of(scope_of(user).organizations_with(Permission.SUBMIT_REQUEST)),
        }
    )


def begin(
    *, iss: str, launch: str, redirect_uri: str, servers: Collection[str], at: datetime, ask: Ask | None = None
) -> tuple[str, str, Json]:
    """Return where to send the browser, the state, and what is kept under it.

    Raises:
        LaunchRefused: the server is not registered, or does not offer what a launch takes.
    """
    server = iss.strip().rstrip("/")
    if server not in servers:
        raise LaunchRefused(
            "This record system is not registered here. Your integrator adds its FHIR server under Connections."
        )
    if not launch.strip():
        raise LaunchRefused("The record system sent no launch. Open the form from inside it again.")
    told = _json(f"{server}/.well-known/smart-configuration", ask=ask)
    authorize, token = text(told.get("authorization_endpoint")), text(told.get("token_endpoint"))
    for endpoint in (authorize, token):
        if not _is_trusted(endpoint):
            raise LaunchRefused("The record system does not say where a launch is authorized, over https.")
    methods = told.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        raise LaunchRefused("The record system does not support PKCE with S256, which a launch needs.")
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = urlencode({
        "response_type": "code", "client_id": settings.OPENUM_FORM_APP_CLIENT_ID, "redirect_uri": redirect_uri,
        "scope": SCOPES, "state": state, "aud": iss.strip(), "launch": launch.strip(), "code_challenge": challenge,
        "code_challenge_method": "S256",
    })  # fmt: skip
    kept = {
        "server": server, "token_endpoint": token, "verifier": verifier, "redirect_uri": redirect_uri,
        "until": (at + LIFE).isoformat(),
    }  # fmt: skip
    return f"{authorize}{'&' if '?' in authorize else '?'}{query}", state, kept


def finish(
    kept: Mapping[str, str] | None, answer: Mapping[str, str], *, at: datetime, ask: Ask | None = None
) -> Granted:
    """Exchange the code for a token.

    Args:
        kept: what was kept under the state that came back; None: nothing was.
        answer: the query that the record system sent the browser back with.
        at: the instant, of the real clock.
        ask: what reads an address.

    Raises:
        LaunchRefused: the launch is unknown, used or too old; it was refused; or it names no patient.
    """
    if kept is None or datetime.fromisoformat(kept["until"]) < at:
        raise LaunchRefused("This launch is not known, too old, or was used already. Open the form again.")
    if answer.get("error"):
        raise LaunchRefused("The record system did not allow the launch. Open the form again, or ask its help desk.")
    if not answer.get("code"):
        raise LaunchRefused("The record system sent no code. Open the form again.")
    form = urlencode({
        "grant_type": "authorization_code", "code": answer["code"], "redirect_uri": kept["redirect_uri"],
        "client_id": settings.OPENUM_FORM_APP_CLIENT_ID, "code_verifier": kept["verifier"],
    }).encode()  # fmt: skip
    told = _json(kept["token_endpoint"], form=form, ask=ask)
    token, patient = text(told.get("access_token")), text(told.get("patient"))
    if not token or text(told.get("token_type")).lower() != "bearer":
        raise LaunchRefused("The record system granted no access. Open the form again.")
    if not patient:
        raise LaunchRefused("The launch names no patient. Open the chart of one patient first.")
    return Granted(server=kept["server"], patient=patient, token=token, context=text(told.get("appContext")))


def _is_trusted(endpoint: str) -> bool:
    return endpoint.startswith("https://") or _is_listed(endpoint)


def _is_listed(endpoint: str) -> bool:
    """Say whether an address is on the very host of a server that the installation lists."""
    return _origin(endpoint) in {_origin(one) for one in settings.OPENUM_CLIENT_FHIR_SERVERS}


def _origin(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


def _json(address: str, *, form: bytes | None = None, ask: Ask | None = None) -> Json:
    reader: Callable[..., bytes] = ask or (_ask_listed if _is_listed(address) else ask_public)
    headers = {"Accept": "application/json"}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        told = orjson.loads(reader(address, headers, time.monotonic() + SECONDS, form))
    except (OSError, HTTPException, ServerRefused, ValueError):
        raise LaunchRefused("The record system did not answer as SMART servers do. Try again later.") from None
    if not isinstance(told, dict):
        raise LaunchRefused("The record system did not answer as SMART servers do. Try again later.")
    return told


def _ask_listed(address: str, headers: Mapping[str, str], until: float, form: bytes | None) -> bytes:
    request = Request(address, data=form, headers=dict(headers))  # noqa: S310 - the host is one of the installation's list
    try:
        with build_opener(NoRedirect).open(request, timeout=max(0.01, until - time.monotonic())) as answer:
            body: bytes = answer.read(_MOST_BYTES)
    except HTTPError as error:
        raise ServerRefused(error.code) from None
    return body
