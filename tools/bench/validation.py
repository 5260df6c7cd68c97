"""What checking a message costs, as ratios to `json.loads` of the same text in the same run."""

import json
from collections.abc import Callable
from pathlib import Path
from time import process_time_ns
from typing import Any

from openum.adapters.fhir.validation import STU2, check

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "examples" / "pas" / "2.0.1" / "ig"
EXAMPLE = "Bundle-ReferralAuthorizationBundleExample.json"
OWN = ROOT / "tests" / "adapters" / "messages" / "referral-urn.json"
REQUEST = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-pas-request-bundle"
ROUNDS = 60
BASE_BUDGET, PROFILE_BUDGET = 10, 60


def _usual(work: Callable[[], Any]) -> float:
    """Return the lower quartile of the processor time in milliseconds: what it costs without disturbance."""
    times = []
    for _ in range(ROUNDS):
        started = process_time_ns()
        work()
        times.append(process_time_ns() - started)
    return sorted(times)[ROUNDS // 4] / 1e6


def measured(text: str) -> tuple[float, float, float]:
    """Return milliseconds of parsing, of the R4 check, and of the check with the PAS profile."""
    message = json.loads(text)
    check(message, profiles=[REQUEST], edition=STU2)  # read the table and compile once
    return (
        _usual(lambda: json.loads(text)),
        _usual(lambda: check(message, edition=STU2, claimed=False)),
        _usual(lambda: check(message, profiles=[REQUEST], edition=STU2)),
    )


def rows() -> list[str]:
    """Return the lines of the page: the guide's example when it is at hand, else a message of the tests."""
    file = SHARED / EXAMPLE if SHARED.is_dir() else OWN
    text = file.read_text(encoding="utf-8")
    parsed, base, profiled = measured(text)
    size = f"{len(text) / 1000:.1f} kB"
    base_told = f"{base:.2f} ms, {base / parsed:.1f}× `json.loads` ({parsed:.3f} ms)"
    profile_told = f"{profiled:.2f} ms, {profiled / parsed:.1f}×"
    return [
        f"| validator: FHIR R4, PAS request of {size} | {base_told} | {BASE_BUDGET}× |",
        f"| the same with the PAS profile and all it leads to | {profile_told} | {PROFILE_BUDGET}× |",
    ]


if __name__ == "__main__":
    print("\n".join(rows()))
