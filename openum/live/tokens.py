"""A short-lived signed token says whose changes a browser may hear of; views make it after their own permission check."""

from collections.abc import Sequence
from uuid import UUID

from django.core import signing

SALT = "openum.live"
VALID_SECONDS = 12 * 60 * 60  # a working day; the token tells nothing but that a case has changed


def issue(case_ids: Sequence[UUID]) -> str:
    """Return a token for the changes of these cases (public ids)."""
    return signing.dumps([case_id.hex for case_id in case_ids], salt=SALT, compress=True)


def read(token: str) -> frozenset[str]:
    """Return the cases (hex of their public ids) a token stands for; none when it is forged or too old."""
    try:
        return frozenset(signing.loads(token, salt=SALT, max_age=VALID_SECONDS))
    except signing.BadSignature:
        return frozenset()
