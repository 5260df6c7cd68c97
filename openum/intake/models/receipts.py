"""A correction of a receipt time that waits for the second person."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.accounts.models import User
from openum.cases.models import Request
from openum.vocabulary.identifiers import new_uuid7


class ReceiptProposal(models.Model):
    """When a request was really received, as one person says with a reason. It counts when another confirms it."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    request = models.ForeignKey(Request, models.PROTECT, related_name="receipt_proposals", db_index=False)
    received_at = models.DateTimeField()
    reason = models.TextField()
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    proposed_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    is_confirmed = models.BooleanField(null=True, blank=True)

    class Meta:
        """One waits at a time; nobody confirms one's own."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(settled_at__isnull=True), name="one_open_receipt_proposal"
            ),
            models.CheckConstraint(
                condition=Q(is_confirmed__isnull=True) | Q(is_confirmed=False) | ~Q(settled_by=F("proposed_by")),
                name="receipt_confirmed_by_another",
            ),
        ]

    class Phi:
        """The reason is free text."""

        phi: ClassVar[set[str]] = {"reason"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "request", "received_at", "proposed_by", "proposed_at", "settled_by", "settled_at",
            "is_confirmed",
        }  # fmt: skip
