"""Whatever stands in a call, the answer is an answer or a refusal with its reason; never a failure."""

import copy

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.adapters.crd import kit
from tests.adapters.kit import JUNK

CALLS = [
    kit.call(kit.order(performer=[{"reference": "PractitionerRole/r1"}], insurance=[{"reference": "Coverage/c1"}]),
             prefetch={"patient": kit.patient(), "coverage": kit.bundle(kit.coverage()), "role": {
                 "resourceType": "PractitionerRole", "id": "r1", "practitioner": {"reference": "PractitionerRole/r1"}}},
             extension={"davinci-crd.configuration": {"max-cards": 3}}),
    kit.call(kit.order("95810"), hook="order-select", context={"selections": ["ServiceRequest/o1"]}),
    kit.call(hook="order-dispatch", prefetch={"order": kit.order("97110"), "coverage": kit.coverage()},
             context={"dispatchedOrders": ["ServiceRequest/o1"], "order": "ServiceRequest/o1", "performer": "Practitioner/d1"}),
    kit.call(hook="encounter-start", context={"encounterId": "e1"}, prefetch={"encounter": {
        "resourceType": "Encounter", "id": "e1", "class": {"code": "IMP"}, "type": [{"coding": []}],
        "hospitalization": {"admitSource": {"coding": [{"code": "emd"}]}}}}),
]  # fmt: skip


def places(node, path=()):
    if isinstance(node, dict):
        for name, value in node.items():
            yield (*path, name)
            yield from places(value, (*path, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield (*path, index)
            yield from places(value, (*path, index))


@pytest.mark.parametrize("number", range(len(CALLS)))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pick=st.integers(0, 10_000), junk=JUNK)
def test_junk_anywhere_is_survived(crd, number, pick, junk):
    body = copy.deepcopy(CALLS[number])
    ways = list(places(body))
    *way, last = ways[pick % len(ways)]
    node = body
    for step in way:
        node = node[step]
    node[last] = junk
    for base in ("2.0", "2.2"):
        answer = crd.post(body, hook=CALLS[number]["hook"], base=base)
        content = orjson.loads(answer.content)
        assert answer.status_code in {200, 422}, content
        assert "cards" in content or content["resourceType"] == "OperationOutcome"
