"""Reads what a client signed (RFC 7519, RFC 7515): first what it says of itself, then whether a key proves it. Pure.

Nothing that a token says is believed before its signature is checked; the parts read earlier only choose the key.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from openum.accounts.connections.keys import ALGORITHMS, PublicKey
from openum.vocabulary.errors import NotAllowed

Json = dict[str, Any]

LEEWAY = timedelta(seconds=30)
"""How far two clocks may differ."""
LONGEST_LIFE = timedelta(minutes=5)
"""A signed token may expire at most this far ahead (SMART App Launch 2, "Asymmetric authentication")."""
MOST_CHARACTERS = 8 * 1024
_LONGEST_TEXT = 500
_MOST_AUDIENCES = 10


class SignedTokenRefused(NotAllowed):
    """A signed token proves nothing; the sentence says what is wrong with it, never what we know (HTTP 401)."""

    code: ClassVar[str] = "signed-token-refused"
    status: ClassVar[int] = 401


@dataclass(frozen=True)
class Unproven:
    """What a signed token says before anybody checked its signature."""

    text: str
    header: Json
    claims: Json

    @property
    def issuer(self) -> str:
        """Who says it was signed."""
        return _text(self.claims, "iss")

    @property
    def key_id(self) -> str:
        """The name of the key."""
        return _text(self.header, "kid")

    @property
    def algorithm(self) -> str:
        """How it is signed."""
        return _text(self.header, "alg")


@dataclass(frozen=True)
class Checked:
    """What a signed token says, once its audience and its times were checked; its signature is checked apart."""

    issuer: str
    subject: str
    token_id: str
    expires_at: datetime
    key_id: str
    claims: Json


def _text(data: Json, name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) and len(value) <= _LONGEST_TEXT else ""


def look_into(text: str, *, most: int = MOST_CHARACTERS) -> Unproven:
    """Take a signed token apart without believing it.

    Raises:
        SignedTokenRefused: it is too long, not a signed token in compact form, or marks parts we do not know as critical.
    """
    if len(text) > most:
        raise SignedTokenRefused(f"The signed token is too long: at most {most} characters are read.")
    parts = text.split(".")
    if len(parts) != 3 or not text.isascii():
        raise SignedTokenRefused("This is not a signed JSON Web Token: three parts with dots between them are needed.")
    header, claims = _part(parts[0]), _part(parts[1])
    if header is None or claims is None:
        raise SignedTokenRefused("The header and the claims of the signed token must be JSON objects in base64url.")
    if "crit" in header or "b64" in header:
        raise SignedTokenRefused("The header of the signed token marks parts as critical that are not known here.")
    return Unproven(text, header, claims)


def _part(text: str) -> Json | None:
    try:
        data = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, orjson.JSONDecodeError):
        return None
    return data if isinstance(data, dict) else None


def check_algorithm(unproven: Unproven, allowed: Iterable[str] = ALGORITHMS) -> None:
    """Refuse every algorithm that is not listed, `none` and the symmetric ones among them.

    Raises:
        SignedTokenRefused: it is another one.
    """
    known = tuple(allowed)
    if unproven.algorithm not in known:
        raise SignedTokenRefused(f"The signed token must be signed with {' or '.join(known)}.")


def key_named(unproven: Unproven, keys: Iterable[PublicKey]) -> PublicKey | None:
    """Return the one key that has the name and the kind that the token's header gives, or None."""
    fit = [key for key in keys if key.key_id == unproven.key_id and key.algorithm == unproven.algorithm]
    return fit[0] if len(fit) == 1 and unproven.key_id else None


def check_signature(unproven: Unproven, key: RSAKey | ECKey) -> None:
    """Check the signature with a key of the client, by the algorithm of the header, which is allowed already.

    Raises:
        SignedTokenRefused: the key did not make it.
    """
    registry = jws.JWSRegistry(algorithms=[unproven.algorithm], strict_check_header=False)
    registry.max_header_length = len(unproven.text)  # `look_into` has limited the whole
    try:
        jws.deserialize_compact(unproven.text, key, registry=registry)
    except (JoseError, ValueError, TypeError):
        raise SignedTokenRefused("The signature does not fit the key that the token's header names.") from None


def check_claims(
    unproven: Unproven, *, audiences: frozenset[str], at: datetime, longest: timedelta = LONGEST_LIFE
) -> Checked:
    """Check what can be judged of a token by itself: whom it is for, its times, its name.

    This needs no table and costs little, so it comes before the signature; it tells a stranger nothing about us.

    Args:
        unproven: the token.
        audiences: the addresses that may stand in `aud`; each audience of the token must be among them.
        at: the real instant, not the demo clock's.
        longest: how far ahead it may expire.

    Raises:
        SignedTokenRefused: it is meant for somebody else, too old, too young, lives too long, or cannot be told apart.
    """
    claims = unproven.claims
    named = claims.get("aud")
    meant = named if isinstance(named, list) else [named]
    if not meant or len(meant) > _MOST_AUDIENCES or any(_address(one) not in audiences for one in meant):
        raise SignedTokenRefused(f"The signed token is for another audience. `aud` must be {_either(audiences)} alone.")
    expires_at = _instant(claims, "exp")
    if expires_at is None:
        raise SignedTokenRefused("The signed token does not say when it expires: `exp`, in seconds since 1970.")
    if expires_at <= at - LEEWAY:
        raise SignedTokenRefused("The signed token has expired. Sign a new one, and check the clock that made it.")
    if expires_at > at + longest + LEEWAY:
        raise SignedTokenRefused(f"The signed token may expire at most {_minutes(longest)} from now.")
    for name in ("nbf", "iat"):
        if name in claims:
            start = _instant(claims, name)
            if start is None or start > at + LEEWAY:
                raise SignedTokenRefused(
                    f"The signed token starts in the future: see `{name}`, and the clock that made it."
                )
    token_id = _text(claims, "jti")
    if not token_id:
        raise SignedTokenRefused(f"The signed token needs a `jti` of its own, at most {_LONGEST_TEXT} characters.")
    return Checked(
        issuer=unproven.issuer, subject=_text(claims, "sub"), token_id=token_id, expires_at=expires_at,
        key_id=unproven.key_id, claims=claims,
    )  # fmt: skip


def _address(value: object) -> str:
    return value.rstrip("/") if isinstance(value, str) else ""


def _either(audiences: frozenset[str]) -> str:
    return " or ".join(sorted(audiences))


def _minutes(life: timedelta) -> str:
    return f"{life // timedelta(minutes=1)} minutes"


def _instant(claims: Json, name: str) -> datetime | None:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
