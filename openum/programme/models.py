"""The public reports as they were frozen."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import Plan, User
from openum.vocabulary.identifiers import new_uuid7


class PublicReport(models.Model):
    """The public metrics of one level and year, frozen. Never edited; a correction is another version with its reason."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="public_reports", db_index=False)
    line_of_business = models.TextField()
    level = models.TextField(help_text="contract, plan, state or issuer")
    level_key = models.TextField(help_text="which contract, plan, state or issuer")
    citation = models.TextField()
    year = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField()
    because = models.TextField(blank=True, help_text="why an earlier version was wrong")
    figures = models.JSONField(help_text="every figure, both readings of a doubt, the notes and the services listed")
    digest = models.TextField(help_text="SHA-256 of the figures as canonical JSON, hexadecimal")
    frozen_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    frozen_at = models.DateTimeField()

    class Meta:
        """A version once; a later one says why."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "line_of_business", "level_key", "year", "version"], name="public_report_version_once"
            ),
            models.CheckConstraint(condition=Q(version=1) | ~Q(because=""), name="corrected_public_report_says_why"),
        ]

    class Phi:
        """Counts without members."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "line_of_business", "level", "level_key", "citation", "year", "version", "because",
            "figures", "digest", "frozen_by", "frozen_at",
        }  # fmt: skip


class RequirementProposal(models.Model):
    """That a service need not be asked for any more, with the figures as they were; the committee's answer beside it."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="requirement_proposals")
    system = models.TextField(help_text="short name of the code system")
    code = models.TextField()
    line_of_business = models.TextField()
    figures = models.JSONField(help_text="counts of requests and decisions, minutes and cents, when it was proposed")
    words = models.TextField(help_text="why the requirement should go")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    proposed_at = models.DateTimeField()
    is_accepted = models.BooleanField(null=True, blank=True)
    answer = models.TextField(blank=True, help_text="why the committee answered so")
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One waits at a time for a service; an answer is whole."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "system", "code", "line_of_business"], condition=Q(answered_at__isnull=True),
                name="one_requirement_proposal_waits",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, is_accepted__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, is_accepted__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="requirement_answer_is_whole",
            ),
        ]  # fmt: skip

    class Phi:
        """Services and counts, without members."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "system", "code", "line_of_business", "figures", "words", "proposed_by", "proposed_at",
            "is_accepted", "answer", "answered_by", "answered_at",
        }  # fmt: skip
