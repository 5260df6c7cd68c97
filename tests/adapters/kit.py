"""Recorded messages written for these tests, and small ways to change them."""

import copy
from datetime import UTC, datetime
from pathlib import Path

import orjson

from openum.adapters.fhir.bundle import Bundle
from openum.adapters.fhir.pas.mapping import parts_of, to_request
from openum.adapters.fhir.pas.versions import V2_0

MESSAGES = Path(__file__).parent / "messages"
AT = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
NAMES = sorted(path.stem for path in MESSAGES.glob("*.json"))


def message(name):
    """Return a recorded message, fresh."""
    return orjson.loads((MESSAGES / f"{name}.json").read_bytes())


def resource(data, kind, index=0):
    """Return the nth resource of a type inside a message."""
    return [entry["resource"] for entry in data["entry"] if entry["resource"]["resourceType"] == kind][index]


def read(data, version=V2_0):
    """Map a message to the neutral request."""
    bundle = Bundle(copy.deepcopy(data))
    return to_request(
        bundle, parts=parts_of(bundle), version=version, raw=b"{}", canonical_digest="d", received_at=AT
    )
