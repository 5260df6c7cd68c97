"""What is known of one call of an interface while it is served: who calls, what was sent, and the faults of a sandbox."""

import time
from dataclasses import dataclass

from django.http import HttpRequest

from openum.accounts.models import ApiClient
from openum.db import clock
from openum.submission.arming import SandboxAnswer
from openum.submission.services import take_fault
from openum.vocabulary.errors import OpenUMError

_HELD = "openum_call"


@dataclass(frozen=True, kw_only=True)
class Body:
    """The bytes of a request; `raw` is None when they were too many to keep (settled: hash and size only)."""

    raw: bytes | None
    digest: str
    size: int


@dataclass
class Call:
    """A call as far as it was served: the client once it is known, the body once it is read."""

    client: ApiClient | None = None
    body: Body | None = None


class ArmedRefusal(OpenUMError):
    """A sandbox was armed to refuse the next call with a status."""

    code = "armed-refusal"

    def __init__(self, status: int) -> None:
        """Refuse with this HTTP status."""
        super().__init__(f"The sandbox was armed to refuse this call with status {status}.")
        self.status = status  # type: ignore[misc]  # the class attribute is the usual one; this one was chosen


def of(request: HttpRequest) -> Call:
    """Return what is known of a call."""
    held: Call | None = getattr(request, _HELD, None)
    if held is None:
        held = Call()
        setattr(request, _HELD, held)
    return held


def welcome(request: HttpRequest, client: ApiClient) -> None:
    """Note who calls, and give the fault that a sandbox is armed with: wait, or refuse.

    Raises:
        ArmedRefusal: the fault is a refusal; its status was chosen.
    """
    of(request).client = client
    if not client.plan.is_sandbox:
        return
    fault = take_fault(client=client, at=clock.now())
    if fault is None:
        return
    if fault.answer == SandboxAnswer.SLOW:
        time.sleep(fault.delay_seconds)
        return
    raise ArmedRefusal(fault.http_status or 0)
