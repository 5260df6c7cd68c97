"""UDAP: signed metadata, registration by certificate, tokens for certified clients. All of it without a network."""

import base64
import time

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import RSAKey

from openum.accounts.connections.services import approve, revoke
from openum.accounts.connections.signed import check_signature, look_into
from openum.accounts.models import AccessToken, ApiClient
from openum.audit.models import EventRow
from tests.identity.authority import certify, ec_secret, rsa_secret
from tests.identity.signing import SITE, claims, ec_key, public_keys, sign

pytestmark = pytest.mark.django_db
REGISTER = f"{SITE}/oauth/register"
VENDOR = "https://vendor.example/udap"
BASE = f"{SITE}/fhir/2.2"
ANCHOR = certify("Test Anchor", rsa_secret(), is_authority=True)
ISSUER = certify("Test Issuer", rsa_secret(), by=ANCHOR, is_authority=True)
SYSTEM = certify("Vendor", rsa_secret(), by=ISSUER, uris=[VENDOR])
OURS = certify("OpenUM", rsa_secret(), by=ISSUER, uris=[BASE])
STRANGER = certify("Stranger", rsa_secret(), is_authority=True)


@pytest.fixture
def udap(town, settings, tmp_path):
    """UDAP is served, for the sandbox plan."""
    files = {"ANCHORS": ANCHOR.pem, "CERTIFICATE": OURS.pem + ISSUER.pem, "KEY": OURS.key_pem}
    for name, content in files.items():
        path = tmp_path / f"{name}.pem"
        path.write_bytes(content)
        setattr(settings, f"OPENUM_UDAP_{name}", str(path))
    settings.OPENUM_UDAP_PLAN = "sandbox"
    return town


def statement(holder=SYSTEM, *, key=None, alg="RS256", x5c=..., **changes):
    said = {
        **claims("", iss=VENDOR, sub=VENDOR, aud=REGISTER), "client_name": "Vendor record system",
        "contacts": ["mailto:desk@vendor.example"], "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "private_key_jwt", "scope": "system/Claim.cr system/Patient.rs",
    } | changes  # fmt: skip
    said = {name: value for name, value in said.items() if value is not None}
    return sign(said, key or holder.key, alg=alg, kid=None, x5c=holder.x5c if x5c is ... else x5c)


def post(town, signed, **changes):
    body = {"udap": "1", "software_statement": signed, "certifications": []} | changes
    return town.http.post("/oauth/register", orjson.dumps(body), content_type="application/json")


def register(town, **changes):
    answer = post(town, statement(**changes))
    assert answer.status_code in {200, 201}, answer.content
    return orjson.loads(answer.content)


def assertion(client_id, holder=SYSTEM, **changes):
    said = claims(client_id) | {
        "extensions": {"hl7-b2b": {"version": "1", "organization_id": "https://vendor.example/org", "purpose_of_use": ["PMTDS"]}}
    }  # fmt: skip
    return sign(said | changes, holder.key, alg="RS256", kid=None, x5c=holder.x5c)


@pytest.mark.requirement("HL7 UDAP Security 1.0, 2: Discovery")
def test_the_base_tells_signed_metadata(udap):
    answer = udap.http.get("/fhir/2.2/.well-known/udap")
    told = orjson.loads(answer.content)
    assert told["udap_versions_supported"] == ["1"]
    assert set(told["udap_profiles_supported"]) == {"udap_dcr", "udap_authn", "udap_authz"}
    assert told["registration_endpoint"] == REGISTER
    signed = look_into(told["signed_metadata"], most=30_000)
    first = x509.load_der_x509_certificate(base64.b64decode(signed.header["x5c"][0]))
    key = RSAKey.import_key(first.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    check_signature(signed, key)
    assert signed.claims["iss"] == signed.claims["sub"] == BASE
    assert signed.claims["token_endpoint"] == told["token_endpoint"]
    assert 0 < signed.claims["exp"] - time.time() <= 86400


def test_a_base_that_our_certificate_does_not_name_tells_nothing(udap):
    assert udap.http.get("/fhir/2.0/.well-known/udap").status_code == 404
    assert udap.http.get("/fhir/2.2/.well-known/udap?community=x").status_code == 204
    assert udap.http.post("/fhir/2.2/.well-known/udap").status_code == 405


def test_without_anchors_there_is_no_udap(town):
    assert town.http.get("/fhir/2.2/.well-known/udap").status_code == 404
    assert post(town, statement()).status_code == 404
    answer = town.ask(sign(claims(town.client.public_id)), udap="1")
    assert (answer.status_code, orjson.loads(answer.content)["error"]) == (400, "invalid_request")


def test_a_plan_that_does_not_exist_takes_no_registration(udap, settings):
    settings.OPENUM_UDAP_PLAN = "nowhere"
    assert post(udap, statement()).status_code == 404


@pytest.mark.requirement("HL7 UDAP Security 1.0, 3: Registration; 5: Business-to-business")
def test_a_certified_system_registers_and_gets_a_token(udap):
    signed = statement()
    answer = post(udap, signed)
    said = orjson.loads(answer.content)
    assert answer.status_code == 201
    assert said["software_statement"] == signed
    assert said["scope"] == "system/Claim.cr"
    client = ApiClient.objects.get(public_id=said["client_id"])
    assert (client.plan, client.organization, client.is_active) == (udap.world.sandbox, None, True)
    token = udap.ask(assertion(said["client_id"]), udap="1")
    assert token.status_code == 200, token.content
    access = orjson.loads(token.content)["access_token"]
    assert udap.post("/fhir/2.2/Claim/$inquire", token=access).status_code == 400


def test_at_a_plan_that_decides_for_real_a_person_approves(udap, settings):
    settings.OPENUM_UDAP_PLAN = udap.world.plan.key
    said = register(udap)
    assert udap.ask(assertion(said["client_id"]), udap="1").status_code == 401
    client = ApiClient.objects.get(public_id=said["client_id"])
    approve(client=client, by=udap.director, at=udap.at)
    assert udap.ask(assertion(said["client_id"]), udap="1").status_code == 200
    register(udap, scope="system/Claim.c")
    assert udap.ask(assertion(said["client_id"]), udap="1", scope="system/Claim.c").status_code == 200
    register(udap, scope="system/Claim.cr")
    assert udap.ask(assertion(said["client_id"]), udap="1").status_code == 401, "more than was approved waits again"


EXPIRED = certify("Vendor", rsa_secret(), by=ISSUER, uris=[VENDOR], start=-9, end=-1)
EARLY = certify("Vendor", rsa_secret(), by=ISSUER, uris=[VENDOR], start=1, end=9)
OTHERS = certify("Vendor", rsa_secret(), by=STRANGER, uris=[VENDOR])
ALONE = certify("Vendor", rsa_secret(), uris=[VENDOR])
NAMELESS = certify("Vendor", rsa_secret(), by=ISSUER, names=False)
ELSEWHERE = certify("Vendor", rsa_secret(), by=ISSUER, uris=["https://other.example"])
BELOW = certify("Vendor", rsa_secret(), by=SYSTEM, uris=[VENDOR])
CURVE = certify("Vendor", ec_secret(), by=ISSUER, uris=[VENDOR])
NOW = int(time.time())

REFUSED = {
    "an expired certificate": (lambda: statement(EXPIRED), "anchor"),
    "a certificate of tomorrow": (lambda: statement(EARLY), "anchor"),
    "another authority": (lambda: statement(OTHERS), "anchor"),
    "signed by itself": (lambda: statement(ALONE), "anchor"),
    "a certificate without names": (lambda: statement(NAMELESS), "anchor"),
    "issued by a system that may not": (lambda: statement(BELOW, x5c=[*BELOW.x5c, *SYSTEM.x5c]), "anchor"),
    "a chain with a gap": (lambda: statement(x5c=SYSTEM.x5c[:1]), "anchor"),
    "no chain": (lambda: statement(x5c=None), "x5c"),
    "a chain without end": (lambda: statement(x5c=SYSTEM.x5c[:1] * 7), "x5c"),
    "a chain of nonsense": (lambda: statement(x5c=["!"]), "DER"),
    "a chain of other things": (lambda: statement(x5c=["AAAA"]), "DER"),
    "the chain of another system": (lambda: statement(key=STRANGER.key), "signature"),
    "the algorithm of another kind of key": (lambda: statement(CURVE, key=SYSTEM.key), "anchor"),
    "an algorithm not served": (lambda: statement(alg="PS256"), "signed with"),
    "the address of somebody else": (lambda: statement(ELSEWHERE), "names"),
    "another subject": (lambda: statement(sub="https://other.example"), "names"),
    "another audience": (lambda: statement(aud=f"{SITE}/oauth/token"), "audience"),
    "expired": (lambda: statement(exp=NOW - 120), "expired"),
    "an hour to live": (lambda: statement(exp=NOW + 3600), "at most"),
    "no name of its own": (lambda: statement(jti=None), "jti"),
    "another grant": (lambda: statement(grant_types=["authorization_code"]), "grant_types"),
    "no grant": (lambda: statement(grant_types=None), "grant_types"),
    "another way to prove oneself": (lambda: statement(token_endpoint_auth_method="none"), "private_key_jwt"),
    "no name": (lambda: statement(client_name=" "), "client_name"),
    "no contact": (lambda: statement(contacts=["https://vendor.example"]), "contacts"),
    "contacts that are no list": (lambda: statement(contacts="mailto:desk@vendor.example"), "contacts"),
    "no scope that is offered": (lambda: statement(scope="system/Patient.rs"), "scopes"),
    "nothing to cancel": (lambda: statement(grant_types=[]), "no registration"),
    "a name that is taken": (lambda: statement(client_name="sandbox"), "Choose another"),
    "no statement at all": (lambda: "x", "three parts"),
}  # fmt: skip


@pytest.mark.requirement("HL7 UDAP Security 1.0, 3.2: Software statement validation")
@pytest.mark.parametrize("name", REFUSED)
def test_a_statement_that_proves_nothing_registers_nothing(udap, name):
    make, reason = REFUSED[name]
    before = ApiClient.objects.count()
    answer = post(udap, make())
    said = orjson.loads(answer.content)
    assert answer.status_code == 400
    assert said["error"] in {"invalid_software_statement", "invalid_client_metadata"}
    assert reason in said["error_description"]
    assert ApiClient.objects.count() == before


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"udap": "1"}', b'{"udap": "2", "software_statement": "x"}', b'{"udap": "1", "software_statement": 1}', b" " * 40_000],
)  # fmt: skip
def test_a_body_that_is_no_registration_is_refused(udap, body):
    answer = udap.http.post("/oauth/register", body, content_type="application/json")
    assert (answer.status_code, orjson.loads(answer.content)["error"]) == (400, "invalid_client_metadata")
    assert udap.http.get("/oauth/register").status_code == 405


def test_a_statement_is_accepted_once(udap):
    signed = statement()
    assert post(udap, signed).status_code == 201
    again = post(udap, signed)
    assert "used before" in orjson.loads(again.content)["error_description"]


@pytest.mark.requirement("HL7 UDAP Security 1.0, 3.4: Modifying and cancelling registrations")
def test_a_registration_is_changed_cancelled_and_taken_up_again(udap):
    first = register(udap)
    second = register(udap, scope="system/Claim.c")
    assert second["client_id"] == first["client_id"]
    assert second["scope"] == "system/Claim.c"
    cancelled = register(udap, grant_types=[])
    assert cancelled["grant_types"] == []
    assert udap.ask(assertion(first["client_id"]), udap="1").status_code == 401
    assert register(udap)["client_id"] == first["client_id"]
    assert udap.ask(assertion(first["client_id"]), udap="1").status_code == 200
    assert EventRow.objects.filter(type="ClientRevoked").count() == 1


def test_whom_the_plan_revoked_does_not_come_back(udap):
    said = register(udap)
    client = ApiClient.objects.get(public_id=said["client_id"])
    revoke(client=client, by=udap.director, at=udap.at)
    answer = post(udap, statement())
    assert (answer.status_code, orjson.loads(answer.content)["error"]) == (400, "unapproved_software_statement")
    assert udap.ask(assertion(said["client_id"]), udap="1").status_code == 401


RENEWED = certify("Vendor", rsa_secret(), by=ISSUER, uris=[VENDOR])
TOKENS = {
    "a renewed certificate of the same address": (lambda who: assertion(who, RENEWED), 200),
    "a certificate of another address": (lambda who: assertion(who, ELSEWHERE), 401),
    "another authority": (lambda who: assertion(who, OTHERS), 401),
    "no certificate": (lambda who: sign(claims(who), SYSTEM.key, alg="RS256", kid="x"), 401),
    "another subject": (lambda who: assertion(who, sub="x"), 401),
    "an unknown client": (lambda _: assertion("019aa000-0000-7000-8000-000000000000"), 401),
    "no purpose": (lambda who: assertion(who, extensions={}), 400),
    "a purpose that is no object": (lambda who: assertion(who, extensions={"hl7-b2b": "x"}), 400),
    "expired": (lambda who: assertion(who, exp=NOW - 120), 401),
    "another audience": (lambda who: assertion(who, aud=REGISTER), 401),
}


@pytest.mark.requirement("HL7 UDAP Security 1.0, 5.2: Token request")
@pytest.mark.parametrize("name", TOKENS)
def test_a_token_takes_the_registered_certificate_and_a_purpose(udap, name):
    make, status = TOKENS[name]
    answer = udap.ask(make(register(udap)["client_id"]), udap="1")
    assert answer.status_code == status, answer.content
    assert AccessToken.objects.count() == (status == 200)


def test_the_two_ways_do_not_mix(udap):
    """A client of keys gets nothing by certificate, and a certified one nothing without."""
    certified = register(udap)["client_id"]
    assert udap.ask(assertion(certified)).status_code == 401
    keyed = udap.register("keyed", plan=udap.world.sandbox, keys=public_keys(ec_key()))
    assert udap.ask(assertion(keyed.public_id), udap="1").status_code == 401


def test_a_signed_request_by_certificate_is_accepted_once(udap):
    signed = assertion(register(udap)["client_id"])
    assert udap.ask(signed, udap="1").status_code == 200
    assert udap.ask(signed, udap="1").status_code == 401
