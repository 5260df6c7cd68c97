"""CDS Hooks calls that the caller signed: whose they are, and every way to be turned away."""

import time

import orjson
import pytest

from openum.accounts.connections.services import approve, revoke
from openum.accounts.models import UsedToken
from openum.accounts.services import register_client
from openum.needs.models import Assertion
from tests.adapters.crd import kit
from tests.identity.signing import (
    SITE,
    claims,
    ec_key,
    public_keys,
    rsa_key,
    sign,
    signed_with_public_half,
    unsigned,
)

pytestmark = pytest.mark.django_db
EHR = "https://ehr.example/fhir"
SERVICES = f"{SITE}/crd/2.0/cds-services"
SERVICE = f"{SERVICES}/order-sign"
NOW = int(time.time())


@pytest.fixture
def ehr(town):
    """A record system whose issuer is registered and approved."""
    town.ehr = town.register("hospital record", keys=public_keys(ec_key(), rsa_key()), issuer=EHR)
    approve(client=town.ehr, by=town.director, at=town.at)
    return town


def said(**changes):
    return claims("", iss=EHR, sub=None, aud=SERVICE) | changes


def call(town, token, *, base="2.0"):
    return town.post(
        f"/crd/{base}/cds-services/order-sign", kit.call(kit.order()), token=token, kind="application/json"
    )


@pytest.mark.requirement("CDS Hooks 2.0, Trusting CDS clients")
@pytest.mark.parametrize("key", [ec_key, rsa_key], ids=["ES384", "RS384"])
@pytest.mark.parametrize("audience", [SERVICE, SERVICES, [SERVICES, SERVICE]], ids=["service", "discovery", "both"])
def test_a_signed_call_is_answered_for_its_plan(ehr, key, audience):
    answer = call(ehr, sign(said(aud=audience), key()))
    assert answer.status_code == 200, answer.content
    assert "cards" in orjson.loads(answer.content)
    ehr.ehr.refresh_from_db()
    assert ehr.ehr.last_used_at is not None


REFUSED = {
    "alg none": unsigned,
    "HS256 with the public key as secret": lambda good: signed_with_public_half(good, rsa_key()),
    "an issuer that is not registered": lambda good: sign(good | {"iss": "https://stranger.example"}),
    "an unknown key": lambda good: sign(good, ec_key("ec-9")),
    "another service": lambda good: sign(good | {"aud": f"{SERVICES}/order-select"}),
    "another version": lambda good: sign(good | {"aud": f"{SITE}/crd/2.2/cds-services/order-sign"}),
    "somebody else beside us": lambda good: sign(good | {"aud": [SERVICE, "https://other.example"]}),
    "expired": lambda good: sign(good | {"exp": NOW - 120}),
    "an hour to live": lambda good: sign(good | {"exp": NOW + 3600}),
    "not before tomorrow": lambda good: sign(good | {"nbf": NOW + 86400}),
    "no time of signing": lambda good: sign({k: v for k, v in good.items() if k != "iat"}),
    "no name of its own": lambda good: sign({k: v for k, v in good.items() if k != "jti"}),
    "oversize": lambda good: sign(good | {"more": "x" * 9000}),
}  # fmt: skip


@pytest.mark.requirement("CDS Hooks 2.0, Trusting CDS clients: JWT validation")
@pytest.mark.parametrize("name", REFUSED)
def test_a_call_that_proves_nothing_is_turned_away_with_a_reason(ehr, name):
    answer = call(ehr, REFUSED[name](said()))
    (issue,) = orjson.loads(answer.content)["issue"]
    assert answer.status_code == 401
    assert issue["code"] == "login"
    assert issue["details"]["text"].endswith(".")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert UsedToken.objects.count() == 0
    assert Assertion.objects.count() == 0


def test_a_signed_call_is_answered_once(ehr):
    token = sign(said())
    assert call(ehr, token).status_code == 200
    again = call(ehr, token)
    assert again.status_code == 401
    assert "used before" in orjson.loads(again.content)["issue"][0]["details"]["text"]


def test_a_sandbox_takes_several_messages_with_one_token_each_of_them_once(town):
    town.register("test kit", keys=public_keys(ec_key()), issuer=EHR, plan=town.world.sandbox, organization=None)
    token, bodies = sign(said()), [kit.call(kit.order(note=[{"text": text}])) for text in ("one", "two")]
    statuses = [
        town.post("/crd/2.0/cds-services/order-sign", body, token=token, kind="application/json").status_code
        for body in (*bodies, bodies[0])
    ]
    assert statuses == [200, 200, 401]


def test_a_client_that_waits_or_is_revoked_looks_like_a_stranger(town):
    waiting = town.register("hospital record", keys=public_keys(ec_key()), issuer=EHR)
    first = call(town, sign(said()))
    approve(client=waiting, by=town.director, at=town.at)
    assert call(town, sign(said())).status_code == 200
    revoke(client=waiting, by=town.integrator, at=town.at)
    last = call(town, sign(said()))
    stranger = call(town, sign(said(iss="https://stranger.example")))
    assert {first.status_code, last.status_code, stranger.status_code} == {401}
    assert first.content == last.content == stranger.content


def test_an_issuer_with_several_tenants_is_told_apart_by_tenant(ehr):
    for tenant in ("north", "south"):
        client = ehr.register(f"hospital {tenant}", keys=public_keys(ec_key()), issuer=EHR, issuer_tenant=tenant)
        approve(client=client, by=ehr.director, at=ehr.at)
    assert call(ehr, sign(said(tenant="south"))).status_code == 200
    client.refresh_from_db()
    assert client.last_used_at is not None
    ehr.ehr.refresh_from_db()
    assert ehr.ehr.last_used_at is None


def test_two_registrations_that_cannot_be_told_apart_are_refused_with_the_cure(ehr):
    ehr.register("second", plan=ehr.world.sandbox, keys=public_keys(ec_key()), issuer=EHR)
    answer = call(ehr, sign(said()))
    assert answer.status_code == 401
    assert "tenant" in orjson.loads(answer.content)["issue"][0]["details"]["text"]


def test_somebody_elses_registration_of_the_issuer_does_not_stand_in_the_way(ehr):
    ehr.register("squatter", plan=ehr.world.sandbox, keys=public_keys(ec_key("ec-9")), issuer=EHR)
    assert call(ehr, sign(said())).status_code == 200


@pytest.mark.requirement("SMART App Launch 2, Asymmetric authentication: jku")
def test_an_address_of_keys_in_the_header_is_never_followed(ehr):
    """With keys kept here it is not even read; the test would fail on the network. A header may be long."""
    assert call(ehr, sign(said(), jku="https://stranger.example/" + "x" * 900)).status_code == 200


def test_an_access_token_is_not_for_hooks(ehr):
    assert call(ehr, ehr.token()).status_code == 401


def test_a_fixed_token_opens_sandbox_plans_and_demo_data_only(ehr, settings):
    register_client(name="fixed", plan=ehr.world.plan, token="fixed-token")
    assert call(ehr, "fixed-token").status_code == 200
    settings.OPENUM_DEMO = False
    assert call(ehr, "fixed-token").status_code == 401
    assert call(ehr, "sandbox-token").status_code == 200
    assert ehr.post("/fhir/2.0/Claim/$submit", token="plan-token").status_code == 401


def test_discovery_is_open(client):
    assert client.get("/crd/2.0/cds-services").status_code == 200
