"""What was answered to "is authorization required?", so that a form or a request can come back to it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import ApiClient, Organization, Plan, User
from openum.cases.models import Case, Request
from openum.directory.models import Member
from openum.vocabulary.identifiers import new_uuid7


class Assertion(models.Model):
    """One answer about one service, as it was told: a coverage-information of CRD, or a receipt of the portal.

    The same answer told again is the same row with a later `last_told_at`; another answer is another row. No order is
    kept, only what a form needs to begin with. Rows without a receipt number that no request cites are removed after
    `keep_until`.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    client = models.ForeignKey(ApiClient, models.PROTECT, null=True, blank=True, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="assertions")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    assertion_id = models.TextField(help_text="the coverage-assertion-id that was sent")
    receipt_number = models.TextField(blank=True, help_text="for people, where nothing needs to be asked: N-26-…")
    way = models.TextField(help_text="the hook, or portal")
    patient_reference = models.TextField(blank=True, help_text="the client's Patient, as Type/id")
    order_reference = models.TextField(blank=True, help_text="the client's order, as Type/id")
    coverage_reference = models.TextField(blank=True, help_text="the client's Coverage, as Type/id")
    services = models.JSONField(default=list, help_text="the service in every coding, as [system, code]")
    service_date = models.DateField()
    place = models.TextField(blank=True)
    npis = models.JSONField(default=list, help_text="provider numbers of those who will do it")
    covered = models.TextField()
    authorization = models.TextField(blank=True, help_text="empty where the service is not covered")
    satisfied_pa_id = models.TextField(blank=True, help_text="number of the authorization in force")
    reason = models.TextField()
    questionnaires = models.JSONField(default=list, help_text="canonicals of the forms, with version")
    statement = models.JSONField(default=dict, help_text="the extension as it was sent")
    rests_on = models.JSONField(default=list, help_text="entries of requirement lists, as [list, version, entry]")
    valid_to = models.DateField(null=True, blank=True, help_text="the first day it may no longer be relied on")
    told_at = models.DateTimeField()
    last_told_at = models.DateTimeField()
    keep_until = models.DateField()

    class Meta:
        """An answer is told to a client under one id; receipts have one number; old rows are found by day."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "assertion_id"], name="assertion_once_per_client"),
            models.UniqueConstraint(fields=["receipt_number"], condition=~Q(receipt_number=""), name="receipt_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["assertion_id"], name="assertion_by_id"),
            models.Index(fields=["keep_until"], name="assertion_by_end"),
        ]

    class Phi:
        """Who was asked about, what for, and the client's names of both."""

        phi: ClassVar[set[str]] = {
            "patient_reference", "order_reference", "coverage_reference", "services", "service_date", "statement",
            "reason", "questionnaires",
        }  # fmt: skip
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "client", "organization", "member", "asked_by", "assertion_id", "receipt_number",
            "way", "place", "npis", "covered", "authorization", "satisfied_pa_id", "rests_on", "valid_to", "told_at",
            "last_told_at", "keep_until",
        }  # fmt: skip


class Citation(models.Model):
    """A request that names an answer given before it."""

    assertion = models.ForeignKey(Assertion, models.PROTECT, related_name="citations")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    request = models.ForeignKey(Request, models.PROTECT, related_name="+")

    class Meta:
        """A request names an answer once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["assertion", "request"], name="citation_once")]

    class Phi:
        """Only links."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "assertion", "case", "request"}
