"""Case, its requests, the number series, and the wrapper of an appeal."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.accounts.models import ApiClient, Organization, Plan, User
from openum.cases.models.choices import (
    certification_choices,
    channel_choices,
    request_kind_choices,
    standing_choices,
    timing_choices,
    urgency_choices,
)
from openum.directory.models import Coverage, Member, Product
from openum.vocabulary.identifiers import new_uuid7


class NumberSeries(models.Model):
    """The next number of a series and year, for example case numbers of 2026."""

    series = models.TextField()
    year = models.PositiveSmallIntegerField()
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        """One row per series and year."""

        verbose_name_plural = "number series"
        constraints: ClassVar = [models.UniqueConstraint(fields=["series", "year"], name="series_once")]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "series", "year", "last"}


class Case(models.Model):
    """One file of UM work for one member. Its number never changes; old numbers resolve after a merge."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    number = models.TextField(unique=True)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="cases", db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="cases")
    member = models.ForeignKey(Member, models.PROTECT, related_name="cases", db_index=False)
    coverage = models.ForeignKey(Coverage, models.PROTECT, null=True, blank=True, related_name="cases", db_index=False)
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        help_text="who asked first",
        db_index=False,
    )
    delegate = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="delegated_cases")
    opened_at = models.DateTimeField()
    is_open = models.BooleanField(default=True)
    summary = models.TextField(blank=True, help_text="one line for lists: service in our words")
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_cases", db_index=False
    )
    is_sandbox = models.BooleanField(default=False)
    sealed_as = models.TextField(
        default="", null=True, blank=True,
        help_text="groups of specially protected services, or minor; empty: none; null: not sorted yet, and shut",
    )  # fmt: skip

    class Meta:
        """Open cases of a plan are read most."""

        indexes: ClassVar = [
            models.Index(fields=["plan", "-opened_at"], name="case_by_plan"),
            models.Index(fields=["organization", "-opened_at"], name="case_by_organization"),
            models.Index(fields=["member", "-opened_at"], name="case_by_member"),
            models.Index(fields=["-opened_at", "id"], name="case_by_opened"),
        ]

    class Phi:
        """The member link is member data."""

        phi: ClassVar[set[str]] = {"member", "coverage", "summary", "sealed_as"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "number", "plan", "product", "organization", "delegate", "opened_at", "is_open",
            "merged_into", "is_sandbox",
        }  # fmt: skip


class Request(models.Model):
    """What arrived: initial, added lines, extension, correction, cancellation, appeal …

    `received_at` is the instant at the first receiver (delegate included), apart from `entered_at`; it changes only by
    a correction with a reason and a second person.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="requests", db_index=False)
    submission = models.ForeignKey("submission.Submission", models.PROTECT, related_name="requests")
    kind = models.TextField(choices=request_kind_choices)
    certification = models.TextField(choices=certification_choices)
    timing = models.TextField(choices=timing_choices)
    urgency = models.TextField(choices=urgency_choices)
    urgency_attested_by = models.TextField(blank=True)
    urgency_attested_at = models.DateTimeField(null=True, blank=True)
    channel = models.TextField(choices=channel_choices)
    standing = models.TextField(choices=standing_choices)
    client = models.ForeignKey(
        ApiClient, models.PROTECT, null=True, blank=True, related_name="requests", db_index=False
    )
    identifier_system = models.TextField(blank=True)
    identifier_value = models.TextField(blank=True)
    identifiers = models.JSONField(default=list, help_text="all business identifiers of the message")
    administrative_number = models.TextField(blank=True, help_text="the payer's reference while pended (REF-NT)")
    relates_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    received_at = models.DateTimeField()
    received_proof = models.TextField(blank=True, help_text="call reference, postmark, fax header …")
    entered_at = models.DateTimeField()
    receipt_corrected_from = models.DateTimeField(null=True, blank=True)
    receipt_corrected_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    receipt_corrected_second = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    receipt_correction_reason = models.TextField(blank=True)
    service_rendered_at = models.DateTimeField(null=True, blank=True)
    free_text = models.TextField(blank=True)
    faults = models.JSONField(default=list, help_text="profile faults that were lived with: path and text")
    levels = models.JSONField(default=dict, help_text="admission, discharge and event dates as sent (ISO)")
    echo = models.JSONField(default=dict, help_text="parts of the message that the answer repeats")

    class Meta:
        """A receipt correction names reason and two different people."""

        indexes: ClassVar = [
            models.Index(fields=["client", "identifier_value"], name="request_by_identifier"),
            models.Index(fields=["case", "received_at"], name="request_by_case"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(receipt_corrected_from__isnull=True)
                | (
                    Q(receipt_corrected_by__isnull=False)
                    & Q(receipt_corrected_second__isnull=False)
                    & ~Q(receipt_correction_reason="")
                ),
                name="receipt_correction_has_reason_and_second_person",
            ),
            models.CheckConstraint(
                condition=Q(receipt_corrected_second__isnull=True)
                | ~Q(receipt_corrected_second=F("receipt_corrected_by")),
                name="receipt_correction_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(urgency_attested_at__isnull=True) | ~Q(urgency_attested_by=""),
                name="attestation_names_its_author",
            ),
        ]

    class Phi:
        """Free text may hold anything."""

        phi: ClassVar[set[str]] = {"free_text", "received_proof", "identifier_value", "levels", "echo", "identifiers"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "submission", "kind", "certification", "timing", "urgency",
            "urgency_attested_by", "urgency_attested_at", "channel", "standing", "client", "identifier_system",
            "administrative_number", "relates_to", "received_at", "entered_at", "receipt_corrected_from",
            "receipt_corrected_by", "receipt_corrected_second", "receipt_correction_reason", "service_rendered_at",
            "faults",
        }  # fmt: skip
