"""Where a call comes from, and how often it was refused: whoever guesses is slowed down."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from openum.db import plain
from openum.vocabulary.errors import NotAllowed

MOST_REFUSALS = 60
"""Refused calls from one network address within a minute; after these, every call that would be refused gets 429."""


class TooManyCalls(NotAllowed):
    """Somebody calls too often; a minute later it works again (HTTP 429)."""

    code: ClassVar[str] = "too-many-calls"
    status: ClassVar[int] = 429


class TooManyRefusals(TooManyCalls):
    """One address was refused too often within a minute."""

    code: ClassVar[str] = "too-many-refusals"


def address_of(request: HttpRequest) -> str:
    """Return the network address of the caller; behind our proxy that is the last one the proxy was told."""
    if settings.OPENUM_BEHIND_TLS_PROXY:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def count_refusal(request: HttpRequest, *, at: datetime) -> None:
    """Count a refused call.

    Args:
        request: the call.
        at: the real instant.

    Raises:
        TooManyRefusals: this address was refused too often within the minute; nothing more is counted then.
    """
    check_caller(request, at=at)
    with transaction.atomic():
        plain.execute(
            "INSERT INTO accounts_refusedcall (caller_digest, minute, count) VALUES (%s, %s, 1) ON CONFLICT"
            " (caller_digest, minute) DO UPDATE SET count = accounts_refusedcall.count + 1",
            _key(request, at),
        )


def check_caller(request: HttpRequest, *, at: datetime) -> None:
    """Refuse a call from an address that was refused too often within the minute (TooManyRefusals)."""
    digest, minute = _key(request, at)
    counted = plain.execute(
        "SELECT count FROM accounts_refusedcall WHERE caller_digest = %s AND minute = %s", [digest, minute]
    )
    if counted and counted[0][0] >= MOST_REFUSALS:
        raise TooManyRefusals("Too many calls from your address were refused. Wait a minute, then try again.")


def _key(request: HttpRequest, at: datetime) -> list[object]:
    digest = salted_hmac("openum.callers", address_of(request), algorithm="sha256").hexdigest()
    return [digest, *plain.instants(at.replace(second=0, microsecond=0))]
