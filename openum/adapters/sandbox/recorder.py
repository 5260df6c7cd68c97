"""Keeps what went over the line between a sandbox plan and its clients, for a limited time.

Only clients of sandbox plans are recorded. Headers are not kept, so no credential is. A client's messages are kept for
`KEPT_FOR`, about `MOST_KEPT` of them (the surplus is looked for at every twentieth), each body up to `MOST_BYTES`.
"""

import hashlib
import time
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse

from openum.accounts.models import ApiClient
from openum.adapters.fhir import calls
from openum.adapters.sandbox.models import RecordedMessage
from openum.db import clock, plain

KEPT_FOR = timedelta(days=7)
MOST_KEPT = 500
MOST_BYTES = 1024 * 1024
FORGET_EVERY = 20
_FORGET_SURPLUS = """
DELETE FROM sandbox_recordedmessage WHERE client_id = %s AND id <= (
  SELECT id FROM sandbox_recordedmessage WHERE client_id = %s ORDER BY id DESC LIMIT 1 OFFSET %s)
"""
log = structlog.get_logger("openum.sandbox")


def record_call(request: HttpRequest, response: HttpResponse, *, started: float) -> None:
    """Keep a call of a sandbox client and our answer; other calls are not ours to keep.

    A recorder that fails must not spoil the answer: it is logged without content.

    Args:
        request: as the interface served it.
        response: the answer.
        started: `time.perf_counter()` when serving began.
    """
    call = calls.of(request)
    if call.client is None or not call.client.plan.is_sandbox:
        return
    try:
        _keep(
            client=call.client, direction=RecordedMessage.FROM_CLIENT, method=request.method or "",
            address=request.path_info, query=request.META.get("QUERY_STRING", ""),
            body=call.body.raw if call.body else b"", body_size=call.body.size if call.body else 0,
            status=response.status_code, answer=response.content, started=started, at=clock.now(),
        )  # fmt: skip
    except DatabaseError:
        log.error("a sandbox message was not recorded", method=request.method, status=response.status_code)


def record_sent(
    *, client: ApiClient, method: str, address: str, body: bytes, status: int | None, answer: bytes, started: float,
    at: datetime,
) -> None:  # fmt: skip
    """Keep a message that we sent to a sandbox client, such as a notification; `status` is None when nobody answered."""
    if client.plan.is_sandbox:
        _keep(
            client=client, direction=RecordedMessage.TO_CLIENT, method=method, address=address, query="", body=body,
            body_size=len(body), status=status, answer=answer, started=started, at=at,
        )  # fmt: skip


@transaction.atomic
def _keep(
    *, client: ApiClient, direction: str, method: str, address: str, query: str, body: bytes | None, body_size: int,
    status: int | None, answer: bytes, started: float, at: datetime,
) -> None:  # fmt: skip
    recorded = plain.new(
        RecordedMessage, plan=client.plan, plan_is_sandbox=client.plan.is_sandbox, client=client, direction=direction, at=at,
        method=method, address=address, query=query, body=_kept(body), body_size=body_size,
        body_digest=hashlib.sha256(body).hexdigest() if body else "", status=status, answer=_kept(answer),
        answer_size=len(answer), milliseconds=round((time.perf_counter() - started) * 1000),
    )  # fmt: skip
    plain.insert([recorded])
    if recorded.pk % FORGET_EVERY == 0:
        plain.execute(_FORGET_SURPLUS, [client.pk, client.pk, MOST_KEPT])


def _kept(body: bytes | None) -> bytes | None:
    return body if body is not None and len(body) <= MOST_BYTES else None


def forget_old(*, at: datetime) -> int:
    """Delete what was kept long enough, and return how many messages that were."""
    deleted, _ = RecordedMessage.objects.filter(at__lt=at - KEPT_FOR).delete()
    return deleted
