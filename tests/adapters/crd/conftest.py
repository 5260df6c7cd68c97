"""A client that calls the services of CRD."""

import orjson
import pytest

from tests.adapters.crd.kit import check_answer

GUIDE = {"2.0": "2.0.1", "2.2": "2.2.1"}


class Desk:
    """Sends calls as an EHR does."""

    def __init__(self, client):
        self.http = client

    def post(self, body, *, hook=None, base="2.0", token="plan-token", content_type="application/json"):
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        name = hook or body["hook"]
        return self.http.post(f"/crd/{base}/cds-services/{name}", raw, content_type=content_type, headers=headers)

    def ask(self, body, **options):
        """Return an answer that must succeed and be of right form."""
        response = self.post(body, **options)
        assert response.status_code == 200, response.content[:2000]
        answer = orjson.loads(response.content)
        check_answer(answer, body["hook"], GUIDE[options.get("base", "2.0")])
        return answer


@pytest.fixture
def crd(client, world, demo_clock):
    return Desk(client)
