"""The sweep of every half minute."""

from datetime import datetime
from typing import Any

from openum.accounts.services import ensure_rules_engine
from openum.clocks import services
from openum.jobs import every, handler


@handler("clocks.sweep")
def sweep(payload: dict[str, Any], *, at: datetime) -> None:
    """Resume, mark late and warn."""
    services.sweep(by=ensure_rules_engine(), at=at)


every("clocks.sweep", 30)
