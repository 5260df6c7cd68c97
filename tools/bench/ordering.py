"""What `order-sign` costs with 5,000 requirement rows loaded, beside the bare view that answers the same calls."""

import json
import tempfile
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.bench.load import Measured, drive

CODES = range(30000, 35000)
_LIST = "key: bench\nversion: {version}\neffective_from: 2025-01-01\nsource: made for the measurement\nsource_verified: false\nrows:\n"
_ROW = "  - {{key: r{code}, services: [CPT|{code}], authorization: auth-needed, reason: It is listed., documents: {{kind: clinical}}, valid_days: 60}}\n"
_CPT = "http://www.ama-assn.org/go/cpt"


def load_rows() -> None:
    """Publish the list of 5,000 rows."""
    from openum.accounts.queries import rules_engine
    from openum.db import clock
    from openum.needs.services import publish_requirements

    at = clock.now()
    body = _LIST.format(version=f"{datetime.now(tz=UTC):%Y%m%d%H%M%S}") + "".join(
        _ROW.format(code=code) for code in CODES
    )
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "bench.yaml"
        file.write_text(body, encoding="utf-8")
        publish_requirements(path=file, by=rules_engine(), at=at)


def calls(count: int) -> list[bytes]:
    """Return calls of the hook, each about another order, for members on file; every second code is a listed one."""
    from openum.directory.models import Member

    members = list(Member.objects.filter(plan__is_sandbox=False, birth_date__isnull=False).order_by("-pk")[:count])
    stamp = f"{datetime.now(tz=UTC):%H%M%S}"
    return [json.dumps(_call(members[n % len(members)], f"{stamp}-{n}", n)).encode() for n in range(count)]


def _call(member: Any, name: str, number: int) -> dict[str, Any]:
    code = str(CODES[number * 7 % len(CODES)]) if number % 2 else "72148"
    patient = {
        "resourceType": "Patient", "id": f"p{number}", "birthDate": member.birth_date.isoformat(),
        "name": [{"family": member.family_name, "given": [member.given_name]}],
    }  # fmt: skip
    coverage = {
        "resourceType": "Coverage", "id": f"c{number}", "status": "active", "subscriberId": member.member_number,
        "beneficiary": {"reference": f"Patient/p{number}"}, "payor": [{"display": "plan"}],
    }  # fmt: skip
    order = {
        "resourceType": "ServiceRequest", "id": f"o-{name}", "status": "draft", "intent": "order",
        "code": {"coding": [{"system": _CPT, "code": code}]}, "subject": {"reference": f"Patient/p{number}"},
        "authoredOn": "2026-11-20", "note": [{"text": "for the measurement"}],
    }  # fmt: skip
    context = {
        "userId": "Practitioner/d1", "patientId": f"p{number}",
        "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order}]},
    }  # fmt: skip
    return {
        "hook": "order-sign", "hookInstance": f"5a1e3f7e-3f0c-4a0e-9d46-{number:012d}", "context": context,
        "prefetch": {"patient": patient, "coverage": coverage},
    }  # fmt: skip


def turns(
    *, port: int, bare_port: int, token: str, requests: int, clients: int, web: Sequence[int], bare: Sequence[int]
) -> tuple[list[Measured], list[Measured], list[Measured]]:
    """Drive OpenUM, the bare view and the barest in turns, so that a busy moment of the machine meets all."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    bodies = calls(requests + 200)
    ours: dict[str, Any] = {
        "port": port, "path": "/crd/2.0/cds-services/order-sign", "headers": headers, "clients": clients, "processes": web,
    }  # fmt: skip
    plain = {**ours, "port": bare_port, "path": "/order-sign", "processes": bare}
    short = {**plain, "path": "/short/order-sign"}
    for run in (ours, plain, short):
        drive(bodies=bodies[:200], **run)  # warm
    _prove(port, ours["path"], headers, bodies[:2])
    found: tuple[list[Measured], list[Measured], list[Measured]] = ([], [], [])
    quarter = max(1, requests // 4)
    for start in range(200, len(bodies), quarter):
        for kept, run in zip(found, (ours, plain, short), strict=True):
            measured = drive(bodies=bodies[start : start + quarter], **run)
            if set(measured.statuses) != {200}:
                raise SystemExit(f"Not every answer was 200: {measured.statuses}.")
            kept.append(measured)
    return found


def _prove(port: int, path: str, headers: dict[str, str], bodies: Sequence[bytes]) -> None:
    """See to it that the rows are asked: a code of theirs and one of the demo's lists need authorization."""
    for body in bodies:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            if b"auth-needed" not in answer.read():
                raise SystemExit("An order of a listed code was not told that it needs authorization.")
