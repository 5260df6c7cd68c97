"""Housekeeping of tokens."""

from datetime import datetime
from typing import Any

from openum.accounts.connections.tokens import forget_expired
from openum.db import clock
from openum.jobs import every, handler


@handler("accounts.forget_expired")
def forget(payload: dict[str, Any], *, at: datetime) -> None:
    """Remove what has expired by the real clock, whatever the demo clock shows."""
    forget_expired(at=clock.real_now())


every("accounts.forget_expired", 3600)
