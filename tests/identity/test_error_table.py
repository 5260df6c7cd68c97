"""Each door of the PAS bases and each way to be turned away at it: an OperationOutcome with code, place and cure."""

from datetime import timedelta

import orjson
import pytest

from openum.accounts.models import AccessToken
from openum.submission.models import Submission

pytestmark = pytest.mark.django_db

NOBODY = "0198c0de-0000-7000-8000-000000000000"
DOORS = {
    "Claim/$submit": ("post", "Claim.c", "PATCH"),
    "Claim/$inquire": ("post", "Claim.r", "GET"),
    "$submit-attachment": ("post", "DocumentReference.c", "GET"),
    "Claim/$submit-attachment": ("post", "DocumentReference.c", "PUT"),
    "Subscription": ("get", "Subscription.s", "PATCH"),
    f"Subscription/{NOBODY}": ("get", "Subscription.r", "PATCH"),
    f"Subscription/{NOBODY}/$status": ("get", "Subscription.r", "DELETE"),
    f"Subscription/{NOBODY}/$events": ("get", "Subscription.r", "DELETE"),
    "ClaimResponse": ("get", "ClaimResponse.s", "DELETE"),
    f"ClaimResponse/{NOBODY}": ("get", "ClaimResponse.r", "PUT"),
    f"Claim/{NOBODY}": ("get", "Claim.r", "DELETE"),
    f"Task/{NOBODY}": ("get", "Task.r", "DELETE"),
    f"CommunicationRequest/{NOBODY}": ("get", "CommunicationRequest.r", "POST"),
    f"Bundle/{NOBODY}": ("get", "ClaimResponse.r", "PUT"),
}
"""The method of each door, the scope it takes, and a method it does not serve."""


def _call(town, path, *, token="", base="2.2", method=""):
    method = (method or DOORS[path][0]).lower()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if method == "get":
        return town.http.get(f"/fhir/{base}/{path}", headers=headers)
    return getattr(town.http, method)(
        f"/fhir/{base}/{path}", b"{}", content_type="application/fhir+json", headers=headers
    )


def _issue(response):
    outcome = orjson.loads(response.content)
    assert response.headers["Content-Type"].startswith("application/fhir+json")
    assert outcome["resourceType"] == "OperationOutcome"
    return outcome["issue"][0]


@pytest.mark.parametrize("path", DOORS)
def test_an_unknown_version_is_not_found(town, path):
    for base in ("1.0", "2.1", "9"):
        response = _call(town, path, base=base, token="whatever")
        assert (response.status_code, _issue(response)["code"]) == (404, "not-found")
        assert "metadata" in _issue(response)["diagnostics"]


@pytest.mark.parametrize("path", DOORS)
def test_without_a_token_or_with_an_expired_one_nothing_is_told_or_kept(town, path):
    token = town.token(scope=f"system/{DOORS[path][1]}")
    AccessToken.objects.update(expires_at=town.at - timedelta(days=3650))
    for sent in ("", "unknown", token):
        response = _call(town, path, token=sent)
        assert (response.status_code, _issue(response)["code"]) == (401, "login")
        assert "invalid_token" in response.headers["WWW-Authenticate"]
    assert Submission.objects.count() == 0


@pytest.mark.parametrize("path", DOORS)
def test_a_token_for_something_else_is_forbidden_and_told_which_scope_it_takes(town, path):
    other = "system/Task.r" if not DOORS[path][1].startswith("Task") else "system/Claim.c"
    response = _call(town, path, token=town.token(scope=other))
    assert (response.status_code, _issue(response)["code"]) == (403, "forbidden")
    assert f"system/{DOORS[path][1]}" in _issue(response)["details"]["text"]
    assert "insufficient_scope" in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("path", DOORS)
def test_a_method_that_is_not_served_is_refused_with_those_that_are(town, path):
    response = _call(town, path, method=DOORS[path][2], token="whatever")
    assert (response.status_code, _issue(response)["code"]) == (405, "not-supported")
    assert DOORS[path][0].upper() in response.headers["Allow"]
    assert _issue(response)["diagnostics"]


@pytest.mark.parametrize("path", [path for path in DOORS if NOBODY in path])
def test_what_is_not_there_is_not_found(town, path):
    response = _call(town, path, token=town.token(scope=f"system/{DOORS[path][1]}"))
    assert (response.status_code, _issue(response)["code"]) == (404, "not-found")
