"""Background work of letters."""

from datetime import datetime
from typing import Any
from uuid import UUID

from openum.jobs import handler
from openum.notices import services
from openum.notices.services.following import PREPARE


@handler(PREPARE)
def prepare_approvals(payload: dict[str, Any], *, at: datetime) -> None:
    """Write the letters of what was approved."""
    services.prepare_approvals(
        case_id=UUID(payload["case"]), decided_at=datetime.fromisoformat(payload["at"]), at=at
    )
