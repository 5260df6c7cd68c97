"""Steps of the search for missing information that became due."""

from typing import ClassVar

from django.db import models

from openum.cases.models import InformationRequest
from openum.directory.models import Policy
from openum.vocabulary.identifiers import new_uuid7
from openum.work.models import Task


class OutreachStep(models.Model):
    """One step of the ladder that became due for a question: the tasks it made, by which published ladder."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    question = models.ForeignKey(InformationRequest, models.PROTECT, related_name="outreach_steps", db_index=False)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+", db_index=False)
    step = models.TextField()
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    tasks = models.ManyToManyField(Task, blank=True, related_name="outreach_steps")

    class Meta:
        """A step becomes due once for a question."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["question", "step"], name="outreach_step_once"),
        ]

    class Phi:
        """Nothing clinical."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "question", "policy", "step", "due_at", "made_at", "ended_at", "tasks",
        }  # fmt: skip
