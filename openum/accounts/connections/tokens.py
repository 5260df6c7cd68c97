"""Access tokens: made for a few minutes, kept as hashes, and what a bearer of one may do."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import transaction

from openum import audit
from openum.accounts.connections import scopes as words
from openum.accounts.connections.callers import TooManyCalls
from openum.accounts.connections.events import AccessTokenIssued
from openum.accounts.connections.proving import Times
from openum.accounts.connections.scopes import Scope
from openum.accounts.models import AccessToken, ApiClient, Organization, Plan, RefusedCall, UsedToken, User
from openum.db import plain
from openum.db.plain import select_where

LIFE = timedelta(minutes=5)
MOST_A_MINUTE = 120
"""Tokens for one client; it may hold many, one for each of its processes."""
_MARK = "openum-at-"
"""Access tokens begin with it, so that scanners for leaked secrets know them and one look-up suffices."""


class TooManyTokens(TooManyCalls):
    """One client asked for more tokens within a minute than anybody needs."""

    code: ClassVar[str] = "too-many-tokens"


@dataclass(frozen=True)
class Bearer:
    """A client that showed a token, and what the token allows."""

    client: ApiClient
    scopes: tuple[Scope, ...]


@transaction.atomic
def issue(*, client: ApiClient, granted: tuple[Scope, ...], times: Times) -> str:
    """Return a new access token; only its hash is kept.

    Raises:
        TooManyTokens: the client got MOST_A_MINUTE within the last minute.
    """
    recent = AccessToken.objects.filter(client=client, issued_at__gt=times.real - timedelta(minutes=1))
    if recent.count() >= MOST_A_MINUTE:
        raise TooManyTokens("Too many tokens within a minute. Use each for its five minutes, then ask for the next.")
    token = _MARK + secrets.token_urlsafe(32)
    AccessToken.objects.create(
        client=client, token_hash=_digest(token), scopes=words.write(granted), issued_at=times.real,
        expires_at=times.real + LIFE,
    )  # fmt: skip
    audit.record(
        AccessTokenIssued(client_id=client.public_id, scopes=words.write(granted)), by=client.user, at=times.shown
    )
    return token


def bearer_of(token: str, *, at: datetime) -> Bearer | None:
    """Return whose token this is, or None when it is nobody's, expired, or its client may not act any more.

    Fixed tokens belong to clients of sandbox plans, and to demo data; no other plan accepts them.

    Args:
        token: as it came.
        at: the real instant.
    """
    if token.startswith(_MARK):
        held = select_where(AccessToken, "token_hash = %s AND expires_at > %s", [_digest(token), *plain.instants(at)])
        client = _client("id = %s AND is_active", held[0].client_id) if held else None
        return Bearer(client, words.read(held[0].scopes)) if client is not None else None
    return fixed_bearer_of(token)


def fixed_bearer_of(token: str) -> Bearer | None:
    """Return the client of a fixed token, as far as its plan accepts one."""
    client = _client("token_hash = %s AND is_active", _digest(token))
    if client is None or not (client.plan.is_sandbox or settings.OPENUM_DEMO):
        return None
    return Bearer(client, words.FULL)


def _client(where: str, value: object) -> ApiClient | None:
    found = select_where(ApiClient, where, [value])
    if not found:
        return None
    client = found[0]
    client.plan = select_where(Plan, "id = %s", [client.plan_id])[0]
    client.user = select_where(User, "id = %s", [client.user_id])[0]
    if client.organization_id is not None:
        client.organization = select_where(Organization, "id = %s", [client.organization_id])[0]
    return client


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def forget_expired(*, at: datetime) -> None:
    """Remove tokens that are over; a used name is kept until its token has expired, and no longer."""
    AccessToken.objects.filter(expires_at__lt=at).delete()
    UsedToken.objects.filter(expires_at__lt=at).delete()
    RefusedCall.objects.filter(minute__lt=at - timedelta(hours=1)).delete()
