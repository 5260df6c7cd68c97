"""The table of background work."""

from django.db import models
from django.db.models import Q


class JobState(models.TextChoices):
    """Where a job stands. A running job whose lease has ended counts as waiting again."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class Job(models.Model):
    """One piece of work, done at least once; its database effects happen exactly once (see worker.py)."""

    kind = models.TextField()
    payload = models.JSONField(default=dict)  # public ids only
    state = models.TextField(choices=JobState.choices, default=JobState.WAITING)
    run_at = models.DateTimeField()  # on the clock of openum.db.clock
    attempt = models.PositiveIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)  # grows with every claim; only the last claimant may finish
    lease_until_us = models.BigIntegerField(default=0)  # real time, microseconds since 1970
    dedupe_key = models.TextField(null=True, unique=True)
    last_error = models.TextField(blank=True, default="")  # class and code of the error, never its text
    finished_at = models.DateTimeField(null=True)

    class Phi:
        phi: set[str] = set()
        safe = {
            "id", "kind", "payload", "state", "run_at", "attempt", "fence", "lease_until_us", "dedupe_key",
            "last_error", "finished_at",
        }  # fmt: skip

    class Meta:
        indexes = [
            models.Index(fields=["run_at", "id"], name="jobs_open", condition=Q(state__in=["waiting", "running"]))
        ]
        constraints = [
            models.CheckConstraint(
                name="finished_job_has_instant", condition=~Q(state="done") | Q(finished_at__isnull=False)
            )
        ]
