"""A client with a listener: subscriptions over HTTP, and jobs that run when the test says what time it is."""

from datetime import timedelta

import orjson
import pytest

from openum import jobs
from openum.adapters.fhir import codes
from openum.db import clock
from tests.adapters.subscriptions.listener import listening


def wanted(url, *, content="full-resource", organization="", **channel):
    """Return a Subscription as a client sends it."""
    resource = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "Answers to our requests",
        "criteria": codes.PAS_TOPIC,
        "channel": {
            "type": "rest-hook",
            "endpoint": url,
            "payload": "application/fhir+json",
            "_payload": {"extension": [{"url": codes.BACKPORT_CONTENT, "valueCode": content}]},
            "header": ["Authorization: Bearer listener-secret"],
            **channel,
        },
    }
    if organization:
        said = [{"url": codes.BACKPORT_FILTER, "valueString": f"orgIdentifier={organization}"}]
        resource["_criteria"] = {"extension": said}
    return resource


class Rest:
    """FHIR interactions of a client."""

    def __init__(self, http, at):
        self.http, self.at = http, at

    def __call__(self, method, path, body=None, *, base="2.2", token="sandbox-token", **headers):
        headers["Authorization"] = f"Bearer {token}"
        raw = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        send = getattr(self.http, method)
        if method == "get":
            return send(f"/fhir/{base}/{path}", headers=headers)
        kind = headers.pop("Content-Type", "application/fhir+json")
        return send(f"/fhir/{base}/{path}", raw, content_type=kind, headers=headers)

    def subscribe(self, resource, **options):
        """Create a subscription and return it as answered."""
        response = self("post", "Subscription", resource, **options)
        assert response.status_code == 201, response.content
        return orjson.loads(response.content)

    def read(self, path, **options):
        response = self("get", path, **options)
        assert response.status_code == 200, response.content
        return orjson.loads(response.content)

    def run(self, seconds=0.0):
        """Run the jobs that are due so many seconds after the test's instant."""
        return jobs.run_due(self.at + timedelta(seconds=seconds), limit=5000)


@pytest.fixture
def rest(client, world, demo_clock, at, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at)
    return Rest(client, at)


@pytest.fixture
def listener():
    with listening() as one:
        yield one
