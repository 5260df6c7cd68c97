"""One run of a version of a guideline on the stored requests of a plan."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.vocabulary.identifiers import new_uuid7


class SimulationState(models.TextChoices):
    """Where a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Simulation(models.Model):
    """What a version would have answered, beside the version in force: asked for by a person, worked out by a worker.

    The documents are kept as they were, so that a report says for ever what it was made from.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey("accounts.Plan", models.PROTECT, related_name="simulations")
    key = models.TextField(help_text="id of the guideline")
    version = models.TextField(help_text="the version that is tried")
    base_version = models.TextField(blank=True, help_text="the version it is compared with; empty when there is none")
    draft_body = models.TextField(help_text="the document that is tried, with the CQL it includes")
    base_body = models.TextField(blank=True)
    draft_digest = models.TextField(help_text="SHA-256 of the document, hexadecimal")
    base_digest = models.TextField(blank=True)
    requests_from = models.DateTimeField(help_text="first instant of receipt that counts")
    requests_to = models.DateTimeField(help_text="first instant that no longer counts")
    state = models.TextField(choices=SimulationState.choices, default=SimulationState.WAITING)
    cases_total = models.PositiveIntegerField(default=0)
    cases_done = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict, help_text="counts, with small groups withheld")
    failure = models.TextField(blank=True, help_text="a sentence without member data")
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="simulations")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """A finished run says when; a failed one says why."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state__in=["done", "failed"]) | Q(finished_at__isnull=False),
                name="finished_simulation_has_instant",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(failure=""), name="failed_simulation_says_why"),
        ]
        indexes: ClassVar = [models.Index(fields=["plan", "-asked_at"], name="simulation_by_plan")]

    class Phi:
        """Counts only; groups that could be recognised are withheld before they are stored."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "key", "version", "base_version", "draft_body", "base_body", "draft_digest",
            "base_digest", "requests_from", "requests_to", "state", "cases_total", "cases_done", "report", "failure",
            "asked_by", "asked_at", "finished_at",
        }  # fmt: skip

    @property
    def is_finished(self) -> bool:
        """Say whether nothing more will happen to the run."""
        return self.state in (SimulationState.DONE, SimulationState.FAILED)

    @property
    def percent(self) -> int:
        """Return how far the run is."""
        return 100 * self.cases_done // self.cases_total if self.cases_total else 0
