"""Rounds in which several people read the same invented patients by one guideline, and what each answered."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import Plan, User
from openum.directory.models import Policy
from openum.vocabulary.identifiers import new_uuid7


class Round(models.Model):
    """Some test patients of one version of a guideline, to be read by some people until a day."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="agreement_rounds", db_index=False)
    guideline = models.ForeignKey(Policy, models.PROTECT, related_name="+", db_index=False)
    vignettes = models.JSONField(help_text="names of the test patients, in the order in which they are read")
    due_on = models.DateField(help_text="last day to hand in, in the plan's zone")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    results = models.JSONField(default=dict, help_text="what was found when the round closed, without names")

    class Meta:
        """Closed by somebody, with its results."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="agreement_round_closed_by_somebody",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["plan", "-opened_at"], name="agreement_round_by_plan")]

    class Phi:
        """Invented patients; no member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "guideline", "vignettes", "due_on", "opened_by", "opened_at", "closed_by", "closed_at",
            "results",
        }  # fmt: skip


class Reader(models.Model):
    """A person asked to read a round; what they handed in stays as it is."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="readers")
    user = models.ForeignKey(User, models.PROTECT, related_name="agreement_readings")
    handed_in_at = models.DateTimeField(null=True, blank=True)
    read_again = models.JSONField(default=dict, help_text="criteria confirmed as read again, with the instant (ISO)")

    class Meta:
        """Once a round."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["round", "user"], name="agreement_reader_once")]

    class Phi:
        """Staff data, not member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "round", "user", "handed_in_at", "read_again"}


class Rating(models.Model):
    """What one reader answered about one invented patient; saved as often as they like until they hand in."""

    reader = models.ForeignKey(Reader, models.CASCADE, related_name="ratings")
    vignette = models.TextField()
    answers = models.JSONField(default=dict, help_text="met, not_met or unknown by the key of the criterion")
    recommendation = models.TextField(blank=True, help_text="approve or refer")
    saved_at = models.DateTimeField()

    class Meta:
        """One a patient; the recommendation is a known word."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reader", "vignette"], name="agreement_rating_once"),
            models.CheckConstraint(
                condition=Q(recommendation__in=["", "approve", "refer"]), name="agreement_recommendation_known"
            ),
        ]

    class Phi:
        """Invented patients; no member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "reader", "vignette", "answers", "recommendation", "saved_at"}
