"""Nurse and physician reviews, evidence opened, and the peer-to-peer conversation."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import User
from openum.cases.models import Attachment, Case, ServiceLine
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


class PeerToPeerSlot(models.Model):
    """A time at which a physician of the plan can talk."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    physician = models.ForeignKey(User, models.PROTECT, related_name="slots")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(default=10)

    class Meta:
        """A physician is in one conversation at a time."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["physician", "starts_at"], name="slot_once")]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "public_id", "physician", "starts_at", "minutes"}


class PeerToPeer(models.Model):
    """An offered conversation between the ordering clinician and a physician of the plan, to its outcome."""

    OFFERED = "offered"
    BOOKED = "booked"
    HELD = "held"
    NOT_REACHED = "not_reached"
    DECLINED = "declined"
    CLOSED = "closed"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="peer_to_peers")
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="peer_to_peers")
    state = models.TextField(
        choices=[(word, word) for word in (OFFERED, BOOKED, HELD, NOT_REACHED, DECLINED, CLOSED)], default=OFFERED
    )
    offered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    offered_how = models.TextField(help_text="before the decision, or with the notice")
    open_until = models.DateTimeField(null=True, blank=True)
    slot = models.OneToOneField(PeerToPeerSlot, models.PROTECT, null=True, blank=True, related_name="conversation")
    booked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    booked_at = models.DateTimeField(null=True, blank=True)
    attendee = models.TextField(blank=True)
    call_back = models.TextField(blank=True)
    held_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    held_from = models.DateTimeField(null=True, blank=True)
    held_to = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True, help_text="new information, upheld, agreed alternative, not reached")
    note = models.TextField(blank=True)

    class Meta:
        """One open conversation per line; booking and holding name their people."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(state__in=["offered", "booked"]), name="one_open_conversation_per_line"
            ),
            models.CheckConstraint(
                condition=~Q(state="booked") | (Q(slot__isnull=False) & Q(booked_at__isnull=False)),
                name="booked_conversation_has_slot",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | (Q(held_by__isnull=False) & Q(held_from__isnull=False)),
                name="held_conversation_names_physician",
            ),
        ]

    class Phi:
        """Names and notes."""

        phi: ClassVar[set[str]] = {"attendee", "call_back", "note"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "line", "state", "offered_by", "offered_at", "offered_how", "open_until",
            "slot", "booked_by", "booked_at", "held_by", "held_from", "held_to", "outcome",
        }  # fmt: skip


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
