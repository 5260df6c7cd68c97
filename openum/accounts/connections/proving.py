"""Whether a client is who it says: the signature of one of its keys, on a token that nobody used before.

What can be judged of a token by itself comes first. After that there is one refusal only, the same for a client that
we do not know, that waits or is revoked, for a key that we do not know and for a signature that does not fit: a
stranger learns nothing about who is registered.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from openum import audit
from openum.accounts.connections import signed
from openum.accounts.connections.events import SignedTokenReplayed
from openum.accounts.connections.fetching import Fetch, fetch
from openum.accounts.connections.keysets import keys_of
from openum.accounts.connections.signed import Checked, SignedTokenRefused, Unproven
from openum.accounts.models import ApiClient, ClientKey
from openum.db import plain

NOT_FITTING = (
    "No registered client fits this signed token. Check `iss`, `kid`, that the public key is registered or published, "
    "and that the registration is approved."
)
_MOST_CANDIDATES = 20


class TokenUsedBefore(SignedTokenRefused):
    """A signed token is accepted once."""

    code = "signed-token-used-before"


@dataclass(frozen=True)
class Times:
    """Two readings of the clock: `real` for what other systems sign, `shown` for our records (the demo clock's)."""

    real: datetime
    shown: datetime


def prove_client(text: str, *, audiences: frozenset[str], times: Times, read: Fetch = fetch) -> ApiClient:
    """Return the client that signed a token request (SMART Backend Services; RFC 7523).

    Raises:
        SignedTokenRefused: it proves nothing, or was used before (TokenUsedBefore).
    """
    unproven, checked = _judged(text, audiences, times.real)
    if not checked.issuer or checked.subject != checked.issuer:
        raise SignedTokenRefused("`iss` and `sub` of the signed token must both be the client id.")
    client = _signer(unproven, with_id(checked.issuer), times.real, read)
    use_once(client, checked, times=times)
    return client


def prove_hook_caller(
    text: str, *, audiences: frozenset[str], message: str, times: Times, read: Fetch = fetch
) -> ApiClient:
    """Return the client that signed a CDS Hooks call (CDS Hooks 2.0, "Trusting CDS clients").

    A signed token serves one call. A sandbox lets a test kit send several messages with one token, each message once.

    Args:
        text: the signed token.
        audiences: what it may name as its audience.
        message: digest of the message that it came with.
        times: the real instant, and that of the demo clock.
        read: reads keys from their address.

    Raises:
        SignedTokenRefused: it proves nothing, or was used before (TokenUsedBefore).
    """
    unproven, checked = _judged(text, audiences, times.real)
    if "iat" not in checked.claims:
        raise SignedTokenRefused("The signed token needs `iat`, the time it was signed, in seconds since 1970.")
    client = _signer(unproven, _of_issuer(checked), times.real, read)
    if client.plan.is_sandbox:
        checked = replace(checked, token_id=f"{checked.token_id}/{message}")
    use_once(client, checked, times=times)
    return client


def _judged(text: str, audiences: frozenset[str], at: datetime) -> tuple[Unproven, Checked]:
    unproven = signed.look_into(text)
    signed.check_algorithm(unproven)
    return unproven, signed.check_claims(unproven, audiences=audiences, at=at)


def with_id(text: str, *, certified: bool = False) -> list[ApiClient]:
    """Return the client with this id that may act: one registered by keys, or one registered by certificate."""
    try:
        wanted = UUID(text)
    except ValueError:
        return []
    return [client for client in _acting().filter(public_id=wanted) if bool(client.certified_uri) == certified]


def _of_issuer(checked: Checked) -> list[ApiClient]:
    """Return who registered this issuer: for its tenant, or else for all of its tenants."""
    if not checked.issuer:
        return []
    tenant = checked.claims.get("tenant")
    named = list(_acting().filter(issuer=checked.issuer).order_by("pk")[:_MOST_CANDIDATES])
    exact = [client for client in named if client.issuer_tenant and client.issuer_tenant == tenant]
    return exact or [client for client in named if not client.issuer_tenant]


def _acting() -> QuerySet[ApiClient]:
    return ApiClient.objects.select_related("plan", "user", "organization").filter(is_active=True)


def _signer(unproven: Unproven, candidates: Iterable[ApiClient], at: datetime, read: Fetch) -> ApiClient:
    found = [client for client in candidates if _signed_by(unproven, client, at, read)]
    if len(found) > 1:
        raise SignedTokenRefused(
            "Several registrations have this issuer and this key. Register each with its own `tenant`, and send it."
        )
    if not found:
        raise SignedTokenRefused(NOT_FITTING)
    return found[0]


def _signed_by(unproven: Unproven, client: ApiClient, at: datetime, read: Fetch) -> bool:
    elsewhere = unproven.header.get("jku")
    if client.jwks_url and elsewhere is not None and elsewhere != client.jwks_url:
        return False  # keys are read from the registered address only
    key = signed.key_named(unproven, keys_of(client, key_id=unproven.key_id, at=at, read=read))
    if key is None:
        return False
    try:
        signed.check_signature(unproven, key.key)
    except SignedTokenRefused:
        return False
    return True


def use_once(client: ApiClient, checked: Checked, *, times: Times) -> None:
    """Mark a proven token as used, and the client and its key as used now.

    Raises:
        TokenUsedBefore: somebody used it already; of many at once, one is first.
    """
    with transaction.atomic():
        is_first = take(signer=str(client.public_id), checked=checked)
        if is_first:
            ApiClient.objects.filter(pk=client.pk).update(last_used_at=times.shown)
            ClientKey.objects.filter(client=client, key_id=checked.key_id, removed_at__isnull=True).update(
                last_used_at=times.shown
            )
        else:
            audit.record(SignedTokenReplayed(client_id=client.public_id), by=client.user, at=times.shown)
    if not is_first:
        raise TokenUsedBefore("This signed token was used before. Sign a new one, with its own `jti`, for every call.")


def take(*, signer: str, checked: Checked) -> bool:
    """Say whether a signer's token name is new, and remember it until the token has expired."""
    (expires_at,) = plain.instants(checked.expires_at + signed.LEEWAY)
    taken = plain.execute(
        "INSERT INTO accounts_usedtoken (signer, digest, expires_at) VALUES (%s, %s, %s)"
        " ON CONFLICT (signer, digest) DO NOTHING RETURNING id",
        [signer, hashlib.sha256(checked.token_id.encode("utf-8", "replace")).hexdigest(), expires_at],
    )
    return bool(taken)
