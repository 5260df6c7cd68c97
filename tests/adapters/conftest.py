"""The world of the door: published policies, a sandbox plan with an enrolling client, a plan with a practice's client."""

import orjson
import pytest

from openum.adapters.fhir.codes import REVIEW_ACTION, REVIEW_ACTION_CODE
from openum.submission.arming import Armed, SandboxAnswer
from openum.submission.services import arm


class Door:
    """Posts messages as a client does and reads the answers."""

    def __init__(self, client, world, at):
        self.http, self.world, self.at = client, world, at

    def post(
        self,
        body,
        operation="submit",
        *,
        base="2.0",
        token="sandbox-token",
        content_type="application/fhir+json",
        **headers,
    ):
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.http.post(f"/fhir/{base}/Claim/${operation}", raw, content_type=content_type, headers=headers)

    def submit(self, body, **options):
        """Return the answer Bundle of a request that must succeed."""
        response = self.post(body, **options)
        assert response.status_code == 200, response.content[:2000]
        return orjson.loads(response.content)

    def inquire(self, body, **options):
        """Return the answers of an inquiry as a list of Bundles."""
        response = self.post(body, "inquire", **options)
        assert response.status_code == 200, response.content[:2000]
        answer = orjson.loads(response.content)
        if answer["resourceType"] == "Bundle":
            return [answer]
        return [one["resource"] for one in answer.get("parameter", []) if one["name"] == "return"]

    def arm(self, answer, **facts):
        armed = Armed(answer=SandboxAnswer(answer), **facts)
        arm(client=self.world.sandbox_client, armed=armed, by=self.world.physician, at=self.at)


def claim_response(bundle, index=0):
    """Return a ClaimResponse of an answer."""
    held = [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "ClaimResponse"]
    return held[index]


def actions(bundle):
    """Return the review action of every item, by sequence."""
    return {item["itemSequence"]: _action(item) for item in claim_response(bundle).get("item", [])}


def _action(item):
    review = next(one for one in item["adjudication"][0]["extension"] if one["url"] == REVIEW_ACTION)
    code = next(one for one in review["extension"] if one["url"] == REVIEW_ACTION_CODE)
    return code["valueCodeableConcept"]["coding"][0]["code"]


@pytest.fixture
def door(client, world, demo_clock, at):
    return Door(client, world, at)
