"""When to try again and when to stop, whom an event concerns, and where we may connect to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import ClassVar
from urllib.parse import urlsplit

from openum.adapters.fhir.pas import words
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import LineStatus

MOST_FAILURES = 10
"""Failed attempts in a row after which sending stops with status error; with the waits below that is two hours."""
HANDSHAKE_DELAY = timedelta(seconds=2)
"""The answer 201 must be with the client before its listener is called."""
SLOW_SECONDS = 2.0
LEASE_SECONDS = 60
MOST_IN_A_ROW = 50
"""Notifications sent to one listener before the others get their turn."""
_TRANSLATED = IPv6Network("64:ff9b::/96")


class EndpointRefused(Invalid):
    """We do not connect to this address."""

    code: ClassVar[str] = "endpoint-refused"


def retry_after(failures: int) -> timedelta:
    """Return the wait after the nth failure in a row: 5 s, 10 s, 20 s … at most one hour."""
    return timedelta(seconds=min(5 * 2 ** max(failures - 1, 0), 3600))


def answer_changes(before: str, after: str) -> bool:
    """Say whether a requester sees another answer: another review action, or another reason why it is pended."""
    return _shown(LineStatus(before)) != _shown(LineStatus(after))


def _shown(status: LineStatus) -> tuple[str, str | None]:
    return words.ACTION[status], words.PENDED_REASON.get(status)


def concerns(*, wanted: Iterable[str], held: frozenset[str]) -> bool:
    """Say whether an event belongs to one of the organizations a subscription names; none named means any."""
    names = set(wanted)
    return not names or bool(names & held)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a notification goes; `is_listed` by the installation, else only public addresses are connected to."""

    scheme: str
    host: str
    port: int
    target: str
    is_listed: bool

    @property
    def authority(self) -> str:
        """Host and port as a Host header names them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"


def endpoint_of(url: str, *, listed: frozenset[str], is_local: bool) -> Endpoint:
    """Read an endpoint.

    Args:
        url: as the subscription names it.
        listed: hosts, or host:port, that this installation trusts.
        is_local: demo or debug: plain http and this machine are allowed.

    Raises:
        EndpointRefused: not an address we connect to.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise EndpointRefused("The endpoint is not a web address.") from None
    if any(not " " < letter < "\x7f" for letter in url):
        raise EndpointRefused("The endpoint holds characters that an address may not hold. Percent-encode them.")
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in {"https", "http"} or not host:
        raise EndpointRefused("The endpoint must be an https address.")
    if parts.username is not None or parts.fragment:
        raise EndpointRefused(
            "The endpoint may hold no user name and no fragment. Send credentials in channel.header instead."
        )
    port = port or {"https": 443, "http": 80}[parts.scheme]
    is_listed = bool(listed & {host, f"{host}:{port}"})
    if parts.scheme == "http" and not (is_local or is_listed):
        raise EndpointRefused("The endpoint must be an https address: notifications tell about members.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    endpoint = Endpoint(scheme=parts.scheme, host=host, port=port, target=target, is_listed=is_listed)
    try:
        literal = ip_address(host)
    except ValueError:
        if host == "localhost" and not (is_local or is_listed):
            raise EndpointRefused("The endpoint is this machine itself. Name an address of your own.") from None
    else:
        check_address(literal, endpoint=endpoint, is_local=is_local)
    return endpoint


def check_address(found: IPv4Address | IPv6Address, *, endpoint: Endpoint, is_local: bool) -> None:
    """Refuse an address inside our own network, whatever name led to it (EndpointRefused)."""
    inner = found.ipv4_mapped if isinstance(found, IPv6Address) and found.ipv4_mapped else found
    if endpoint.is_listed or (is_local and inner.is_loopback):
        return
    is_translated = isinstance(inner, IPv6Address) and inner in _TRANSLATED
    if not inner.is_global or inner.is_multicast or is_translated:
        raise EndpointRefused(
            "The endpoint is not a public address. Ask the plan's integration desk to list the host if it is meant."
        )
