"""A fax, letter or scan at the intake desk: its pages in order, what was read on them, and every step undone or not."""

from typing import ClassVar

from django.db import models

from openum.accounts.models import Plan, User
from openum.directory.models import Member
from openum.submission.models import Submission
from openum.vocabulary.identifiers import new_uuid7


class Paper(models.Model):
    """One request on paper, or what is taken for one: it can be split and merged. Its submission holds the receipt."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="papers", db_index=False)
    submission = models.OneToOneField(Submission, models.PROTECT, related_name="paper")
    title = models.TextField(help_text="name of the file")
    fields = models.JSONField(
        default=dict, help_text="what people typed or accepted, by the keys of the request's forms"
    )
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    member_chosen_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    split_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()

    class Phi:
        """Everything typed, and who is meant."""

        phi: ClassVar[set[str]] = {"title", "fields", "member"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "submission", "member_chosen_by", "split_from", "version", "saved_at",
        }  # fmt: skip


class PaperPage(models.Model):
    """One page: where it lies in the bytes as received, and how it is shown. The bytes themselves never change."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="pages", db_index=False)
    source = models.ForeignKey(Submission, models.PROTECT, related_name="+", db_index=False)
    source_number = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    turn = models.PositiveSmallIntegerField(default=0, help_text="degrees clockwise")
    skew = models.FloatField(default=0.0, help_text="degrees counterclockwise that make its rows level")
    hidden = models.JSONField(default=list, help_text="areas blacked out: [turn when drawn, left, top, right, bottom]")
    words = models.JSONField(default=list, help_text="[text, confidence, left, top, right, bottom] at `read_turn`")
    read_turn = models.PositiveSmallIntegerField(default=0)
    read_shape = models.FloatField(default=1.0, help_text="height by width at `read_turn`")
    reader = models.TextField(blank=True, help_text="what read it, with its version; empty: not read")
    input_digest = models.TextField(blank=True, help_text="SHA-256 of the picture that was read, hexadecimal")
    not_read_because = models.TextField(blank=True, help_text="not-installed, failed, later")
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A page of the source once; those of a paper by their order."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "source_number"], name="paper_page_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["paper", "position"], name="paper_page_order")]

    class Phi:
        """The words on it."""

        phi: ClassVar[set[str]] = {"words"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "paper", "source", "source_number", "position", "turn", "skew", "hidden", "read_turn", "read_shape",
            "reader", "input_digest", "not_read_because", "read_at",
        }  # fmt: skip


class FieldReading(models.Model):
    """A value that software found for a field on a page, and what a person then did with it."""

    KEPT = "kept"
    CHANGED = "changed"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    page = models.ForeignKey(PaperPage, models.PROTECT, related_name="readings")
    key = models.TextField()
    value = models.TextField()
    confidence = models.FloatField()
    box = models.JSONField(help_text="left, top, right, bottom at the page's `read_turn`")
    settled = models.TextField(blank=True, choices=[(KEPT, "kept"), (CHANGED, "changed")])
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A field once per page."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["page", "key"], name="field_once_per_page")]

    class Phi:
        """The value."""

        phi: ClassVar[set[str]] = {"value"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "page", "key", "confidence", "box", "settled", "settled_by", "settled_at",
        }  # fmt: skip


class PaperStep(models.Model):
    """Something a person did to pages, with how they were before, so that it can be undone."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="steps")
    other = models.ForeignKey(Paper, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    did = models.TextField(choices=[(word, word) for word in ("turn", "hide", "split", "merge")])
    before = models.JSONField(help_text="per page its key, paper, position, turn and hidden areas")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Phi:
        """Places and numbers only."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "paper", "other", "did", "before", "by", "at", "undone_by", "undone_at",
        }  # fmt: skip
