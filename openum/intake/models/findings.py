"""What intake found out about a request: eligibility, documents, look-alikes."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import User
from openum.cases.models import Attachment, Case, Request, ServiceLine
from openum.directory.models import Coverage, Policy
from openum.intake.checklist.rules import PaperState
from openum.vocabulary.identifiers import new_uuid7


class EligibilityCheck(models.Model):
    """What the plan's own files said about coverage and providers when a line was checked."""

    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="eligibility_checks", db_index=False)
    coverage = models.ForeignKey(Coverage, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    is_covered = models.BooleanField()
    are_providers_in_order = models.BooleanField()
    is_code_valid = models.BooleanField(null=True, blank=True, help_text="unknown where no dated list is loaded")
    reasons = models.JSONField(default=list, help_text="sentences, one per thing that is not in order")
    checked_at = models.DateTimeField()

    class Meta:
        """The latest check counts."""

        indexes: ClassVar = [models.Index(fields=["line", "-checked_at"], name="eligibility_latest")]

    class Phi:
        """Coverage facts."""

        phi: ClassVar[set[str]] = {"coverage", "is_covered", "reasons"}
        safe: ClassVar[set[str]] = {"id", "line", "are_providers_in_order", "is_code_valid", "checked_at"}


class PaperMark(models.Model):
    """What a person said of a paper that a request should carry: it is this document, unreadable, or not needed.

    Rows are added and never changed; the last one about a document, or about the paper itself, counts.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="paper_marks")
    document_kind = models.TextField(help_text="kind of paper, as the plan's list names it")
    state = models.TextField(choices=[(word.value, word.value) for word in PaperState])
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", help_text="the document it is about"
    )
    reason = models.TextField(blank=True)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+", db_index=False, help_text="the list")
    said_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    said_at = models.DateTimeField()

    class Meta:
        """Whoever waives says why; whoever says received or unreadable names the document."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(state="waived") | ~Q(reason=""), name="waived_paper_says_why"),
            models.CheckConstraint(
                condition=~Q(state__in=["received", "unreadable"]) | Q(attachment__isnull=False),
                name="read_paper_names_its_document",
            ),
        ]

    class Phi:
        """Kinds and reasons tell the case."""

        phi: ClassVar[set[str]] = {"document_kind", "reason"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "line", "state", "attachment", "policy", "said_by", "said_at",
        }  # fmt: skip


class DuplicateHint(models.Model):
    """A look-alike request, shown to a person; no machine closes a duplicate."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    request = models.ForeignKey(Request, models.PROTECT, related_name="duplicate_hints", db_index=False)
    looks_like = models.ForeignKey(Case, models.PROTECT, related_name="+")
    why = models.TextField()
    noticed_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    is_duplicate = models.BooleanField(null=True, blank=True)

    class Meta:
        """A hint once per pair."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["request", "looks_like"], name="hint_once")]

    class Phi:
        """No free text beyond a fixed sentence."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "request", "looks_like", "why", "noticed_at", "settled_by", "settled_at", "is_duplicate",
        }  # fmt: skip
