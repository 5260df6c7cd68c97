"""Reads public keys from a client's address, and from nowhere else.

The address comes from whoever registers, so it could point inside our own network (server-side request forgery).
Therefore: https only, only hosts that the installation lists (OPENUM_JWKS_HOSTS), the name resolved once and only to
public addresses, the connection made to that very address, no redirects, no proxies, little time and few bytes.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import ClassVar
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from openum.accounts.connections.keys import MOST_BYTES
from openum.vocabulary.errors import Invalid

SECONDS = 3.0
"""For the whole answer, name look-up excepted."""
_LONGEST_URL = 500
_CHUNK = 16 * 1024

Fetch = Callable[[str], bytes]
"""Takes an address that passed `check_address`; returns the body.

Raises:
    KeysNotRead: there is no usable answer.
"""
Resolve = Callable[[str, int], list[str]]


class AddressNotAllowed(Invalid):
    """Public keys may not be read from this address."""

    code: ClassVar[str] = "address-not-allowed"


class KeysNotRead(Exception):
    """The address gave no usable answer; the keys known before stay."""


def check_address(url: str) -> SplitResult:
    """Refuse an address that we would not read keys from.

    Raises:
        AddressNotAllowed: not https, with a user or a fragment, or its host is not on the installation's list.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressNotAllowed("This is not an address. Write it like https://ehr.example/jwks.json.") from None
    if parts.scheme != "https" or not parts.hostname or len(url) > _LONGEST_URL or not url.isascii():
        raise AddressNotAllowed(
            "Public keys are read over https only. Write the address like https://ehr.example/jwks.json."
        )
    if parts.username or parts.password or parts.fragment or any(letter <= " " or letter == "\\" for letter in url):
        raise AddressNotAllowed("The address of public keys may hold no user, no fragment and no blanks.")
    host = parts.hostname if port in {None, 443} else f"{parts.hostname}:{port}"
    if host not in settings.OPENUM_JWKS_HOSTS:
        raise AddressNotAllowed(
            "This host is not on the installation's list of hosts with public keys. Ask the plan's integration desk to "
            "add it, or paste the key set itself."
        )
    return parts


def public_addresses(host: str, port: int) -> list[str]:
    """Resolve a name, leaving out every address that is not public.

    Raises:
        KeysNotRead: it does not resolve, or some of its addresses are not public.
    """
    try:
        found = {str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError:
        raise KeysNotRead("The host has no address.") from None
    if not found or not all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in found):
        raise KeysNotRead("The host is not on the public network.")
    return sorted(found)


class ToAddress(HTTPSConnection):
    """Connects to the address that was checked, while the certificate must be the name's."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self.secure = ssl.create_default_context()
        super().__init__(host, port, timeout=SECONDS, context=self.secure)
        self.address = address

    def connect(self) -> None:
        """Open the connection."""
        plain = socket.create_connection((self.address, self.port), timeout=SECONDS)
        self.sock = self.secure.wrap_socket(plain, server_hostname=self.host)


def fetch(url: str, *, resolve: Resolve = public_addresses) -> bytes:
    """Read an address.

    Raises:
        AddressNotAllowed: the address is not allowed, now or any more.
        KeysNotRead: no answer within the time, a redirect, an error, or too much.
    """
    parts = check_address(url)
    host, port = parts.hostname or "", parts.port or 443
    connection = ToAddress(host, port, resolve(host, port)[0])
    until = time.monotonic() + SECONDS
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Accept": "application/json", "User-Agent": "OpenUM"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise KeysNotRead("The host did not answer with 200.")
        return _body(answer, until)
    except (OSError, HTTPException):
        raise KeysNotRead("The host did not answer in time, or not over a trusted connection.") from None
    finally:
        connection.close()


def _body(answer: HTTPResponse, until: float) -> bytes:
    kept = b""
    while chunk := answer.read1(_CHUNK):
        kept += chunk
        if len(kept) > MOST_BYTES:
            raise KeysNotRead("The answer is too long.")
        if time.monotonic() > until:
            raise KeysNotRead("The answer takes too long.")
    return kept
