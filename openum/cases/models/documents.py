"""Documents and data attached to a case, their pages, and notes."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import User
from openum.cases.models.case import Case, Request
from openum.cases.models.choices import channel_choices
from openum.vocabulary.identifiers import new_uuid7


class Attachment(models.Model):
    """One document, or one FHIR resource, exactly as received, addressed by its content."""

    DOCUMENT = "document"
    FHIR = "fhir"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="attachments", db_index=False)
    request = models.ForeignKey(Request, models.PROTECT, null=True, blank=True, related_name="attachments")
    kind = models.TextField(choices=[(DOCUMENT, "document"), (FHIR, "FHIR resource")])
    title = models.TextField()
    document_kind = models.TextField(blank=True, help_text="imaging report, therapy record, visit note …")
    content_type = models.TextField()
    digest = models.TextField(help_text="SHA-256 of the content, hexadecimal")
    size = models.PositiveBigIntegerField()
    content = models.BinaryField(null=True, blank=True)
    resource = models.JSONField(null=True, blank=True)
    source_key = models.TextField(blank=True, help_text="Type/id of the resource in its message")
    is_sensitive = models.BooleanField(default=False)
    channel = models.TextField(choices=channel_choices)
    received_at = models.DateTimeField()
    received_from = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    moved_to = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        """The same content is kept once per case; each kind holds its own form."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "digest", "source_key"], name="attachment_content_once"),
            models.CheckConstraint(
                condition=Q(kind="fhir", resource__isnull=False) | Q(kind="document", content__isnull=False),
                name="attachment_holds_its_content",
            ),
        ]

    class Phi:
        """Everything about it."""

        phi: ClassVar[set[str]] = {"title", "document_kind", "content", "resource", "is_sensitive", "source_key"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "request", "kind", "content_type", "digest", "size", "channel", "received_at",
            "received_from", "moved_to",
        }  # fmt: skip


class AttachmentPage(models.Model):
    """The text layer of one page, with where it came from (typed, PDF text, OCR)."""

    attachment = models.ForeignKey(Attachment, models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    origin = models.TextField(default="pdf-text")

    class Meta:
        """A page number once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["attachment", "number"], name="page_once")]

    class Phi:
        """The text."""

        phi: ClassVar[set[str]] = {"text"}
        safe: ClassVar[set[str]] = {"id", "attachment", "number", "origin"}


class Note(models.Model):
    """A note: part of the record, or a working note."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="notes")
    line = models.ForeignKey("cases.ServiceLine", models.PROTECT, null=True, blank=True, related_name="notes")
    is_part_of_record = models.BooleanField(default=True)
    purpose = models.TextField(blank=True, help_text="summary, recommendation, peer-to-peer, general")
    text = models.TextField()
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Phi:
        """The text."""

        phi: ClassVar[set[str]] = {"text"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "line", "is_part_of_record", "purpose", "written_by", "written_at",
        }  # fmt: skip
