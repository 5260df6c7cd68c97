"""A client's own FHIR server and the web pages that call us for it: what may be registered, and how a server is read.

Whoever registers writes the address, so it could point inside our own network (server-side request forgery). As with
public keys: https only, the name resolved once and only to public addresses, the connection made to that very address,
no redirects, no proxies, little time and few bytes.
"""

import time
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import ClassVar
from urllib.parse import urlsplit

import orjson

from openum.accounts.connections.fetching import KeysNotRead, Resolve, ToAddress, public_addresses
from openum.vocabulary.errors import Invalid

SECONDS = 3.0
MOST_BYTES = 4 * 1024 * 1024
MOST_ORIGINS = 10
_LONGEST_URL = 500
_PIECE = 64 * 1024


class ServerNotAllowed(Invalid):
    """This is no address of a FHIR server that we would read from."""

    code: ClassVar[str] = "server-not-allowed"


class OriginNotAllowed(Invalid):
    """This is no origin of web pages."""

    code: ClassVar[str] = "origin-not-allowed"


class ServerRefused(Exception):
    """The server answered with another status than 200."""

    def __init__(self, status: int) -> None:
        """Keep the status."""
        super().__init__(f"status {status}")
        self.status = status


Ask = Callable[[str, Mapping[str, str], float, bytes | None], bytes]
"""Takes an address that was checked, headers, the instant of `time.monotonic` to be done by, and a form to post.

Raises:
    OSError: no usable answer in time.
    ServerRefused: an answer with another status than 200.
"""


def check_server(url: str) -> str:
    """Return the base of a FHIR server as it is kept.

    Raises:
        ServerNotAllowed: not https, or with a user, a query or a fragment.
    """
    base = url.strip().rstrip("/")
    try:
        parts = urlsplit(base)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.scheme != "https" or len(base) > _LONGEST_URL or not base.isascii():
        raise ServerNotAllowed("A FHIR server is read over https only. Write its base like https://ehr.example/fhir.")
    if (
        parts.username
        or parts.password
        or parts.query
        or parts.fragment
        or any(one <= " " or one == "\\" for one in base)
    ):
        raise ServerNotAllowed("The base of a FHIR server holds no user, no question mark, no fragment and no blanks.")
    return base


def check_origins(written: str) -> str:
    """Return origins as they are kept, separated by blanks.

    Raises:
        OriginNotAllowed: one is no origin, such as https://app.example, or there are too many.
    """
    found = list(dict.fromkeys(one.rstrip("/").lower() for one in written.replace(",", " ").split()))
    for one in found:
        parts = urlsplit(one)
        is_local = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1"}
        if (
            (parts.scheme != "https" and not is_local)
            or one != f"{parts.scheme}://{parts.netloc}"
            or "@" in one
            or "*" in one
        ):
            raise OriginNotAllowed(
                "An origin is a scheme, a host and perhaps a port, like https://app.example. “*” is none."
            )
    if len(found) > MOST_ORIGINS:
        raise OriginNotAllowed(f"A client has at most {MOST_ORIGINS} origins.")
    return " ".join(found)


def ask_public(
    url: str, headers: Mapping[str, str], until: float, form: bytes | None = None, *,
    resolve: Resolve = public_addresses,
) -> bytes:  # fmt: skip
    """Read an address on the public network, or post a form to it.

    Raises:
        OSError: it is not on the public network, or gave no usable answer in time.
        ServerRefused: it answered with another status than 200.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    try:
        address = resolve(host, port)[0]
    except KeysNotRead as error:
        raise OSError(str(error)) from None
    connection = ToAddress(host, port, address)
    body = b""
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(
            "GET" if form is None else "POST", path, body=form, headers={**headers, "User-Agent": "OpenUM"}
        )
        answer = connection.getresponse()
        if answer.status != 200:
            raise ServerRefused(answer.status)
        while piece := answer.read1(_PIECE):
            body += piece
            if time.monotonic() > until:
                raise TimeoutError
            if len(body) > MOST_BYTES:
                raise OSError("too large")
    except HTTPException:
        raise OSError("no HTTP") from None
    finally:
        connection.close()
    return body


def greeting_of(base: str, *, ask: Ask = ask_public) -> str:
    """Ask a server for its CapabilityStatement; return the FHIR version it names, or empty where it told nothing."""
    try:
        raw = ask(f"{base}/metadata", {"Accept": "application/fhir+json"}, time.monotonic() + SECONDS, None)
        told = orjson.loads(raw)
    except (OSError, ServerRefused, orjson.JSONDecodeError):
        return ""
    is_statement = isinstance(told, dict) and told.get("resourceType") == "CapabilityStatement"
    return str(told.get("fhirVersion") or "")[:20] if is_statement else ""
