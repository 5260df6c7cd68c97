"""A client that calls the operations of DTR."""

import orjson
import pytest

from tests.adapters.crd.kit import coverage, order, patient

KINDS = ("Questionnaire", "Library", "ValueSet")


def parameters(*named):
    """Return Parameters from pairs of name and value; a dict is a resource."""
    made = []
    for name, value in named:
        element = {"questionnaire": "valueCanonical", "changedsince": "valueInstant"}.get(name, "valueString")
        made.append({"name": name, "resource": value} if isinstance(value, dict) else {"name": name, element: value})
    return {"resourceType": "Parameters", "parameter": made}


def package_input(*orders, number="M-1", **others):
    named = [("coverage", coverage(number)), *(("order", one) for one in orders)]
    return parameters(*named, ("referenced", patient()), *others.items())


class Desk:
    """Calls the operations as a client does."""

    def __init__(self, client):
        self.http = client

    def post(self, path, body, *, base="2.0", token="plan-token", content_type="application/fhir+json"):
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.post(f"/fhir/{base}/{path}", raw, content_type=content_type, headers=headers)

    def get(self, path, *, base="2.0", token="plan-token", **headers):
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.http.get(f"/fhir/{base}/{path}", headers=headers)

    def package(self, body, **options):
        """Return the answer of a call that must succeed."""
        response = self.post("Questionnaire/$questionnaire-package", body, **options)
        assert response.status_code == 200, response.content[:2000]
        return orjson.loads(response.content)

    def bundles(self, body, **options):
        """Return the packages and the issues of an answer."""
        return split(self.package(body, **options))

    def next(self, body, **options):
        response = self.post("Questionnaire/$next-question", body, **options)
        assert response.status_code == 200, response.content[:2000]
        return orjson.loads(response.content)


def split(answer):
    """Return packages and issues of an answer in either shape."""
    if answer["resourceType"] == "Bundle":
        return [answer], []
    held = [one["resource"] for one in answer.get("parameter", [])]
    issues = [issue for one in held if one["resourceType"] == "OperationOutcome" for issue in one["issue"]]
    return [one for one in held if one["resourceType"] == "Bundle"], issues


def of_kind(bundle, kind):
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def answers(response):
    """Return the answers of a response by link: value and origin."""
    found = {}
    waiting = list(response.get("item", []))
    while waiting:
        node = waiting.pop(0)
        for answer in node.get("answer", []):
            value = next(held for name, held in answer.items() if name.startswith("value"))
            origin = [
                part["valueCode"]
                for extension in answer.get("extension", [])
                for part in extension["extension"]
                if part["url"] == "source"
            ]
            found[node["linkId"]] = (value, *origin)
            waiting += answer.get("item", [])
        waiting += node.get("item", [])
    return found


@pytest.fixture
def dtr(client, world, demo_clock):
    return Desk(client)


__all__ = ["answers", "coverage", "dtr", "of_kind", "order", "package_input", "parameters", "patient", "split"]
