"""The keys of a client: kept here, or read from its address and remembered for an hour.

A client that rotates publishes the new key before it signs with it. A name that we do not know therefore makes us read
the address again, but no more than once a minute for each address, whoever asks. While the address does not answer,
what was read within the last day still counts.
"""

from datetime import datetime, timedelta

from django.db import transaction

from openum.accounts.connections.fetching import AddressNotAllowed, Fetch, KeysNotRead, check_address, fetch
from openum.accounts.connections.keys import KeysNotUsable, PublicKey, fit_keys, read_key
from openum.accounts.models import ApiClient, ClientKey, KeySet
from openum.db import plain

REMEMBERED = timedelta(hours=1)
KEPT_WITHOUT_ANSWER = timedelta(days=1)
ASKED_AGAIN_AFTER = timedelta(minutes=1)


def keys_of(client: ApiClient, *, key_id: str, at: datetime, read: Fetch = fetch) -> list[PublicKey]:
    """Return the public keys that may prove a client's signature now.

    Args:
        client: who says that it signed.
        key_id: the name of the key it says it used.
        at: the real instant.
        read: how an address is read; outgoing calls are made outside every transaction.
    """
    if not client.jwks_url:
        rows = ClientKey.objects.filter(client=client, removed_at__isnull=True)
        return [read_key(row.key) for row in rows]
    try:
        check_address(client.jwks_url)
    except AddressNotAllowed:
        return []  # the installation took the host off its list
    known = KeySet.objects.filter(url=client.jwks_url).first()
    is_fresh = known is not None and known.read_at is not None and known.read_at > at - REMEMBERED
    if not is_fresh or key_id not in _names(known):
        known = _read_again(client.jwks_url, known, at, read)
    if known is None or known.read_at is None or known.read_at <= at - KEPT_WITHOUT_ANSWER:
        return []
    return [read_key(one) for one in known.keys]


def _names(known: KeySet | None) -> set[str]:
    return {str(one.get("kid")) for one in known.keys} if known is not None else set()


def _read_again(url: str, known: KeySet | None, at: datetime, read: Fetch) -> KeySet | None:
    """Read the address if nobody did within the last minute; the row says who may."""
    if not _may_ask(url, at):
        return known
    try:
        keys = fit_keys(read(url))
    except (KeysNotRead, KeysNotUsable):
        return known
    with transaction.atomic():
        KeySet.objects.filter(url=url).update(keys=[key.as_json() for key in keys], read_at=at)
    return KeySet.objects.get(url=url)


@transaction.atomic
def _may_ask(url: str, at: datetime) -> bool:
    """Take the turn to ask: of many at once, one gets it."""
    now, before = plain.instants(at, at - ASKED_AGAIN_AFTER)
    taken = plain.execute(
        "INSERT INTO accounts_keyset (url, keys, tried_at) VALUES (%s, %s, %s) ON CONFLICT (url) DO UPDATE"
        " SET tried_at = excluded.tried_at WHERE accounts_keyset.tried_at <= %s RETURNING id",
        [url, "[]", now, before],
    )
    return bool(taken)
