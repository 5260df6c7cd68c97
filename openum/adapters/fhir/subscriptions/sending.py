"""One POST to a listener: to the address that was checked, without redirects, within a fixed time."""

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from time import monotonic

from django.conf import settings

from openum.adapters.fhir.subscriptions.rules import Endpoint, EndpointRefused, check_address, endpoint_of

_MOST_READ = 4096
"""An answer's body says nothing to us; this much is read so that the other side may finish politely."""

Resolve = Callable[[str, int], Sequence[str]]
Post = Callable[[str, Sequence[Sequence[str]], bytes, float], None]
"""Takes address, headers, body and seconds.

Raises:
    NotTaken: the listener did not take it, whatever the reason.
"""


class NotTaken(Exception):
    """A listener did not take a notification. The argument says in a few words why, never what was answered."""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class _Pinned(HTTPConnection):
    """A connection to an address that was checked, under the name the client gave."""

    def __init__(self, endpoint: Endpoint, address: str, seconds: float) -> None:
        super().__init__(endpoint.host, endpoint.port, timeout=seconds)
        self._endpoint, self._address = endpoint, address

    def connect(self) -> None:
        """Connect to the checked address; the certificate must be for the name."""
        raw = socket.create_connection((self._address, self._endpoint.port), self.timeout)
        if self._endpoint.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=self._endpoint.host)
        else:
            self.sock = raw


def post(
    url: str, headers: Sequence[Sequence[str]], body: bytes, seconds: float, *, look_up: Resolve = resolve
) -> None:
    """Post a notification.

    Raises:
        NotTaken: the endpoint may not be reached, did not answer in time, or answered with something else than 2xx.
    """
    is_local = settings.OPENUM_DEMO or settings.DEBUG
    try:
        endpoint = endpoint_of(url, listed=settings.OPENUM_NOTIFICATION_HOSTS, is_local=is_local)
        addresses = look_up(endpoint.host, endpoint.port)
        for one in addresses:
            check_address(ip_address(one.partition("%")[0]), endpoint=endpoint, is_local=is_local)
    except EndpointRefused as error:
        raise NotTaken(error.code) from None
    except (OSError, ValueError):
        raise NotTaken("name not found") from None
    if not addresses:
        raise NotTaken("name not found")
    _send(endpoint, addresses[0], headers, body, seconds)


def _send(endpoint: Endpoint, address: str, headers: Sequence[Sequence[str]], body: bytes, seconds: float) -> None:
    until = monotonic() + seconds
    connection = _Pinned(endpoint, address, seconds)
    try:
        connection.connect()
        stop = threading.Timer(max(until - monotonic(), 0.001), _cut, [connection.sock])
        stop.daemon = True
        stop.start()
        try:
            connection.putrequest("POST", endpoint.target, skip_host=True, skip_accept_encoding=True)
            for name, value in (("Host", endpoint.authority), ("User-Agent", "OpenUM"), *headers):
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.putheader("Connection", "close")
            connection.endheaders(body)
            answer = connection.getresponse()
            status = answer.status
            answer.read(_MOST_READ)
        finally:
            stop.cancel()
    except (OSError, HTTPException, ValueError) as error:
        raise NotTaken("time" if monotonic() >= until else type(error).__name__) from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotTaken(f"HTTP {status}")


def _cut(sock: socket.socket) -> None:
    """End a connection whose time is over, however slowly it still drips."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
