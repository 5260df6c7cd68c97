"""Signs as clients do, well or badly, with keys made once for the run."""

import base64
import hmac
import time
from functools import lru_cache

import orjson
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

from openum.accounts.connections.keys import read_key

SITE = "http://testserver"
TOKEN_URL = f"{SITE}/oauth/token"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@lru_cache
def ec_key(name="ec-1"):
    return ECKey.generate_key("P-384", parameters={"kid": name}, private=True)


@lru_cache
def rsa_key(name="rsa-1", bits=2048):
    return RSAKey.generate_key(bits, parameters={"kid": name}, private=True)


def public(key):
    """The public half as a JSON Web Key."""
    return key.as_dict(private=False)


def key_set(*keys):
    return orjson.dumps({"keys": [public(key) for key in keys]})


def public_keys(*keys):
    return [read_key(public(key)) for key in keys]


_count = iter(range(10**9))


def claims(client_id, **changes):
    """The claims of a good token request; a change to None leaves a claim out."""
    now = int(time.time())
    said = {
        "iss": str(client_id), "sub": str(client_id), "aud": TOKEN_URL, "exp": now + 240, "iat": now,
        "jti": f"{now}-{next(_count)}",
    } | changes  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}


def sign(said, key=None, *, alg=None, **header):
    """A signed token; header values of None are left out."""
    key = key or ec_key()
    alg = alg or ("RS384" if key.key_type == "RSA" else "ES384")
    head = {"alg": alg, "typ": "JWT", "kid": key.kid} | header
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    return jwt.encode({k: v for k, v in head.items() if v is not None}, said, key, registry=registry)


def _base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _body(said, header):
    return ".".join(_base64(orjson.dumps(part)) for part in (header, said))


def unsigned(said, **header):
    """A token with `alg` none and an empty signature."""
    return _body(said, {"alg": "none", "typ": "JWT", "kid": "ec-1"} | header) + "."


def signed_with_public_half(said, key):
    """The classic confusion: the public key, which everybody has, used as the secret of HS256."""
    body = _body(said, {"alg": "HS256", "typ": "JWT", "kid": key.kid})
    return f"{body}.{_base64(hmac.digest(key.as_pem(private=False), body.encode(), 'sha256'))}"


def form(assertion, scope="system/Claim.cr", **changes):
    said = {
        "grant_type": "client_credentials", "scope": scope, "client_assertion_type": ASSERTION,
        "client_assertion": assertion,
    } | changes  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}
