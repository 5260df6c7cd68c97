"""What we asked for, and every attempt to reach somebody."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import User
from openum.cases.models.case import Case, Request
from openum.cases.models.choices import channel_choices
from openum.cases.models.line import ServiceLine
from openum.cases.models.party import Party
from openum.vocabulary.identifiers import new_uuid7


class InformationRequest(models.Model):
    """An itemised question to the provider. It stops a clock only where a law says so."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="information_requests")
    request = models.ForeignKey(Request, models.PROTECT, related_name="information_requests")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    respond_by = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        """Open questions are found by case."""

        indexes: ClassVar = [
            models.Index(fields=["case"], condition=Q(closed_at__isnull=True), name="open_question_by_case")
        ]

    class Phi:
        """The text tells the case."""

        phi: ClassVar[set[str]] = {"message"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "request", "asked_by", "asked_at", "respond_by", "closed_at",
        }  # fmt: skip


class InformationItem(models.Model):
    """One thing asked for, on one line, and perhaps for one criterion."""

    REQUESTED = "requested"
    RECEIVED = "received"
    UNREADABLE = "unreadable"
    WAIVED = "waived"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    information_request = models.ForeignKey(InformationRequest, models.CASCADE, related_name="items")
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="information_items")
    leaf = models.TextField(blank=True, help_text="key of the criterion it would answer")
    text = models.TextField(help_text="what is needed, in plain words")
    document_kind = models.TextField(blank=True)
    months_back = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="only what was made within so many months before the service; empty: no limit"
    )
    state = models.TextField(
        choices=[(word, word) for word in (REQUESTED, RECEIVED, UNREADABLE, WAIVED)], default=REQUESTED
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    attachment = models.ForeignKey(
        "cases.Attachment", models.PROTECT, null=True, blank=True, related_name="answered_items"
    )
    waived_reason = models.TextField(blank=True)

    class Meta:
        """A settled item says when."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="requested", settled_at__isnull=True)
                | (~Q(state="requested") & Q(settled_at__isnull=False)),
                name="settled_item_says_when",
            )
        ]

    class Phi:
        """The text tells the case."""

        phi: ClassVar[set[str]] = {"leaf", "text", "document_kind", "waived_reason"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "information_request", "line", "months_back", "state", "settled_at", "attachment",
        }  # fmt: skip


class ContactAttempt(models.Model):
    """One attempt to reach somebody: number or address, person, time, channel, outcome."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="contact_attempts")
    information_request = models.ForeignKey(
        InformationRequest, models.PROTECT, null=True, blank=True, related_name="attempts"
    )
    party = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="contact_attempts")
    purpose = models.TextField(help_text="information, oral notice, peer-to-peer offer, outreach")
    channel = models.TextField(choices=channel_choices)
    address = models.TextField(blank=True)
    person = models.TextField(blank=True)
    outcome = models.TextField(help_text="reached, left message, no answer, wrong number, sent")
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Phi:
        """Names, numbers and notes."""

        phi: ClassVar[set[str]] = {"address", "person", "note"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "information_request", "party", "purpose", "channel", "outcome", "at",
            "recorded_by",
        }  # fmt: skip
