"""Sorting of cases that were opened before cases were sealed."""

from datetime import datetime
from typing import Any

from openum.cases.services import seal_unsorted
from openum.jobs import every, handler

AT_ONCE = 500


@handler("cases.seal_unsorted")
def sort_cases(payload: dict[str, Any], *, at: datetime) -> None:
    """Seal what must be sealed of the next cases; none are left after a while, and then this does nothing."""
    seal_unsorted(at=at, most=AT_ONCE)


every("cases.seal_unsorted", 60)
