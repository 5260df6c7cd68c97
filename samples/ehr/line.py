"""How the record system calls a payer: over HTTP, and what it keeps of each call."""

import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError

Json = dict[str, Any]

FHIR = "application/fhir+json"
PLAIN = "application/json"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer: its status, and its content where that is JSON."""

    status: int
    content: Any
    seconds: float

    @property
    def is_good(self) -> bool:
        """Say whether the call succeeded."""
        return 200 <= self.status < 300


Call = Callable[[str, str, Any, str], Reply]
"""method, path, body (None: no body), content type."""


class NobodyAnswers(Exception):
    """There is no server at the address."""


def over_http(url: str, token: str) -> Call:
    """Return calls to a server with a bearer token."""

    def call(method: str, path: str, body: Any, content_type: str) -> Reply:
        raw = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}", "Accept": content_type}
        if raw is not None:
            headers["Content-Type"] = content_type
        request = urllib.request.Request(f"{url.rstrip('/')}{path}", data=raw, headers=headers, method=method)  # noqa: S310
        started = time.perf_counter()
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the caller chose the address
                return Reply(
                    status=answer.status, content=decoded(answer.read()), seconds=time.perf_counter() - started
                )
        except HTTPError as error:
            return Reply(status=error.code, content=decoded(error.read()), seconds=time.perf_counter() - started)
        except URLError as error:
            raise NobodyAnswers(f"Nobody answers at {url}.") from error

    return call


def decoded(raw: bytes) -> Any:
    """Return the content of a body; None where it is not JSON."""
    try:
        return json.loads(raw)
    except ValueError:
        return None
