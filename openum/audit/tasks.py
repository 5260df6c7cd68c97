"""The seal of every minute."""

from datetime import datetime
from typing import Any

from openum.audit.services import seal_heads
from openum.jobs import every, handler


@handler("audit.seal")
def seal(payload: dict[str, Any], *, at: datetime) -> None:
    """Seal the chains that moved."""
    seal_heads(at)


every("audit.seal", 60)
