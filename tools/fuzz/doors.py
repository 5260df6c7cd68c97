"""Sends broken messages to a door and checks what must hold: an answer, never a 5xx, and nothing lost."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from tools.fuzz.mutations import broken

FHIR_JSON = "application/fhir+json"


@dataclass(kw_only=True)
class Outcome:
    """What came of many messages: how often each status, and every broken promise with its seed."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def as_bytes(message: Any) -> bytes:
    """Write a message, also one that is nested deeper than orjson writes."""
    try:
        return orjson.dumps(message)
    except orjson.JSONEncodeError:
        return json.dumps(message).encode("utf-8", "surrogatepass")


def send(
    client: Any, *, path: str, token: str, message: Any, seed: int, outcome: Outcome, is_kept: bool = False
) -> None:
    """Send one broken message and note what is wrong with the answer.

    Args:
        client: Django's test client, told not to raise.
        path: of the operation.
        token: bearer token.
        message: a good message.
        seed: names the way it is broken.
        outcome: where the result goes.
        is_kept: whether this door keeps every body as received.
    """
    body = as_bytes(broken(message, Random(seed)))
    response = client.post(path, body, content_type=FHIR_JSON, headers={"Authorization": f"Bearer {token}"})
    outcome.statuses[response.status_code] += 1
    named = f"seed {seed} at {path}"
    if response.status_code >= 500:
        outcome.failures.append(f"{named}: status {response.status_code}")
        return
    try:
        answer = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        outcome.failures.append(f"{named}: the answer is no JSON")
        return
    if response.status_code >= 400 and "/fhir/" in path and answer.get("resourceType") != "OperationOutcome":
        outcome.failures.append(f"{named}: a refusal without OperationOutcome")
    if is_kept and not _is_kept(body):
        outcome.failures.append(f"{named}: the body was not kept as received")


def _is_kept(body: bytes) -> bool:
    from openum.submission.models import Submission

    digest = hashlib.sha256(body).hexdigest()
    return any(
        row.raw_size == len(body) and (row.raw is None or bytes(row.raw) == body)
        for row in Submission.objects.filter(raw_digest=digest)
    )


def cases_without_a_claim() -> list[str]:
    """Return the numbers of cases whose kept message holds no Claim."""
    from openum.cases.models import Request

    found = []
    for request in Request.objects.select_related("case", "submission").iterator(chunk_size=200):
        raw = request.submission.raw
        message = orjson.loads(bytes(raw).removeprefix(b"\xef\xbb\xbf")) if raw is not None else {}
        entries = message.get("entry", []) if isinstance(message, dict) else []
        kinds = {
            one["resource"].get("resourceType")
            for one in entries
            if isinstance(one, dict) and isinstance(one.get("resource"), dict)
        }
        if "Claim" not in kinds:
            found.append(request.case.number)
    return found
