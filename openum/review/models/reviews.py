"""Nurse and physician reviews, evidence opened, and what was typed and not sent."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import User
from openum.cases.models import Attachment, ServiceLine
from openum.vocabulary.identifiers import new_uuid7


class Review(models.Model):
    """One person's review of one line, from opening it to its end: approve, ask, refer, decide."""

    NURSE = "nurse"
    PHYSICIAN = "physician"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="reviews")
    level = models.TextField(choices=[(NURSE, "nurse"), (PHYSICIAN, "physician")])
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="reviews")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_with = models.TextField(blank=True, help_text="approved, asked, referred, decided, released")
    summary = models.TextField(blank=True, help_text="the situation in a paragraph, for the physician")
    recommendation = models.TextField(blank=True)
    lower_level_considered = models.TextField(blank=True)
    refer_to_specialty = models.TextField(blank=True)

    class Meta:
        """One open review per line and level; end and outcome belong together."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line", "level"], condition=Q(ended_at__isnull=True), name="one_open_review_per_level"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_with="") | (Q(ended_at__isnull=False) & ~Q(ended_with="")),
                name="review_end_has_outcome",
            ),
        ]

    class Phi:
        """Clinical text."""

        phi: ClassVar[set[str]] = {"summary", "recommendation", "lower_level_considered"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "line", "level", "reviewer", "started_at", "ended_at", "ended_with",
            "refer_to_specialty",
        }  # fmt: skip


class EvidenceOpened(models.Model):
    """Proof of diligence: a reviewer opened a document of the case. Never a measure of productivity."""

    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="openings")
    reader = models.ForeignKey(User, models.PROTECT, related_name="+")
    page = models.PositiveIntegerField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        """Read by attachment and reader."""

        verbose_name_plural = "evidence opened"
        indexes: ClassVar = [models.Index(fields=["reader", "attachment"], name="evidence_by_reader")]

    class Phi:
        """No member data beyond links."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "attachment", "reader", "page", "at"}


class UnsentForm(models.Model):
    """What a person has typed into a form about a line and not sent: kept against a closed tab, no part of the record.

    One for each line, person and form; it goes when the form is sent.
    """

    line = models.ForeignKey(ServiceLine, models.CASCADE, related_name="unsent_forms", db_index=False)
    writer = models.ForeignKey(User, models.PROTECT, related_name="+")
    form = models.TextField(help_text="deny, approve, intend, refer, ask, reopen, talk, or answer-<criterion>")
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        """Typing again replaces what was kept."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line", "writer", "form"], name="unsent_form_once"),
        ]

    class Phi:
        """Everything typed."""

        phi: ClassVar[set[str]] = {"fields"}
        safe: ClassVar[set[str]] = {"id", "line", "writer", "form", "saved_at"}
