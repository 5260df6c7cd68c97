"""One-click conversations: the record system of the samples calls the plan's interfaces, inside this process.

Every call passes the doors that a client passes: addresses, token, limits, recorder. Only the network is left out, so
that one thread of the web process is enough.
"""

import hashlib
import time
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any

import orjson
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.utils.crypto import salted_hmac

from openum import audit
from openum.accounts.models import ApiClient, Plan, User
from openum.accounts.services import register_client
from openum.adapters import serving
from openum.adapters.sandbox.events import ConversationHeld
from openum.adapters.sandbox.models import Conversation

RECORD_SYSTEM = "Record system of the sandbox"
_BASE = "http://record-system.example/fhir"


@transaction.atomic
def record_system_of(plan: Plan) -> tuple[ApiClient, str]:
    """Return the client under which the record system calls a sandbox plan, and its token.

    The token is made from the installation's secret, so that nothing has to keep it.
    """
    token = salted_hmac("openum.sandbox.record-system", str(plan.public_id), algorithm="sha256").hexdigest()
    client = ApiClient.objects.select_related("plan", "user").filter(plan=plan, name=RECORD_SYSTEM).first()
    if client is None:
        return register_client(name=RECORD_SYSTEM, plan=plan, token=token, enrols_unknown=True), token
    digest = hashlib.sha256(token.encode()).hexdigest()
    if client.token_hash != digest:  # the installation has a new secret
        client.token_hash = digest
        client.save(update_fields=["token_hash"])
    return client, token


def hold(*, plan: Plan, story: str, version: str, host: str, by: User, at: datetime) -> Conversation:
    """Hold a conversation and keep its steps.

    Args:
        plan: a sandbox plan.
        story: key of one of samples.ehr.stories.
        version: `2.0` or `2.2`.
        host: the host by which the plan is called.
        by: who started it.
        at: the present instant.
    """
    from samples.ehr.stories import STORIES
    from samples.ehr.talk import Talk

    client, token = record_system_of(plan)
    talk = Talk(
        story=STORIES[story], call=_inside(host, token), version=version, base=_BASE, at=at, patience=0,
        pause=_without_waiting,
    )  # fmt: skip
    steps = [
        {
            "name": step.name, "says": step.says, "status": step.status, "is_good": step.is_good,
            "milliseconds": round(step.seconds * 1000),
        }
        for step in talk.run()
    ]  # fmt: skip
    with transaction.atomic():
        held = Conversation.objects.create(
            client=client, plan_is_sandbox=plan.is_sandbox, story=story, version=version, started_by=by, at=at,
            steps=steps, is_as_told=talk.outcome.is_as_told,
        )  # fmt: skip
        audit.record(ConversationHeld(conversation_id=held.public_id, story=story), by=by, at=at)
    return held


def _without_waiting(seconds: float) -> None:
    """Let no time pass: a page does not wait for a later decision, it is asked for again."""


def _inside(host: str, token: str) -> Callable[[str, str, Any, str], Any]:
    """Return calls that pass the doors of the interfaces in this thread."""
    from samples.ehr.line import Reply, decoded

    name, _, port = host.partition(":")

    def call(method: str, path: str, body: Any, content_type: str) -> Reply:
        raw = b"" if body is None else orjson.dumps(body)
        started = time.perf_counter()
        request = WSGIRequest({
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SCRIPT_NAME": "",
            "SERVER_NAME": name, "SERVER_PORT": port or "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": host,
            "CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(raw)), "HTTP_AUTHORIZATION": f"Bearer {token}",
            "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(raw),
        })  # fmt: skip
        urls = serving.urls_of(path)
        if urls is None:
            return Reply(status=404, content=None, seconds=0)
        answer = serving.serve(request, urls)
        return Reply(status=answer.status_code, content=decoded(answer.content), seconds=time.perf_counter() - started)

    return call
