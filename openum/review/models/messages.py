"""What a provider office and the plan write to each other about a case."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import User
from openum.cases.models import Attachment, Case
from openum.vocabulary.identifiers import new_uuid7


class CaseMessage(models.Model):
    """One message. It is never edited, decides nothing and asks for no papers: that is the itemised question."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="messages", db_index=False)
    is_from_office = models.BooleanField()
    text = models.TextField()
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    written_at = models.DateTimeField()
    read_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    read_at = models.DateTimeField(null=True, blank=True, help_text="by the first reader of the other side")

    class Meta:
        """A thread is read by case; what nobody read yet is found for each side."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="message_says_something"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True, read_by__isnull=True)
                | Q(read_at__isnull=False, read_by__isnull=False),
                name="read_message_names_its_reader",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "written_at"], name="message_by_case"),
            models.Index(
                fields=["is_from_office", "written_at"], condition=Q(read_at__isnull=True), name="message_unread"
            ),
        ]

    class Phi:
        """What is written about somebody's care."""

        phi: ClassVar[set[str]] = {"text"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "is_from_office", "attachment", "written_by", "written_at", "read_by", "read_at",
        }  # fmt: skip
