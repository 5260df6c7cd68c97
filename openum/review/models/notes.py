"""Notes that stand at a place: at words of a document, at a page, or at a criterion."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import User
from openum.cases.models import Attachment, Note, ServiceLine
from openum.vocabulary.identifiers import new_uuid7


class AnchoredNote(models.Model):
    """A note of the case and the place it stands at. It is offered for the letter only where its writer says so."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    note = models.OneToOneField(Note, models.PROTECT, related_name="anchor")
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="anchored_notes")
    leaf = models.TextField(blank=True, help_text="key of the criterion")
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    page = models.PositiveIntegerField(null=True, blank=True, help_text="page of the document, from 1")
    quote = models.TextField(blank=True, help_text="the words it stands at")
    is_for_letter = models.BooleanField()
    removed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_because = models.TextField(blank=True)

    class Meta:
        """It stands somewhere; who took it away, when and why are known together."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(attachment__isnull=False) | ~Q(leaf=""), name="anchored_note_stands_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(removed_by__isnull=True, removed_at__isnull=True, removed_because="")
                | (Q(removed_by__isnull=False, removed_at__isnull=False) & ~Q(removed_because="")),
                name="anchored_note_removal_is_whole",
            ),
        ]

    class Phi:
        """Quotes and places in the member's record."""

        phi: ClassVar[set[str]] = {"leaf", "page", "quote", "removed_because"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "note", "line", "attachment", "is_for_letter", "removed_by", "removed_at",
        }  # fmt: skip
