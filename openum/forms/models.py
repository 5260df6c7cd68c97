"""What is stored of forms beside their published versions."""

from typing import ClassVar

from django.db import models

from openum.accounts.models import ApiClient, Plan
from openum.vocabulary.identifiers import new_uuid7


class FormFault(models.Model):
    """A fault in a form of ours, told by a system that tried to show or run it. The words are theirs."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="form_faults")
    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="form_faults")
    form = models.TextField(help_text="canonical as sent")
    is_ours = models.BooleanField(help_text="we hand out a form of this address")
    outcome = models.JSONField(help_text="the OperationOutcome as sent")
    severity = models.TextField(help_text="the worst of its issues")
    received_at = models.DateTimeField()

    class Meta:
        """Listed by plan, the newest first."""

        indexes: ClassVar = [models.Index(fields=["plan", "-received_at"], name="form_fault_by_plan")]

    class Phi:
        """The words of others may hold anything."""

        phi: ClassVar[set[str]] = {"outcome", "form"}
        safe: ClassVar[set[str]] = {"id", "public_id", "plan", "client", "is_ours", "severity", "received_at"}
