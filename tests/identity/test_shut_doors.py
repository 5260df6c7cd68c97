"""Every door for other systems, as a stranger, a browser and a guesser find it."""

import orjson
import pytest
from django.urls import URLPattern

from openum.adapters.fhir.urls import urlpatterns
from openum.db import clock

pytestmark = pytest.mark.django_db
OPEN = {"crd-discovery", "metadata", "smart-configuration", "udap-metadata", "anything-else"}
"""Doors that everybody may open: they tell nothing about members."""
SAMPLES = {"base": "2.2", "name": "order-sign", "rest": "x", "public_id": "x", "identity": "x"}
METHODS = ["get", "post", "put", "patch", "delete", "head", "options", "trace"]


def addresses():
    """Every address below /fhir/ and /crd/ by name."""
    found = {}
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        address = "/" + str(pattern.pattern)
        for name in pattern.pattern.converters:
            for kind in ("str", "path", "uuid", "int", "slug"):
                address = address.replace(f"<{kind}:{name}>", SAMPLES.get(name, "x"))
        if address.startswith(("/fhir/", "/crd/")):  # the folder has pages for people, too
            found[pattern.name] = address
    return found


ADDRESSES = addresses()
GUARDED = sorted(set(ADDRESSES) - OPEN)


@pytest.mark.requirement("RFC 6750, 3")
@pytest.mark.parametrize("name", GUARDED)
def test_without_a_token_no_door_opens(client, name):
    for method in METHODS:
        answer = getattr(client, method)(ADDRESSES[name])
        assert answer.status_code in {401, 405, 404} or (method, answer.status_code) == ("options", 204), method
        if answer.status_code == 401:
            assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
            assert method == "head" or orjson.loads(answer.content)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("name", GUARDED)
def test_neither_a_session_nor_a_token_in_the_address_opens_a_door(client, world, name):
    client.force_login(world.physician)
    for method in ("get", "post", "delete"):
        answer = getattr(client, method)(ADDRESSES[name] + "?access_token=sandbox-token")
        assert answer.status_code in {401, 405, 404}


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_answers_are_not_kept_not_guessed_and_set_no_cookie(client, world, name):
    for headers in ({}, {"Authorization": "Bearer sandbox-token"}):
        answer = client.get(ADDRESSES[name], headers=headers)
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not answer.cookies
        assert "Access-Control-Allow-Credentials" not in answer.headers


SECRET = "hunter2-secret-value"
CREDENTIALS = [
    "Bearer " + SECRET,
    "Basic " + SECRET,
    SECRET,
    "Bearer " + f"{SECRET}." * 2 + SECRET,
    "Bearer",
    "Bearer \x7f",
    "bearer  " + SECRET + " ",
]


@pytest.mark.parametrize("credential", CREDENTIALS)
@pytest.mark.parametrize("address", ["/fhir/2.2/Claim/$submit", "/crd/2.2/cds-services/order-sign", "/fhir/2.2/Task"])
def test_a_refusal_repeats_nothing_that_was_sent(client, db, credential, address):
    send = client.get if address.endswith("Task") else client.post
    answer = send(address, headers={"Authorization": credential})
    assert answer.status_code == 401
    assert SECRET.encode() not in answer.content
    assert SECRET not in str(dict(answer.headers))


@pytest.mark.requirement("CDS Hooks 2.0, Cross-Origin Resource Sharing")
def test_browsers_of_any_origin_may_call_hooks_without_cookies(client):
    for address, method in (("/crd/2.2/cds-services", "GET"), ("/crd/2.2/cds-services/order-sign", "POST")):
        asked = {"Origin": "https://ehr.example", "Access-Control-Request-Method": method}
        answer = client.options(address, headers=asked)
        assert answer.status_code == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert method in answer.headers["Access-Control-Allow-Methods"]
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("address", ["/fhir/2.2/Claim/$submit", "/fhir/2.2/Task", "/oauth/token"])
def test_browsers_of_other_origins_may_not_call_the_rest(client, address):
    answer = client.options(address, headers={"Origin": "https://other.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("address", ["/fhir/2.2/Claim/$inquire", "/crd/2.2/cds-services/order-sign"])
def test_guessing_tokens_is_slowed_down_and_right_ones_still_pass(client, world, monkeypatch, address):
    instant = clock.real_now()
    monkeypatch.setattr(clock, "real_now", lambda: instant)  # all within one minute
    statuses = [client.post(address, headers={"Authorization": f"Bearer guess-{n}"}).status_code for n in range(61)]
    assert statuses == [401] * 60 + [429]
    answer = client.post(address, headers={"Authorization": "Bearer guess"})
    assert answer.headers["Retry-After"] == "60"
    assert orjson.loads(answer.content)["issue"][0]["code"] == "throttled"
    right = client.post(
        address, b"{}", content_type="application/json", headers={"Authorization": "Bearer sandbox-token"}
    )
    assert right.status_code in {400, 422}


def test_another_address_is_not_slowed_down_with_it(client, world, settings, monkeypatch):
    instant = clock.real_now()
    monkeypatch.setattr(clock, "real_now", lambda: instant)
    settings.OPENUM_BEHIND_TLS_PROXY = True

    def ask(*hops):
        sent = {"Authorization": "Bearer guess", "X-Forwarded-For": ", ".join(hops)}
        return client.post("/fhir/2.2/Claim/$inquire", headers=sent).status_code

    assert {ask(f"10.0.0.{n}", "203.0.113.9") for n in range(60)} == {401}
    assert ask("10.0.0.99", "203.0.113.9") == 429, "only the hop that our proxy saw counts"
    assert ask("203.0.113.9", "203.0.113.10") == 401


@pytest.mark.parametrize("address", sorted({*ADDRESSES.values(), "/oauth/token"}))
def test_a_host_that_is_not_ours_is_refused(client, address):
    assert client.get(address, headers={"Host": "evil.example"}).status_code == 400
