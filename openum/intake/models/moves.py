"""A paper, or pages of it, moved to the case where they belong."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import User
from openum.cases.models import Attachment, Case
from openum.vocabulary.identifiers import new_uuid7


class PaperMove(models.Model):
    """What was moved from which case to which, why, and by whom. It can be undone; both cases keep the trail.

    The paper stays as it was received, but the wrong case shows it no longer. Where only pages are moved, `rest` holds the
    other pages for the case that they stay with.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    document = models.ForeignKey(Attachment, models.PROTECT, related_name="moves")
    source = models.ForeignKey(Case, models.PROTECT, related_name="papers_moved_away")
    target = models.ForeignKey(Case, models.PROTECT, related_name="papers_moved_here")
    copy = models.ForeignKey(Attachment, models.PROTECT, related_name="+", db_index=False)
    rest = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    was_there = models.BooleanField(default=False, help_text="the right case had the same paper already")
    pages = models.JSONField(default=list, help_text="numbers of the pages moved; empty: all")
    is_other_member = models.BooleanField(help_text="the wrong case is another person's")
    links_closed = models.PositiveIntegerField(default=0)
    reason = models.TextField()
    moved_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    moved_at = models.DateTimeField()
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_because = models.TextField(blank=True)

    class Meta:
        """A paper is moved once at a time; an undone move says who and why."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document"], condition=Q(undone_at__isnull=True), name="paper_moved_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | (Q(undone_at__isnull=False, undone_by__isnull=False) & ~Q(undone_because="")),
                name="paper_move_undone_says_why",
            ),
        ]

    class Phi:
        """Which paper is whose, and why."""

        phi: ClassVar[set[str]] = {"pages", "reason", "undone_because", "is_other_member"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "document", "source", "target", "copy", "rest", "was_there", "links_closed", "moved_by",
            "moved_at", "undone_by", "undone_at",
        }  # fmt: skip
