"""Calls as an EHR sends them, and the invariants of coverage information as the guides write them."""

import copy
import json

URL = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information"
CPT = "http://www.ama-assn.org/go/cpt"
NPI = "http://hl7.org/fhir/sid/us-npi"


def patient(born="1960-05-04", family="Osgood"):
    return {"resourceType": "Patient", "id": "p1", "birthDate": born, "name": [{"family": family, "given": ["Mina"]}]}


def coverage(number="M-1", **facts):
    return {
        "resourceType": "Coverage", "id": "c1", "status": "active", "subscriberId": number,
        "beneficiary": {"reference": "Patient/p1"}, "payor": [{"display": "plan"}], **facts,
    }  # fmt: skip


def order(code="72148", name="o1", **facts):
    return {
        "resourceType": "ServiceRequest", "id": name, "status": "draft", "intent": "order",
        "code": {"coding": [{"system": CPT, "code": code}]}, "subject": {"reference": "Patient/p1"},
        "note": [{"text": "keep me"}], **facts,
    }  # fmt: skip


def practitioner(npi, name="d1"):
    return {"resourceType": "Practitioner", "id": name, "identifier": [{"system": NPI, "value": npi}]}


def bundle(*resources):
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def call(*orders, hook="order-sign", prefetch=None, **facts):
    context = {"userId": "Practitioner/d1", "patientId": "p1"}
    if hook in {"order-sign", "order-select"}:
        context["draftOrders"] = bundle(*orders)
    elif hook == "appointment-book":
        context["appointments"] = bundle(*orders)
    context.update(facts.pop("context", {}))
    if prefetch is None:
        prefetch = {"patient": patient(), "coverage": bundle(coverage())}
    return copy.deepcopy({
        "hook": hook, "hookInstance": "5a1e3f7e-3f0c-4a0e-9d46-0f6f5f4f3a10", "context": context, "prefetch": prefetch,
        **facts,
    })  # fmt: skip


def information(resource):
    """Return the parts of each coverage-information of a resource: url to list of values."""
    found = []
    for one in resource.get("extension", []):
        if one["url"] == URL:
            parts = {}
            for part in one["extension"]:
                values = [value for key, value in part.items() if key.startswith("value")]
                parts.setdefault(part["url"], []).append(values[0] if values else part["extension"])
            found.append(parts)
    return found


CODES = {
    "2.0.1": {
        "covered": {"covered", "not-covered", "conditional"},
        "pa-needed": {"no-auth", "auth-needed", "satisfied", "performpa", "conditional"},
        "doc-needed": {"clinical", "admin", "both", "conditional"},
        "info-needed": {"performer", "location", "timeframe", "contract-window", "OTH"},
    },
    "2.2.1": {
        "covered": {"covered", "not-covered", "conditional", "indeterminate"},
        "pa-needed": {"no-auth", "auth-needed", "satisfied", "performpa", "conditional", "indeterminate"},
        "doc-needed": {"clinical", "admin", "patient", "conditional", "indeterminate"},
        "info-needed": {"performer", "location", "timeframe", "contract-window", "detail-code", "OTH"},
    },
}


def check_information(parts, guide):
    """Check one coverage-information: cardinalities, codes, and the invariants crd-ci-q1 to q9 of its version."""
    is_new = guide == "2.2.1"
    for name in ("coverage", "covered", "date", "coverage-assertion-id"):
        assert len(parts[name]) == 1, name
    for name, most in (("pa-needed", 1), ("satisfied-pa-id", 1), ("doc-needed", 9 if is_new else 1)):
        assert len(parts.get(name, [])) <= most, name
    for name, known in CODES[guide].items():
        assert set(parts.get(name, [])) <= known, name
    assert ("expiry-date" not in parts) or is_new
    covered, needed = parts["covered"][0], parts.get("pa-needed", [None])[0]
    said = {covered, needed, *parts.get("doc-needed", [])}
    if "questionnaire" in parts:
        assert "doc-needed" in parts, "q1"
        assert all("|" in one for one in parts["questionnaire"])
    assert (needed is None) is (covered == "not-covered"), "q2"
    assert ("info-needed" in parts) is ("conditional" in said), "q3"
    if needed in {"satisfied", "no-auth", None}:
        assert "withpa" not in parts.get("doc-purpose", []), "q4"
    assert (needed == "satisfied") is ("satisfied-pa-id" in parts), "q5"
    assert all(one.get("text") for one in parts["reason"]), "q6 to q9"
    for detail in parts.get("detail", []):
        assert {one["url"] for one in detail} >= ({"category", "code", "value"} if is_new else {"code", "value"})


def check_answer(answer, hook, guide):
    """Check what every answer must have, and each coverage information in it."""
    assert isinstance(answer["cards"], list)
    assert ("systemActions" in answer) or hook not in {"order-sign", "order-dispatch", "appointment-book"}
    uuids = []
    for card in answer["cards"]:
        assert 0 < len(card["summary"]) < 140
        assert card["indicator"] in {"info", "warning", "critical"}
        assert card["source"]["label"]
        assert card["source"]["topic"]["code"]
        uuids.append(card["uuid"])
        for link in card.get("links", []):
            assert link["type"] in {"absolute", "smart"}
            assert ("appContext" in link) is (link["type"] == "smart")
            assert link["url"].startswith("http")
        for suggestion in card.get("suggestions", []):
            assert card["selectionBehavior"] in {"any", "at-most-one"}
            uuids.append(suggestion["uuid"])
            for action in suggestion["actions"]:
                assert action["description"]
                assert isinstance(action["resourceId"], str) if action["type"] == "delete" else action["resource"]
    assert len(uuids) == len(set(uuids))
    for action in answer.get("systemActions", []):
        assert action["type"] == "update"
        for parts in information(action["resource"]):
            check_information(parts, guide)


def without_information(resource):
    """Return a resource as it came, without our statement."""
    kept = [one for one in resource.get("extension", []) if one["url"] != URL]
    found = {key: value for key, value in resource.items() if key != "extension"}
    return found | ({"extension": kept} if kept else {})


def dumps(value):
    return json.dumps(value, sort_keys=True)
