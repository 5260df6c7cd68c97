"""Samples of files, and what was found in each."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import Plan, User
from openum.cases.models import Case
from openum.sampling.rules import Element, Universe, Verdict
from openum.vocabulary.identifiers import new_uuid7


def universe_choices() -> list[tuple[str, str]]:
    """The kinds of universes, as a callable so that a new word is not a migration."""
    return [(item.value, item.value) for item in Universe]


def element_choices() -> list[tuple[str, str]]:
    """The elements of a file, as a callable."""
    return [(item.value, item.value) for item in Element]


def verdict_choices() -> list[tuple[str, str]]:
    """The verdicts, as a callable."""
    return [(item.value, item.value) for item in Verdict]


class Sample(models.Model):
    """Files drawn by lot from a universe that is kept as it was on that day."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="samples", db_index=False)
    universe = models.TextField(choices=universe_choices)
    definition = models.JSONField(help_text="first and last day, lines of business, outcomes")
    purpose = models.TextField(help_text="who examines, and under what")
    sealed_basis = models.TextField(
        blank=True, help_text="the law that opens specially protected files to the examiner; empty: they are left out"
    )
    sealed_left_out = models.PositiveIntegerField(default=0)
    seed = models.TextField()
    rows = models.PositiveIntegerField(help_text="how many rows the universe has")
    content = models.BinaryField(help_text="the universe as a CSV file, gzip")
    content_digest = models.TextField(help_text="SHA-256 of the CSV file")
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    drawn_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Closed by somebody."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="sample_closed_by_somebody",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["plan", "-drawn_at"], name="sample_by_plan")]

    class Phi:
        """The universe names cases."""

        phi: ClassVar[set[str]] = {"content"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "universe", "definition", "purpose", "sealed_basis", "sealed_left_out", "seed",
            "rows", "content_digest", "drawn_by", "drawn_at", "closed_by", "closed_at",
        }  # fmt: skip


class SampledFile(models.Model):
    """One file of a sample, in the order in which it is read."""

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="files", db_index=False)
    position = models.PositiveIntegerField(help_text="counted from one")
    key = models.UUIDField(help_text="the decision, appeal or complaint that was drawn")
    label = models.TextField(help_text="number of the case, appeal or complaint")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")

    class Meta:
        """Each place and each key once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sample", "position"], name="sampled_file_place_once"),
            models.UniqueConstraint(fields=["sample", "key"], name="sampled_file_once"),
        ]

    class Phi:
        """Numbers, no person."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "sample", "position", "key", "label", "case"}


class FileVerdict(models.Model):
    """What was found about one element of one file; it may be changed until the sample is closed."""

    file = models.ForeignKey(SampledFile, models.CASCADE, related_name="verdicts", db_index=False)
    element = models.TextField(choices=element_choices)
    verdict = models.TextField(choices=verdict_choices)
    note = models.TextField(blank=True)
    judged_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    judged_at = models.DateTimeField()

    class Meta:
        """One an element; what fails says why."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "element"], name="file_verdict_once"),
            models.CheckConstraint(condition=~Q(verdict="fail", note=""), name="file_verdict_fail_says_why"),
        ]

    class Phi:
        """The note is written about a file."""

        phi: ClassVar[set[str]] = {"note"}
        safe: ClassVar[set[str]] = {"id", "file", "element", "verdict", "judged_by", "judged_at"}
