"""Sending, one message per job."""

from datetime import datetime
from typing import Any
from uuid import UUID

from openum.jobs import handler
from openum.outbox import services


@handler("outbox.send", outside=True)
def send(payload: dict[str, Any], *, at: datetime) -> None:
    """Send one message."""
    services.send(public_id=UUID(payload["message"]), at=at)
