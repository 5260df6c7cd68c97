"""The work of a load, a file a job, so that other work has its turn between two files."""

from datetime import datetime
from typing import Any

from openum.jobs import enqueue, handler
from openum.loading.carrying import load_next
from openum.loading.models import ClaimsLoad


@handler("loading.next_file", outside=True)
def next_file(payload: dict[str, Any], *, at: datetime) -> None:
    """Load the next file of a load. Broken off and run again, it begins that file anew; loaded ones stay."""
    load = ClaimsLoad.objects.filter(public_id=payload["load"]).first()
    if load is not None and load_next(load, at=at):
        enqueue("loading.next_file", payload, run_at=at)
