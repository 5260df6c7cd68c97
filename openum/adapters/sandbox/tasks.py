"""Background work of the sandbox."""

from datetime import datetime
from typing import Any

from openum.adapters.sandbox.recorder import forget_old
from openum.jobs import every, handler


@handler("sandbox.forget")
def forget(payload: dict[str, Any], *, at: datetime) -> None:
    """Delete recorded messages that were kept long enough."""
    forget_old(at=at)


every("sandbox.forget", 3600)
