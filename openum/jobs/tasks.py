"""Housekeeping of the job table itself."""

from datetime import datetime, timedelta
from typing import Any

from openum.jobs.registry import every, handler

KEPT_FOR = timedelta(days=7)


@handler("jobs.prune")
def prune(payload: dict[str, Any], *, at: datetime) -> None:
    """Remove jobs that were done a week ago; dead ones stay until a person has looked."""
    from openum.jobs.models import Job, JobState

    Job.objects.filter(state=JobState.DONE, finished_at__lt=at - KEPT_FOR).delete()


every("jobs.prune", 3600)
