"""Public keys of clients (RFC 7517): which are fit for signatures here, and new ones for a sandbox. Pure."""

import base64
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import uuid4

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeyParameters, RSAKey

from openum.vocabulary.errors import Invalid

Json = dict[str, Any]

ALGORITHMS = ("RS384", "ES384")
"""What SMART Backend Services and CDS Hooks ask every server to accept. Nothing symmetric, and never `none`."""
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
_SMALLEST_RSA, _LARGEST_RSA = 2048, 8192
MOST_KEYS = 20
MOST_BYTES = 64 * 1024
_LONGEST_ID = 200


class KeysNotUsable(Invalid):
    """What was given as public keys cannot be used; the sentence says why and how to mend it."""

    code: ClassVar[str] = "keys-not-usable"


@dataclass(frozen=True)
class PublicKey:
    """One public key with its name, and the algorithm that its kind implies here."""

    key_id: str
    algorithm: str
    key: RSAKey | ECKey

    def as_json(self) -> Json:
        """Write it as a JSON Web Key, with nothing else that was sent beside it."""
        return {**self.key.as_dict(private=False), "kid": self.key_id, "alg": self.algorithm, "use": "sig"}


def read_key(data: object) -> PublicKey:
    """Read one JSON Web Key.

    Raises:
        KeysNotUsable: it is private, weak, of another kind, or has no name.
    """
    if not isinstance(data, dict):
        raise KeysNotUsable("A key must be a JSON object, as in RFC 7517.")
    if _PRIVATE & set(data):
        raise KeysNotUsable(
            "This holds a private key. Treat it as lost: make a new pair, and send the public half alone."
        )
    key_id = data.get("kid")
    if not isinstance(key_id, str) or not key_id or len(key_id) > _LONGEST_ID or not key_id.isprintable():
        raise KeysNotUsable('Every key needs a name of its own: add "kid", a text of at most 200 characters.')
    if data.get("use", "sig") != "sig" or "verify" not in data.get("key_ops", ["verify"]):
        raise KeysNotUsable(f"The key {key_id} is not for signatures.")
    key, algorithm = _imported(data, key_id)
    if data.get("alg", algorithm) != algorithm:
        raise KeysNotUsable(f"The key {key_id} names another algorithm than {algorithm}, the one for its kind here.")
    return PublicKey(key_id, algorithm, key)


def _imported(data: Json, key_id: str) -> tuple[RSAKey | ECKey, str]:
    kind = data.get("kty")
    try:
        if kind == "RSA":
            _check_size(data["n"], key_id)
            return RSAKey.import_key({name: data[name] for name in ("kty", "n", "e")}), "RS384"
        if kind == "EC" and data.get("crv") == "P-384":
            curve = ECKey.import_key({name: data[name] for name in ("kty", "crv", "x", "y")})
            _ = curve.public_key  # a point that is not on the curve is refused here
            return curve, "ES384"
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise KeysNotUsable(f"The key {key_id} cannot be read. Export it again as a JSON Web Key.") from None
    raise KeysNotUsable(
        f"The key {key_id} is of another kind. Use RSA with 2048 bits or more, or EC on the curve P-384."
    )


def _check_size(modulus: str, key_id: str) -> None:
    bits = int.from_bytes(base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))).bit_length()
    if not _SMALLEST_RSA <= bits <= _LARGEST_RSA:
        raise KeysNotUsable(f"The RSA key {key_id} has {bits} bits. Use between 2048 and 8192.")


def read_key_set(text: str | bytes) -> list[PublicKey]:
    """Read a JSON Web Key Set, or one key, that a person pasted; every key must be fit.

    Raises:
        KeysNotUsable: it is not one, or one of its keys is unfit, or two share a name.
    """
    keys = [read_key(one) for one in _members(text)]
    if len({key.key_id for key in keys}) != len(keys):
        raise KeysNotUsable('Two of these keys have the same "kid". Give each its own.')
    return keys


def fit_keys(text: str | bytes) -> list[PublicKey]:
    """Read a JSON Web Key Set from an address, leaving out keys for other purposes and every name that is not unique.

    Raises:
        KeysNotUsable: it is not a key set, or no key in it is fit.
    """
    found: dict[str, list[PublicKey]] = {}
    for one in _members(text):
        try:
            key = read_key(one)
        except KeysNotUsable:
            continue
        found.setdefault(key.key_id, []).append(key)
    fit = [keys[0] for keys in found.values() if len(keys) == 1]
    if not fit:
        raise KeysNotUsable("There is no key for RS384 or ES384 in this key set.")
    return fit


def _members(text: str | bytes) -> list[object]:
    if len(text) > MOST_BYTES:
        raise KeysNotUsable(f"A key set may have at most {MOST_BYTES // 1024} KiB.")
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise KeysNotUsable("This is not JSON. Give a JSON Web Key Set: an object with a list named keys.") from None
    if isinstance(data, dict) and "kty" in data:
        return [data]
    members = data.get("keys") if isinstance(data, dict) else None
    if not isinstance(members, list) or not members:
        raise KeysNotUsable("This is no JSON Web Key Set: an object with a list named keys is needed.")
    if len(members) > MOST_KEYS:
        raise KeysNotUsable(f"A key set may hold at most {MOST_KEYS} keys.")
    return members


@dataclass(frozen=True)
class NewPair:
    """A pair made for a sandbox: the public half is kept, the private half is shown once and kept nowhere."""

    public: PublicKey
    private_json: str
    private_pem: str


def new_pair() -> NewPair:
    """Make a pair for ES384."""
    parameters: KeyParameters = {"kid": f"sandbox-{uuid4().hex[:12]}", "alg": "ES384", "use": "sig"}
    key = ECKey.generate_key("P-384", parameters=parameters, private=True)
    private = orjson.dumps(key.as_dict(private=True), option=orjson.OPT_INDENT_2).decode()
    return NewPair(
        public=read_key(key.as_dict(private=False)), private_json=private, private_pem=key.as_pem(private=True).decode()
    )
