"""What `$questionnaire-package` costs: an order, a coverage and one condition, against the demo's web process."""

import json
from collections.abc import Sequence

from tools.bench.load import Measured, drive

PATH = "/fhir/2.2/Questionnaire/$questionnaire-package"
MOST_CPU = 30
"""Milliseconds of CPU for one package."""
_CPT = "http://www.ama-assn.org/go/cpt"


def body() -> bytes:
    """Return the input: an order that a guideline decides about, and a record that fills its form in."""
    patient = {"reference": "Patient/bench"}
    resources = {
        "coverage": {
            "resourceType": "Coverage", "id": "c", "status": "active", "subscriberId": "BENCH", "beneficiary": patient,
        },
        "order": {
            "resourceType": "ServiceRequest", "id": "o", "status": "draft", "intent": "order", "subject": patient,
            "code": {"coding": [{"system": _CPT, "code": "72148"}]},
        },
        "referenced": {
            "resourceType": "Condition", "id": "k", "subject": patient, "onsetDateTime": "2026-08-01",
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M54.16"}]},
        },
    }  # fmt: skip
    parameters = [{"name": name, "resource": resource} for name, resource in resources.items()]
    return json.dumps({"resourceType": "Parameters", "parameter": parameters}).encode()


def measure(*, port: int, token: str, clients: int, processes: Sequence[int], requests: int) -> Measured:
    """Drive the operation and return its figures.

    Raises:
        SystemExit: an answer was not 200.
    """
    headers = {"Content-Type": "application/fhir+json", "Authorization": f"Bearer {token}"}
    run = {"port": port, "path": PATH, "headers": headers, "clients": clients, "processes": list(processes)}
    drive(bodies=[body()] * 50, **run)  # warm
    measured = drive(bodies=[body()] * requests, **run)
    if set(measured.statuses) != {200}:
        raise SystemExit(f"Not every package was answered: {measured.statuses}.")
    return measured


def rows(measured: Measured) -> list[str]:
    """Return the lines of the page."""
    return [
        f"| `$questionnaire-package`: CPU per package | {measured.cpu:.1f} ms | {MOST_CPU} ms |",
        f"| the same: 99th percentile | {measured.p99:.0f} ms | |",
    ]
