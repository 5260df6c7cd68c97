"""Payloads of the published kinds with ids, orders, references and codes changed get the same kind of answer."""

import copy
import json
import random
import re

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openum.adapters.fhir.validation import STU2, STU2_2, Severity, check
from tests.adapters.crd import kit
from tests.adapters.crd.conftest import crd
from tests.adapters.crd.kit import check_answer, information, without_information
from tests.conformance.test_crd_examples import EXAMPLES, _requests, _sent

__all__ = ["crd"]
pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the published examples are not beside this checkout")
CALLS = [(file, outcome) for file, outcome in _requests() if "or 4xx" not in outcome]
CODES = {
    "http://www.ama-assn.org/go/cpt": ["72148", "95810", "97110", "17380", "00001", "27447", "99213"],
    "https://bluebutton.cms.gov/resources/codesystem/hcpcs": ["E0250", "E0296", "G0180", "K0813", "E0601", "A9999"],
}
_ID = re.compile(r"^[A-Za-z0-9\-.]{1,64}$")
CONTEXT = ("patientId", "encounterId", "userId", "order", "performer")


def renamed(body, rng):
    """Give every resource another id, and point every reference and name of the context at it; hosts change too."""
    names = {}

    def new(name):
        return names.setdefault(name, f"x{rng.randrange(10**9)}")

    for node in walk(body):
        if isinstance(node, dict) and node.get("resourceType") and isinstance(node.get("id"), str):
            new(node["id"])
    for name in CONTEXT:
        value = body["context"].get(name)
        if isinstance(value, str):
            new(value.rsplit("/", 1)[-1])
    text = json.dumps(body)
    for old, made in sorted(names.items(), key=lambda pair: -len(pair[0])):
        text = re.sub(rf'(?<=[/"#]){re.escape(old)}(?=["/])', made, text)
    text = text.replace("inferno.healthit.gov", "ehr.mutant.test").replace("example.org", "mutant.test")
    return json.loads(text)


def walk(node):
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


def recoded(body, rng):
    """Ask for other services, in the same systems."""
    body = copy.deepcopy(body)
    for node in walk(body["context"]):
        if isinstance(node, dict) and node.get("system") in CODES and "code" in node:
            node["code"] = rng.choice(CODES[node["system"]])
            node.pop("display", None)
    return body


def shuffled(body, rng):
    """Bring entries and prefetch into another order, under other keys."""
    body = copy.deepcopy(body)
    for node in walk(body):
        if isinstance(node, dict) and node.get("resourceType") == "Bundle" and isinstance(node.get("entry"), list):
            rng.shuffle(node["entry"])
    pairs = list((body.get("prefetch") or {}).items())
    rng.shuffle(pairs)
    if pairs:
        body["prefetch"] = {f"k{number}": value for number, (_key, value) in enumerate(pairs)}
    return body


def thinned(body, rng):
    """Leave out one prefetch value, or give it as null."""
    body = copy.deepcopy(body)
    keys = sorted(body.get("prefetch") or {})
    if keys:
        key = rng.choice(keys)
        body["prefetch"][key] = None
        if rng.random() < 0.5:
            del body["prefetch"][key]
    return body


def doubled(body, rng):
    """Add the same order once more under another id, and an order that cannot be judged."""
    body = copy.deepcopy(body)
    for name in ("draftOrders", "appointments"):
        bundle = body["context"].get(name)
        if bundle:
            again = copy.deepcopy(rng.choice(bundle["entry"]))
            again["resource"]["id"] = f"again{rng.randrange(10**6)}"
            bundle["entry"] += [again, {"resource": {"resourceType": "Basket"}}]
    return body


CHANGES = {"renamed": renamed, "recoded": recoded, "shuffled": shuffled, "thinned": thinned, "doubled": doubled}


@pytest.mark.parametrize("token", ["sandbox-token", "plan-token"])
@pytest.mark.parametrize(("file", "outcome"), CALLS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32), changes=st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=4, unique=True)
)
def test_a_changed_call_gets_the_outcome_of_its_kind(crd, file, outcome, token, seed, changes):
    rng = random.Random(seed)
    body = orjson.loads((EXAMPLES / file).read_bytes())
    for name in changes:
        body = CHANGES[name](body, rng)
    base, guide = ("2.2", "2.2.1") if "/2.2" in file else ("2.0", "2.0.1")
    response = crd.post(body, base=base, token=token)
    assert response.status_code == 200, response.content
    answer = orjson.loads(response.content)
    check_answer(answer, body["hook"], guide)
    sent = _sent(body)
    if "coverage-information update" not in outcome:
        return
    dispatched = body["context"].get("order")
    wanted = 1 if dispatched is None or any(f"/{key[1]}" in f"/{dispatched}" for key in sent) else 0
    assert len(answer["systemActions"]) >= wanted
    for action in answer["systemActions"]:
        resource = action["resource"]
        assert information(resource)
        assert without_information(resource) == without_information(sent[resource["resourceType"], resource["id"]])


def errors(resource, edition, profiles=()):
    """Return the errors of a resource that our validator finds."""
    found = check(resource, profiles=profiles, edition=edition, claimed=not profiles)
    return sorted((one.path, one.rule) for one in found.violations if one.severity is Severity.ERROR)


@pytest.mark.parametrize("token", ["sandbox-token", "plan-token"])
@pytest.mark.parametrize(("file", "outcome"), CALLS)
def test_what_we_add_to_an_order_breaks_no_rule_of_its_profile(crd, file, outcome, token):
    base, edition = ("2.2", STU2_2) if "/2.2" in file else ("2.0", STU2)
    body = orjson.loads((EXAMPLES / file).read_bytes())
    answer = orjson.loads(crd.post(body, base=base, token=token).content)
    sent = _sent(body)
    for action in answer.get("systemActions", []):
        resource = action["resource"]
        before = sent[resource["resourceType"], resource["id"]]
        profile = [f"http://hl7.org/fhir/us/davinci-crd/StructureDefinition/profile-{resource['resourceType'].lower()}"]
        assert set(errors(resource, edition, profile)) <= set(errors(before, edition, profile))


@pytest.mark.parametrize(("base", "edition"), [("2.0", STU2), ("2.2", STU2_2)])
def test_what_cards_propose_is_valid(crd, base, edition):
    patient = {**kit.patient(), "gender": "female", "identifier": [{"system": "urn:x", "value": "M-1"}]}
    body = kit.call(kit.order(), kit.order("27447", "o2"), kit.order("95810", "o3"), prefetch={"patient": patient})
    proposed = [
        action["resource"]
        for card in crd.ask(body, base=base)["cards"]
        for suggestion in card.get("suggestions", [])
        for action in suggestion["actions"]
        if "resource" in action
    ]
    kinds = {one["resourceType"] for one in proposed}
    assert kinds == {"Task", "Coverage", "ServiceRequest"}
    assert [errors(one, edition) for one in proposed] == [[]] * len(proposed)
    task = next(one for one in proposed if one["resourceType"] == "Task")
    del task["status"]
    assert errors(task, edition)
