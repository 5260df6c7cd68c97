"""Recorded messages written for these tests, and small ways to change them."""

import copy
from datetime import UTC, datetime
from pathlib import Path

import orjson
from hypothesis import strategies as st

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


def inquiry_of_the_practice(world):
    """Return an inquiry of the world's practice about its member of the commercial product, whatever was asked for."""
    data = message("inquiry")
    patient, coverage = resource(data, "Patient"), resource(data, "Coverage")
    patient["identifier"][0]["value"] = coverage["identifier"][0]["value"] = world.commercial_member.member_number
    patient.update(name=[{"family": "Alder", "given": ["Rose"]}], birthDate="1960-05-04")
    resource(data, "Organization")["identifier"][0]["value"] = world.practice.npi
    resource(data, "Claim")["item"] = []
    return data


def read(data, version=V2_0):
    """Map a message to the neutral request."""
    bundle = Bundle(copy.deepcopy(data))
    return to_request(bundle, parts=parts_of(bundle), version=version, raw=b"{}", canonical_digest="d", received_at=AT)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(["9999-12-31", "0001-01-01", "2026-13"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
"""Anything that JSON can say."""


def with_junk(name, pick, junk):
    """Return a recorded message with one of its values, keys' children included, replaced by junk."""
    data = message(name)
    places = list(_places(data))
    *way, last = places[pick % len(places)]
    node = data
    for step in way:
        node = node[step]
    node[last] = junk
    return data


def _places(node, path=()):
    if isinstance(node, dict):
        for name, value in node.items():
            yield (*path, name)
            yield from _places(value, (*path, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield (*path, index)
            yield from _places(value, (*path, index))
