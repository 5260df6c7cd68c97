"""What holds for links that show where a request stands without an account: their address, their time. Pure.

The address is the link's id with a signature of this installation. It says nothing about the member, cannot be guessed,
and is made again whenever its maker asks for it, so that no copy of it is kept.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from openum.vocabulary.errors import Conflict, Invalid

DAYS: Final = (7, 30, 90)
"""How long a link may show, in days."""
MOST_OPEN: Final = 10
"""How many links of one request may show at the same time."""
SEEN_EVERY: Final = timedelta(hours=1)
"""How exactly it is kept when a link was last opened."""
_SALT = "openum.determination.linking"
_MAC_BYTES = 16


class TooManyLinks(Conflict):
    """As many links of this request as are allowed show already."""

    code: ClassVar[str] = "too-many-links"


def token_of(public_id: UUID) -> str:
    """Return the last part of a link's address."""
    mac = salted_hmac(_SALT, public_id.hex, algorithm="sha256").digest()[:_MAC_BYTES]
    return urlsafe_b64encode(public_id.bytes + mac).decode().rstrip("=")


def link_named(token: str) -> UUID | None:
    """Return the id of the link that a token names, or None where this installation did not sign it."""
    try:
        public_id = UUID(bytes=urlsafe_b64decode(token + "=" * (-len(token) % 4))[:16])
    except (binascii.Error, ValueError):
        return None
    return public_id if constant_time_compare(token, token_of(public_id)) else None


def end_of(*, at: datetime, days: int) -> datetime:
    """Return when a link made now stops showing.

    Raises:
        Invalid: a time that is not offered.
    """
    if days not in DAYS:
        raise Invalid("Choose how long the link shows: 7, 30 or 90 days.")
    return at + timedelta(days=days)


def check_more(open_links: int) -> None:
    """Refuse one link more than a request may have.

    Raises:
        TooManyLinks: end one first.
    """
    if open_links >= MOST_OPEN:
        raise TooManyLinks(f"{MOST_OPEN} links of this request show already. Stop one of them first.")
