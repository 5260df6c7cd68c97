"""SMART Backend Services at /oauth/token: who gets a token, and every way not to get one."""

import time
from datetime import timedelta

import orjson
import pytest

from openum.accounts.connections import tokens
from openum.accounts.connections.scopes import read
from openum.accounts.connections.services import revoke
from openum.accounts.models import AccessToken, ClientKey, UsedToken
from openum.audit.models import EventRow
from openum.db import clock
from tests.identity.signing import (
    TOKEN_URL,
    claims,
    ec_key,
    public_keys,
    rsa_key,
    sign,
    signed_with_public_half,
    unsigned,
)

pytestmark = pytest.mark.django_db
NOW = int(time.time())


@pytest.mark.requirement("SMART App Launch 2, Backend Services: access token response")
@pytest.mark.parametrize("key", [ec_key, rsa_key], ids=["ES384", "RS384"])
def test_a_registered_client_gets_a_token_for_minutes(town, key):
    answer = town.ask(sign(claims(town.client.public_id), key()))
    said = orjson.loads(answer.content)
    assert answer.status_code == 200
    assert said.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert said["token_type"] == "bearer"
    assert said["expires_in"] == 300
    assert said["scope"] == "system/Claim.cr"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"


def test_only_the_hash_of_a_token_is_kept(town):
    token = town.token()
    row = AccessToken.objects.get()
    assert token not in str(vars(row))
    assert (row.expires_at - row.issued_at).total_seconds() == 300


def test_a_token_and_its_key_leave_their_traces(town):
    town.token()
    assert EventRow.objects.filter(type="AccessTokenIssued").count() == 1
    town.client.refresh_from_db()
    assert town.client.last_used_at is not None
    used = ClientKey.objects.filter(client=town.client, last_used_at__isnull=False)
    assert [key.key_id for key in used] == ["ec-1"]


# -- what the signed token may not be ----------------------------------------------------------------------------------


def _stranger_key():
    stranger = ec_key("ec-9").as_dict(private=True) | {"kid": "ec-1"}
    return type(ec_key()).import_key(stranger)


REFUSED = {
    "alg none": unsigned,
    "alg None in capitals": lambda said: unsigned(said, alg="NONE"),
    "HS256 with the public key as secret": lambda said: signed_with_public_half(said, rsa_key()),
    "HS256 with the public key of the curve": lambda said: signed_with_public_half(said, ec_key()),
    "RS256, which SMART does not name": lambda said: sign(said, rsa_key(), alg="RS256"),
    "PS384": lambda said: sign(said, rsa_key(), alg="PS384"),
    "an unknown key": lambda said: sign(said, ec_key("ec-9")),
    "another key under the registered name": lambda said: sign(said, _stranger_key()),
    "the name of the other kind of key": lambda said: sign(said, ec_key(), kid="rsa-1"),
    "no key name": lambda said: sign(said, kid=None),
    "a key set of one's own in the header": lambda said: sign(said, _stranger_key(), jwk=ec_key("ec-9").as_dict(private=False)),
    "a critical part that nobody knows": lambda said: sign(said) and unsigned(said, alg="ES384", crit=["exp"]),
    "expired": lambda said: sign(said | {"exp": NOW - 120}),
    "no expiry": lambda said: sign({k: v for k, v in said.items() if k != "exp"}),
    "an expiry that is no number": lambda said: sign(said | {"exp": "soon"}),
    "an expiry beyond all time": lambda said: sign(said | {"exp": 10**18}),
    "true as expiry": lambda said: sign(said | {"exp": True}),
    "an hour to live": lambda said: sign(said | {"exp": NOW + 3600}),
    "not before tomorrow": lambda said: sign(said | {"nbf": NOW + 86400}),
    "signed in the future": lambda said: sign(said | {"iat": NOW + 86400}),
    "another audience": lambda said: sign(said | {"aud": "https://elsewhere.example/token"}),
    "no audience": lambda said: sign({k: v for k, v in said.items() if k != "aud"}),
    "several audiences": lambda said: sign(said | {"aud": [TOKEN_URL, "https://elsewhere.example/token"]}),
    "an empty list of audiences": lambda said: sign(said | {"aud": []}),
    "an audience that is no text": lambda said: sign(said | {"aud": {"url": TOKEN_URL}}),
    "another subject": lambda said: sign(said | {"sub": "somebody"}),
    "an unknown client": lambda said: sign(said | {"iss": "019aa000-0000-7000-8000-000000000000", "sub": "019aa000-0000-7000-8000-000000000000"}),
    "a client that is no id": lambda said: sign(said | {"iss": "x", "sub": "x"}),
    "no issuer": lambda said: sign({k: v for k, v in said.items() if k not in {"iss", "sub"}}),
    "an issuer that is no text": lambda said: sign(said | {"iss": 7, "sub": 7}),
    "no name of its own": lambda said: sign({k: v for k, v in said.items() if k != "jti"}),
    "a name that is no text": lambda said: sign(said | {"jti": 7}),
    "a name beyond all measure": lambda said: sign(said | {"jti": "x" * 501}),
    "oversize": lambda said: sign(said | {"more": "x" * 9000}),
    "no token at all": lambda _: "nonsense",
    "four parts": lambda said: sign(said) + ".x",
    "no JSON inside": lambda _: "e30.bm90IGpzb24.x",
    "a list inside": lambda _: "W10.W10.x",
    "no base64": lambda _: "é.é.é",
    "a signature cut short": lambda said: sign(said)[:-4],
    "claims exchanged after signing": lambda said: _exchanged(sign(said), unsigned(said | {"exp": NOW + 100})),
}  # fmt: skip


def _exchanged(good, other):
    head, _, signature = good.split(".")
    return f"{head}.{other.split('.')[1]}.{signature}"


@pytest.mark.requirement("SMART App Launch 2, Asymmetric authentication: signature verification; RFC 8725")
@pytest.mark.parametrize("name", REFUSED)
def test_a_signed_token_that_proves_nothing_is_refused(town, name):
    answer = town.ask(REFUSED[name](claims(town.client.public_id)))
    said = orjson.loads(answer.content)
    assert answer.status_code == 401
    assert said["error"] == "invalid_client"
    assert said["error_description"].endswith(".")
    assert AccessToken.objects.count() == 0
    assert UsedToken.objects.count() == 0


NEARLY = {
    "a little long": {"exp": 310},
    "a little early": {"nbf": 10},
    "signed a little early": {"iat": 10},
    "just over": {"exp": -5},
}


@pytest.mark.parametrize("name", NEARLY)
def test_clocks_may_differ_a_little(town, name):
    now = int(time.time())
    times = {claim: now + seconds for claim, seconds in NEARLY[name].items()}
    assert town.ask(sign(claims(town.client.public_id, **times))).status_code == 200


@pytest.mark.parametrize("audience", [[TOKEN_URL], TOKEN_URL + "/"], ids=["a list of one", "a slash more"])
def test_the_audience_may_be_written_in_two_ways(town, audience):
    assert town.ask(sign(claims(town.client.public_id, aud=audience))).status_code == 200


def test_a_demo_clock_that_was_moved_does_not_matter(town):
    clock.set_demo_clock(town.at.replace(year=2031))
    assert town.ask(sign(claims(town.client.public_id))).status_code == 200


@pytest.mark.requirement("SMART App Launch 2, Asymmetric authentication: jti replay")
def test_a_signed_token_is_accepted_once(town):
    signed = sign(claims(town.client.public_id))
    assert town.ask(signed).status_code == 200
    again = town.ask(signed)
    assert again.status_code == 401
    assert "used before" in orjson.loads(again.content)["error_description"]
    assert EventRow.objects.filter(type="SignedTokenReplayed").count() == 1
    assert AccessToken.objects.count() == 1


def test_the_same_name_signed_anew_is_a_replay_too(town):
    said = claims(town.client.public_id)
    assert town.ask(sign(said)).status_code == 200
    assert town.ask(sign(said | {"exp": said["exp"] - 1}, rsa_key())).status_code == 401


def test_another_client_may_use_the_same_name(town):
    other = town.register("other system", plan=town.world.sandbox, keys=public_keys(ec_key()))
    said = claims(town.client.public_id)
    assert town.ask(sign(said)).status_code == 200
    assert town.ask(sign(said | {"iss": str(other.public_id), "sub": str(other.public_id)})).status_code == 200


def test_strangers_are_not_told_who_is_registered(town):
    """An unknown client, an unknown key, a wrong signature and a client that waits get the very same answer."""
    waiting = town.register("waiting system", keys=public_keys(ec_key()))
    nobody = "019aa000-0000-7000-8000-000000000000"
    answers = {
        town.ask(signed).content
        for signed in (
            sign(claims(nobody)),
            sign(claims(town.client.public_id), ec_key("ec-9")),
            sign(claims(town.client.public_id), _stranger_key()),
            sign(claims(waiting.public_id)),
        )
    }
    assert len(answers) == 1


def test_a_revoked_client_gets_nothing_and_its_tokens_end(town):
    token = town.token()
    assert town.post("/fhir/2.0/Claim/$inquire", token=token).status_code == 400
    revoke(client=town.client, by=town.integrator, at=town.at)
    assert town.post("/fhir/2.0/Claim/$inquire", token=token).status_code == 401
    assert town.ask(sign(claims(town.client.public_id))).status_code == 401


# -- what the form may not be ------------------------------------------------------------------------------------------

FORMS = {
    "no grant": ({"grant_type": None}, 400, "invalid_request"),
    "another grant": ({"grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
    "a password": ({"client_assertion_type": None, "client_secret": "x"}, 400, "invalid_request"),
    "another kind of assertion": ({"client_assertion_type": "saml"}, 400, "invalid_request"),
    "no assertion": ({"client_assertion": None}, 401, "invalid_client"),
    "another client id": ({"client_id": "somebody"}, 401, "invalid_client"),
    "no scope": ({"scope": None}, 400, "invalid_scope"),
    "unknown scopes": ({"scope": "openid user/Patient.rs system/Patient.rs"}, 400, "invalid_scope"),
    "a scope narrowed by a parameter": ({"scope": "system/Claim.r?status=active"}, 400, "invalid_scope"),
    "letters out of order": ({"scope": "system/Claim.rc"}, 400, "invalid_scope"),
    "scopes without end": ({"scope": "system/Claim.r " * 300}, 400, "invalid_scope"),
}


@pytest.mark.requirement("RFC 6749, 5.2")
@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_cannot_be_served_says_why(town, name):
    changes, status, error = FORMS[name]
    answer = town.ask(sign(claims(town.client.public_id)), **changes)
    said = orjson.loads(answer.content)
    assert (answer.status_code, said["error"]) == (status, error)
    assert AccessToken.objects.count() == 0


BODIES = {
    "JSON": (b"{}", "application/json", 400),
    "too long": (b"a=" + b"x" * 40_000, "application/x-www-form-urlencoded", 413),
    "too many fields": (b"a&" * 5000, "application/x-www-form-urlencoded", 400),
    "a field twice": (b"grant_type=client_credentials&grant_type=password", "application/x-www-form-urlencoded", 400),
    "nothing": (b"", "application/x-www-form-urlencoded", 400),
    "bytes": (b"\xff\xfe\x00", "application/x-www-form-urlencoded", 400),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_form_is_refused(town, name):
    body, kind, status = BODIES[name]
    answer = town.http.post("/oauth/token", body, content_type=kind)
    assert answer.status_code == status
    assert orjson.loads(answer.content)["error"] == "invalid_request"


def test_other_methods_and_addresses_are_refused_in_json(town):
    answer = town.http.get("/oauth/token")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert orjson.loads(town.http.get("/oauth/nothing").content)["error"] == "invalid_request"


SCOPES = {
    "version 1": ("system/Claim.read", "system/Claim.r"),
    "everything": ("system/*.cruds", None),
    "every kind, reading": ("system/*.rs", "system/Claim.r system/ClaimResponse.rs"),
    "more than registered": ("system/Claim.cruds system/Patient.rs", "system/Claim.cr"),
    "other words beside": ("openid system/Claim.c", "system/Claim.c"),
}


@pytest.mark.requirement("SMART App Launch 2, Scopes")
@pytest.mark.parametrize("name", SCOPES)
def test_granted_is_what_is_asked_for_and_registered(town, name):
    asked, granted = SCOPES[name]
    town.client.scopes = "system/Claim.cr system/ClaimResponse.rs"
    town.client.save()
    said = orjson.loads(town.ask(sign(claims(town.client.public_id)), scope=asked).content)
    assert read(said["scope"]) == read(granted or town.client.scopes)


def test_guessing_is_slowed_down(town, monkeypatch):
    instant = clock.real_now()
    monkeypatch.setattr(clock, "real_now", lambda: instant)  # all within one minute
    bad = unsigned(claims(town.client.public_id))
    statuses = [town.ask(bad).status_code for _ in range(62)]
    assert statuses[:60] == [401] * 60
    assert statuses[-1] == 429
    slow = town.ask(sign(claims(town.client.public_id)))
    assert (slow.status_code, slow.headers["Retry-After"]) == (429, "60")


def test_nobody_needs_more_than_two_tokens_a_second(town, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_A_MINUTE", 3)
    answers = [town.ask(sign(claims(town.client.public_id))) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert AccessToken.objects.count() == 3
    later = clock.real_now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert town.ask(sign(claims(town.client.public_id, exp=int(later.timestamp()) + 60))).status_code == 200


def test_what_is_over_is_forgotten_by_the_real_clock(town, monkeypatch):
    signed = sign(claims(town.client.public_id))
    assert town.ask(signed).status_code == 200
    tokens.forget_expired(at=clock.real_now())
    assert (AccessToken.objects.count(), UsedToken.objects.count()) == (1, 1)
    tokens.forget_expired(at=clock.real_now() + timedelta(minutes=4, seconds=20))
    assert (AccessToken.objects.count(), UsedToken.objects.count()) == (1, 1), "a used name outlives its token's leeway"
    tokens.forget_expired(at=clock.real_now() + timedelta(minutes=6))
    assert (AccessToken.objects.count(), UsedToken.objects.count()) == (0, 0)
