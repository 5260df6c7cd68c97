"""What is stored of forms beside their published versions: faults that others found, and forms being filled in."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import ApiClient, Organization, Plan, User
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


class Filling(models.Model):
    """A form that an office is filling in. Every answer is kept as typed; colleagues share it.

    `answers`: the answers, where each comes from, and how often groups are repeated. `wrong`: words that cannot be an
    answer, as they stand on the page. `records`: what was read to fill it, kept until it is completed.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="fillings")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="fillings")
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    form = models.TextField(help_text="canonical with version")
    title = models.TextField()
    subject = models.TextField(blank=True, help_text="the patient in the office's own words")
    package = models.JSONField(default=list, help_text="the resources of a form that is not ours")
    contained = models.JSONField(null=True, blank=True, help_text="the questions so far of an adaptive form")
    answers = models.JSONField(default=dict)
    wrong = models.JSONField(default=dict)
    records = models.JSONField(default=list)
    context = models.JSONField(default=dict, help_text="the coverage and the orders it is for, as references")
    source = models.TextField(blank=True, help_text="where the records were read")
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    response = models.JSONField(null=True, blank=True, help_text="the QuestionnaireResponse as completed")

    class Meta:
        """A completed form has its response."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True, response__isnull=True)
                | Q(completed_at__isnull=False, response__isnull=False),
                name="completed_form_has_its_response",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organization", "-saved_at"], name="filling_by_office")]

    class Phi:
        """Everything about the person."""

        phi: ClassVar[set[str]] = {
            "subject", "package", "contained", "answers", "wrong", "records", "source", "context", "response",
        }  # fmt: skip
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "organization", "started_by", "form", "title", "started_at", "saved_at",
            "completed_at",
        }  # fmt: skip
