"""The sweep of every half minute, and the rungs of the escalation ladder."""

from datetime import datetime
from typing import Any
from uuid import UUID

from openum.accounts.services import ensure_rules_engine
from openum.clocks import services
from openum.clocks.services.escalating import JOB
from openum.jobs import every, handler


@handler("clocks.sweep")
def sweep(payload: dict[str, Any], *, at: datetime) -> None:
    """Resume, mark late and warn."""
    services.sweep(by=ensure_rules_engine(), at=at)


@handler(JOB)
def escalate(payload: dict[str, Any], *, at: datetime) -> None:
    """Raise a timed rung of the ladder, if the duty is still open."""
    services.raise_rung(
        clock_id=UUID(payload["clock"]), rung=payload["rung"], due_at=datetime.fromisoformat(payload["due_at"]),
        by=ensure_rules_engine(), at=at,
    )  # fmt: skip


every("clocks.sweep", 30)
