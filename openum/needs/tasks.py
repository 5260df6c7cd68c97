"""Background work of needs."""

from datetime import datetime
from typing import Any

from openum.accounts.services import ensure_rules_engine
from openum.jobs import every, handler
from openum.needs.services import remove_old_assertions


@handler("needs.remove_old_assertions")
def remove_old(payload: dict[str, Any], *, at: datetime) -> None:
    """Remove answers that are no longer kept."""
    remove_old_assertions(by=ensure_rules_engine(), at=at)


every("needs.remove_old_assertions", 24 * 60 * 60)
